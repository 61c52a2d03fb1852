import { expect, it } from 'vitest'
import { history } from '#commands/history.ts'
import type { InvocationLine } from '#src/core/invocation-history.ts'
import { SETTING_TYPES, type SettingLine } from '#src/core/settings-history.ts'
import { ANN, BEN, give, HOUR, NOW, PILOTS, press, SmallCommandWorld } from './small-world.ts'

const setting = (changes: Partial<SettingLine> = {}): SettingLine => ({
  at: NOW - HOUR,
  type: 'setting.changed',
  subject: 'setting:policy',
  actor: `discord:${ANN}`,
  changes: [{ field: 'policy.role_drift.default', before: 'report', after: 'strip' }],
  leftOut: 0,
  reason: 'agreed **on** Monday',
  ...changes,
})

const invocation = (changes: Partial<InvocationLine> = {}): InvocationLine => ({
  at: NOW - HOUR,
  actor: `discord:${ANN}`,
  command: 'audit',
  subcommand: 'run',
  options: { action: 'strip', member: BEN },
  outcome: 'accepted',
  why: null,
  refusedBy: null,
  quota: { used: 3, limit: 5 },
  ...changes,
})

const withSettings = (...lines: readonly SettingLine[]): SmallCommandWorld => {
  const world = new SmallCommandWorld()
  world.settingLines = [...lines]
  return world
}

const withInvocations = (...lines: readonly InvocationLine[]): SmallCommandWorld => {
  const world = new SmallCommandWorld()
  world.invocationLines = [...lines]
  return world
}

const LONG = '*'.repeat(500)

it('a change of a setting is told with what it was and what it is, by whom and why', async () => {
  const { text } = await give(history, withSettings(setting()), 'settings')
  expect(text).toBe(
    `<t:${(NOW - HOUR) / 1_000}:R> **Setting policy changed** · by <@${ANN}> · agreed \\*\\*on\\*\\* Monday\n` +
      '• policy.role\\_drift.default: report → strip',
  )
})

it('who came into a list or went out of it is named, and more than three are counted', async () => {
  const changes = [
    { field: 'protectedMembers', after: BEN },
    { field: 'roleMap.groups.Pilots', before: PILOTS },
    { field: 'channelId', after: '77' },
    { field: 'protectedMembers', after: '6' },
  ]
  const { text } = await give(history, withSettings(setting({ changes, leftOut: 9, reason: null })), 'settings')
  expect(text.split('\n').slice(1)).toEqual([
    `• protectedMembers: ＋ <@${BEN}>`,
    `• roleMap.groups.Pilots: － <@&${PILOTS}>`,
    '• channelId: ＋ <#77>',
    '• and 10 more',
  ])
})

it('until when an override lasts is told as a time, or as never', async () => {
  const changes = [
    { field: 'override.expiresAt', before: null, after: new Date(NOW).toISOString() },
    { field: 'approved.expiresAt', after: NOW },
  ]
  const { text } = await give(history, withSettings(setting({ changes })), 'settings')
  expect(text).toContain(`• override.expiresAt: never → <t:${NOW / 1_000}:R>`)
  expect(text).toContain(`• approved.expiresAt: ＋ <t:${NOW / 1_000}:R>`)
})

it('each kind of change has words of its own', async () => {
  const words = new Set<string>()
  for (const type of SETTING_TYPES) {
    const { text } = await give(history, withSettings(setting({ type, subject: `x:${BEN}`, changes: [] })), 'settings')
    words.add(/\*\*(.+?)\*\*/.exec(text)![1]!)
  }
  expect(words.size).toBe(SETTING_TYPES.length)
})

it('nothing on record is said in a sentence, and what it was narrowed to', async () => {
  const world = withSettings()
  const options = { what: 'policy', member: ANN, since: '2026-01-31 18:00', until: '7d' }
  const { text, footer } = await give(history, world, 'settings', options)
  expect(text).toMatch(/^Only the policy, by <@\d+>, since <t:\d+:f>, until <t:\d+:f>:\nNothing is on record/)
  expect(footer).toContain('none')
  expect(world.settingFilters).toEqual([
    { kind: 'policy', memberId: ANN, since: Date.UTC(2026, 0, 31, 18), until: NOW - 7 * 24 * HOUR },
  ])
  expect((await give(history, withSettings(), 'settings')).text).toMatch(/^Nothing is on record/)
})

