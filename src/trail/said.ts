// What a line that was written says, as far as whoever verifies it has to know.

export interface Said {
  readonly guildId: string | null
  readonly seq: number
  readonly type: string
  readonly actor: string
  /** ISO 8601. */
  readonly at: string
  readonly data: Readonly<Record<string, unknown>>
}

const SEQ = /^[1-9]\d{0,14}$/

/** Null for what no line of a record says. */
export function readSaid(bytes: Buffer): Said | null {
  try {
    const { guildId, seq, ...rest } = JSON.parse(bytes.toString('utf8')) as Omit<Said, 'seq'> & { seq: unknown }
    const isPlaced = (guildId === null || typeof guildId === 'string') && typeof seq === 'string' && SEQ.test(seq)
    return isPlaced ? { ...rest, guildId, seq: Number(seq) } : null
  } catch {
    return null
  }
}

/** Lines that were lost, and that somebody has gone on without. */
export interface Gap {
  /** The number of the last line before it; where it is that of the last that was lost too, that one is there, but is another than the one that was written. */
  readonly left: number
  /** The number of the last line that was lost. */
  readonly written: number
  readonly by: string
  /** ISO 8601. */
  readonly at: string
}

/** The gap that this line says was accepted, right before it; null for every other line. */
export function gapBefore({ type, seq, data, actor, at }: Said): Gap | null {
  if (type !== 'trail.gap_accepted') return null
  const { written, left } = data ?? {}
  const isGap =
    written === seq - 1 && Number.isSafeInteger(left) && (left as number) >= 0 && (left as number) <= written
  return isGap ? { written, left: left as number, by: String(actor), at: String(at) } : null
}

/** Lines that were removed because they were old. */
export interface Removal {
  /** The number of the last of them. */
  readonly upTo: number
  readonly by: string
  /** ISO 8601. */
  readonly at: string
}

/** The removal that this line tells of; null for every other line. */
export function removalIn({ type, data, actor, at }: Said): Removal | null {
  const size = data?.size
  if (type !== 'trail.truncated' || !Number.isSafeInteger(size)) return null
  return { upTo: size as number, by: String(actor), at: String(at) }
}
