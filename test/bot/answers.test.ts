import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Bot } from '#src/bot/start.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'
import { anyPlace } from '../database.ts'
import {
  addGuild,
  configOf,
  furnish,
  idOf,
  MODERATOR,
  OWNER,
  quickSandbox,
  type Shown,
  say,
  shownBy,
  start,
  untilLive,
} from './town.ts'

// What the answers say, read as a moderator reads them: of a server of 36, of whom Bob and Eve are out of order.

const NOBODY = '123456789012345678'
let sandbox: Sandbox
let guild: Guild
let bot: Bot
let drop = async () => {}
let report: string
let stripped: string

/** The answer, with the fields as they stand under each other. */
async function read(username: string, command: string, options: Record<string, string> = {}) {
  const seen = await say(guild, username, command, options)
  const shown: Shown = shownBy(seen)
  const fields = (seen.current()?.embeds[0]?.fields ?? []) as readonly {
    readonly name: string
    readonly value: string
  }[]
  const field = (name: string) => fields.find((one) => one.name.startsWith(name))?.value ?? ''
  return { ...shown, field, names: fields.map(({ name }) => name) }
}

const mention = (username: string) => `<@${idOf(username)}>`
const roleOf = (name: string) => `<@&${guild.role(name).id}>`

beforeAll(async () => {
  sandbox = await quickSandbox()
  guild = addGuild(sandbox)
  const made = await anyPlace()
  drop = made.drop
  await furnish(made.place, guild)
  const unlimited = { ROLECALL_QUOTA_OPT_OUT: 'true', ROLECALL_QUOTA_OPT_OUT_CONFIRM: 'true' }
  bot = await start(configOf(sandbox, made.place, unlimited))
  await untilLive(guild)
})
afterAll(async () => {
  await bot?.stop()
  await sandbox?.close()
  await drop()
})

/** The bold numbers of a line of bullets. */
const numbers = (lines: string): readonly number[] =>
  [...lines.matchAll(/^• \*\*([\d,]+)\*\*/gmu)].map(([, count]) => Number(count?.replaceAll(',', '')))
const sum = (all: readonly number[]): number => all.reduce((one, other) => one + other, 0)

test('every member that was looked at is counted once, and those out of order are as many as the title says', async () => {
  const shown = await read(MODERATOR, 'audit run')
  report = shown.runId!
  expect(shown.title).toBe('2 members out of order')
  expect(shown.text).toContain('36 members looked at.')
  const [wrong = '', others = ''] = shown.field('Found').split(/^\*\*34\*\* others:$/mu)
  expect(wrong).toMatch(/^\*\*2\*\* out of order:$/mu)
  expect(sum(numbers(wrong))).toBe(2)
  expect(sum(numbers(others))).toBe(34)
  expect(wrong).toContain('• **1** holds roles that were not earned')
  expect(wrong).toContain('• **1** guest holds roles, though no identity claims the account')
  expect(others).toContain('• **31** guests hold nothing that the identity database decides')
  expect(others).toContain('• **1** bot')
})

test('a run of one member or one role counts only what it looked at', async () => {
  const ofBob = await read(MODERATOR, 'audit run', { member: idOf('bob') })
  expect(ofBob.title).toBe('1 member out of order')
  expect(ofBob.text).toContain(`Looked only at the member ${mention('bob')}`)
  expect(ofBob.text).not.toContain('36')
  expect(ofBob.field('Found')).toContain('• **1** holds roles that were not earned')
  expect(ofBob.field('Found')).not.toMatch(/guest|earned exactly/)
  expect(numbers(ofBob.field('Found'))).toEqual([1])
  const ofPilots = await read(MODERATOR, 'audit run', { role: guild.role('Pilots').id })
  expect(ofPilots.field('Found')).toContain('• **1** guest holds roles')
  expect(numbers(ofPilots.field('Found'))).toEqual([1])
  const ofGuest = await read(MODERATOR, 'audit run', { member: idOf('other3') })
  expect(ofGuest.title).toBe('In order')
  expect(ofGuest.field('Found')).toContain('• **1** guest holds nothing that the identity database decides')
  expect((await read(MODERATOR, 'audit run', { member: idOf('ann') })).field('Found')).toContain('Nothing out of order')
})

