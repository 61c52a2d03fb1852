import { expect, it, onTestFinished, vi } from 'vitest'
import { dropStatements, hasTriggers, triggerStatements } from '#src/identity/alliance-auth/triggers.ts'
import { feedOf, listeningFeed } from '#src/identity/changes/listening.ts'
import type { Changed } from '#src/identity/watchers.ts'
import { openAt, withMariaDb, withPostgres } from '../server/servers.ts'
import { fill, makeTables } from './fixture.ts'

const USERS = [1, 2, 3].map((id) => ({
  ...{ id, username: `user ${id}`, active: true, superuser: false, permitted: false },
  ...{ groups: [0], state: 0, uid: String(9_223_372_036_854_775_800n + BigInt(id)) },
}))
const AUTH = {
  groups: [
    { name: 'Pilots', permitted: true },
    { name: 'Directors', permitted: false },
  ],
  states: [{ name: 'Member', permitted: true }],
  reserved: [],
  users: USERS,
}
const uidOf = (id: number) => USERS[id - 1]!.uid

withPostgres('triggers in the database of Alliance Auth', (place) => {
  it('tell at once who has changed, say nothing of what concerns no verdict, and can be taken out again', async () => {
    const { admin, address } = place()
    await makeTables(place())
    await fill(place(), AUTH)
    await admin(...triggerStatements(), ...triggerStatements())
    const server = openAt(address)
    onTestFinished(() => server.close())
    expect(await server.read(hasTriggers)).toBe(true)
    const heard: Changed[] = []
    const stop = feedOf(listeningFeed(server)!)((changed) => heard.push(changed))
    onTestFinished(stop)
    // It listens as soon as a first notice comes through.
    await vi.waitUntil(async () => {
      await admin("select pg_notify('rolecall_identity', 'hello')")
      return heard.length > 0
    })
    const told = async (statement: string) => {
      heard.length = 0
      await admin(statement, "select pg_notify('rolecall_identity', '[\"1\"]')")
      await vi.waitUntil(() => heard.some((changed) => changed !== 'all' && changed[0] === '1'))
      return heard.slice(0, -1).map((changed) => (changed === 'all' ? changed : changed.toSorted()))
    }
    // What is left of the greeting goes by first.
    await told('select 1')
    expect(await told('update auth_user set last_login = 7')).toEqual([])
    expect(await told('update auth_user set is_active = false where id = 1')).toEqual([[uidOf(1)]])
    expect(await told('delete from auth_user_groups where user_id in (1, 2)')).toEqual([[uidOf(1), uidOf(2)]])
    expect(await told('update discord_discorduser set uid = 77 where user_id = 3')).toEqual([['77', uidOf(3)]])
    expect(await told('delete from discord_discorduser where user_id = 3')).toEqual([['77']])
    expect(await told("update auth_group set name = 'Fliers' where id = 0")).toEqual(['all'])
    expect(await told('truncate auth_user_groups')).toEqual(['all'])
    await admin(...dropStatements())
    expect(await server.read(hasTriggers)).toBe(false)
    expect(await told('update auth_user set is_active = true where id = 1')).toEqual([])
  })
})

withMariaDb('a server that says nothing by itself', (place) => {
  it('is not listened to', () => {
    const server = openAt(place().address)
    onTestFinished(() => server.close())
    expect(listeningFeed(server)).toBe(null)
  })
})
