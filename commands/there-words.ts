import type { Id } from '#src/core/model.ts'
import type { CommandWorld } from '#src/discord/command.ts'

// Settings may name those who have left and may come back, so an id of nobody is taken; but not in silence, for it is more often a slip.

/** A sentence where nobody of this id is here, or nobody could say; null where somebody is. `undo` is the command that takes back what was set. */
export async function memberNote(guildId: Id, id: Id, undo: string, world: CommandWorld): Promise<string | null> {
  const there = await world.isMember(guildId, id)
  if (there === null) return `Discord could not be asked just now whether a member of this server has the id \`${id}\`.`
  return there
    ? null
    : `At this moment no member of this server has the id \`${id}\`. If they have left, this holds should they come back; if the id is mistyped, take it back with \`${undo}\`.`
}

/** The same of roles: a sentence that names those which are not there. */
export async function roleNote(
  guildId: Id,
  ids: readonly Id[],
  undo: string,
  world: CommandWorld,
): Promise<string | null> {
  const missing: Id[] = []
  for (const id of ids) if ((await world.isRole(guildId, id)) === false) missing.push(id)
  if (missing.length === 0) return null
  const named = missing.map((id) => `\`${id}\``).join(', ')
  return `This server has no role with the id ${named}, so this has no effect as it is. If the id is mistyped, take it back with \`${undo}\`.`
}
