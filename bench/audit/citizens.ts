import type { Identity } from '#src/core/model.ts'
import { makeTables } from '../../test/identity/alliance-auth/fixture.ts'
import type { Town } from '../guild/town.ts'
import type { Copy } from '../identity/place.ts'
import type { Tell } from '../identity/tables.ts'

const PERMISSION = 7

/** The people of a town in the tables of Alliance Auth. Every state brings the permission, as everybody of the town has it. */
export async function fillWithTown(town: Town, tell: Tell, copy: Copy): Promise<void> {
  await makeTables({ dialect: 'postgres', admin: tell })
  await tell(
    `insert into django_content_type values (3, 'discord', 'discorduser')`,
    `insert into auth_permission values (${PERMISSION}, 3, 'access_discord')`,
    ...town.groups.map((name, id) => `insert into auth_group values (${id}, '${name}')`),
    ...town.states.map((name, id) => `insert into authentication_state values (${id}, '${name}', ${id})`),
    `insert into authentication_state_permissions select id, ${PERMISSION} from authentication_state`,
  )
  const groups = new Map(town.groups.map((name, id) => [name, id]))
  const states = new Map(town.states.map((name, id) => [name, id]))
  const each = (lines: (identity: Identity) => readonly string[]) => linesOf(town, lines)
  await copy(
    'auth_user',
    each(({ id, username, active }) => [`${id}\t${username}\t${active}\tfalse\t\\N`]),
  )
  await copy(
    'authentication_userprofile',
    each(({ id, state }) => [`${id}\t\\N\t${states.get(state!)}`]),
  )
  await copy(
    'auth_user_groups',
    each((identity) => identity.groups.map((group) => `${identity.id}\t${groups.get(group)}`)),
  )
  await copy(
    'discord_discorduser',
    each(({ id, discordIds }) => [`${id}\t${discordIds[0]}\tx\t\\N`]),
  )
  await tell('analyze')
}

function* linesOf(town: Town, lines: (identity: Identity) => readonly string[]): Generator<string> {
  for (const { identity } of town.people()) if (identity !== null) yield* lines(identity)
}
