import { expect, test, vi } from 'vitest'
import { withServer } from '../database.ts'
import { openCollector, taken } from '../sinks/collector.ts'
import { closeLater, holdToAccount, liftTheLock, night } from './night.ts'
import { configOf, idOf, MODERATOR, say, shownBy, start } from './town.ts'

// A bot whose record goes to a collector.

holdToAccount()
vi.setConfig({ testTimeout: 60_000 })

withServer('a bot that has acts wait for the sinks', () => {
  test('takes a role only once the collector has what is about to happen', async () => {
    const town = await night({ drifters: [] })
    const collector = await openCollector()
    closeLater(() => collector.close())
    const directors = town.guild.role('Directors').id
    /** What Bob held when the collector was told of each step. */
    const held: Record<string, boolean> = {}
    collector.answer((response, got) => {
      const bob = `member:${idOf('bob')}`
      for (const type of ['action.intended', 'action.settled'])
        if (got.body.includes(`app.rolecall.${type}.v1`) && got.body.includes(bob))
          held[type] ??= town.guild.member(idOf('bob'))!.roles.includes(directors)
      taken(response, got)
    })
    const bot = await start(configOf(town.sandbox, town.place, { SINK_MODE: 'sync', SINK_OTLP_URL: collector.url }))
    closeLater(() => bot.stop())
    await liftTheLock(town)
    const report = shownBy(await say(town.guild, MODERATOR, 'audit run', { action: 'strip' }))
    expect(report.whole).toContain('done')
    await expect.poll(() => held).toEqual({ 'action.intended': true, 'action.settled': false })
    const status = shownBy(await say(town.guild, MODERATOR, 'sinks status'))
    expect(status.text).toContain('**otlp**')
  })
})
