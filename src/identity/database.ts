import type { Directory, DirectorySnapshot, Found, Noticing, Reading } from '#src/core/directory.ts'
import type { Id, LinkedAccount } from '#src/core/model.ts'
import { SELDOM } from './changes/polling.ts'
import { Gathering } from './gathering.ts'
import { tooMany } from './limits.ts'
import { mainFirst } from './people.ts'
import type { Measured, Questions } from './questions.ts'
import type { IdentityServer, Session } from './server/server.ts'
import { type Changed, Watchers } from './watchers.ts'

/** Notices what changes in a database until the returned function is called. */
export type Feed = (onChange: (changed: Changed) => void) => () => void

export interface DatabaseParts {
  readonly server: IdentityServer
  readonly questions: Questions
  readonly feed: Feed
  /** How often the feed asks for changes. */
  readonly pollMs: number
  /** Whether it hears what the database says by itself. */
  readonly isHeard: () => boolean
  /** People, beyond whom nothing is read. */
  readonly most: number
  readonly now: () => number
}

const ACCOUNT = 'account '
const IDENTITY = 'identity '

/** A Discord account whose claimants are wanted, or an identity that is. */
type Wanted = `${typeof ACCOUNT | typeof IDENTITY}${string}`

const wantedAs = (kind: string, wanted: readonly Wanted[]): readonly string[] =>
  wanted.flatMap((one) => (one.startsWith(kind) ? one.slice(kind.length) : []))

/**
 * Somebody's database as an identity source, the same for every guild. It only reads, each answer in one transaction that sees a single moment.
 * Those who ask while another answer is being read are answered together by the next one, which begins after they asked.
 */
export class DatabaseDirectory implements Directory {
  readonly source: string
  readonly #parts: DatabaseParts
  readonly #watchers = new Watchers()
  readonly #finds: Gathering<Wanted, Found>
  #stopFeed: (() => void) | null = null
  /** Whether the tables are known to be what they should; asked again after every fault, for an upgrade may have renamed them. */
  #probed = false

  constructor(parts: DatabaseParts) {
    this.source = parts.questions.source
    this.#parts = parts
    this.#finds = new Gathering((wanted) => this.#find(wanted))
  }

  find(memberIds: readonly Id[], identityIds: readonly string[] = []): Promise<Found> {
    return this.#finds.ask([
      ...memberIds.map((id): Wanted => `${ACCOUNT}${id}`),
      ...identityIds.map((id): Wanted => `${IDENTITY}${id}`),
    ])
  }

  async snapshot(): Promise<DirectorySnapshot> {
    const { questions, most } = this.#parts
    return await this.#read(async (session) => {
      await this.#probe(session)
      return await questions.everybody(session, most)
    })
  }

  async accounts(identityId: string): Promise<readonly LinkedAccount[]> {
    const { server, questions } = this.#parts
    return mainFirst(await server.read((session) => questions.accounts(session, identityId)))
  }

  watch(onChange: (changed: Changed) => void): () => void {
    const forget = this.#watchers.add(onChange)
    this.#stopFeed ??= this.#parts.feed((changed) => this.#watchers.tell(changed))
    return () => {
      forget()
      if (this.#watchers.size > 0) return
      this.#stopFeed?.()
      this.#stopFeed = null
    }
  }

  async noticing(): Promise<Noticing> {
    const { server, questions, pollMs, isHeard } = this.#parts
    const tells = await server.read((session) => questions.tells(session))
    if (tells && isHeard()) return { kind: 'told', askedMs: pollMs * SELDOM }
    return { kind: 'asked', everyMs: pollMs, listens: isHeard(), tells }
  }

  async #find(wanted: readonly Wanted[]): Promise<Found> {
    const { questions, most } = this.#parts
    return await this.#read(async (session) => {
      await this.#probe(session)
      const measured = await questions.measure(session)
      if (measured.vitals.identities > most) throw tooMany(most)
      return {
        ...measured,
        claims: await questions.claims(session, wantedAs(ACCOUNT, wanted)),
        identities: await questions.identities(session, wantedAs(IDENTITY, wanted)),
      }
    })
  }

  async #read<T extends Measured>(work: (session: Session) => Promise<T>): Promise<T & Reading> {
    const readAt = this.#parts.now()
    try {
      const read = await this.#parts.server.read(work)
      this.#probed = true
      return { ...read, complete: true, readAt }
    } catch (error) {
      this.#probed = false
      throw error
    }
  }

  async #probe(session: Session): Promise<void> {
    if (!this.#probed) await this.#parts.questions.probe(session)
  }
}