it('pages of settings are leafed through with the same filter', async () => {
  const world = withSettings(...Array.from({ length: 9 }, (_, nth) => setting({ subject: `setting:s${nth}` })))
  const options = { what: 'arming', member: ANN, since: '2026-01-31' }
  const first = await give(history, world, 'settings', options)
  expect(first.footer).toContain('1–4')
  const second = await press(history, world, first.buttons![1]!.id)
  expect([second.text.includes('Setting s4'), second.footer]).toEqual([true, '5–8, the newest first'])
  const last = await press(history, world, second.buttons![1]!.id)
  expect(last.buttons!.map(({ disabled }) => disabled)).toEqual([false, true])
  expect(world.settingFilters[1]).toEqual(world.settingFilters[0])
  for (const wrong of ['history:settings:x::::', 'history:settings:0:weather:::', 'history:settings:0::*::'])
    await expect(press(history, world, wrong)).rejects.toThrow('older version')
})

it('what was asked is told with what came of it, and how much of the quota was used', async () => {
  const refused = { outcome: 'refused', why: 'You have started 5 of 5.', refusedBy: 'quota' } as const
  const world = withInvocations(
    invocation({ quota: { used: 5, limit: 5 }, ...refused }),
    invocation({ actor: 'cli:ann', command: 'stop', subcommand: null, options: {}, quota: null }),
    invocation({ outcome: 'failed', why: 'It failed (1).', quota: { used: 2, limit: null } }),
    invocation({ outcome: 'open', quota: null }),
  )
  const { text } = await give(history, world, 'invocations')
  expect(text.split('\n')).toEqual([
    `<t:${(NOW - HOUR) / 1_000}:R> <@${ANN}> · **/audit run** action: strip, member: <@${BEN}> · 5 of 5 runs used`,
    '✗ refused (quota used up): You have started 5 of 5.',
    `<t:${(NOW - HOUR) / 1_000}:R> ann (console) · **/stop**`,
    `<t:${(NOW - HOUR) / 1_000}:R> <@${ANN}> · **/audit run** action: strip, member: <@${BEN}> · 2 runs used`,
    '✗ failed: It failed \\(1\\).',
    `<t:${(NOW - HOUR) / 1_000}:R> <@${ANN}> · **/audit run** action: strip, member: <@${BEN}>`,
    '… under way, or cut off',
  ])
})

it('invocations are narrowed and leafed through, and the name of a command is checked', async () => {
  const world = withInvocations(...Array.from({ length: 8 }, () => invocation()))
  const options = { outcome: 'refused', command: '/audit', member: ANN, until: '1h' }
  const first = await give(history, world, 'invocations', options)
  expect(first.text).toMatch(/^Only what was refused, `\/audit`, by <@\d+>, until/)
  const second = await press(history, world, first.buttons![1]!.id)
  expect(second.footer).toBe('6–8, the newest first')
  expect(world.invocationFilters[0]).toEqual({ outcome: 'refused', command: 'audit', memberId: ANN, until: NOW - HOUR })
  expect(world.invocationFilters[1]).toEqual(world.invocationFilters[0])
  await expect(give(history, world, 'invocations', { command: 'audit run' })).rejects.toThrow('one command')
  for (const wrong of ['history:invocations:0:x::::', 'history:invocations:0::a b:::', 'history:weather:0'])
    await expect(press(history, world, wrong)).rejects.toThrow('older version')
})

it('everything at its longest stays within what Discord takes, on every page', async () => {
  const changes = Array.from({ length: 500 }, () => ({ field: LONG, before: LONG, after: LONG }))
  const subject = `setting:${LONG}`
  const lines = Array.from({ length: 9 }, () => setting({ changes, subject, actor: `cli:${LONG}`, reason: LONG }))
  const filters = { member: '9'.repeat(20), since: '2026-01-31', until: '1h' }
  const first = await give(history, withSettings(...lines), 'settings', { ...filters, what: 'acknowledgements' })
  expect(first.text.length).toBeLessThanOrEqual(4_096)
  const options = Object.fromEntries(Array.from({ length: 9 }, (_, nth) => [`${nth}${'_'.repeat(40)}`, LONG]))
  const asked = Array.from({ length: 9 }, () =>
    invocation({ options, actor: `cli:${LONG}`, outcome: 'refused', why: LONG, command: 'a'.repeat(32) }),
  )
  const shown = { ...filters, outcome: 'refused', command: 'é'.repeat(32) }
  const page = await give(history, withInvocations(...asked), 'invocations', shown)
  expect(page.text.length).toBeLessThanOrEqual(4_096)
})
