import type { Id } from '#src/core/model.ts'
import type { World } from './world.ts'

/**
 * Of these intents, of whose acts nobody saw what came, those that Discord's audit log shows as the bot's own acts: it puts the intent's id behind the
 * reason. The log tells only of the newest, so that an act which is not among them may have been made all the same. Never rejects.
 */
export async function madeAsLogged(
  world: World,
  guildId: Id,
  intentIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const botUserId = world.roster(guildId)?.guild()?.botUserId
  if (intentIds.length === 0 || botUserId === undefined) return new Set()
  try {
    const own = (await world.looker.roleChanges(guildId)).filter(({ executorId }) => executorId === botUserId)
    const reasons = own.flatMap(({ reason }) => reason ?? [])
    return new Set(intentIds.filter((id) => reasons.some((reason) => reason.endsWith(`[${id}]`))))
  } catch (error) {
    world.notice('the audit log could not be asked what came of acts that nobody saw', { guild: guildId, error })
    return new Set()
  }
}