test('then and now of a run of one member count nobody else', async () => {
  const { runId } = await read(MODERATOR, 'audit run', { member: idOf('bob') })
  const shown = await read(MODERATOR, 'audit diff', { run: runId! })
  expect(shown.text).toContain(`Looked only at the member ${mention('bob')}`)
  expect(shown.names).toEqual([])
})

test('a guest who holds nothing is called out of order nowhere, and no policy is said to be about them', async () => {
  const explained = await read(MODERATOR, 'explain', { member: idOf('other3') })
  expect(explained.title).toBe('In order (guest: no identity claims this account)')
  expect(explained.text).toContain('so there is nothing to take')
  expect(explained.text).not.toContain('asks for a report')
  const listed = await read(MODERATOR, 'audit findings', { run: report, category: 'unknown_guest' })
  expect(listed.text).toContain(`**${mention('other3')}** guest: no identity claims this account\n→ holds nothing`)
})

test('what the schedule does from now on is said plainly, and how to make it act', async () => {
  const set = await read(OWNER, 'schedule set', { expression: '0 4 * * *' })
  expect(set.text).toContain('Scheduled runs only report. Before they act:')
  expect(set.text).toMatch(/first-run lock.*`action:strip`.*`\/arm schedule`/s)
  await read(OWNER, 'acknowledge first-run', { run: report })
  const armed = await read(OWNER, 'arm schedule')
  expect(armed.text).toContain('Scheduled runs only report, although the schedule is armed')
  expect(armed.text).toContain('`action:strip`')
  expect(armed.text).not.toMatch(/act from now on|first-run lock/)
  expect((await read(OWNER, 'audit status')).field('Acting')).toContain('Scheduled runs only report, although')
  await read(OWNER, 'schedule set', { expression: '0 4 * * *', action: 'strip' })
  expect((await read(OWNER, 'schedule show')).text).toContain(
    'Scheduled runs act by themselves: they take the roles that were not earned',
  )
  await read(OWNER, 'arm off', { what: 'both' })
  expect((await read(OWNER, 'schedule show')).text).toContain('Scheduled runs only report. Before they take')
})

