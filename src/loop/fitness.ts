import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Action, Id } from '#src/core/model.ts'
import { closerWords, reasonList } from '#src/core/reasons.ts'
import { NotThere, Refusal } from '#src/core/refusal.ts'
import { judgeReading, knownGuild } from './facts.ts'
import type { World } from './world.ts'

// Whether a guild can be judged at all. Acting on a list that may be stale, or on a source that nobody has looked at, is how bots strip the innocent.

const notYet = (what: string): string =>
  `The member list is ${what}, and nobody is judged by a list that may be old. Nothing was changed. Try again in a minute; \`/audit status\` shows when the list is live.`

/** Throws `Refusal` where the roster may not be asked, or where somebody would be acted on by a source that no report has looked at. */
export async function mustBeFitToAct(world: World, guildId: Id, action: Action): Promise<void> {
  const { state } = knownGuild(world, guildId).roster
  if (state === 'cold' || state === 'syncing') throw new Refusal(notYet('still being read'))
  if (action === 'report') return
  mustBeLive(world, guildId)
  const { source } = world.directory(guildId)
  if (await world.book.baseline(guildId, source, world.now())) return
  throw new Refusal(
    `Nobody has looked at the identity source \`${source}\` in this server yet, so it cannot be told whether it is whole. Nothing was changed. Make a report first with \`/audit run\`, and read it.`,
  )
}

/** Throws `NotThere` where a run is narrowed to a role that is not there: "in order" would be said of nobody. */
export function mustBeRole(world: World, guildId: Id, roleId: Id): void {
  if (knownGuild(world, guildId).guild.roles.some(({ id }) => id === roleId)) return
  throw new NotThere(`This server has no role ${roleId}, so nothing was looked at. Name one that it has.`)
}

/** Throws `NotThere` where a run is narrowed to somebody who is not a member, neither by the roster nor at Discord. */
export async function mustBeMember(world: World, guildId: Id, memberId: Id): Promise<void> {
  if (knownGuild(world, guildId).roster.member(memberId)) return
  if (SNOWFLAKE.test(memberId) && (await world.looker.member(guildId, memberId))) return
  throw new NotThere(
    `Nobody with the id ${memberId} is a member of this server, so nothing was looked at. They may have left.`,
  )
}

/** Discord takes no shorter number for an account's id, and answers it with a fault. */
const SNOWFLAKE = /^\d{17,20}$/

/** Throws `Refusal` where a plan that was made before may not be carried out now: the list is in doubt, or the source is silent or suspect. */
export async function mustBeSound(world: World, guildId: Id): Promise<void> {
  mustBeLive(world, guildId)
  const { source } = world.directory(guildId)
  const truth = await judgeNow(world, guildId)
  if (!truth.suspect) return
  throw new Refusal(
    `The identity source \`${source}\` fails its truth check (${reasonList(truth)}), so nobody is judged by it. Nothing was changed.${closerWords(truth)} Mend the source; where people really left, accept it with \`/acknowledge source\`.`,
  )
}

function mustBeLive(world: World, guildId: Id): void {
  if (knownGuild(world, guildId).roster.state !== 'live') throw new Refusal(notYet('being checked again'))
}

async function judgeNow(world: World, guildId: Id) {
  try {
    const reading = await world.directory(guildId).find([])
    return await judgeReading(world, guildId, reading, await world.book.settings(guildId))
  } catch (error) {
    if (error instanceof DirectoryUnreachable) throw new Refusal(`${error.message} Nothing was changed.`)
    throw error
  }
}
