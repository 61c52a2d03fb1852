import { expect, it, onTestFinished } from 'vitest'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Identity } from '#src/core/model.ts'
import { identitiesOf } from '#src/core/people.ts'
import { vitalsOf } from '#src/core/truth.ts'
import { allianceAuth } from '#src/identity/alliance-auth/questions.ts'
import { pollingFeed } from '#src/identity/changes/polling.ts'
import { DatabaseDirectory } from '#src/identity/database.ts'
import type { Changed } from '#src/identity/watchers.ts'
import { openAt, type Place, withEach } from '../server/servers.ts'
import { type Auth, expectedOf, fill, makeTables, type User } from './fixture.ts'

const AT = Date.parse('2026-11-22T12:00:00Z')

const user = (id: number, changes: Partial<User> = {}): User => ({
  ...{ id, username: `user ${id}`, active: true, superuser: false },
  ...{ groups: [], state: 0, permitted: false, uid: String(9_007_199_254_740_993n + BigInt(id)) },
  ...changes,
})

/** What such databases really hold. */
const AUTH: Auth = {
  groups: [
    { name: 'Pilots', permitted: true },
    { name: 'pilots', permitted: false },
    { name: 'Wing 🚀 ', permitted: false },
    { name: 'g'.repeat(150), permitted: false },
    { name: 'empty', permitted: false },
  ],
  states: [
    { name: 'Member', permitted: true },
    { name: 'Guest', permitted: false },
    { name: 'member', permitted: false },
  ],
  reserved: ['Staff', 'Bots 🤖'],
  users: [
    user(1, { username: 'ann', groups: [0, 2], state: 1 }),
    user(2, { username: 'Ann', groups: [1], state: 2 }),
    user(3, { username: 'sleeping king', active: false, superuser: true }),
    user(4, { username: 'king', superuser: true, state: 1 }),
    user(5, { username: 'by state alone' }),
    user(6, { username: 'by name alone', state: 1, permitted: true }),
    user(7, { username: 'no profile', state: null, groups: [3] }),
    user(8, { username: 'not linked', uid: null }),
    user(9, { username: 'twin', uid: '9223372036854775807' }),
    user(10, { username: 'twin too', uid: '9223372036854775807', state: 1 }),
    user(11, { username: 'blank ', state: 1, groups: [1, 2, 3] }),
  ],
}

const plain = ({ id, username, active, superuser, access, state, groups, discordIds }: Identity) => ({
  ...{ id, username, active, superuser, access, state },
  ...{ groups: [...groups].sort(), discordIds: [...discordIds] },
})

const byId = (identities: Iterable<Identity>) => [...identities].map(plain).sort((a, b) => Number(a.id) - Number(b.id))

/** The directory over this database, whose polling goes round when the test says so. */
function open(place: Place) {
  const server = openAt(place.address)
  onTestFinished(() => server.close())
  let look = async () => {}
  const repeat = (deed: () => Promise<void>) => {
    look = deed
    return () => {}
  }
  const notice = (error: unknown) => expect.unreachable(String(error))
  const feed = pollingFeed({ server, questions: allianceAuth, repeat, notice })
  const directory = new DatabaseDirectory({ server, questions: allianceAuth, feed, most: 100, now: () => AT })
  const heard: Changed[] = []
  directory.watch((changed) => heard.push(changed))
  const round = async () => {
    heard.length = 0
    await look()
    return heard
  }
  return { server, directory, round }
}

withEach('the database of Alliance Auth', (place) => {
  it('tells of everybody what Alliance Auth itself would say', async () => {
    await makeTables(place())
    await fill(place(), AUTH)
    const { directory } = open(place())
    const { people, vitals, names } = await directory.snapshot()
    expect(byId(identitiesOf(people))).toEqual(expectedOf(AUTH))
    expect(vitals).toEqual(vitalsOf(identitiesOf(people), names))
    expect(names).toEqual({
      groups: AUTH.groups.map(({ name }) => name),
      states: AUTH.states.map(({ name }) => name),
      reservedNames: AUTH.reserved,
    })
  })

  it('says the same of one member, tells ids apart that a double cannot, and names both who hold one account', async () => {
    const { directory } = open(place())
    const asked = [...AUTH.users.flatMap(({ uid }) => uid ?? []), '9007199254740992', '1']
    const { claims } = await directory.find(asked)
    expect(claims.get('9007199254740992')).toEqual([])
    for (const uid of asked) {
      const expected = expectedOf(AUTH).filter(({ discordIds }) => discordIds.includes(uid))
      expect(byId(claims.get(uid)!)).toEqual(expected)
    }
  })

  it('notices each kind of change, and names whom it concerns', async () => {
    const { admin, dialect } = place()
    const { round } = open(place())
    const truth = (is: boolean) => (dialect === 'postgres' ? String(is) : is ? '1' : '0')
    const uidOf = (id: number) => AUTH.users.find((one) => one.id === id)!.uid!
    expect(await round()).toEqual([])
    expect(await round()).toEqual([])
    const changes: readonly (readonly [string, Changed | null])[] = [
      [`update auth_user set is_active = ${truth(false)} where id = 1`, [uidOf(1)]],
      [`update auth_user set is_superuser = ${truth(true)} where id = 2`, [uidOf(2)]],
      ['update auth_user set last_login = 5', null],
      ['update authentication_userprofile set state_id = 0 where user_id = 6', [uidOf(6)]],
      ['delete from auth_user_groups where user_id = 11 and group_id = 2', [uidOf(11)]],
      ['insert into auth_user_groups values (5, 4)', [uidOf(5)]],
      ['insert into auth_user_user_permissions values (4, 7)', [uidOf(4)]],
      ['update discord_discorduser set uid = 77 where user_id = 5', [uidOf(5), '77']],
      ['delete from discord_discorduser where user_id = 5', ['77']],
      ["update auth_group set name = 'Fliers' where id = 1", 'all'],
      ['insert into authentication_state_permissions values (1, 7)', 'all'],
      ['delete from auth_group_permissions where permission_id = 7', 'all'],
      ['delete from groupmanagement_reservedgroupname where id = 1', 'all'],
    ]
    for (const [statement, expected] of changes) {
      await admin(statement)
      const heard = await round()
      const sorted = heard.map((changed) => (changed === 'all' ? changed : changed.toSorted()))
      expect([statement, sorted]).toEqual([
        statement,
        expected === null ? [] : [expected === 'all' ? expected : expected.toSorted()],
      ])
    }
  })

  it('refuses more people than may be, and a database that is not whole, instead of taking a part for all', async () => {
    const { admin } = place()
    const { server, directory } = open(place())
    const few = new DatabaseDirectory({ server, questions: allianceAuth, feed: () => () => {}, most: 5, now: () => AT })
    await expect(few.snapshot()).rejects.toThrow(/more than 5 people/)
    await expect(few.find(['1'])).rejects.toThrow(/IDENTITY_MAX_PEOPLE/)
    await admin('delete from auth_group where id = 3')
    await expect(directory.snapshot()).rejects.toThrow(/a group with the id 3/)
    await admin('alter table discord_discorduser rename column uid to snowflake')
    const failed = await directory.snapshot().catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(DirectoryUnreachable)
    await expect(directory.find(['1'])).rejects.toThrow(/discord_discorduser.uid/)
  })
})