test('gates that hold nothing back are said to be looked at, in words', async () => {
  const open = await read(MODERATOR, 'explain', { member: idOf('eve') })
  expect(open.field('What holds it back')).toMatch(/^Nothing\. Looked at: .*protection.*first-run lock/)
  expect(open.field('What holds it back')).not.toMatch(/open|`/)
  const quiet = await read(MODERATOR, 'explain', { member: idOf('ann') })
  expect(quiet.field('What holds it back')).toBe('Nothing is to be done, so there is nothing to hold back.')
})

test('what an override says is said to be the override’s, until when and by whom', async () => {
  await read(OWNER, 'override set', { member: idOf('bob'), action: 'report', reason: 'on leave', for: '7d' })
  const says = new RegExp(`an override says report until <t:\\d+:f>, by ${mention('olga')}`, 'i')
  const explained = await read(MODERATOR, 'explain', { member: idOf('bob') })
  expect(explained.text.replaceAll('`', '')).toMatch(says)
  expect(explained.text).toContain('on leave')
  expect(explained.text).not.toContain('The policy asks')
  const { runId } = await read(MODERATOR, 'audit run')
  const found = await read(MODERATOR, 'audit findings', { run: runId! })
  expect(found.text).toMatch(says)
  expect(found.text).not.toContain('policy says report')
  expect((await read(OWNER, 'override list')).text).toContain(`by ${mention('olga')}`)
})

test('then and now differ by what would be done, where only an override or a protection has changed', async () => {
  await read(OWNER, 'protect member', { member: idOf('eve') })
  const shown = await read(MODERATOR, 'audit diff', { run: report })
  expect(shown.text).toContain('**2** otherwise than then')
  expect(shown.text).toMatch(
    new RegExp(`${mention('bob')}.*\n→ then: policy says strip.*\n→ now: an override says report`),
  )
  expect(shown.text).toMatch(
    new RegExp(`${mention('eve')}.*\n→ then: .*\n→ now: policy says strip, held by \`protected_member\``),
  )
  await read(OWNER, 'protect lift', { member: idOf('eve') })
})

test('a strip counts those whom an override spares apart from those by the policy', async () => {
  const shown = await read(MODERATOR, 'audit run', { action: 'strip' })
  stripped = shown.runId!
  expect(shown.title).toBe('2 members out of order, 1 role change made')
  const what = shown.field('What follows for these 2')
  expect(what).toContain('**1** changed\n')
  expect(what).toContain('**1** only reported: an override says so')
})

test('an undo says in a list of runs what it undid, and has no action', async () => {
  const undone = await read(MODERATOR, 'undo', { run: stripped })
  const listed = await read(MODERATOR, 'audit runs')
  expect(listed.text).toContain(`\`${undone.runId}\`\nundo of run \`${stripped}\` · completed · 1 given back`)
  expect(listed.text).not.toContain('undo · report')
  const found = await read(MODERATOR, 'audit findings', { run: undone.runId! })
  expect(found.text).toContain(`gave back what run \`${stripped}\` took`)
  expect(found.text).not.toContain('Nobody here')
  expect((await read(MODERATOR, 'audit diff', { run: undone.runId! })).text).toContain('gave back what run')
})

test('a run of one member says so in the list of runs', async () => {
  await read(MODERATOR, 'audit run', { member: idOf('bob') })
  expect((await read(MODERATOR, 'audit runs')).text).toContain(`report, only ${mention('bob')} · completed`)
})

/** At the console an id is typed, where Discord offers only who and what is there. */
async function typed(command: string, options: Record<string, string>) {
  const [name = '', subcommand = null] = command.split(' ')
  const by = { guildId: guild.id, requestId: crypto.randomUUID(), actor: 'cli:test' } as const
  const { reply } = await bot.ask({ ...by, command: name, subcommand, options }, () => {})
  return reply
}

test.each([
  ['protect member', { member: NOBODY }],
  ['override set', { member: NOBODY, action: 'report', reason: 'x' }],
  ['bots add', { member: NOBODY }],
  ['protect role', { role: NOBODY }],
  ['capability grant', { role: NOBODY, capability: 'undo' }],
  ['roles map', { kind: 'group', name: 'Pilots', role: NOBODY }],
  ['roles except', { role: NOBODY }],
] as Readonly<[string, Record<string, string>]>[])('/%s warns of an id that is nobody’s', async (command, options) => {
  const { text, tone } = await typed(command, options)
  expect(text).toMatch(/no (?:member of this server has|role with) the id/)
  expect(text).toContain(`\`${NOBODY}\``)
  expect(tone).toBe('warn')
})

test('where Discord does not say whether somebody is here, neither does the answer', async () => {
  sandbox.faults.refuse(1, 'missingPermissions', 'GET /guilds/{guild_id}/members/{user_id}')
  const { text } = await typed('protect member', { member: '123456789012345679' })
  expect(text).toContain('Discord could not be asked just now')
  expect(text).not.toContain('no member of this server')
})

test('what is there is not warned of', async () => {
  const member = await read(OWNER, 'protect member', { member: idOf('eve') })
  const role = await read(OWNER, 'protect role', { role: guild.role('Moderator').id })
  for (const { text } of [member, role]) expect(text).not.toMatch(/has the id|with the id/)
  expect(role.text).toContain(roleOf('Moderator'))
})

test('a role that was taken from nobody here is not said to be given back', async () => {
  const shown = await read(MODERATOR, 'undo', { run: stripped, member: idOf('ann') })
  expect(shown.text).toContain(`That run took nothing from ${mention('ann')}`)
})
