import { expect, test, vi } from 'vitest'
import { withServer } from '../database.ts'
import { type Hosted, hosted, MINUTE, restart } from './hosted.ts'
import { holdToAccount, type Night, stripped, untilRecorded } from './night.ts'
import { idOf, MODERATOR, OWNER, say, shownBy, trailOf } from './town.ts'

// What the record says of roles that somebody got or lost, whoever gave or took them.

holdToAccount()
vi.setConfig({ testTimeout: 60_000 })

interface Change {
  readonly type: string
  readonly actor: string
  readonly cause: string | null
  readonly run: string | null
  readonly data: Readonly<Record<string, unknown>>
}

const changesOf = async (town: Night, name: string): Promise<readonly Change[]> =>
  (await trailOf(town.place, town.guild.id)).filter(
    ({ type, subject }) => /^role\.(?:added|removed)$/.test(type) && subject === `member:${idOf(name)}`,
  ) as unknown as readonly Change[]

const until = (town: Hosted, name: string, changes: number): Promise<void> =>
  untilRecorded(
    town,
    (lines) =>
      lines.filter(({ type, subject }) => /^role\.(?:added|removed)$/.test(type) && subject === `member:${idOf(name)}`)
        .length >= changes,
  )

const told = (change: Change) => [change.type, change.actor, change.data.why, change.data.by]
const asked = async (town: Night, command: string, options: Record<string, string>) =>
  shownBy(await say(town.guild, OWNER, command, options))

withServer('the history of roles', () => {
  test('has a line for what a moderator gives, and for what the bot takes, with the act and its run', async () => {
    const town = await hosted({ drifters: [] })
    await say(town.guild, OWNER, 'arm realtime')
    town.guild.give(idOf('other1'), 'Directors', { by: idOf(MODERATOR) })
    await town.sandbox.until(() => !town.guild.holds(idOf('other1'), 'Directors'))
    await until(town, 'other1', 2)
    const [given, taken] = await changesOf(town, 'other1')
    expect(told(given!)).toEqual(['role.added', `discord:${idOf(MODERATOR)}`, 'seen', 'audit_log'])
    expect(given!.data).toMatchObject({ role: town.guild.role('Directors').id, scope: 'group:Directors' })
    expect(told(taken!)).toEqual(['role.removed', 'system:realtime', 'seen', 'own_act'])
    const lines = await trailOf(town.place, town.guild.id)
    const intended = lines.find(({ type }) => type === 'action.intended')
    expect([taken!.cause, taken!.run]).toEqual([intended!.id, intended!.run])
    const shown = await asked(town, 'history member', { member: idOf('other1') })
    expect(shown.text).toMatch(/－ <@&\d+> · by the bot itself · run `[0-9a-f-]+`\n.*＋ <@&\d+> · by <@\d+>/)
    const by = await asked(town, 'history moderator', { member: idOf(MODERATOR) })
    expect(by.text).toContain(`＋ <@&${town.guild.role('Directors').id}> to <@${idOf('other1')}>`)
    const removed = await asked(town, 'history role', { role: town.guild.role('Directors').id, operation: 'removed' })
    expect(removed.text).toContain('only what was removed')
    expect(removed.text.match(/＋|－/g)).toEqual(['－'])
    const scoped = await asked(town, 'history member', { member: idOf('other1'), scope: 'state:' })
    expect(scoped.text).toContain('Nothing is on record.')
  })

  test('has nothing of roles that are not governed, and none of what changed nothing', async () => {
    const town = await hosted({ drifters: [] })
    const plain = town.guild.createRole({ name: 'Just a colour' })
    town.guild.give(idOf('other2'), plain.id)
    town.guild.give(idOf('other2'), 'Directors', { by: idOf(MODERATOR) })
    town.guild.rename(idOf('other2'), 'Somebody')
    await until(town, 'other2', 1)
    expect((await changesOf(town, 'other2')).map(({ data }) => data.scope)).toEqual(['group:Directors'])
  })

  test('says what somebody held at a moment, and does not know it of a time in which nobody watched', async () => {
    const town = await hosted({ drifters: [] })
    const at = (ms: number) => new Date(town.clock.now() + ms).toISOString()
    const [member, role] = [idOf('other3'), town.guild.role('Directors').id]
    await asked(town, 'audit run', {})
    const before = at(0)
    town.clock.jump(10 * MINUTE)
    town.guild.give(member, 'Directors', { by: idOf(MODERATOR) })
    await until(town, 'other3', 1)
    town.clock.jump(10 * MINUTE)
    const during = at(0)
    town.clock.jump(10 * MINUTE)
    let away = ''
    await restart(town, () => {
      town.clock.jump(10 * MINUTE)
      away = at(0)
      town.guild.take(member, 'Directors')
      town.clock.jump(10 * MINUTE)
    })
    await untilRecorded(town, (lines) => lines.filter(({ type }) => type === 'guild.watched').length === 2)
    town.clock.jump(10 * MINUTE)
    const asOf = (moment: string) => asked(town, 'audit as-of', { member, at: moment })
    expect((await asOf(before)).text).toContain('**Held** no governed role')
    const held = (await asOf(during)).text
    expect(held).toMatch(new RegExp(`\\*\\*Held\\*\\*\\n<@&${role}>, since <t:\\d+:R> by <@${idOf(MODERATOR)}>`))
    expect(held).toContain('**Verdict** of the last look at everybody')
    expect((await asOf(away)).text).toContain(`**Not known** of <@&${role}>`)
    expect((await asOf(at(0))).text).toContain('**Held** no governed role')
    for (const wrong of ['yesterday', '2026-02-31', at(MINUTE)])
      expect((await asOf(wrong)).text).toMatch(/no time that I can read|lies in the future/)
    expect(stripped(town)).toEqual([])
  })

  test('has what was set, and what was asked and refused, for whoever may read', async () => {
    const town = await hosted({ drifters: [] })
    await say(town.guild, OWNER, 'protect member', { member: idOf('other1'), reason: 'on leave' })
    const command = { as: idOf('other2'), command: 'protect member', options: { member: idOf('other2') }, force: true }
    await (await town.guild.command(command)).until()
    const settings = (await asked(town, 'history settings', { what: 'protection' })).text
    expect(settings).toMatch(
      new RegExp(`by <@${idOf(OWNER)}> · on leave\\n• protectedMembers: ＋ <@${idOf('other1')}>$`),
    )
    const refused = (await asked(town, 'history invocations', { outcome: 'refused' })).text
    expect(refused).toMatch(
      new RegExp(`<@${idOf('other2')}> · \\*\\*/protect member\\*\\* member: <@${idOf('other2')}>`),
    )
    expect(refused).toContain('✗ refused (lacks the right): ')
    expect((await asked(town, 'history invocations', { command: 'undo' })).text).toContain('Nothing is on record')
    expect(stripped(town)).toEqual([])
  })
})
