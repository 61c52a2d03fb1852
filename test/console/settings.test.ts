import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { holdToAccount, killLater, type Night, night } from '../bot/night.ts'
import { withServer } from '../database.ts'
import { Typed } from './counter.ts'

// Settings that name a role which is not there: real command lines, and Discord asked over a socket.

holdToAccount()
vi.setConfig({ testTimeout: 120_000 })

const ABSENT = '199999999999999999'
const folder = mkdtempSync(join(tmpdir(), 'rolecall-settings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function apply({ guild }: Night, environment: Readonly<Record<string, string>>, protectedRoles: readonly string[]) {
  const file = join(folder, `${protectedRoles.join('-')}.json`)
  writeFileSync(file, JSON.stringify({ protectedRoles }))
  const typed = new Typed(['settings', 'apply', file, '--guild', guild.id], { ...environment })
  killLater(typed.child)
  return typed
}

withServer('rolecall settings apply', () => {
  test('asks Discord which roles there are, and warns of one that is not', async () => {
    const town = await night()
    const absent = apply(town, town.environment, [town.guild.role('Pilots').id, ABSENT])
    expect(await absent.ended).toBe(0)
    expect(absent.err).toContain(`settings.protectedRoles[1]: the server has no role ${ABSENT}; without effect`)
    expect(absent.err).not.toContain('protectedRoles[0]')
    const there = apply(town, town.environment, [town.guild.role('Pilots').id])
    expect([await there.ended, there.err]).toEqual([0, ''])
  })

  test('says that it could not ask where there is no token, and goes on', async () => {
    const town = await night()
    const typed = apply(town, { ...town.environment, DISCORD_TOKEN: '' }, [ABSENT])
    expect(await typed.ended).toBe(0)
    expect(typed.err).toContain('Discord could not be asked which roles the server has')
  })
})
