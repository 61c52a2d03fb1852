import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Feed } from '../database.ts'
import { tooMany } from '../limits.ts'
import type { Questions, Total } from '../questions.ts'
import type { Repeat } from '../repeat.ts'
import type { IdentityServer, Session } from '../server/server.ts'
import type { Changed } from '../watchers.ts'
import { Prints } from './prints.ts'

export interface PollingParts {
  readonly server: IdentityServer
  readonly questions: Questions
  readonly repeat: Repeat
  /** Whether what the database says by itself is heard. */
  readonly isHeard: () => boolean
  /** People, beyond whom nothing is read. */
  readonly most: number
  /** What an operator should know and nobody waits for. */
  readonly notice: (error: unknown) => void
}

/** A database that tells of changes by itself is asked only each so many times, in case somebody has put its triggers to sleep. */
export const SELDOM = 20

/** Notices changes by asking: one checksum a table, and only where that has changed, one for each identity. */
export function pollingFeed(parts: PollingParts): Feed {
  return (onChange) => {
    const poll = new Poll(parts, onChange)
    return parts.repeat(() => poll.look())
  }
}

class Poll {
  readonly #parts: PollingParts
  readonly #onChange: (changed: Changed) => void
  #last: { readonly total: Total; readonly prints: Prints } | null = null
  /** The database was away: what happened meanwhile is unknown, and what it says may be another database's. */
  #lost = false
  /** It told of changes by itself when it was asked last, and has been left alone so many times since. */
  #spared: number | null = null

  constructor(parts: PollingParts, onChange: (changed: Changed) => void) {
    this.#parts = parts
    this.#onChange = onChange
  }

  /** Never rejects: whoever reads people meets the same failure and is told. */
  async look(): Promise<void> {
    if (this.#spared !== null && !this.#lost && this.#parts.isHeard() && ++this.#spared < SELDOM) return
    try {
      const changed = await this.#parts.server.read((session) => this.#compare(session))
      const isBack = this.#lost
      this.#lost = false
      if (isBack) this.#onChange('all')
      else if (changed === 'all' || changed.length > 0) this.#onChange(changed)
    } catch (error) {
      this.#lost = true
      if (!(error instanceof DirectoryUnreachable)) this.#parts.notice(error)
    }
  }

  async #compare(session: Session): Promise<Changed> {
    const { questions, most } = this.#parts
    this.#spared = (await questions.tells(session)) ? 0 : null
    const total = await questions.total(session)
    const last = this.#last
    if (last && last.total.people === total.people && last.total.names === total.names) return []
    const prints = last?.total.people === total.people ? last.prints : await readPrints(session, questions, most)
    this.#last = { total, prints }
    if (!last) return []
    return last.total.names === total.names ? last.prints.changesTo(prints) : 'all'
  }
}

async function readPrints(session: Session, questions: Questions, most: number): Promise<Prints> {
  const prints = new Prints()
  await questions.fingerprints(session, (id, fingerprint, discordIds) => {
    if (prints.count > most) throw tooMany(most)
    prints.add(id, fingerprint, discordIds)
  })
  return prints
}
