import { hash } from 'node:crypto'
import type { Directory } from '#src/core/directory.ts'
import type { Id, Identity } from '#src/core/model.ts'
import type { Links } from './links.ts'

/**
 * Notices when somebody changes to whom an account was linked by hand. The source tells of a change by the accounts that it knows itself, and of these
 * it knows nothing: so their people are asked for, again and again, and compared.
 */
export class LinkedWatch {
  readonly #source: Directory
  readonly #links: Links
  readonly #tell: (changed: readonly Id[]) => void
  /** What stood behind each account at the last look; null before the first. */
  #known: ReadonlyMap<Id, string> | null = null

  constructor(source: Directory, links: Links, tell: (changed: readonly Id[]) => void) {
    this.#source = source
    this.#links = links
    this.#tell = tell
  }

  /** A look that fails says nothing: whoever reads people meets the same failure and is told, and the next look sees what this one missed. */
  async look(): Promise<void> {
    const now = await this.#read().catch(() => null)
    if (!now) return
    const known = this.#known
    this.#known = now
    // A link that is new counts as a change: whom it names may have changed between the link and this look, or another process may have made it.
    if (known) this.#tell([...new Set([...known.keys(), ...now.keys()])].filter((id) => known.get(id) !== now.get(id)))
  }

  async #read(): Promise<ReadonlyMap<Id, string>> {
    const links = await this.#links.all()
    if (links.size === 0) return new Map()
    const { identities } = await this.#source.find([], [...new Set(links.values())])
    return new Map([...links].map(([discordId, identityId]) => [discordId, printOf(identityId, identities)]))
  }
}

/** Another text whenever a verdict about this identity may turn; short, whatever groups it has. */
function printOf(identityId: string, identities: ReadonlyMap<string, Identity>): string {
  const identity = identities.get(identityId)
  if (!identity) return `${identityId} is gone`
  const { active, superuser, access, state, groups } = identity
  return hash('sha256', JSON.stringify([identityId, active, superuser, access, state, groups.toSorted()]))
}
