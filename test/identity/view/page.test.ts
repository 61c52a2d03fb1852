import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { readConfig } from '#src/config.ts'
import { planOf } from '#src/console/replay.ts'
import type { DirectoryNames } from '#src/core/directory.ts'
import { identitiesOf, type PeopleColumns } from '#src/core/people.ts'
import { earOf } from '#src/identity/changes/listening.ts'
import { DatabaseDirectory } from '#src/identity/database.ts'
import { ViewQuestions } from '#src/identity/view/questions.ts'
import type { Changed } from '#src/identity/watchers.ts'
import { readSnapshot } from '#src/snapshot/read.ts'
import { openAt, type Place, withPostgres } from '../server/servers.ts'
import { refusal } from './opened.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/identity.md'), 'utf8')

function block(kind: string, name: string): string {
  const text = new RegExp(`^\`\`\`${kind} ${name}\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1]
  if (text === undefined) throw new Error(`The page shows no ${name}.`)
  return text
}

const MEMBERS = `
  insert into members values (1, 'Ann', 'full', current_date + 30, 9007199254740993), (2, 'Bob', 'trial', null, 22),
    (3, 'Cy', 'former', current_date + 30, 33), (4, 'Dee', 'full', current_date + 1, null);
  insert into teams values ('Climbing'), ('Chess');
  insert into team_members values (1, 'Climbing'), (3, 'Climbing');`

/** The people in a server where the team's name is that of a role. */
function snapshotOf(
  people: PeopleColumns,
  names: DirectoryNames,
  members: Readonly<Record<string, readonly string[]>>,
) {
  const identities = [...identitiesOf(people)].map(
    ({ id, username, active, superuser, access, state, groups, discordIds }) => ({
      ...{ id, username, active, superuser, access, state, groups, discordIds },
    }),
  )
  return JSON.stringify({
    ...{ format: 'rolecall-snapshot/1', takenAt: '2026-11-22T12:00:00.000Z' },
    guild: {
      ...{ id: '1000', name: 'Example', ownerId: '1', botUserId: '2' },
      roles: ['@everyone', 'Climbing', 'rolecall'].map((name, position) => ({
        ...{ id: `${1_000 + position}`, name, position },
        managed: name === 'rolecall',
      })),
      members: Object.entries(members).map(([id, roles]) => ({
        user: { id, username: id, bot: id === '2' },
        ...{ nick: null, roles, joined_at: '2026-01-01T00:00:00Z' },
      })),
    },
    identity: { ...names, identities },
  })
}

/** The user of the page, by a name of this database's own: users belong to the whole server. */
const userOf = ({ address }: Place): string => `${address.database}_reader`

async function readerOf(place: Place) {
  const { identity } = readConfig({ DISCORD_TOKEN: 'token', ...parseEnv(block('ini', 'env')) })
  if (identity.source !== 'view') return expect.unreachable('The page sets another source.')
  const { host, port, database } = place.address
  const server = openAt({ ...identity.address, host, port, database, user: userOf(place) })
  onTestFinished(() => server.close())
  const ear = earOf(server)!
  const { feed } = ear
  return new DatabaseDirectory({
    ...{ server, questions: new ViewQuestions(), feed, pollMs: 1_000 },
    ...{ isHeard: () => ear.isOpen, most: 10, now: Date.now },
  })
}

withPostgres('the page that says how three views are made', (place) => {
  beforeAll(async () => {
    const { admin, address } = place()
    const user = userOf(place())
    await admin(`alter default privileges in schema public revoke select on tables from ${address.user}`)
    await admin(block('sql', 'club'), MEMBERS, block('sql', 'views'))
    await admin(block('sql', 'rights').replaceAll('rolecall ', `${user} `).replaceAll('to rolecall;', `to ${user};`))
  })
  afterAll(() => place().admin(`drop owned by ${userOf(place())}`, `drop role ${userOf(place())}`))

  it('leads from a table of members to people who can be judged', async () => {
    const { people, names, vitals } = await (await readerOf(place())).snapshot()
    const told = [...identitiesOf(people)].map((one) => [one.id, one.active, one.access, one.state, one.discordIds])
    expect(told).toEqual([
      ['1', true, true, 'full', ['9007199254740993']],
      ['2', true, false, 'trial', ['22']],
      ['3', false, true, 'former', ['33']],
      ['4', true, true, 'full', []],
    ])
    expect(names.groups.toSorted()).toEqual(['Chess', 'Climbing'])
    expect(names.states.toSorted()).toEqual(['former', 'full', 'trial'])
    expect(vitals).toMatchObject({ identities: 4, withAccess: 2, linked: 3 })
  })

  it('lets its owner see the same beforehand', async () => {
    const { admin } = place()
    const [who, teams] = block('sql', 'look').split(/(?<=;)\n/)
    expect((await admin(who!)).map(({ username }) => username)).toEqual(['Ann', 'Dee'])
    const counts = (await admin(teams!)).map(({ group_name, count }) => `${group_name} ${count}`)
    expect(counts).toEqual(['Chess 0', 'Climbing 2'])
  })

  it('leads to a first audit that finds who holds what the club does not give', async () => {
    const { people, names } = await (await readerOf(place())).snapshot()
    const members = { '9007199254740993': [], '22': [], '33': ['1001'], '44': ['1001'], '2': [] }
    const { findings } = planOf(readSnapshot(snapshotOf(people, names, members)).snapshot)
    expect(findings.map(({ memberId, category, effectiveAction }) => [memberId, category, effectiveAction])).toEqual([
      ['22', 'linked_no_perm', 'report'],
      ['33', 'linked_no_perm', 'report'],
      ['44', 'unknown_guest', 'report'],
      ['9007199254740993', 'missing_roles', 'report'],
    ])
    expect(findings.map(({ excessRoles }) => excessRoles)).toEqual([[], ['1001'], ['1001'], []])
  })

  it('opens nothing but the views, and what is not granted any more is named', async () => {
    const { admin } = place()
    const user = userOf(place())
    const open = await admin(`select has_table_privilege('${user}', 'members', 'select') as open`)
    expect(open).toEqual([{ open: false }])
    const directory = await readerOf(place())
    await directory.find(['22'])
    await admin(`revoke select on rolecall_links from ${user}`)
    expect(await refusal(directory.find(['22']))).toMatch('may not read rolecall_links')
    expect(await refusal(directory.find(['22']))).toMatch('rolecall_links cannot be found or may not be read')
    await admin(`grant select on rolecall_links to ${user}`)
    expect((await directory.find(['22'])).claims.get('22')).toHaveLength(1)
  })

  it('has a trigger that tells at once who has changed', async () => {
    const { admin } = place()
    await admin(block('sql', 'notices'))
    const heard: Changed[] = []
    const server = openAt(place().address)
    onTestFinished(() => server.close())
    onTestFinished(earOf(server)!.feed((changed) => heard.push(changed)))
    // It listens as soon as a first notice comes through.
    await vi.waitUntil(async () => {
      await admin("update members set standing = 'full' where number = 2")
      return heard.length > 0
    })
    expect(heard[0]).toEqual(['22'])
  })
})
