import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startSandbox } from '#src/sandbox/sandbox.ts'
import { addGuild } from '../bot/town.ts'
import { anyPlace } from '../database.ts'
import { Typed } from './counter.ts'

// `rolecall doctor` where no bot can be asked: everything that a bot needs, each by itself, and not only the first that is amiss.

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

const SECRET = 'hunter2-and-more'
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

async function doctor(environment: Readonly<Record<string, string>>) {
  const typed = new Typed(['doctor'], environment)
  const code = await typed.ended
  expect(typed.err + typed.out).not.toContain(SECRET)
  return { code, out: oneLine(typed.out) }
}

async function somewhere(): Promise<Readonly<Record<string, string>>> {
  const { place, drop } = await anyPlace()
  opened.push(drop)
  return place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }
}

async function discord(options: Parameters<typeof startSandbox>[0] = {}) {
  const sandbox = await startSandbox({ rateScale: 0.02, ...options })
  opened.push(() => sandbox.close())
  return { sandbox, env: { DISCORD_API_URL: sandbox.url, DISCORD_TOKEN: sandbox.token } }
}

test('names a dead database and a missing token in one answer', async () => {
  const { code, out } = await doctor({ DATABASE_URL: `postgres://postgres:${SECRET}@127.0.0.1:9/rolecall` })
  expect(code).toBe(2)
  expect(out).toContain('The bot could not be asked: 2 things to mend')
  expect(out).toContain('✗ The database does not answer')
  expect(out).toContain('✗ There is no DISCORD_TOKEN')
  expect(out).toContain('! The identity source could not be looked at without the database')
})

test('names an intent that is off, a server that is missing and a source that does not answer', async () => {
  const { env } = await discord({ privileged: [] })
  const source = { IDENTITY_SOURCE: 'view', IDENTITY_URL: `postgres://postgres:${SECRET}@127.0.0.1:9/people` }
  const { code, out } = await doctor({ ...(await somewhere()), ...env, ...source })
  expect(code).toBe(2)
  expect(out).toContain('3 things to mend')
  expect(out).toContain('✗ The identity source `view` does not answer')
  expect(out).toContain('✗ Discord does not let this bot see the members of a server.')
  expect(out).toContain('✗ The bot is in no server.')
  expect(out).toContain('✓ Discord accepts the token.')
})

test('where a bot that could start was never started, says so, and that all the rest is well', async () => {
  const { sandbox, env } = await discord()
  addGuild(sandbox)
  const { code, out } = await doctor({ ...(await somewhere()), ...env })
  expect(code).toBe(2)
  expect(out).toContain('The bot could not be asked: 1 thing to look at')
  expect(out).toContain('! The bot has not been at work on this database yet')
  for (const well of ['accepts the token', 'may see the members of servers', 'is in 1 server', 'can be used'])
    expect(out).toMatch(new RegExp(`✓ [^✓✗!]*${well}`))
})

test('names a source by which nobody would be acted on, though it answers', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'doctor-')), 'people.json')
  opened.push(() => rmSync(dirname(file), { recursive: true }))
  const ann = { id: '1', username: 'ann', active: true, superuser: false, access: false, state: null, groups: [] }
  const names = { groups: ['Pilots'], states: [], reservedNames: [] }
  writeFileSync(
    file,
    JSON.stringify({ format: 'rolecall-identity/1', ...names, identities: [{ ...ann, discordIds: ['11'] }] }),
  )
  const { code, out } = await doctor({
    ...(await somewhere()),
    IDENTITY_SOURCE: 'snapshot',
    IDENTITY_FILE: file,
  })
  expect(code).toBe(2)
  expect(out).toContain('✗ The identity source `snapshot` fails its health check (nobody in it has access): 1 person')
})

test('says that Discord refuses a token, and never the token', async () => {
  const { env } = await discord()
  const { code, out } = await doctor({ ...(await somewhere()), ...env, DISCORD_TOKEN: SECRET })
  expect([code, out.match(/✗/g)?.length]).toEqual([2, 1])
  expect(out).toContain('✗ Discord does not accept the bot token.')
})

test('says of each webhook for summaries where it posts, or why not, and shows no address', async () => {
  const { sandbox, env } = await discord()
  const guild = addGuild(sandbox)
  const { url } = sandbox.addWebhook(guild, 'staff', 'summaries')
  const gone = url.replace(/[^/]+$/, SECRET.padEnd(60, '-'))
  const { out } = await doctor({ ...env, SUMMARY_WEBHOOKS: `${guild.id}=${url},200000000000000001=${gone}` })
  expect(out).toContain(`✓ The summaries of server ${guild.id} go to #${guild.channel('staff').id}`)
  expect(out).toContain(
    '✗ The summaries of server 200000000000000001 cannot be posted. Discord does not accept the end of',
  )
  expect(out).not.toContain(url.split('/').at(-1))
})
