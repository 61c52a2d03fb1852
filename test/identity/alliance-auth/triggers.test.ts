import { expect, it, onTestFinished, vi } from 'vitest'
import { allianceAuth } from '#src/identity/alliance-auth/questions.ts'
import { dropStatements, hasTriggers, triggerStatements } from '#src/identity/alliance-auth/triggers.ts'
import { earOf, feedOf } from '#src/identity/changes/listening.ts'
import type { Changed } from '#src/identity/watchers.ts'
import { polled } from '../polled.ts'
import { clear, openAt, withMariaDb, withPostgres } from '../server/servers.ts'
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

/** Each table that a verdict rests on, with what must be told of it. */
const CHANGES: readonly (readonly [string, readonly Changed[]])[] = [
  ['update auth_user set is_superuser = true where id = 1', [[uidOf(1)]]],
  ["insert into authentication_state values (5, 'Guest', 5)", ['all']],
  ['update authentication_state set priority = 6', []],
  ["update authentication_state set name = 'guest' where id = 5", ['all']],
  ['update authentication_userprofile set state_id = 5 where user_id = 1', [[uidOf(1)]]],
  ['update authentication_userprofile set main_character_id = 4', []],
  ['delete from authentication_userprofile where user_id = 2', [[uidOf(2)]]],
  ['insert into auth_user_groups values (1, 1)', [[uidOf(1)]]],
  ['update auth_user_groups set group_id = 0 where user_id = 1', [[uidOf(1)]]],
  ['insert into auth_user_user_permissions values (1, 7)', [[uidOf(1)]]],
  ['delete from auth_user_user_permissions where user_id = 1', [[uidOf(1)]]],
  ['insert into discord_discorduser values (3, 99, null, null)', [['99']]],
  ["insert into auth_group values (9, 'Scouts')", ['all']],
  ['delete from auth_group where id = 9', ['all']],
  ['insert into auth_group_permissions values (1, 7)', ['all']],
  ['delete from authentication_state_permissions where permission_id = 7', ['all']],
  ["insert into groupmanagement_reservedgroupname values (9, 'Staff')", ['all']],
  ["insert into auth_permission values (900, 1, 'add_something')", []],
  ["update auth_permission set codename = 'renamed' where codename = 'access_discord'", ['all']],
  ["update auth_permission set codename = 'access_discord' where codename = 'renamed'", ['all']],
  ["insert into django_content_type values (900, 'another', 'thing')", []],
  ["update django_content_type set app_label = 'renamed' where app_label = 'discord'", ['all']],
  ['delete from auth_user where id = 3', [['99']]],
]

withPostgres('triggers in the database of Alliance Auth', (place) => {
  it('tell at once who has changed, say nothing of what concerns no verdict, and can be taken out again', async () => {
    const { admin, address } = place()
    await makeTables(place())
    await fill(place(), AUTH)
    await admin(...triggerStatements(), ...triggerStatements())
    const server = openAt(address)
    onTestFinished(() => server.close())
    expect(await server.read(hasTriggers)).toBe(true)
    const ofUpdates = 'trigger rolecall_auth_user_update'
    // Such a one is awake for replicated rows alone, and says nothing of anybody else's work.
    await admin(`alter table auth_user enable replica ${ofUpdates}`)
    expect(await server.read(hasTriggers)).toBe(false)
    await admin(`alter table auth_user enable ${ofUpdates}`)
    const ear = earOf(server)!
    const heard: Changed[] = []
    const stop = feedOf(ear.feed)((changed) => heard.push(changed))
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
    for (const [statement, expected] of CHANGES)
      expect([statement, await told(statement)]).toEqual([statement, expected])
    expect(await told('truncate auth_user_groups')).toEqual(['all'])
    // What goes wrong with the telling is no trouble of whoever works there.
    await admin('alter table discord_discorduser rename to away')
    expect(await told('update auth_user set is_active = false where id = 2')).toEqual(['all'])
    await admin('alter table away rename to discord_discorduser')
    // One that is missing is not made up for by one of the same name elsewhere.
    await admin(
      'drop trigger rolecall_auth_group_truncate on auth_group',
      'create schema another',
      'create table another.auth_group (id int)',
      'create trigger rolecall_auth_group_truncate after truncate on another.auth_group for each statement execute function rolecall_auth_group_truncate()',
    )
    expect(await server.read(hasTriggers)).toBe(false)
    await admin('drop schema another cascade')
    await admin(...dropStatements())
    expect(await server.read(hasTriggers)).toBe(false)
    expect(await told('update auth_user set is_active = true where id = 1')).toEqual([])
    expect(ear.isOpen).toBe(true)
    await admin(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${address.user}'`)
    await vi.waitUntil(() => !ear.isOpen)
  })

  it('spare the database most of the asking, for as long as they are heard', async () => {
    const { admin, address } = place()
    await clear(place())
    await makeTables(place())
    await fill(place(), AUTH)
    await admin(...triggerStatements())
    const server = openAt(address)
    onTestFinished(() => server.close())
    let isHeard = true
    const { directory, round } = polled(server, allianceAuth, Date.now, 100, () => isHeard)
    const heard: Changed[] = []
    onTestFinished(directory.watch((changed) => heard.push(changed)))
    await round()
    expect(await directory.noticing()).toEqual({ kind: 'told', askedMs: 20_000 })
    await admin('update auth_user set is_active = false where id = 1')
    await round()
    expect(heard).toEqual([])
    isHeard = false
    await round()
    expect(heard).toEqual([[uidOf(1)]])
    expect(await directory.noticing()).toEqual({ kind: 'asked', everyMs: 1_000, listens: false, tells: true })
  })
})

withMariaDb('a server that says nothing by itself', (place) => {
  it('is not listened to', () => {
    const server = openAt(place().address)
    onTestFinished(() => server.close())
    expect(earOf(server)).toBe(null)
  })
})
