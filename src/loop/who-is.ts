import type { Baseline, Noticing, Reading } from '#src/core/directory.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { ManualLink } from '#src/core/link.ts'
import type { Id, Identity, LinkedAccount, Truth } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { checkTruth } from '#src/core/truth.ts'
import type { LinkBook } from './link.ts'
import type { World } from './world.ts'

// What the identity source knows, for people to read: of itself, and of one member. Nothing is decided by this.

/** How the source stands. Ages in milliseconds. */
export interface SourceStanding {
  readonly source: string
  /** Null where it did not answer; `problem` then says why. */
  readonly read: {
    readonly vitals: Reading['vitals']
    readonly names: Reading['names']
    readonly truth: Truth
    readonly age: number
  } | null
  readonly problem: string | null
  /** The highest numbers that were accepted; null where nothing ever was. */
  readonly before: Baseline | null
  readonly blind: { readonly since: number } | null
  /** How changes are noticed; null where it does not answer. */
  readonly noticing: Noticing | null
}

export async function sourceStanding(world: World, guildId: Id): Promise<SourceStanding> {
  const { source } = world.directory(guildId)
  const before = await world.book.baseline(guildId, source, world.now())
  const known = { source, before, blind: await world.book.blindness(guildId) }
  try {
    const reading = await world.directory(guildId).find([])
    const { truth: limits } = await world.book.settings(guildId)
    const { vitals, names, readAt } = reading
    const read = { vitals, names, truth: checkTruth(reading, before, limits), age: world.now() - readAt }
    return { ...known, read, problem: null, noticing: await world.directory(guildId).noticing() }
  } catch (error) {
    if (!(error instanceof DirectoryUnreachable)) throw error
    return { ...known, read: null, problem: error.message, noticing: null }
  }
}

/** People who are shown of those who claim one account; of a conflict of more the rest is counted. */
const MOST_SHOWN = 4

/** Who claims a member's account. */
export interface WhoIs {
  readonly source: string
  readonly memberId: Id
  /** How many there are, and the first of them with the accounts that they have linked, the main one first. */
  readonly total: number
  /** As the source has them: the accounts that were linked to them by hand stand in `links`. */
  readonly claims: readonly { readonly identity: Identity; readonly accounts: readonly LinkedAccount[] }[]
  /** The link by hand of this account; it claims nothing where the source does not know whom it names. */
  readonly link: (ManualLink & { readonly isKnown: boolean }) | null
  /** All links by hand to these identities. */
  readonly links: readonly ManualLink[]
  readonly suspect: boolean
  /** Milliseconds since it was read. */
  readonly age: number
}

/** Throws `Refusal` where the source does not answer: silence says of nobody that they are unknown. */
export async function whoIs(
  world: World,
  book: Pick<LinkBook, 'link' | 'linksTo'>,
  guildId: Id,
  memberId: Id,
): Promise<WhoIs> {
  const directory = world.directory(guildId)
  const { source } = directory
  try {
    const own = await book.link(guildId, memberId)
    const found = await directory.find([memberId], own?.source === source ? [own.identityId] : [])
    const claims = found.claims.get(memberId)
    if (!claims) throw new DirectoryUnreachable(`The identity source did not answer for member ${memberId}.`)
    const first = claims.slice(0, MOST_SHOWN)
    const shown = first.map(async (identity) => ({
      identity: found.identities.get(identity.id) ?? identity,
      accounts: await directory.accounts(identity.id),
    }))
    const links = await book.linksTo(
      guildId,
      source,
      first.map(({ id }) => id),
    )
    const link = own && { ...own, isKnown: own.source === source && found.identities.has(own.identityId) }
    const before = await world.book.baseline(guildId, source, world.now())
    const { suspect } = checkTruth(found, before, (await world.book.settings(guildId)).truth)
    const age = world.now() - found.readAt
    return { source, memberId, total: claims.length, claims: await Promise.all(shown), link, links, suspect, age }
  } catch (error) {
    if (error instanceof DirectoryUnreachable) throw new Refusal(`${error.message} So nothing can be said of them now.`)
    throw error
  }
}
