import { expect, it, onTestFinished } from 'vitest'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Identity } from '#src/core/model.ts'
import { identitiesOf } from '#src/core/people.ts'
import { vitalsOf } from '#src/core/truth.ts'
import { allianceAuth } from '#src/identity/alliance-auth/questions.ts'
import { pollingFeed } from '#src/identity/changes/polling.ts'
import { DatabaseDirectory } from '#src/identity/database.ts'
import type { Changed } from '#src/identity/watchers.ts'
import { openAt, type Place, withEach, withMariaDb, withPostgres } from '../server/servers.ts'
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
function open(place: Place, most = 10_000) {
  const server = openAt(place.address)
  onTestFinished(() => server.close())
  let look = async () => {}
  const repeat = (deed: () => Promise<void>) => {
    look = deed
    return () => {}
  }
  const notice = (error: unknown) => expect.unreachable(String(error))
  const feed = pollingFeed({ server, questions: allianceAuth, repeat, isHeard: () => true, most, notice })
  const directory = new DatabaseDirectory({
    server,
    questions: allianceAuth,
    feed,
    pollMs: 1_000,
    isHeard: () => true,
    most,
    now: () => AT,
  })
  const heard: Changed[] = []
  directory.watch((changed) => heard.push(changed))
  const round = async () => {
    heard.length = 0
    await look()
    return heard
  }
  return { server, directory, round }
}

