import {
  type Directory,
  type DirectorySnapshot,
  DirectoryUnreachable,
  type Found,
  type Reading,
} from '#src/core/directory.ts'
import type { Id, LinkedAccount } from '#src/core/model.ts'
import type { Db } from '#src/store/handle.ts'
import { type Imported, ImportWatch, type Repeat } from './import-watch.ts'
import { mainFirst } from './people.ts'
import { readAccounts, readClaims, readEverybody, readMeasures } from './reading.ts'
import type { Changed } from './watchers.ts'

/**
 * The identity database that the bot keeps itself, in the tables that `rolecall identity import` fills. It only reads them.
 * Each answer is read in one transaction that sees a single moment, counts and people alike.
 */
export class NativeDirectory implements Directory {
  readonly source = 'native'
  readonly #db: Db
  readonly #guildId: Id
  readonly #now: () => number
  readonly #imports: ImportWatch

  constructor(db: Db, guildId: Id, now: () => number, repeat?: Repeat) {
    this.#db = db
    this.#guildId = guildId
    this.#now = now
    this.#imports = new ImportWatch(db, guildId, repeat)
  }

  async find(memberIds: readonly Id[]): Promise<Found> {
    return await this.#read(async (tx, reading) => ({
      ...reading,
      claims: await readClaims(tx, this.#guildId, memberIds),
    }))
  }

  async snapshot(): Promise<DirectorySnapshot> {
    return await this.#read(async (tx, reading) => ({
      ...reading,
      identities: await readEverybody(tx, this.#guildId),
    }))
  }

  async accounts(identityId: string): Promise<readonly LinkedAccount[]> {
    return mainFirst(await answered(readAccounts(this.#db, this.#guildId, identityId)))
  }

  watch(onChange: (changed: Changed) => void): () => void {
    return this.#imports.watch(onChange)
  }

  /** Tells the watchers at once of an import that this process made; the poll would find it later, and as a change to all. */
  noticeImport(imported: Imported): void {
    this.#imports.notice(imported)
  }

  async #read<T>(read: (tx: Db, reading: Reading) => Promise<T>): Promise<T> {
    const readAt = this.#now()
    const answer = this.#db.transaction(
      async (tx) => {
        const measures = await readMeasures(tx, this.#guildId)
        return await read(tx, { ...measures, complete: true, permissionExists: true, readAt })
      },
      { isolationLevel: 'repeatable read', accessMode: 'read only' },
    )
    return await answered(answer)
  }
}

export function nativeDirectory(db: Db, guildId: Id, now: () => number, repeat?: Repeat): NativeDirectory {
  return new NativeDirectory(db, guildId, now, repeat)
}

/** What the database refuses or fails to say becomes one sentence; its own words may hold addresses, and stay inside. */
async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    const code = codeOf(error)
    if (code === null) throw error
    throw new DirectoryUnreachable(
      `The people in the bot's own database could not be read (${code}). Nobody is judged until they can: check that the database of DATABASE_URL is up and lets the bot read its tables.`,
    )
  }
}

/** How deep drizzle and the driver wrap an error. */
const DEEPEST_CAUSE = 4

/** The code that the database, the driver or the network gave; null for an error of our own making. */
function codeOf(error: unknown): string | null {
  let at: unknown = error
  for (let depth = 0; depth < DEEPEST_CAUSE && at instanceof Error; depth++) {
    if ('code' in at && typeof at.code === 'string' && /^[A-Z0-9_]{2,40}$/.test(at.code)) return at.code
    at = at.cause
  }
  return null
}
