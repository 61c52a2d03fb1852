import { digestOfPeople } from '#src/identity/digest.ts'
import { applyImport, type ImportOrder, storedPeople } from '#src/identity/import.ts'
import type { Imported } from '#src/identity/import-watch.ts'
import type { People } from '#src/identity/people.ts'
import type { Db } from '#src/store/handle.ts'
import { AT, append } from '../store/book.ts'

/** An order for an import that is as willing as can be; `changes` make it less so. */
export async function orderFor(db: Db, guildId: string, changes: Partial<ImportOrder> = {}): Promise<ImportOrder> {
  const expectedDigest = digestOfPeople(await storedPeople(db, guildId))
  return { expectedDigest, acceptDrop: true, actor: 'cli:tester', reason: null, append, at: AT, ...changes }
}

/** Imports these people in the place of those stored. */
export async function fill(
  db: Db,
  guildId: string,
  next: People,
  changes: Partial<ImportOrder> = {},
): Promise<Imported | null> {
  return await applyImport(db, guildId, next, await orderFor(db, guildId, changes))
}
