import { afterEach, expect, test } from 'vitest'
import type { Bot } from '#src/bot/start.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'
import { anyPlace } from '../database.ts'
import {
  addGuild,
  configOf,
  furnish,
  idOf,
  MODERATOR,
  OWNER,
  type Place,
  people,
  quickSandbox,
  say,
  shownBy,
  start,
  store,
  trailOf,
  untilLive,
} from './town.ts'

// What an operator fears, each through the whole bot: nobody loses what they have a right to, and nothing is said that was not seen.

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

interface Town {
  readonly sandbox: Sandbox
  readonly place: Place
  readonly guild: ReturnType<typeof addGuild>
  readonly bot: Bot
}

/** A bot in a furnished guild, its first-run lock lifted unless it is to hold. */
async function town({
  lifted = true,
  before = () => {},
}: {
  lifted?: boolean
  before?: (guild: Town['guild']) => void
} = {}): Promise<Town> {
  const sandbox = await quickSandbox()
  opened.push(() => sandbox.close())
  const guild = addGuild(sandbox)
  before(guild)
  const { place, drop } = await anyPlace()
  opened.push(drop)
  await furnish(place, guild)
  const bot = await start(configOf(sandbox, place))
  opened.push(() => bot.stop())
  await untilLive(guild)
  if (lifted) await lift(guild)
  return { sandbox, place, guild, bot }
}

async function lift(guild: Town['guild']): Promise<void> {
  const { runId } = shownBy(await say(guild, OWNER, 'audit run'))
  await say(guild, OWNER, 'acknowledge first-run', { run: runId! })
}

const strip = async (guild: Town['guild']) => shownBy(await say(guild, MODERATOR, 'audit run', { action: 'strip' }))

test('an interaction that comes twice is one run', async () => {
  const { guild } = await town()
  const interaction = await guild.command({
    as: idOf(MODERATOR),
    command: 'audit run',
    options: { action: 'strip' },
    twice: true,
  })
  await interaction.until((one) => one.current()?.embeds[0]?.title === '2 members out of order, 2 role changes made')
  const status = shownBy(await say(guild, MODERATOR, 'audit status'))
  expect(status.whole.match(/strip · completed/g)).toHaveLength(1)
})

test('an identity source that was emptied takes nothing from anybody', async () => {
  const { guild, place, sandbox, bot } = await town()
  await bot.stop()
  await store(place, guild, { ...people, identities: [] })
  const again = await start(configOf(sandbox, place))
  opened.push(() => again.stop())
  await untilLive(guild)
  const shown = await strip(guild)
  expect(shown.title).toBe('The identity source failed its health check')
  expect(shown.text).toMatch(/Nothing was changed[\s\S]*it holds nobody/)
  expect(guild.holds(idOf('bob'), 'Directors')).toBe(true)
})

test('a plan over the blast radius waits and takes nothing', async () => {
  const { guild } = await town({
    before: (one) => {
      for (const index of [1, 2, 3, 4, 5]) one.give(idOf(`other${index}`), 'Pilots')
    },
  })
  const shown = await strip(guild)
  expect(shown.title).toBe('The plan is too large and waits')
  expect(shown.text).toMatch(/7 members, but at most 3 of 35/)
  expect(guild.holds(idOf('bob'), 'Directors')).toBe(true)
})

test('a bot whose role is too low takes what it can and names what it cannot', async () => {
  const { guild } = await town({ before: (one) => one.moveRole('Directors', 40) })
  const shown = await strip(guild)
  expect(shown.whole).toContain('ranks at or above the bot’s own')
  expect(guild.holds(idOf('bob'), 'Directors')).toBe(true)
  expect(guild.holds(idOf('eve'), 'Pilots')).toBe(false)
})

test('a bot without Manage Roles says what to click, and that nothing was done', async () => {
  const { guild } = await town({
    before: (one) => one.editRole(one.botRoleId, { permissions: ['VIEW_AUDIT_LOG'] }),
  })
  expect(shownBy(await say(guild, MODERATOR, 'audit status')).whole).toContain('lacks the permission Manage Roles')
  const shown = await strip(guild)
  expect(shown.text).toContain('Nothing was changed')
  expect(shown.whole).toContain('refused by Discord')
  expect(guild.holds(idOf('bob'), 'Directors')).toBe(true)
})

