import postgres from 'postgres'
import { expect, test, vi } from 'vitest'
import { Typed } from '../../console/counter.ts'
import { withServer } from '../../database.ts'
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
import { MODERATOR, OWNER, type Place, say, shownBy, withBook } from '../town.ts'

// `/stop` has to work when nothing else does.

holdToAccount()
vi.setConfig({ testTimeout: 90_000 })

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
