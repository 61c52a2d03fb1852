import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { planOf } from '#src/console/replay.ts'
import { type SnapshotWorld, snapshotTo } from '#src/console/snapshot.ts'
import type { Identity } from '#src/core/model.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { DiscordFault } from '#src/discord/faults.ts'
import { makeLooker } from '#src/discord/looker.ts'
import { makeRest } from '#src/discord/rest.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { readSnapshot } from '#src/snapshot/read.ts'

const NOW = Date.UTC(2026, 10, 22)

let folder: string
let sandbox: Sandbox
let guild: Guild
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-snapshot-'))
  sandbox = await startSandbox({ limits: false })
  // More than two pages of members, so that leafing through is tried.
  guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots'], members: 2_300 })
})
afterEach(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true })
})

function world(identities: readonly Identity[] = []): SnapshotWorld & { readonly said: string[] } {
  const said: string[] = []
  const names = { groups: ['Pilots'], states: [], reservedNames: [] }
  return {
    said,
    looker: makeLooker(makeRest({ token: sandbox.token, apiUrl: sandbox.url })),
    botUserId: sandbox.botUserId,
    directory: memoryDirectory('memory', { names, identities }, () => NOW),
    book: { settings: async () => DEFAULT_SETTINGS, baseline: async () => null },
    now: () => NOW,
    out: (line) => said.push(line),
    err: (line) => said.push(line),
  }
}

test('a snapshot of a live guild is whole, can be read back, and replayed', async () => {
  const member = [...guild.members.page('0', 1_000)].find(({ id }) => id !== sandbox.botUserId && id !== guild.ownerId)!
  guild.give(member.id, 'Pilots')
  const path = join(folder, 'guild.json')
  const here = world()
  expect(await snapshotTo(path, guild.id, here)).toBe(0)
  const { snapshot, warnings } = readSnapshot(readFileSync(path, 'utf8'))
  expect(warnings).toEqual([])
  expect(snapshot.members).toHaveLength(guild.memberCount)
  expect(snapshot.guild.botRoleIds.length).toBeGreaterThan(0)
  const finding = planOf(snapshot).findings.find(({ memberId }) => memberId === member.id)
  expect(finding).toMatchObject({ category: 'unknown_guest', excessRoles: [guild.role('Pilots').id] })
  expect(here.said.join('\n')).toContain('rolecall replay')
  expect(readdirSync(folder)).toEqual(['guild.json'])
})

test('people whose ids are no numbers are numbered in the file, and it can be replayed', async () => {
  const [one, other] = [...guild.members.page('0', 1_000)].filter(({ bot }) => !bot)
  const person = (id: string, discordId: string): Identity => ({
    ...{ id, username: `name of ${id}`, active: true, superuser: false, access: true, state: null },
    ...{ groups: ['Pilots'], discordIds: [discordId] },
  })
  const path = join(folder, 'guild.json')
  const here = world([person('c0ffee00-0000-4000-8000-000000000002', other!.id), person('ann@example', one!.id)])
  expect(await snapshotTo(path, guild.id, here)).toBe(0)
  expect(here.said.join('\n')).toContain('In this file people are numbered from 1')
  const { snapshot } = readSnapshot(readFileSync(path, 'utf8'))
  expect(snapshot.identity.identities.map(({ id, username }) => [id, username])).toEqual([
    ['1', 'name of ann@example'],
    ['2', 'name of c0ffee00-0000-4000-8000-000000000002'],
  ])
  const claimed = planOf(snapshot).findings.filter(({ identityId }) => identityId !== null)
  expect(claimed.map(({ memberId, identityId }) => [memberId, identityId])).toEqual(
    [...[[one!.id, '1'] as const, [other!.id, '2'] as const]].sort(([a], [b]) => (BigInt(a) < BigInt(b) ? -1 : 1)),
  )
})

test('a snapshot is never written over something', async () => {
  const path = join(folder, 'guild.json')
  writeFileSync(path, 'mine')
  await expect(snapshotTo(path, guild.id, world())).rejects.toThrow(/is there already/)
  expect(readFileSync(path, 'utf8')).toBe('mine')
})

test('where Discord does not answer to the end, nothing is written', async () => {
  const path = join(folder, 'guild.json')
  sandbox.faults.refuse(1, 'missingAccess', 'GET /guilds/{guild_id}/members')
  await expect(snapshotTo(path, guild.id, world())).rejects.toThrow(DiscordFault)
  expect(existsSync(path)).toBe(false)
})

test('a folder that is not there is said in a sentence', async () => {
  await expect(snapshotTo(join(folder, 'nowhere/guild.json'), guild.id, world())).rejects.toThrow(
    /cannot be written \(ENOENT\)/,
  )
})
