import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bot } from '#src/bot/start.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'
import { cloneEngineFolder, withServer } from '../database.ts'
import { checkExchange } from '../sandbox/spec.ts'
import {
  addGuild,
  configOf,
  furnish,
  idOf,
  type Line,
  MODERATOR,
  OWNER,
  type Place,
  quickSandbox,
  say,
  shownBy,
  start,
  trailOf,
  untilLive,
} from './town.ts'

/** The story of a guild from its first report to a hand-given role, told once on each engine. */
function story(place: () => Place): void {
  let sandbox: Sandbox
  let guild: Guild
  let bot: Bot
  let report: string
  const breaches: string[] = []
  beforeAll(async () => {
    sandbox = await quickSandbox()
    sandbox.onExchange((exchange) => breaches.push(...checkExchange(exchange)))
    guild = addGuild(sandbox)
    await furnish(place(), guild)
    bot = await start(configOf(sandbox, place()))
    await untilLive(guild)
  })
  afterAll(async () => {
    await bot?.stop()
    await sandbox?.close()
  })

  const writes = () => sandbox.requests.all.filter(({ method, path }) => method !== 'GET' && path.includes('/members/'))

  test('a report finds who is out of order and changes nothing', async () => {
    const shown = shownBy(await say(guild, MODERATOR, 'audit run'))
    expect(shown.title).toBe('2 members out of order')
    expect(shown.text).toContain('nothing was changed')
    expect(writes()).toEqual([])
    report = shown.runId!
  })

  test('the findings name them, by what they hold', async () => {
    const shown = shownBy(await say(guild, MODERATOR, 'audit findings', { run: report }))
    for (const name of ['bob', 'eve']) expect(shown.text).toContain(`<@${idOf(name)}>`)
    expect(shown.text).not.toContain(`<@${idOf('ann')}>`)
    expect(shown.text).toContain(`<@&${guild.role('Directors').id}>`)
  })

  test('before the first-run lock is lifted a strip takes nothing and says so', async () => {
    const shown = shownBy(await say(guild, MODERATOR, 'audit run', { action: 'strip' }))
    expect(shown.text).toContain('Nothing was changed')
    expect(shown.whole).toContain('the first-run lock')
    expect(writes()).toEqual([])
  })

  test('the owner lifts the lock by the report', async () => {
    const shown = shownBy(await say(guild, OWNER, 'acknowledge first-run', { run: report }))
    expect(shown.title).toBe('The first-run lock is lifted')
  })

  test('then a strip takes exactly what was not earned, one request a role', async () => {
    const shown = shownBy(await say(guild, MODERATOR, 'audit run', { action: 'strip', reason: 'Friday' }))
    expect(shown.title).toBe('2 members out of order, 2 role changes made')
    expect(guild.holds(idOf('bob'), 'Directors')).toBe(false)
    expect(guild.holds(idOf('eve'), 'Pilots')).toBe(false)
    expect(guild.holds(idOf('ann'), 'Pilots')).toBe(true)
    expect(writes().map(({ method }) => method)).toEqual(['DELETE', 'DELETE'])
  })

  test('a run without drift sends nothing that changes anything', async () => {
    const before = writes().length
    const shown = shownBy(await say(guild, OWNER, 'audit run', { action: 'strip' }))
    expect(shown.title).toBe('Everybody is in order')
    expect(writes()).toHaveLength(before)
  })

  test('a hand-given role is explained at once', async () => {
    guild.give(idOf('ann'), 'Directors', { by: idOf(MODERATOR) })
    const interaction = await say(guild, MODERATOR, 'explain', { member: idOf('ann') })
    const shown = shownBy(interaction)
    expect(shown.title).toBe('Out of order: holds roles that were not earned')
    expect(shown.whole).toContain('▸ role_drift')
    expect(shown.whole).toContain('If they were in group Directors')
    expect(interaction.current()?.mentions).toEqual({ members: [], roles: [], everyone: false })
  })

  test('each request of the bot and each answer to it is as Discord describes them', () => {
    expect(sandbox.requests.total).toBeGreaterThan(40)
    expect(breaches).toEqual([])
  })

  test('the trail holds each act, its intent before its outcome, and the hand-given role', async () => {
    await bot.stop()
    const lines = await trailOf(place(), guild.id)
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1))
    const acts = lines.filter(({ type }) => type.startsWith('action.')).map(({ type, subject }) => `${type} ${subject}`)
    for (const name of ['bob', 'eve']) {
      const member = `member:${idOf(name)}`
      expect(acts.filter((act) => act.endsWith(member))).toEqual([
        `action.intended ${member}`,
        `action.settled ${member}`,
      ])
    }
    expect(lines.filter(seenOf('ann'))).toMatchObject([
      { actor: 'system:realtime', data: { category: 'role_drift', gates: ['unattended_not_armed'] } },
    ])
    expect(lines.filter(({ type }) => type === 'invocation.accepted').length).toBeGreaterThan(5)
  })
}

const seenOf =
  (name: string) =>
  ({ type, subject }: Line) =>
    type === 'finding.seen' && subject === `member:${idOf(name)}`

describe('the story of a guild, on the embedded engine', () => {
  const { folder, remove } = cloneEngineFolder()
  afterAll(remove)
  story(() => ({ dataDir: folder }))
})

withServer('the story of a guild, on a server', (url) => {
  const { folder, remove } = cloneEngineFolder()
  afterAll(remove)
  story(() => ({ url: url(), dataDir: folder }))
})
