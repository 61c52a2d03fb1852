import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Guild } from '#src/sandbox/guild.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { anyPlace, cloneEngineFolder } from '../database.ts'
import { Program } from './program.ts'
import {
  addGuild,
  furnish,
  idOf,
  MODERATOR,
  OWNER,
  type Place,
  quickSandbox,
  say,
  shownBy,
  trailOf,
  untilLive,
} from './town.ts'

// The program itself, as an operator starts and stops it.

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

/** With these variables and no others; the data is where the place says. */
function program(place: Place, environment: Record<string, string>): Program {
  const started = new Program({ DATA_DIR: place.dataDir, ...environment })
  opened.push(() => started.clear())
  return started
}

/** On the server where there is one, which starts quicker. */
async function somewhere(): Promise<Place> {
  const { place, drop } = await anyPlace()
  opened.push(drop)
  return { ...place, dataDir: folder().dataDir }
}

function folder(): Place {
  const { folder: dataDir, remove } = cloneEngineFolder()
  opened.push(remove)
  return { dataDir }
}

interface Furnished {
  readonly sandbox: Sandbox
  readonly guild: Guild
  readonly place: Place
  readonly env: Record<string, string>
}

async function furnished(place: Place, open: () => Promise<Sandbox> = quickSandbox): Promise<Furnished> {
  const sandbox = await open()
  opened.push(() => sandbox.close())
  const guild = addGuild(sandbox)
  await furnish(place, guild)
  const url = place.url === undefined ? {} : { DATABASE_URL: place.url }
  return { sandbox, guild, place, env: { ...url, DISCORD_TOKEN: sandbox.token, DISCORD_API_URL: sandbox.url } }
}

test('without a token it says in a few lines how to get one, and how to see the demo', async () => {
  const bot = program(folder(), {})
  expect(await bot.ended).toBe(2)
  expect(bot.said.trim().split('\n').length).toBeLessThanOrEqual(5)
  expect(bot.said).toMatch(/DISCORD_TOKEN[\s\S]*npm run demo/)
})

test('every fault of the settings is told at once, and no secret is repeated', async () => {
  const bot = program(folder(), {
    DISCORD_TOKEN: 'abc def',
    DATABASE_URL: 'mysql://joe:hunter2@db/x',
    LOG_LEVEL: 'loud',
    SINK_WEBHOOK_URL: 'https://receiver.example',
    SINK_WEBHOOK_SECRET: 'whsec_hunter2',
  })
  expect(await bot.ended).toBe(2)
  for (const name of ['DISCORD_TOKEN', 'DATABASE_URL', 'LOG_LEVEL', 'SINK_WEBHOOK_SECRET'])
    expect(bot.said).toContain(name)
  expect(bot.said).not.toMatch(/hunter2|abc def/)
})

test('a webhook to a private address ends it with the setting that allows one', async () => {
  const { place, env } = await furnished(await somewhere())
  const SINK_WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const bot = program(place, { ...env, SINK_WEBHOOK_URL: 'https://10.0.0.1/hunter2', SINK_WEBHOOK_SECRET })
  expect(await bot.ended).toBe(2)
  expect(bot.said).toContain('unless SINK_ALLOW_PRIVATE=true says so')
  expect(bot.said).not.toMatch(/hunter2|10\.0\.0\.1|^ {4}at /m)
})

test('a wrong token ends it with a sentence that says where to get a new one', async () => {
  const { place, env } = await furnished(await somewhere())
  const bot = program(place, { ...env, DISCORD_TOKEN: 'not-the-token' })
  expect(await bot.ended).toBe(2)
  expect(bot.said).toContain('Reset Token')
  expect(bot.said).not.toMatch(/not-the-token|^ {4}at /m)
})

test('a missing intent ends it with a sentence that says what to switch on', async () => {
  const { place, env } = await furnished(await somewhere(), () => startSandbox({ rateScale: 0.02, privileged: [] }))
  const bot = program(place, env)
  expect(await bot.ended).toBe(2)
  expect(bot.said).toContain('Server Members Intent')
  expect(bot.said).not.toMatch(/^ {4}at /m)
})

test('a health port in use ends it with a sentence', async () => {
  const { place, env } = await furnished(await somewhere())
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  opened.push(() => other.close())
  const { port } = other.address() as { port: number }
  const bot = program(place, { ...env, HEALTH_PORT: String(port) })
  expect(await bot.ended).toBe(2)
  expect(bot.said).toMatch(new RegExp(`Port ${port} .* in use`))
})

