import { expect, test, vi } from 'vitest'
import { withServer } from '../database.ts'
import { freePort } from './free-port.ts'
import { type Hosted, hosted, strip } from './hosted.ts'
import { holdToAccount } from './night.ts'
import { configOf, MODERATOR, say, start, untilLive } from './town.ts'

// What somebody's Prometheus reads of a bot at work.

holdToAccount()
vi.setConfig({ testTimeout: 60_000 })

async function measured(town: Hosted): Promise<(path: string) => Promise<Response>> {
  const port = await freePort()
  await town.bot.stop()
  town.bot = await start(configOf(town.sandbox, town.way, { HEALTH_PORT: String(port) }), { clock: town.clock })
  await untilLive(town.guild)
  return (path) => fetch(`http://127.0.0.1:${port}${path}`)
}

withServer('metrics', () => {
  test('say how the bot stands and what it has done, and name nobody', async () => {
    const town = await hosted()
    const ask = await measured(town)
    const guild = town.guild.id
    await say(town.guild, MODERATOR, 'audit status')
    await strip(town)
    const answer = await ask('/metrics')
    const body = await answer.text()
    expect(answer.headers.get('content-type')).toContain('text/plain')
    for (const line of [
      'rolecall_ready 1',
      'rolecall_gateway_connected 1',
      'rolecall_database_up 1',
      `rolecall_guild_members{guild="${guild}"} 36`,
      `rolecall_roster_live{guild="${guild}"} 1`,
      `rolecall_blind_seconds{guild="${guild}"} 0`,
      `rolecall_acts_total{guild="${guild}",act="remove_role",outcome="done"} 8`,
      `rolecall_act_seconds_count{guild="${guild}"} 8`,
      `rolecall_runs_opened_total{guild="${guild}",purpose="audit",trigger="slash"} 1`,
      `rolecall_runs_ended_total{guild="${guild}",state="completed"} 1`,
      `rolecall_last_audit_members{guild="${guild}",category="unknown_guest"} 32`,
      ...['bot', 'database', 'record', 'sinks'].map((part) => `rolecall_scrape_failed{part="${part}"} 0`),
    ])
      expect(body.split('\n')).toContain(line)
    expect(body).toMatch(/rolecall_discord_requests_total\{status="204"\} \d+/)
    expect(body).not.toMatch(/20000000000000000\d/)
    // What was counted is not counted again.
    expect(await (await ask('/metrics')).text()).toContain(
      `rolecall_acts_total{guild="${guild}",act="remove_role",outcome="done"} 8`,
    )
    expect(await (await ask('/readyz')).json()).toEqual({ ready: true, why: [] })
  })
})
