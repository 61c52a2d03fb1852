import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { readConfig } from '#src/config.ts'
import { allianceAuth } from '#src/identity/alliance-auth/questions.ts'
import { DatabaseDirectory } from '#src/identity/database.ts'
import { openAt, type Place, withEach } from '../server/servers.ts'
import { fill, makeTables } from './fixture.ts'

// The quick start of the page and of the README, statement by statement as they are written there.

const textOf = (path: string) => readFileSync(join(import.meta.dirname, '../../..', path), 'utf8')
const PAGE = textOf('docs/alliance-auth.md')
const README = textOf('README.md')

function block(text: string, head: string): string {
  const found = new RegExp(`^\`\`\`${head}\n(.*?)^\`\`\`$`, 'ms').exec(text)?.[1]
  if (found === undefined) throw new Error(`There is no ${head}.`)
  return found
}

const USERS = [
  {
    id: 1,
    username: 'ann',
    permitted: true,
    superuser: false,
    active: true,
    groups: [0],
    state: 0,
    uid: '9007199254740993',
  },
  { id: 2, username: 'bob', permitted: false, superuser: true, active: false, groups: [], state: null, uid: null },
]

/** The user and the database of the page, by names of this test's own: users belong to the whole server. */
const userOf = ({ address }: Place): string => `${address.database}_r`.slice(0, 32)
const named = (place: Place, sql: string): readonly string[] =>
  sql
    .replaceAll(/\brolecall\b/g, userOf(place))
    .replaceAll('alliance_auth.', `${place.address.database}.`)
    .split(/(?<=;)\n/)
    .filter((statement) => statement.trim() !== '')

/** The page says that the columns that are read will do for the table of users. */
function onlyColumns(place: Place): readonly string[] {
  const columns = 'id, username, is_active, is_superuser'
  const user = userOf(place)
  if (place.dialect === 'postgres')
    return [`revoke select on auth_user from ${user}`, `grant select (${columns}) on auth_user to ${user}`]
  return [
    `revoke select on ${place.address.database}.* from ${user}@'%'`,
    ...TABLES.map((table) => `grant select on ${table} to ${user}@'%'`),
    `grant select (${columns}) on auth_user to ${user}@'%'`,
  ]
}

const TABLES = block(PAGE, 'sql postgres')
  .match(/\b(?:auth|authentication|django|eveonline|discord|groupmanagement)_\w+/g)!
  .filter((table) => table !== 'auth_user')

withEach('the quick start for Alliance Auth', (place, dialect) => {
  it('ends with people who can be judged, read by a user who may do nothing else', async () => {
    const { admin, address } = place()
    if (dialect === 'postgres')
      await admin(`alter default privileges in schema public revoke select on tables from ${address.user}`)
    await makeTables(place())
    const group = { name: 'Pilots', permitted: false }
    await fill(place(), { groups: [group], states: [{ name: 'Member', permitted: false }], reserved: [], users: USERS })
    await admin(...named(place(), block(PAGE, dialect === 'postgres' ? 'sql postgres' : 'sql mariadb')))
    const gone =
      dialect === 'postgres'
        ? [`drop owned by ${userOf(place())}`, `drop role ${userOf(place())}`]
        : [`drop user ${userOf(place())}@'%'`]
    onTestFinished(async () => void (await admin(...gone)))
    const { identity } = readConfig(parseEnv(block(PAGE, 'ini env')))
    if (identity.source !== 'alliance-auth') return expect.unreachable('The page sets another source.')
    const { host, port, database } = address
    const server = openAt({ ...identity.address, dialect, host, port, database, user: userOf(place()) })
    onTestFinished(() => server.close())
    const directory = new DatabaseDirectory({
      server,
      questions: allianceAuth,
      feed: () => () => {},
      pollMs: 1_000,
      isHeard: () => false,
      most: 10,
      now: Date.now,
    })
    await admin(...onlyColumns(place()))
    const { vitals, names } = await directory.snapshot()
    expect([vitals.identities, vitals.withAccess, vitals.linked, names.groups]).toEqual([2, 1, 1, ['Pilots']])
    expect((await directory.find(['9007199254740993'])).claims.get('9007199254740993')).toMatchObject([
      { username: 'ann' },
    ])
  })
})

it('the README shows the same statements and settings as the page', () => {
  expect(block(README, 'sql')).toBe(block(PAGE, 'sql mariadb'))
  expect(block(README, 'ini')).toBe(block(PAGE, 'ini env'))
})
