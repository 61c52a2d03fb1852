import type { Packet } from '#src/roster/roster.ts'

// Dispatches as Discord sends them, for a guild of the tests.

export const GUILD = '1000'
export const BOT = '2'
const ROLES = ['1001', '1002', '1003']

export interface Person {
  readonly id: string
  readonly roles?: readonly unknown[]
  readonly bot?: boolean
}

export function memberOf({ id, roles = [], bot }: Person): Record<string, unknown> {
  return { user: { id, username: `member ${id}`, ...(bot === undefined ? {} : { bot }) }, nick: null, roles }
}

export const theBot: Person = { id: BOT, roles: ['1003'], bot: true }

function roleOf(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { id, name: `role ${id}`, position: Number(id) - 1000, managed: false, ...more }
}

export function announced(roleIds: readonly string[] = ROLES, members: readonly Person[] = [theBot]): Packet {
  const roles = [GUILD, ...roleIds].map((id) => roleOf(id))
  return {
    t: 'GUILD_CREATE',
    d: { id: GUILD, name: 'Example', owner_id: '1', roles, members: members.map(memberOf), member_count: 3 },
  }
}

export function chunk(nonce: string, members: readonly Person[], index = 0, count = 1): Packet {
  const d = { guild_id: GUILD, nonce, chunk_index: index, chunk_count: count, members: members.map(memberOf) }
  return { t: 'GUILD_MEMBERS_CHUNK', d }
}

export function joined(person: Person): Packet {
  return { t: 'GUILD_MEMBER_ADD', d: { guild_id: GUILD, ...memberOf(person) } }
}

export function changed(person: Person): Packet {
  return { t: 'GUILD_MEMBER_UPDATE', d: { guild_id: GUILD, ...memberOf(person) } }
}

export function left(id: string): Packet {
  return { t: 'GUILD_MEMBER_REMOVE', d: { guild_id: GUILD, user: { id } } }
}

export function roleMade(id: string, more: Record<string, unknown> = {}): Packet {
  return { t: 'GUILD_ROLE_CREATE', d: { guild_id: GUILD, role: roleOf(id, more) } }
}

export function roleChanged(id: string, more: Record<string, unknown>): Packet {
  return { t: 'GUILD_ROLE_UPDATE', d: { guild_id: GUILD, role: roleOf(id, more) } }
}

export function roleGone(id: string): Packet {
  return { t: 'GUILD_ROLE_DELETE', d: { guild_id: GUILD, role_id: id } }
}

export const outage: Packet = { t: 'GUILD_DELETE', d: { id: GUILD, unavailable: true } }
export const removed: Packet = { t: 'GUILD_DELETE', d: { id: GUILD } }
