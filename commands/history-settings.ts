import type { FieldChange } from '#src/core/field-changes.ts'
import type { Id } from '#src/core/model.ts'
import { SETTING_KINDS, type SettingKind, type SettingLine, type SettingsFilter } from '#src/core/settings-history.ts'
import { plainText, shorten } from '#src/core/text.ts'
import type { Asked, CommandWorld, Reply, Subcommand } from '#src/discord/command.ts'
import { mustBeOffset, oldButton, wordIn } from './given.ts'
import {
  historyPage,
  nobodyNotes,
  readStretch,
  stretchOf,
  stretchOptions,
  stretchWords,
  whoWords,
  writeStretch,
} from './history-page.ts'
import { memberMention, roleList, timeMention } from './wording.ts'

// `/history settings`: what was set, granted, linked and acknowledged, field by field.

/** Changes of settings on one page, and fields of each: what Discord takes in one answer with names at their longest. */
const PAGE = 4
const MAX_FIELDS = 3
const LONGEST_FIELD = 48
const LONGEST_VALUE = 20
const LONGEST_REASON = 60

const KINDS = Object.keys(SETTING_KINDS) as readonly SettingKind[]

const KIND_WORDS: Readonly<Record<SettingKind, string>> = {
  policy: 'the policy',
  roles: 'what earns a role, and roles that are let be',
  protection: 'who is protected',
  bots: 'bot accounts',
  overrides: 'overrides of one member',
  arming: 'arming, and stops',
  limits: 'how much may change at once',
  schedule: 'the schedule, and where notices go',
  capabilities: 'who may ask what of the bot',
  links: 'links by hand',
  acknowledgements: 'acknowledgements',
}

export const settingsSubcommand: Subcommand = {
  name: 'settings',
  description: 'What was set, granted and acknowledged: before, after, by whom and why',
  changes: 'nothing',
  options: [
    {
      name: 'what',
      description: 'Only changes of this',
      type: 'string',
      choices: KINDS.map((value) => ({ name: KIND_WORDS[value], value })),
    },
    ...stretchOptions('Only changes that somebody made'),
  ],
}

export function settingsHistoryReply(asked: Asked, world: CommandWorld): Promise<Reply> {
  const kind = wordIn(asked, 'what', KINDS)
  const filter = { ...stretchOf(asked, world.now()), ...(kind !== null && { kind }) }
  return page(asked.guildId, filter, 0, world)
}

/** Of the page that a button names. */
export function pressedSettingsHistory(guildId: Id, rest: readonly string[], world: CommandWorld): Promise<Reply> {
  const [offset, kind = '', ...stretch] = rest
  const known = KINDS.find((one) => one === kind)
  if (kind !== '' && known === undefined) throw oldButton()
  const filter = { ...readStretch(stretch), ...(known && { kind: known }) }
  return page(guildId, filter, mustBeOffset(offset), world)
}

const NOTHING = 'Nothing is on record: as far back as the record goes, nobody changed this here.'

async function page(guildId: Id, filter: SettingsFilter, offset: number, world: CommandWorld): Promise<Reply> {
  const { lines, more } = await world.settingsHistory(guildId, filter, { offset, limit: PAGE })
  const { kind } = filter
  return historyPage({
    title: 'Changes of settings',
    narrowed: [...(kind === undefined ? [] : [KIND_WORDS[kind]]), ...stretchWords(filter)],
    lines: lines.map(lineOf),
    empty: async () => [NOTHING, ...(await nobodyNotes(guildId, filter.memberId, world))].join('\n'),
    ...{ offset, size: PAGE, more },
    idOf: (at) => `history:settings:${[at, kind ?? '', writeStretch(filter)].join(':')}`,
  })
}

function lineOf(line: SettingLine): string {
  const { at, actor, reason, changes, leftOut } = line
  const why = reason === null ? '' : ` · ${plainText(shorten(reason, LONGEST_REASON))}`
  const more = changes.length - MAX_FIELDS + leftOut
  return [
    `${timeMention(at)} **${whatOf(line)}** · by ${whoWords(actor)}${why}`,
    ...changes.slice(0, MAX_FIELDS).map(changeWords),
    ...(more > 0 ? [`• and ${more.toLocaleString('en')} more`] : []),
  ].join('\n')
}

function whatOf({ type, subject }: SettingLine): string {
  const id = subject.slice(subject.indexOf(':') + 1)
  switch (type) {
    case 'setting.changed':
      return `Setting ${fieldWords(id)} changed`
    case 'arrangement.changed':
      return id === 'schedule' ? 'Schedule changed' : 'Channel of the notices changed'
    case 'override.set':
      return `Override set for ${memberMention(id)}`
    case 'override.lifted':
      return `Override lifted from ${memberMention(id)}`
    case 'capability.granted':
      return 'Capability granted'
    case 'capability.revoked':
      return 'Capability revoked'
    case 'link.made':
      return `${memberMention(id)} linked by hand`
    case 'link.removed':
      return `Link by hand taken from ${memberMention(id)}`
    case 'first_run.acknowledged':
      return 'First-run lock lifted'
    case 'plan.approved':
      return 'Plan approved'
    case 'truth.accepted':
      return `Source ${fieldWords(id)} accepted as it is`
    case 'guild.stopped':
      return 'Everything stopped'
  }
}

const fieldWords = (field: string): string => plainText(shorten(field, LONGEST_FIELD))

function changeWords(change: FieldChange): string {
  const field = fieldWords(change.field)
  const words = (value: unknown): string => valueWords(change.field, value)
  if (!('before' in change)) return `• ${field}: ＋ ${words(change.after)}`
  if (!('after' in change)) return `• ${field}: － ${words(change.before)}`
  return `• ${field}: ${words(change.before)} → ${words(change.after)}`
}

const ID = /^\d{1,20}$/
const HOLDS_MEMBERS = /^(?:protectedMembers|botAccounts)$/
const HOLDS_ROLES = /^(?:protectedRoles$|roleMap\.|capabilities\.)/

function valueWords(field: string, value: unknown): string {
  if (field.endsWith('expiresAt')) return momentWords(value)
  if (typeof value !== 'string') return plainText(shorten(JSON.stringify(value) ?? '', LONGEST_VALUE))
  if (ID.test(value)) {
    if (HOLDS_MEMBERS.test(field)) return memberMention(value)
    if (HOLDS_ROLES.test(field)) return roleList([value])
    if (field === 'channelId') return `<#${value}>`
  }
  return plainText(shorten(value, LONGEST_VALUE))
}

function momentWords(value: unknown): string {
  const at = typeof value === 'number' ? value : Date.parse(String(value))
  return Number.isNaN(at) ? 'never' : timeMention(at)
}
