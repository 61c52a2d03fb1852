import {
  type Directory,
  type DirectorySnapshot,
  DirectoryUnreachable,
  type Found,
  type Noticing,
  type Reading,
} from '#src/core/directory.ts'
import type { Id, Identity, LinkedAccount } from '#src/core/model.ts'
import type { Db } from '#src/store/handle.ts'
import { ASKED_AT_ONCE, readClaims } from './claims.ts'
import { Counts } from './counts.ts'
import { type Imported, ImportWatch, POLL_MILLISECONDS } from './import-watch.ts'
import { mainFirst } from './people.ts'
import { holdTables, type Measured, readAccounts, readColumns, readMeasures, readSome, readVersion } from './reading.ts'
import type { Repeat } from './repeat.ts'
import type { Changed } from './watchers.ts'

/** How often a question is put again because the people changed while they were counted; whoever still has no answer then counts for himself. */
const ROUNDS = 2

/**
 * The identity database that the bot keeps itself, in the tables that `rolecall identity import` fills. It only reads them.
 * Each answer is of a single moment, counts and people alike: read in one transaction, or counts of the very version that the people have.
 */
export class NativeDirectory implements Directory {
  readonly source = 'native'
  readonly #db: Db
  readonly #guildId: Id
  readonly #now: () => number
  readonly #imports: ImportWatch
  readonly #counts = new Counts(() => this.#inOneMoment((tx) => this.#count(tx)))

  constructor(db: Db, guildId: Id, now: () => number, repeat?: Repeat) {
    this.#db = db
    this.#guildId = guildId
    this.#now = now
    this.#imports = new ImportWatch(db, guildId, repeat)
  }

  async find(memberIds: readonly Id[], identityIds: readonly string[] = []): Promise<Found> {
    const asked = [...new Set(memberIds)]
    // Identities are seldom asked for, and then a transaction sees them at the moment of the claims.
    if (identityIds.length > 0) return await answered(this.#findInBatches(asked, identityIds))
    return await answered(this.#findAtOnce(asked).then((found) => found ?? this.#findInBatches(asked, [])))
  }

  async snapshot(): Promise<DirectorySnapshot> {
    const readAt = this.#now()
    const everybody = this.#inOneMoment(async (tx) => {
      const { measured } = await this.#count(tx)
      return { ...readingOf(measured, readAt), people: await readColumns(tx, this.#guildId) }
    })
    return await answered(everybody)
  }

  async accounts(identityId: string): Promise<readonly LinkedAccount[]> {
    return mainFirst(await answered(readAccounts(this.#db, this.#guildId, identityId)))
  }

  watch(onChange: (changed: Changed) => void): () => void {
    return this.#imports.watch(onChange)
  }

  async noticing(): Promise<Noticing> {
    return { kind: 'asked', everyMs: POLL_MILLISECONDS, listens: false, tells: false }
  }

  /** Tells the watchers at once of an import that this process made; the poll would find it later, and as a change to all. */
  noticeImport(imported: Imported): void {
    this.#imports.notice(imported)
  }

  /**
   * One statement, and the counts of the version that it met. Null where that cannot be; also where the statement failed, since its connection may have
   * been lost without a word, and a transaction is asked by another.
   */
  async #findAtOnce(asked: readonly Id[]): Promise<Found | null> {
    if (asked.length > ASKED_AT_ONCE) return null
    for (let round = 0; round < ROUNDS; round++) {
      const readAt = this.#now()
      const claimed = await readClaims(this.#db, this.#guildId, asked).catch(nullUnlessOurs)
      if (!claimed || claimed.version === null) return null
      const measured = await this.#counts.of(claimed.version)
      if (measured) return { ...readingOf(measured, readAt), claims: claimed.claims, identities: new Map() }
    }
    return null
  }

  async #findInBatches(asked: readonly Id[], identityIds: readonly string[]): Promise<Found> {
    const readAt = this.#now()
    return await this.#inOneMoment(async (tx) => {
      const known = this.#counts.known(await readVersion(tx, this.#guildId))
      const measured = known ?? (await this.#count(tx)).measured
      const claims = new Map<Id, readonly Identity[]>()
      // Where nobody is asked for, the tables are asked all the same: one that is gone would be missed.
      for (let from = 0; from === 0 || from < asked.length; from += ASKED_AT_ONCE) {
        const batch = await readClaims(tx, this.#guildId, asked.slice(from, from + ASKED_AT_ONCE))
        for (const [id, identities] of batch.claims) claims.set(id, identities)
      }
      return { ...readingOf(measured, readAt), claims, identities: await readSome(tx, this.#guildId, identityIds) }
    })
  }

  /** What the transaction sees, counted, and kept for those who will meet the same people. */
  async #count(tx: Db) {
    const counted = {
      version: await readVersion(tx, this.#guildId),
      measured: await readMeasures(tx, this.#guildId),
    }
    this.#counts.keep(counted)
    return counted
  }

  async #inOneMoment<T>(read: (tx: Db) => Promise<T>): Promise<T> {
    const reading = async (tx: Db) => {
      await holdTables(tx)
      return await read(tx)
    }
    return await this.#db.transaction(reading, { isolationLevel: 'repeatable read', accessMode: 'read only' })
  }
}

function readingOf(measured: Measured, readAt: number): Reading {
  return { ...measured, complete: true, permissionExists: true, readAt }
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

/** Null in the place of what the database, the driver or the network made fail. */
function nullUnlessOurs(error: unknown): null {
  if (codeOf(error) === null) throw error
  return null
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