/** Going through a list of so many for each of them would take a server half a minute. */
const CROWD = 60_000

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
      ['delete from authentication_userprofile where user_id = 6', [uidOf(6)]],
      ['insert into authentication_userprofile values (6, null, 1)', [uidOf(6)]],
      ['update authentication_userprofile set main_character_id = 5', null],
      ['delete from auth_user_groups where user_id = 11 and group_id = 2', [uidOf(11)]],
      ['update auth_user_groups set group_id = 4 where user_id = 11 and group_id = 3', [uidOf(11)]],
      ['insert into auth_user_groups values (5, 4)', [uidOf(5)]],
      ['insert into auth_user_user_permissions values (4, 7)', [uidOf(4)]],
      ['insert into auth_user_user_permissions values (3, 8)', null],
      ['delete from auth_user_user_permissions where user_id = 6', [uidOf(6)]],
      ['update discord_discorduser set uid = 77 where user_id = 5', [uidOf(5), '77']],
      ['delete from discord_discorduser where user_id = 5', ['77']],
      ['insert into discord_discorduser values (5, 78, null, null)', ['78']],
      [`insert into auth_user values (50, 'newcomer', ${truth(true)}, ${truth(false)}, null)`, null],
      ['insert into discord_discorduser values (50, 79, null, null)', ['79']],
      ['delete from auth_user where id = 50', ['79']],
      ['delete from discord_discorduser where user_id = 50', ['79']],
      ["update auth_group set name = 'Fliers' where id = 1", 'all'],
      ["update auth_group set name = 'fliers' where id = 1", 'all'],
      ["insert into auth_group values (60, 'Scouts')", 'all'],
      ['delete from auth_group where id = 60', 'all'],
      ["update authentication_state set name = 'Visitor' where id = 1", 'all'],
      ["insert into authentication_state values (60, 'Blue', 5)", 'all'],
      ['update authentication_state set priority = 6', null],
      ['delete from authentication_state where id = 60', 'all'],
      ['insert into auth_group_permissions values (1, 7)', 'all'],
      ['insert into auth_group_permissions values (2, 8)', null],
      ['insert into authentication_state_permissions values (1, 7)', 'all'],
      ['delete from auth_group_permissions where permission_id = 7', 'all'],
      ['delete from groupmanagement_reservedgroupname where id = 1', 'all'],
      ["insert into groupmanagement_reservedgroupname values (1, 'Bots')", 'all'],
      ["update groupmanagement_reservedgroupname set name = 'bots' where id = 1", 'all'],
      ["update auth_permission set codename = 'access_of_old' where id = 7", 'all'],
      ["update auth_permission set codename = 'access_discord' where id = 7", 'all'],
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

  it('takes no permission for the one of Discord whose name differs by its case, or by a blank', async () => {
    const { admin } = place()
    const { directory } = open(place())
    const before = await directory.find([])
    await admin(
      "insert into django_content_type values (90, 'Discord', 'x'), (91, 'discord ', 'x')",
      "insert into auth_permission values (90, 90, 'access_discord'), (91, 91, 'access_discord'), (92, (select min(content_type_id) from (select content_type_id from auth_permission where id = 7) a), 'Access_Discord')",
      'insert into auth_user_user_permissions select id, 90 from auth_user union all select id, 91 from auth_user union all select id, 92 from auth_user',
    )
    expect((await directory.find([])).vitals.withAccess).toBe(before.vitals.withAccess)
    const everybody = await directory.snapshot()
    expect(vitalsOf(identitiesOf(everybody.people), everybody.names).withAccess).toBe(before.vitals.withAccess)
    await admin(
      'delete from auth_user_user_permissions where permission_id >= 90',
      'delete from auth_permission where id >= 90',
    )
  })

  // With these numbers the plain checksums of the four rows before and after add up to the same.
  it('notices two people who change places between two looks', async () => {
    const { admin, dialect } = place()
    const yes = dialect === 'postgres' ? 'true' : '1'
    await admin(
      "insert into auth_group values (46, 'Here'), (63, 'There')",
      `insert into auth_user values (25657, 'one', ${yes}, ${yes}, 0), (29719, 'other', ${yes}, ${yes}, 0)`,
      'insert into auth_user_groups values (25657, 46), (29719, 63)',
      "insert into discord_discorduser values (25657, 801, 'one', 1), (29719, 802, 'other', 1)",
    )
    const { round } = open(place())
    await round()
    const change = (user: number, from: number, to: number) =>
      `update auth_user_groups set group_id = ${to} where user_id = ${user} and group_id = ${from}`
    await admin(change(25_657, 46, 63), change(29_719, 63, 46))
    expect((await round()).flat().toSorted()).toEqual(['801', '802'])
    await admin('delete from auth_user where id > 20000', 'delete from auth_user_groups where user_id > 20000')
    await admin('delete from discord_discorduser where user_id > 20000', 'delete from auth_group where id in (46, 63)')
  })

  it('tells of the characters of a user with corporation and alliance, the main one first', async () => {
    await place().admin(
      "insert into eveonline_evecharacter values (1, 90000001, 'Alt', 'Miners', 'MINE', '', ''), (2, 90000002, 'Main', 'Miners', 'MINE', 'Big Union', 'BIGU')",
      "insert into eveonline_evecharacter values (3, 90000003, 'Sold', 'Miners', 'MINE', null, null)",
      "insert into authentication_characterownership values (1, 'a', 1), (2, 'b', 1), (3, 'c', 2)",
      'update authentication_userprofile set main_character_id = 2 where user_id = 1',
    )
    const { directory } = open(place())
    const of = { organisation: 'Miners [MINE]', parentOrganisation: null }
    expect(await directory.accounts('1')).toEqual([
      { id: '90000002', name: 'Main', ...of, parentOrganisation: 'Big Union [BIGU]', main: true },
      { id: '90000001', name: 'Alt', ...of, main: false },
    ])
    expect(await directory.accounts('2')).toEqual([{ id: '90000003', name: 'Sold', ...of, main: false }])
  })

  it('refuses more people than may be, and a database that is not whole, instead of taking a part for all', async () => {
    const { admin } = place()
    const { server, directory } = open(place())
    const few = new DatabaseDirectory({
      server,
      questions: allianceAuth,
      feed: () => () => {},
      pollMs: 1_000,
      isHeard: () => true,
      most: 5,
      now: () => AT,
    })
    await expect(few.snapshot()).rejects.toThrow(/more than 5 people/)
    await expect(few.find(['1'])).rejects.toThrow(/IDENTITY_MAX_PEOPLE/)
    await admin(
      'create table profiles as select * from authentication_userprofile',
      'insert into profiles select user_id, main_character_id, case when state_id = 0 then 1 else 0 end from profiles where user_id = 6',
      'alter table authentication_userprofile rename to away',
      'alter table profiles rename to authentication_userprofile',
    )
    await expect(directory.snapshot()).rejects.toThrow(/gives the user 6 two states/)
    await admin(
      'alter table authentication_userprofile rename to profiles',
      'alter table away rename to authentication_userprofile',
    )
    const many = place().dialect === 'postgres' ? 'generate_series(1, 1000001)' : 'seq_1_to_1000001'
    await admin(
      'alter table auth_user_groups rename to away',
      `create view auth_user_groups as select 1 as user_id, 0 as group_id from ${many}`,
    )
    await expect(directory.snapshot()).rejects.toThrow(/more than 1,000,000 memberships or links/)
    await admin('drop view auth_user_groups', 'alter table away rename to auth_user_groups')
    await admin('delete from auth_group where id = 3')
    await expect(directory.snapshot()).rejects.toThrow(/a group with the id 3/)
    await admin('alter table discord_discorduser rename column uid to snowflake')
    const failed = await directory.snapshot().catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(DirectoryUnreachable)
    await expect(directory.find(['1'])).rejects.toThrow(/discord_discorduser.uid/)
  })
})

