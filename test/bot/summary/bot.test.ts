import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bot } from '#src/bot/start.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { openCheckpoint } from '#src/trail/checkpoint.ts'
import { openKey } from '#src/trail/key.ts'
import { cloneEngineFolder } from '../../database.ts'
import { HOUR, SetClock } from '../hosted.ts'
import {
  addGuild,
  configOf,
  furnish,
  idOf,
  MODERATOR,
  OWNER,
  type Place,
  quickSandbox,
  say,
  shownBy,
  start,
  trailOf,
  untilLive,
  withBook,
} from '../town.ts'

// A whole bot whose summaries go by webhook to the channel of its notices, in one server; the webhook of another was deleted.

let sandbox: Sandbox
let guild: Guild
let other: Guild
let place: Place
let bot: Bot
let url: string
const logged: string[] = []
const clock = new SetClock()
const { folder, remove } = cloneEngineFolder()

beforeAll(async () => {
  sandbox = await quickSandbox()
  guild = addGuild(sandbox)
  other = addGuild(sandbox, 'Other')
  place = { dataDir: folder }
  for (const one of [guild, other]) await furnish(place, one)
  const { url: address } = sandbox.addWebhook(guild, 'staff', 'summaries')
  url = address
  const gone = sandbox.addWebhook(other, 'staff', 'gone')
  sandbox.removeWebhook(gone.id)
  const more = { SUMMARY_WEBHOOKS: `${guild.id}=${url}, ${other.id}=${gone.url}` }
  const config = configOf(sandbox, place, more)
  // What the bot hides nowhere else may not be hidden by its log either.
  const log = makeLog({ level: 'debug', secrets: [], destination: { write: (line: string) => void logged.push(line) } })
  bot = await start(config, { clock }, log)
  for (const one of [guild, other]) await untilLive(one)
  await say(guild, OWNER, 'notices channel', { channel: guild.channel('staff').id })
})

afterAll(async () => {
  await bot?.stop()
  await sandbox?.close()
  remove()
})

const posts = () => sandbox.channels.in(guild.channel('staff').id)
const byWebhook = () => posts().filter(({ terms }) => terms.author.webhook)
const titles = () => byWebhook().map(({ seen }) => (seen.embeds[0] as { title: string }).title)
const untilTitled = (title: string) => sandbox.until(() => titles().includes(title), `a summary “${title}”`)

describe('a server with a webhook for summaries', () => {
  it('is told of each run in one message, with who asked for it and what was found', async () => {
    const { runId } = shownBy(await say(guild, MODERATOR, 'audit run'))
    await untilTitled('Audit: 2 members out of order')
    const [post] = byWebhook()
    const whole = JSON.stringify(post!.seen)
    for (const words of [`by <@${idOf(MODERATOR)}>`, '`report`', `run ${runId}`]) expect(whole).toContain(words)
    expect(post!.seen.mentions).toEqual({ members: [], roles: [], everyone: false })
    await say(guild, OWNER, 'acknowledge first-run', { run: runId! })
    await say(guild, MODERATOR, 'audit run', { action: 'strip' })
    await untilTitled('Audit: 2 members out of order, 2 role changes made')
    expect(titles()).toHaveLength(2)
  })

  it('is told of a stop once, by the webhook alone, where the bot’s notices go to the same channel', async () => {
    await say(guild, OWNER, 'stop')
    await untilTitled('Everything was stopped')
    const same = posts().filter(({ seen }) => JSON.stringify(seen).includes('Everything was stopped'))
    expect(same.map(({ terms }) => terms.author.webhook?.name)).toEqual(['summaries'])
  })

  it('whose webhook was deleted misses nothing for good, and holds up nobody', async () => {
    await say(other, MODERATOR, 'audit run')
    await say(guild, MODERATOR, 'audit run')
    await sandbox.until(() => titles().length === 4, 'a summary of the other run')
    expect(sandbox.channels.in(other.channel('staff').id)).toEqual([])
  })

  it('is told by /doctor whether the webhook works', async () => {
    expect(shownBy(await say(guild, OWNER, 'doctor')).text).toContain('Summaries go to <#')
    expect(shownBy(await say(other, OWNER, 'doctor')).text).toContain(
      'Summaries cannot be posted. The webhook no longer',
    )
  })

  it('is shown how its own summaries stand, and nothing of another server’s', async () => {
    const { whole } = shownBy(await say(guild, OWNER, 'sinks status'))
    expect(whole).toContain(`summary\\\\-${guild.id}`)
    expect(whole).not.toContain(other.id)
  })

  it('gets the signed head of its record once a day, whole, for whoever keeps the channel', async () => {
    clock.jump(25 * HOUR)
    const signed = () => byWebhook().filter(({ seen }) => JSON.stringify(seen).includes('lines long, signed'))
    await sandbox.until(() => signed().length > 0, 'the signed head of the record')
    const [{ seen }] = signed() as [ReturnType<typeof signed>[number]]
    const [, note = ''] = /```\n(.*)```/s.exec(String((seen.embeds[0] as { description: string }).description)) ?? []
    const checkpoint = openCheckpoint(note, await openKey(join(folder, 'trail.key')))
    expect(checkpoint?.origin).toContain(guild.id)
    expect(checkpoint?.size).toBeGreaterThan(10)
  })

  it('shows the address nowhere: not in the log, the record, Discord, nor what is kept of the sinks', async () => {
    await bot.stop()
    const lines = await trailOf(place, guild.id)
    const kept = await withBook(place, ({ sql }) => sql`select * from sink_states`)
    expect(kept.map(({ sink }) => sink).toSorted()).toEqual([`summary-${guild.id}`, `summary-${other.id}`].toSorted())
    expect(JSON.stringify(kept)).toContain('no longer exists')
    const said = sandbox.requests.all.filter(({ path }) => !path.includes('/webhooks/')).map(({ body }) => body)
    const shown = JSON.stringify([lines, kept, said, posts().map(({ seen }) => seen), logged])
    const token = url.split('/').at(-1)!
    expect(shown).not.toContain(token)
    expect(shown).not.toMatch(/\/webhooks\/\d/)
  })
})