test('a second bot on one data folder is refused, and the first goes on', { timeout: 90_000 }, async () => {
  const { guild, place, env } = await furnished(folder())
  const first = program(place, env)
  await first.connected()
  await untilLive(guild)
  const second = program(place, env)
  expect(await second.ended).toBe(2)
  expect(second.said).toMatch(/in use|another/i)
  expect(second.said).not.toMatch(/^ {4}at /m)
  expect(shownBy(await say(guild, MODERATOR, 'audit run')).title).toBe('2 members out of order')
  expect(await first.end('SIGTERM')).toBe(0)
})

/** A run that takes roles, and stands before Discord's door with the first. */
async function inTheMiddle(): Promise<Furnished & { readonly bot: Program; open(): void }> {
  const town = await furnished(await somewhere())
  const { sandbox, guild, place, env } = town
  for (const index of [1]) guild.give(idOf(`other${index}`), 'Pilots')
  const bot = program(place, env)
  await bot.connected()
  await untilLive(guild)
  const { runId } = shownBy(await say(guild, OWNER, 'audit run'))
  await say(guild, OWNER, 'acknowledge first-run', { run: runId! })
  const door = stallRemovals(sandbox)
  opened.push(() => door.open())
  await guild.command({ as: idOf(MODERATOR), command: 'audit run', options: { action: 'strip' } })
  await door.reached
  return { ...town, bot, open: () => door.open() }
}

test.each([
  ['asked to stop while it acts, it finishes the act in hand, and the run is interrupted', ['SIGTERM']],
  // npm passes on what the terminal, or whoever watches over services, has sent to the bot already.
  ['a stop that npm passes on once more is still one stop, and the act in hand is finished', ['SIGINT', 'SIGINT']],
] as const)('%s', { timeout: 90_000 }, async (_, signals) => {
  const { bot, open, place, guild } = await inTheMiddle()
  for (const signal of signals) bot.child.kill(signal)
  await bot.says('stopping')
  bot.child.kill(signals[0])
  open()
  expect(await bot.ended).toBe(0)
  const lines = await trailOf(place, guild.id)
  const intended = lines.filter(({ type }) => type === 'action.intended')
  expect(intended.length).toBeGreaterThan(0)
  expect(lines.filter(({ type }) => type === 'action.settled')).toHaveLength(intended.length)
})

test('whoever presses Ctrl-C again and again gets out at once', { timeout: 90_000 }, async () => {
  const { bot } = await inTheMiddle()
  const pressing = setInterval(() => bot.child.kill('SIGINT'), 300)
  expect(await bot.ended).toBe(130)
  clearInterval(pressing)
})

test('killed in the middle of a run, it starts again, calls the run interrupted, and can run anew', {
  timeout: 90_000,
}, async () => {
  const { sandbox, guild, place, env } = await furnished(folder())
  const bot = program(place, env)
  await bot.connected()
  await untilLive(guild)
  const { runId } = shownBy(await say(guild, OWNER, 'audit run'))
  await say(guild, OWNER, 'acknowledge first-run', { run: runId! })
  const door = stallRemovals(sandbox)
  await guild.command({ as: idOf(MODERATOR), command: 'audit run', options: { action: 'strip' } })
  await door.reached
  await bot.end('SIGKILL')
  door.open()
  const again = program(place, env)
  await again.connected()
  expect(again.said).toContain('it is now interrupted')
  await untilLive(guild)
  expect(shownBy(await say(guild, OWNER, 'audit run', { action: 'strip' })).title).toMatch(
    /role changes? made|in order/,
  )
  expect(guild.holds(idOf('bob'), 'Directors')).toBe(false)
  expect(await again.end('SIGTERM')).toBe(0)
  const lines = await trailOf(place, guild.id)
  const open =
    lines.filter(({ type }) => type === 'action.intended').length -
    lines.filter(({ type }) => type === 'action.settled').length
  expect(open).toBe(0)
})

/** From now on every removal waits at Discord's door until it is opened; `reached` resolves with the first that came. */
function stallRemovals(sandbox: Sandbox): { readonly reached: Promise<void>; open(): void } {
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  const open = sandbox.faults.stall(({ method, route }) => {
    const removal = method === 'DELETE' && route.includes('/roles/')
    if (removal) resolve()
    return removal
  })
  return { reached, open }
}