withPostgres('little working memory', (place) => {
  it('counts who has access to Alliance Auth, however many have it by a group', async () => {
    const { admin, address } = place()
    await makeTables(place())
    await admin(
      "insert into django_content_type values (3, 'discord', 'discorduser')",
      "insert into auth_permission values (7, 3, 'access_discord')",
      "insert into auth_group values (1, 'Pilots')",
      'insert into auth_group_permissions values (1, 7)',
      `insert into auth_user select i, 'user ' || i, true, false, null from generate_series(1, ${CROWD}) i`,
      'insert into auth_user_groups select id, 1 from auth_user',
      'analyze',
      `alter database ${address.database} set work_mem = '64kB'`,
    )
    const { directory } = open(place(), CROWD)
    expect((await directory.find(['1'])).vitals).toMatchObject({ identities: CROWD, withAccess: CROWD })
  })
})

withMariaDb('tables of Alliance Auth that are left from a time before Unicode', (place) => {
  it('are read as the letters that they mean, and a change in them is noticed', async () => {
    const { admin } = place()
    await makeTables(place())
    const groups = [
      { name: 'Größe €', permitted: true },
      { name: 'größe €', permitted: false },
    ]
    const odd = { ...AUTH, groups, users: [user(1, { username: 'Zoë', groups: [0] }), user(2, { groups: [1] })] }
    await fill(place(), odd)
    const latin = (table: string, column: string) =>
      `alter table ${table} modify ${column} varchar(150) character set latin1 collate latin1_bin not null`
    await admin(latin('auth_user', 'username'), latin('auth_group', 'name'))
    const { directory, round } = open(place())
    const expected = expectedOf(odd)
    const { people, names } = await directory.snapshot()
    expect([byId(identitiesOf(people)), names.groups]).toEqual([expected, groups.map(({ name }) => name)])
    expect(byId((await directory.find([user(1).uid!])).claims.get(user(1).uid!)!)).toEqual(expected.slice(0, 1))
    await round()
    await admin("update auth_group set name = 'Grösse €' where id = 1")
    expect(await round()).toEqual(['all'])
  })
})

withMariaDb('a table of Alliance Auth that knows no transactions', (place) => {
  it('is refused by its name, for half of a change could be read of it, until it is converted', async () => {
    await makeTables(place())
    await fill(place(), AUTH)
    const { directory } = open(place())
    await place().admin('alter table auth_user_groups engine = MyISAM')
    await expect(directory.find(['1'])).rejects.toThrow(/without transactions: auth_user_groups \(MyISAM\)/)
    await place().admin('alter table auth_user_groups engine = InnoDB')
    expect((await directory.find(['1'])).claims.get('1')).toEqual([])
  })
})
