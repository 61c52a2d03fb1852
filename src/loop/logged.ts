import type { Id } from '#src/core/model.ts'
import type { World } from './world.ts'

/**
 * Of these intents, of whose acts nobody saw what came, the roles that were taken by those that Discord's audit log shows as the bot's own acts: it puts
 * the intent's id behind the reason. Of several roles in one write somebody else may have taken some before. The log tells only of the newest, so that
 * an act which is not among them may have been made all the same. Never rejects.
 */
export async function takenAsLogged(
  world: World,
  guildId: Id,
  intentIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Id[]>> {
  const botUserId = world.roster(guildId)?.guild()?.botUserId
  if (intentIds.length === 0 || botUserId === undefined) return new Map()
  try {
    const own = (await world.looker.roleChanges(guildId)).filter(({ executorId }) => executorId === botUserId)
    const removedBy = (id: string) => own.flatMap(({ reason, removed }) => (reason?.endsWith(`[${id}]`) ? removed : []))
    return new Map(intentIds.map((id) => [id, removedBy(id)]))
  } catch (error) {
    world.notice('the audit log could not be asked what came of acts that nobody saw', { guild: guildId, error })
    return new Map()
  }
}
