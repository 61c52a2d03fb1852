import { randomBytes } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { TrailDraft } from '#src/core/trail.ts'
import { type Db, Statement } from '#src/store/handle.ts'
import { storable } from '#src/store/schema/columns.ts'
import { INSTALLATION, trail, trailHeads, trailTexts } from '#src/store/schema/trail.ts'
import { type ChainedLine, commitmentTo, FIRST_HASH, hashOf, type TrailLine } from './line.ts'

/**
 * Appends lines in the caller's transaction, so that a change and its line stand or fall together. Returns the lines in the order of the drafts.
 * From here to the end of the transaction no other can append to the same chains: append last, and commit soon.
 */
export type Append = (tx: Db, drafts: readonly TrailDraft[], at: number) => Promise<readonly ChainedLine[]>

/** Lines in one statement: a megabyte or two of JSON. */
const BATCH = 1_000
const SALT_BYTES = 16

/** A text of a person, as the side table keeps it. */
interface KeptText {
  readonly lineId: string
  readonly name: string
  readonly salt: string
  readonly text: string
}

/** `newId` makes uuids of version 7; `correlation` names what set off the change that is written down, where that is known. */
export function makeAppend(newId: () => string, correlation: () => string | null = () => null): Append {
  return async (tx, given, at) => {
    const cause = correlation()
    const drafts =
      cause === null ? given : given.map((draft) => ({ ...draft, data: { ...draft.data, correlation: cause } }))
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
  return { guildId, seq, id, at, type, actor, subject, cause, run, data: dataOf(draft, id, texts) }
}

/** The draft's facts as JSON will hold them, with a commitment in place of each text; the texts themselves go to `texts`. */
function dataOf(draft: TrailDraft, lineId: string, texts: KeptText[]): TrailLine['data'] {
  const data: Record<string, unknown> = JSON.parse(JSON.stringify(draft.data ?? {}))
  if (!draft.texts || Object.keys(draft.texts).length === 0) return data
  if ('texts' in data) throw new TypeError(`The line ${draft.type} has a fact named texts; that name is kept.`)
  const commitments = Object.entries(draft.texts).map(([name, written]) => {
    const text = storable(written)
    const salt = randomBytes(SALT_BYTES).toString('hex')
    texts.push({ lineId, name, salt, text })
    return [name, commitmentTo(text, salt)]
  })
  return { ...data, texts: Object.fromEntries(commitments) }
}

/** Lines, texts and the new head go in one statement of one wording: most appends are of one line, and wait for the database three times as long otherwise. */
async function write(tx: Db, chain: string, lines: readonly ChainedLine[], texts: readonly KeptText[]): Promise<void> {
  for (let start = 0; start < lines.length; start += BATCH) {
    const batch = lines.slice(start, start + BATCH)
    const ids = new Set(batch.map(({ id }) => id))
    const { seq, hash } = batch.at(-1)!
    await tx.execute(
      WRITE.with({
        ...{ chain, seq, hash },
        lines: JSON.stringify(batch.map((line) => ({ ...line, at: new Date(line.at).toISOString() }))),
        texts: JSON.stringify(texts.filter(({ lineId }) => ids.has(lineId))),
      }),
    )
  }
}

const WRITE = new Statement<{ chain: string; seq: number; hash: string; lines: string; texts: string }>(sql`
  with head as (update ${trailHeads} set seq = ${sql.placeholder('seq')}::bigint, hash = ${sql.placeholder('hash')} where guild_id = ${sql.placeholder('chain')}),
    kept as (insert into ${trailTexts} (guild_id, line_id, name, salt, text)
      select ${sql.placeholder('chain')}, "lineId", name, salt, text from json_to_recordset(${sql.placeholder('texts')}::json)
        as t ("lineId" uuid, name text, salt text, text text))
  insert into ${trail} (guild_id, seq, id, at, type, actor, subject, cause, run, data, prev_hash, hash)
    select ${sql.placeholder('chain')}, seq, id, at, type, actor, subject, cause, run, data, "prevHash", hash
      from json_to_recordset(${sql.placeholder('lines')}::json) as l (seq bigint, id uuid, at timestamptz, type text, actor text,
        subject text, cause text, run text, data jsonb, "prevHash" text, hash text)`)