test('a removal that Discord answers with 500 for ever is never called done', async () => {
  const { guild, sandbox } = await town()
  sandbox.faults.serverErrors(1_000, 500, { route: 'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}' })
  const shown = await strip(guild)
  expect(shown.text).toContain('Nothing was changed')
  expect(guild.holds(idOf('bob'), 'Directors')).toBe(true)
})

test('a role given while the session was lost becomes a finding when the list is read again', {
  timeout: 60_000,
}, async () => {
  const { guild, sandbox, bot, place } = await town()
  guild.give(idOf('other7'), 'Directors', { silent: true })
  sandbox.faults.freshSession()
  await sandbox.until(() => sandbox.gateway.count('members asked') >= 2, 'the list being asked for again', 25_000)
  await untilLive(guild)
  await bot.stop()
  const lines = await trailOf(place, guild.id)
  expect(
    lines.filter(({ type, subject }) => type === 'finding.seen' && subject === `member:${idOf('other7')}`),
  ).toMatchObject([{ data: { seenBy: 'refill' } }])
})

test('the sixth run of a person within a day is refused, and says when the next is free', async () => {
  const { guild } = await town({ lifted: false })
  for (let run = 1; run <= 5; run += 1) await say(guild, MODERATOR, 'audit run')
  const refused = shownBy(await say(guild, MODERATOR, 'audit run'))
  expect(refused.text).toMatch(/started 5 of the 5 runs.*next is free <t:\d+:R>/s)
  expect(shownBy(await say(guild, OWNER, 'audit run')).title).toBe('2 members out of order')
})

test('a member without Manage Roles is refused although Discord let the command through', async () => {
  const { guild } = await town()
  const interaction = await guild.command({
    as: idOf('eve'),
    command: 'audit run',
    options: { action: 'strip' },
    force: true,
  })
  await interaction.until((one) => one.current()?.embeds.length === 1)
  expect(shownBy(interaction).text).toContain('needs the permission "Manage Roles"')
  expect(guild.holds(idOf('bob'), 'Directors')).toBe(true)
})

test('a moderator cannot lift the first-run lock, even where the server lets them see the command', async () => {
  const { guild } = await town({ lifted: false })
  const { runId } = shownBy(await say(guild, OWNER, 'audit run'))
  const interaction = await guild.command({
    as: idOf(MODERATOR),
    command: 'acknowledge first-run',
    options: { run: runId! },
    force: true,
  })
  await interaction.until((one) => one.current()?.embeds.length === 1)
  expect(shownBy(interaction).text).toContain('needs the permission "Administrator"')
  expect((await strip(guild)).text).toContain('Nothing was changed')
})

test.each([
  ['a report of one member', { member: idOf('bob') }],
  ['a report of one role', { role: 'Directors' }],
  ['a run that was to take roles', { action: 'strip' }],
])('the first-run lock is not lifted by %s, and nothing is armed before it is', async (_what, options) => {
  const { guild } = await town({ lifted: false })
  await say(guild, OWNER, 'audit run')
  const narrowed = 'role' in options ? { role: guild.role(options.role).id } : options
  const { runId } = shownBy(await say(guild, OWNER, 'audit run', narrowed))
  const refused = shownBy(await say(guild, OWNER, 'acknowledge first-run', { run: runId! }))
  expect([refused.title, refused.text]).toEqual(['Not done', expect.stringContaining('cannot lift the first-run lock')])
  expect(shownBy(await say(guild, OWNER, 'arm realtime')).title).toBe('Not done')
  expect((await strip(guild)).text).toContain('Nothing was changed')
})

test('two guilds in one process know nothing of each other', async () => {
  const { guild, sandbox } = await town()
  const other = addGuild(sandbox, 'Another')
  await untilLive(other)
  const { runId } = shownBy(await say(other, OWNER, 'audit run'))
  expect(shownBy(await say(guild, OWNER, 'audit findings', { run: runId! })).text).toContain('This server has no run')
  const shown = shownBy(await say(other, OWNER, 'audit run', { action: 'strip' }))
  // The other guild has no people of its own, so its source was never sound; and its lock holds, whatever was lifted elsewhere.
  expect(shown.text).toContain('Make a report first')
  expect(other.holds(idOf('bob'), 'Directors')).toBe(true)
})
