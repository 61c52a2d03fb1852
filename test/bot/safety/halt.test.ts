import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { expect, test, vi } from 'vitest'
import type { Interaction } from '#src/sandbox/interaction.ts'
import { Typed } from '../../console/counter.ts'
import { withServer } from '../../database.ts'
import { hosted } from '../hosted.ts'
import {
  armed,
  beginStrip,
  closeLater,
  holdToAccount,
  IN_HAND,
  killLater,
  lastRun,
  REMOVAL,
  shut,
  stripped,
} from '../night.ts'
import { idOf, MODERATOR, OWNER, type Place, say, shownBy, withBook } from '../town.ts'

// `/stop` has to work when nothing else does.

holdToAccount()
vi.setConfig({ testTimeout: 90_000 })

/** How often the bot comes by for what was left at a console. */
const TAKES_ORDERS = 500

/** Somebody else holds the table in which everything that is asked is written down first. */
async function lockInvocations({ url }: Place): Promise<() => Promise<void>> {
  const sql = postgres(url!, { max: 1, onnotice: () => {} })
  closeLater(() => sql.end({ timeout: 0 }))
  const held = await sql.reserve()
  await held.unsafe('begin; lock table invocations in access exclusive mode')
  return async () => {
    await held.unsafe('rollback')
    held.release()
  }
}

/** Resolves when Discord was told that an answer comes: from then on the bot is at it. */
const taken = (asked: Interaction): Promise<Interaction> => asked.until(({ deferred }) => deferred)

const titleOf = async (asked: Interaction): Promise<string> => {
  const title = () => shownBy(asked).title
  await asked.until(() => !['undefined', 'The audit is running'].includes(title()), 20_000)
  return title()
}

const newOrder = (guildId: string) =>
  ({
    guildId,
    id: randomUUID(),
    actor: 'cli:ann',
    command: 'audit',
    subcommand: 'run',
    options: { action: 'strip' },
    at: Date.now(),
  }) as const

const haltsOnRecord = (place: Place): Promise<number> =>
  withBook(place, async ({ sql }) => {
    const [row] =
      await sql`select count(*)::int as halts from invocations where command = 'stop' and outcome = 'accepted'`
    return Number(row?.halts)
  })

withServer('a halt', () => {
  test('ends a run while the database does not say whether it has written down who asked for that', async () => {
    const town = await armed()
    const door = shut(town, REMOVAL, { after: 1, count: IN_HAND })
    await beginStrip(town)
    await door.reached
    const unlock = await lockInvocations(town.place)
    expect(shownBy(await say(town.guild, MODERATOR, 'stop')).title).toBe('Stopped')
    expect(await lastRun(town)).toMatchObject({ state: 'interrupted', problem: expect.stringMatching(/[Ss]topped/) })
    door.open()
    await unlock()
    await vi.waitUntil(async () => (await haltsOnRecord(town.place)) === 1, { timeout: 20_000, interval: 50 })
    expect(stripped(town).length).toBeLessThan(8)
  })

  test('holds what was asked for before it and has not come to be looked at yet', async () => {
    const town = await armed()
    const unlock = await lockInvocations(town.place)
    const strip = await taken(await beginStrip(town))
    const arm = await taken(await town.guild.command({ as: idOf(OWNER), command: 'arm realtime', options: {} }))
    expect(shownBy(await say(town.guild, MODERATOR, 'stop'))).toMatchObject({
      title: 'Stopped',
      text: expect.stringContaining('Nothing more is begun.'),
    })
    await unlock()
    expect([await titleOf(strip), await titleOf(arm)]).toEqual(['Not done', 'Not done'])
    for (const asked of [strip, arm]) expect(shownBy(asked).text).toMatch(/Somebody stopped/)
    expect(stripped(town)).toEqual([])
    const { armed: now } = await withBook(town.place, (_database, book) => book.settings(town.guild.id))
    expect(now).toEqual({ schedule: false, realtime: false })
  })

  test('holds what was left at a console before it and that no bot has taken yet', async () => {
    const town = await hosted()
    const release = await town.clock.hold(TAKES_ORDERS)
    const order = newOrder(town.guild.id)
    await withBook(town.place, (_database, book) => book.placeOrder(order))
    expect(shownBy(await say(town.guild, MODERATOR, 'stop')).title).toBe('Stopped')
    release()
    const answered = await withBook(town.place, (_database, book) =>
      vi.waitUntil(
        async () => {
          const now = await book.order(order.guildId, order.id)
          return now?.state === 'answered' && now
        },
        { timeout: 20_000, interval: 50 },
      ),
    )
    expect(answered).toMatchObject({ refused: true, reply: { text: expect.stringMatching(/Somebody stopped/) } })
    expect(stripped(town)).toEqual([])
  })

  test('ends what a console’s own bot does, and nothing else is carried out by that', async () => {
    const town = await armed()
    await town.bot.end('SIGTERM')
    const door = shut(town, REMOVAL, { after: 1, count: IN_HAND })
    const words = ['audit', 'run', '--action', 'strip', '--yes', '--guild', town.guild.id]
    const typed = new Typed(words, town.environment)
    killLater(typed.child)
    await door.reached
    const refused = shownBy(await say(town.guild, OWNER, 'audit status'))
    expect([refused.title, refused.text]).toEqual(['Not done', expect.stringContaining('only `/stop` works')])
    expect(shownBy(await say(town.guild, MODERATOR, 'stop')).title).toBe('Stopped')
    door.open()
    await typed.ended
    expect(typed.err).toContain('one is started for this command')
    expect(await lastRun(town)).toMatchObject({ state: 'interrupted', problem: expect.stringMatching(/[Ss]topped/) })
    expect(stripped(town).length).toBeLessThan(8)
  })
})
