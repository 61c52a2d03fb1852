import type { Id } from '#src/core/model.ts'
import { DiscordFault } from '#src/discord/faults.ts'
import type { Looker } from '#src/discord/looker.ts'
import type { World } from '#src/loop/world.ts'

// Whether an id that somebody named is anybody's here. Settings may name those who have left, so this only lets answers say what was found.

interface Parts {
  readonly world: Pick<World, 'roster'>
  readonly looker: Pick<Looker, 'member' | 'roleIds'>
}

/** Discord takes no shorter number for an account's id, and answers it with a fault. */
const SNOWFLAKE = /^\d{17,20}$/

/** Null where nobody can say at this moment. */
export function isMember({ world, looker }: Parts, guildId: Id, memberId: Id): Promise<boolean | null> {
  return unlessSilent(async () => {
    if (world.roster(guildId)?.member(memberId)) return true
    return SNOWFLAKE.test(memberId) && (await looker.member(guildId, memberId)) !== null
  })
}

/** Null where nobody can say at this moment. */
export function isRole({ world, looker }: Parts, guildId: Id, roleId: Id): Promise<boolean | null> {
  return unlessSilent(async () => {
    const known = world.roster(guildId)?.guild()?.roles ?? []
    return known.some(({ id }) => id === roleId) || (await looker.roleIds(guildId)).has(roleId)
  })
}

async function unlessSilent(look: () => Promise<boolean>): Promise<boolean | null> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof DiscordFault) return null
    throw error
  }
}
