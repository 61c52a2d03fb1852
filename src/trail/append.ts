import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Id } from '#src/core/model.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Db } from '#src/store/handle.ts'
import { storable } from '#src/store/schema/columns.ts'
import { INSTALLATION, trail, trailHeads, trailTexts } from '#src/store/schema/trail.ts'
import { type ChainedLine, commitmentTo, FIRST_HASH, hashOf, type TrailLine } from './line.ts'

/**
 * Appends lines in the caller's transaction, so that a change and its line stand or fall together. Returns the lines in the order of the drafts.
 * From here to the end of the transaction no other can append to the same chains: append last, and commit soon.
 */
export type Append = (tx: Db, drafts: readonly TrailDraft[], at: number) => Promise<readonly ChainedLine[]>

/** Lines in one statement: twelve parameters each, and the protocol takes 65,534. */
const BATCH = 1_000
const SALT_BYTES = 16

/** A text of a person, as the side table keeps it. */
interface KeptText {
  readonly guildId: string
  readonly lineId: string
  readonly name: string
  readonly salt: string
  readonly text: string
}

/** `newId` makes uuids of version 7. */
export function makeAppend(newId: () => string): Append {
  return async (tx, drafts, at) => {
    const chains = Map.groupBy(drafts.keys(), (place) => drafts[place]!.guildId ?? INSTALLATION)
    const lines: ChainedLine[] = []
    // Chains are always locked in one order, so that two appends to several chains never wait for each other.
    for (const [chain, places] of [...chains].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const ofChain = places.map((place) => drafts[place]!)
      const appended = await appendToChain(tx, chain, ofChain, at, newId)
      for (const [nth, line] of appended.entries()) lines[places[nth]!] = line
    }
    return lines
  }
}

async function appendToChain(
  tx: Db,
  chain: string,
  drafts: readonly TrailDraft[],
  at: number,
  newId: () => string,
): Promise<readonly ChainedLine[]> {
  let head = await lockHead(tx, chain)
  const texts: KeptText[] = []
  const lines: ChainedLine[] = []
  for (const draft of drafts) {
    const line = chainedTo(head, toLine(draft, newId(), head.seq + 1, at, texts))
    lines.push(line)
    head = line
  }
  await write(tx, chain, lines, texts)
  await tx.update(trailHeads).set({ seq: head.seq, hash: head.hash }).where(eq(trailHeads.guildId, chain))
  return lines
}

type Head = Pick<ChainedLine, 'seq' | 'hash'>

/** The chain's last line; its row stays locked until the transaction ends, and that is what keeps numbers gapless and in order of commit. */
async function lockHead(tx: Db, chain: string): Promise<Head> {
  const find = () => tx.select().from(trailHeads).where(eq(trailHeads.guildId, chain)).for('update')
  const [head] = await find()
  if (head) return head
  await tx.insert(trailHeads).values({ guildId: chain, seq: 0, hash: FIRST_HASH }).onConflictDoNothing()
  return (await find())[0]!
}

const chainedTo = (head: Head, line: TrailLine): ChainedLine => ({
  ...line,
  prevHash: head.hash,
  hash: hashOf(head.hash, line),
})

function toLine(draft: TrailDraft, id: string, seq: number, at: number, texts: KeptText[]): TrailLine {
  const { guildId, type, actor, subject, cause = null, run = null } = draft
  return { guildId, seq, id, at, type, actor, subject, cause, run, data: dataOf(draft, guildId, id, texts) }
}

/** The draft's facts as JSON will hold them, with a commitment in place of each text; the texts themselves go to `texts`. */
function dataOf(draft: TrailDraft, guildId: Id | null, lineId: string, texts: KeptText[]): TrailLine['data'] {
  const data: Record<string, unknown> = JSON.parse(JSON.stringify(draft.data ?? {}))
  if (!draft.texts || Object.keys(draft.texts).length === 0) return data
  if ('texts' in data) throw new TypeError(`The line ${draft.type} has a fact named texts; that name is kept.`)
  const commitments = Object.entries(draft.texts).map(([name, written]) => {
    const text = storable(written)
    const salt = randomBytes(SALT_BYTES).toString('hex')
    texts.push({ guildId: guildId ?? INSTALLATION, lineId, name, salt, text })
    return [name, commitmentTo(text, salt)]
  })
  return { ...data, texts: Object.fromEntries(commitments) }
}

async function write(tx: Db, chain: string, lines: readonly ChainedLine[], texts: readonly KeptText[]): Promise<void> {
  for (let start = 0; start < lines.length; start += BATCH)
    await tx.insert(trail).values(lines.slice(start, start + BATCH).map((line) => ({ ...line, guildId: chain })))
  for (let start = 0; start < texts.length; start += BATCH)
    await tx.insert(trailTexts).values(texts.slice(start, start + BATCH))
}
