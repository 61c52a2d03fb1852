import { createHash } from 'node:crypto'
import { setImmediate as letOthers } from 'node:timers/promises'
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { and, asc, desc, eq } from 'drizzle-orm'
import type { Accepted } from '#src/core/losses.ts'
import type { Id, Identity } from '#src/core/model.ts'
import { packedParts, Unpacking } from '#src/core/packed-people.ts'
import type { PeopleColumns } from '#src/core/people.ts'
import type { Db } from './handle.ts'
import { acceptedSnapshots, acceptedPeople as parts } from './schema/guilds.ts'
import { read, transact } from './transact.ts'

// Who an identity source knew when it was last accepted: one snapshot for each guild and source, in place of the one before.

const deflated = promisify(deflateRaw)
const inflated = promisify(inflateRaw)

/** Most of what can be saved is saved by the least effort. */
const EFFORT = { level: 1 } as const

interface Packed {
  readonly packed: readonly Uint8Array[]
  readonly digest: string
}

/** Puts these people in place of those that were kept. Where they are the same, only the moment is written. */
export async function keepAccepted(
  db: Db,
  guildId: Id,
  source: string,
  people: PeopleColumns,
  at: number,
): Promise<void> {
  const { packed, digest } = await pack(people)
  const facts = { at, people: people.count, digest }
  await transact(db, async (tx) => {
    const [known] = await tx.select().from(acceptedSnapshots).where(ofSnapshot(guildId, source)).for('update')
    const snapshot = tx.insert(acceptedSnapshots).values({ guildId, source, ...facts })
    const { guildId: ofGuild, source: ofSource } = acceptedSnapshots
    await snapshot.onConflictDoUpdate({ target: [ofGuild, ofSource], set: facts })
    if (known?.digest === digest) return
    await tx.delete(parts).where(ofParts(guildId, source))
    for (const [part, bytes] of packed.entries())
      await tx.insert(parts).values({ guildId, source, part, packed: bytes })
  })
}

/** The snapshots that are kept for a guild, the newest first; one for each source that it ever had. */
export async function findAccepted(db: Db, guildId: Id): Promise<readonly Accepted[]> {
  const { source, at, people } = acceptedSnapshots
  const kept = db.select({ source, at, people }).from(acceptedSnapshots)
  return await read(kept.where(eq(acceptedSnapshots.guildId, guildId)).orderBy(desc(at)))
}

/** The people of a snapshot, some at a time and each with an empty name; what is given out is of one moment. Nobody where none is kept. */
export async function* acceptedPeople(db: Db, guildId: Id, source: string): AsyncGenerator<readonly Identity[], void> {
  const all = db.select({ packed: parts.packed }).from(parts).where(ofParts(guildId, source)).orderBy(asc(parts.part))
  const unpacking = new Unpacking()
  for (const { packed } of await read(all)) yield unpacking.read(await inflated(packed))
}

/** Others have their turn between two parts, for people may be a million. */
async function pack(people: PeopleColumns): Promise<Packed> {
  const hash = createHash('sha256')
  const packed: Uint8Array[] = []
  for (const part of packedParts(people)) {
    hash.update(part)
    packed.push(await deflated(part, EFFORT))
    await letOthers()
  }
  return { packed, digest: hash.digest('hex') }
}

const ofSnapshot = (guildId: Id, source: string) =>
  and(eq(acceptedSnapshots.guildId, guildId), eq(acceptedSnapshots.source, source))

const ofParts = (guildId: Id, source: string) => and(eq(parts.guildId, guildId), eq(parts.source, source))
