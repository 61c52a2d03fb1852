import { type DirectoryNames, DirectoryUnreachable } from '#src/core/directory.ts'
import { Earnings } from '#src/core/earnings.ts'
import type { Explanation } from '#src/core/explain.ts'
import { governedRoles } from '#src/core/governed.ts'
import type { ManualLink } from '#src/core/link.ts'
import type { Id, Identity } from '#src/core/model.ts'
import { rolesBelow } from '#src/core/reach.ts'
import { NotThere, Refusal } from '#src/core/refusal.ts'
import { plainText, shorten } from '#src/core/text.ts'
import { explainMember } from './explain.ts'
import { knownGuild } from './facts.ts'
import type { By } from './invoking.ts'
import type { World } from './world.ts'

// Links by hand: a person says whose an account is, where the identity source says nothing of it.

/** The part of the book that keeps links. */
export interface LinkBook {
  /** Null: this account is not linked by hand. */
  link(guildId: Id, discordId: Id): Promise<ManualLink | null>
  /** The accounts that were linked by hand to any of these identities of this source. */
  linksTo(guildId: Id, source: string, identityIds: readonly string[]): Promise<readonly ManualLink[]>
  /** Throws `Refusal` where the account is linked by hand already. */
  linkByHand(
    guildId: Id,
    link: Pick<ManualLink, 'discordId' | 'identityId' | 'source' | 'reason'>,
    change: Omit<By, 'mayStrip' | 'mayKick' | 'roleIds' | 'stoppedSince'> & { readonly at: number },
  ): Promise<void>
  /** Returns the link that was there; null where there was none. */
  unlinkByHand(guildId: Id, discordId: Id, change: Parameters<LinkBook['linkByHand']>[2]): Promise<ManualLink | null>
}

export interface LinkWorld {
  readonly world: World
  readonly book: LinkBook
  /** Has the member of this account looked at: a link of it was made or taken away. */
  readonly relinked: (guildId: Id, discordId: Id) => void
}

export interface WantedLink {
  readonly guildId: Id
  readonly memberId: Id
  readonly identityId: string
  readonly by: By & { readonly reason: string }
}

/** What became of an account; `explanation` is null where what follows for the member cannot be said now. */
export interface LinkMade {
  readonly identity: Identity
  readonly explanation: Explanation | null
}

export interface LinkTaken {
  readonly link: ManualLink
  readonly explanation: Explanation | null
}

/**
 * Throws `Refusal` where the source names somebody for this account, whoever that is, where it knows no such identity, where the account has a
 * link by hand, or where the identity earns what ranks too high for whoever asks.
 */
export async function linkByHand(
  parts: LinkWorld,
  { guildId, memberId, identityId, by }: WantedLink,
): Promise<LinkMade> {
  const { world, book, relinked } = parts
  const known = await book.link(guildId, memberId)
  if (known) throw linkedAlready(known)
  const { claims, identities, names } = await ask(world, guildId, memberId, identityId)
  const [claimant] = claims
  if (claimant) throw namedAlready(claimant)
  const identity = identities.get(identityId)
  if (!identity) throw nobody(identityId)
  const beyond = await earnedBeyond(world, guildId, { memberId, identity, names, by })
  if (beyond.length > 0) throw tooHigh(identity, beyond)
  const { source } = world.directory(guildId)
  const link = { discordId: memberId, identityId, source, reason: by.reason }
  await book.linkByHand(guildId, link, changeOf(world, by))
  relinked(guildId, memberId)
  return { identity, explanation: await whatFollows(world, guildId, memberId, by) }
}

/** Null where this account was not linked by hand; then nothing was changed. */
export async function unlinkByHand(
  { world, book, relinked }: LinkWorld,
  guildId: Id,
  memberId: Id,
  by: By,
): Promise<LinkTaken | null> {
  const link = await book.unlinkByHand(guildId, memberId, changeOf(world, by))
  if (!link) return null
  relinked(guildId, memberId)
  return { link, explanation: await whatFollows(world, guildId, memberId, by) }
}

