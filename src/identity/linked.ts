import {
  type Directory,
  type DirectorySnapshot,
  DirectoryUnreachable,
  type Found,
  type Noticing,
} from '#src/core/directory.ts'
import type { Id, Identity, LinkedAccount } from '#src/core/model.ts'
import { withAccounts, withLinks } from './linked-people.ts'
import { LinkedWatch } from './linked-watch.ts'
import type { Links } from './links.ts'
import type { Repeat } from './repeat.ts'
import { type Changed, Watchers } from './watchers.ts'

/**
 * A source with the links by hand laid over it. A link is one more claim and takes the place of none: where the source names somebody else, two claim
 * the account, and whoever decides finds a conflict. The links are read anew for each answer, beside the source, and its counts stay its own.
 */
export class LinkedDirectory implements Directory {
  readonly source: string
  readonly #source: Directory
  readonly #links: Links
  readonly #repeat: Repeat
  readonly #watchers = new Watchers()
  readonly #linked: LinkedWatch
  #stopLooking: (() => void) | null = null

  /** `repeat` says how often it is asked whether somebody has changed to whom an account is linked by hand; only while somebody watches. */
  constructor(source: Directory, links: Links, repeat: Repeat) {
    this.source = source.source
    this.#source = source
    this.#links = links
    this.#repeat = repeat
    this.#linked = new LinkedWatch(source, links, (changed) => this.#watchers.tell(changed))
  }

  /** `identities` are those of the source, without the accounts that were linked to them by hand. */
  async find(memberIds: readonly Id[], identityIds: readonly string[] = []): Promise<Found> {
    const [found, links] = await Promise.all([
      this.#source.find(memberIds, identityIds),
      mustAnswer(this.#links.of(memberIds)),
    ])
    if (links.size === 0) return found
    // Whom the links name must be of the same moment as everybody else, so the source is asked for all of them once more.
    const whole = await this.#source.find(memberIds, [...identityIds, ...links.values()])
    return { ...whole, claims: claimsWith(links, whole) }
  }

  async snapshot(): Promise<DirectorySnapshot> {
    const [snapshot, links] = await Promise.all([this.#source.snapshot(), mustAnswer(this.#links.all())])
    return links.size === 0 ? snapshot : { ...snapshot, people: await withLinks(snapshot.people, links) }
  }

  accounts(identityId: string): Promise<readonly LinkedAccount[]> {
    return this.#source.accounts(identityId)
  }

  watch(onChange: (changed: Changed) => void): () => void {
    const stops = [this.#source.watch(onChange), this.#watchers.add(onChange)]
    this.#stopLooking ??= this.#repeat(() => this.#linked.look())
    return () => {
      for (const stop of stops) stop()
      if (this.#watchers.size > 0) return
      this.#stopLooking?.()
      this.#stopLooking = null
    }
  }

  noticing(): Promise<Noticing> {
    return this.#source.noticing()
  }

  /** A link of this account was made or taken away. */
  relinked(discordId: Id): void {
    this.#watchers.tell([discordId])
  }
}

function claimsWith(
  links: ReadonlyMap<Id, string>,
  { claims, identities }: Found,
): ReadonlyMap<Id, readonly Identity[]> {
  const all = new Map(claims)
  for (const [discordId, identityId] of links) {
    const identity = identities.get(identityId)
    const claimants = claims.get(discordId)
    // An account for which the source did not answer stays without an answer.
    if (!identity || !claimants || claimants.some(({ id }) => id === identityId)) continue
    all.set(discordId, [...claimants, withAccounts(identity, [discordId])])
  }
  return all
}

/** Without the links nobody knows whose an account is: as where the source itself is silent, nobody is judged. */
async function mustAnswer<T>(links: Promise<T>): Promise<T> {
  try {
    return await links
  } catch (error) {
    throw new DirectoryUnreachable(
      'The links that were made by hand could not be read from the bot’s own database. Nobody is judged without them: check that the database of DATABASE_URL is up and lets the bot read its tables.',
      { cause: error },
    )
  }
}