const changeOf = (world: World, { actor, cause, reason }: By) => ({ actor, cause, reason, at: world.now() })

/** No database can hold these, so nobody there is called so; some would fail at the question. */
const IMPOSSIBLE = /[\0\p{Cs}]/u

async function ask(world: World, guildId: Id, memberId: Id, identityId: string) {
  if (IMPOSSIBLE.test(identityId)) throw nobody(identityId)
  try {
    const found = await world.directory(guildId).find([memberId], [identityId])
    const claims = found.claims.get(memberId)
    if (!claims) throw new DirectoryUnreachable(`The identity source did not answer for member ${memberId}.`)
    return { claims, identities: found.identities, names: found.names }
  } catch (error) {
    if (error instanceof DirectoryUnreachable) throw new Refusal(`${error.message} Nothing was changed.`)
    throw error
  }
}

/**
 * The names of the roles that the identity earns, with access or without, that the member lacks, and that do not rank below whoever asks:
 * where the policy gives what is missing, a link would hand out what Discord would refuse them by hand.
 */
async function earnedBeyond(
  world: World,
  guildId: Id,
  {
    memberId,
    identity,
    names,
    by,
  }: Pick<WantedLink, 'memberId' | 'by'> & { identity: Identity; names: DirectoryNames },
): Promise<readonly string[]> {
  if (by.roleIds === null) return []
  const { roster, guild } = knownGuild(world, guildId)
  const governed = governedRoles(guild, names, await world.book.settings(guildId))
  const { roleIds: earned } = new Earnings(governed).of(identity)
  const within = new Set([...rolesBelow(guild, by.roleIds), ...(roster.member(memberId)?.roleIds ?? [])])
  return guild.roles.filter(({ id }) => earned.has(id) && !within.has(id)).map(({ name }) => name)
}

/** What was written stays written, whether or not this can be said. */
async function whatFollows(world: World, guildId: Id, memberId: Id, { mayStrip }: By): Promise<Explanation | null> {
  try {
    return (await explainMember(world, guildId, memberId, mayStrip)).explanation
  } catch (error) {
    if (error instanceof Refusal || error instanceof DirectoryUnreachable) return null
    throw error
  }
}

/** How many roles an error names. */
const MOST_NAMED = 3

/** Ids and names of people who may be called anything. */
const LONGEST_SHOWN = 60
const shown = (text: string): string => plainText(shorten(text, LONGEST_SHOWN))

const linkedAlready = ({ identityId }: ManualLink): Refusal =>
  new Refusal(
    `This account is linked by hand already, to the identity ${shown(identityId)}. Nothing was changed. \`/identity show\` says by whom and why; \`/identity unlink\` takes it back.`,
  )

const namedAlready = ({ id, username }: Identity): Refusal =>
  new Refusal(
    `The identity database itself names ${shown(username)} (${shown(id)}) for this account, and no link by hand stands against that. Nothing was changed. If that is wrong, have it mended there.`,
  )

const nobody = (identityId: string): NotThere =>
  new NotThere(
    `The identity database knows nobody with the id ${shown(identityId)}. Nothing was changed. Give the id that they have there, letter by letter; \`/identity show\` has it in brackets behind the name.`,
  )

function tooHigh({ id, username }: Identity, beyond: readonly string[]): Refusal {
  const named = beyond.slice(0, MOST_NAMED).map(shown).join(', ')
  const more = beyond.length > MOST_NAMED ? ` and ${beyond.length - MOST_NAMED} more` : ''
  return new Refusal(
    `The identity ${shown(username)} (${shown(id)}) earns roles that do not rank below your own highest one: ${named}${more}. A link may hand out only what you could give by hand, so nothing was changed. Ask somebody who ranks above these roles, or an administrator.`,
  )
}
