import {
  INVOCATION_OUTCOMES,
  type InvocationFilter,
  type InvocationLine,
  type RefusedBy,
} from '#src/core/invocation-history.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { plainText, shorten } from '#src/core/text.ts'
import type { Asked, CommandWorld, Reply, Subcommand } from '#src/discord/command.ts'
import { mustBeOffset, oldButton, textIn, wordIn } from './given.ts'
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

// `/history invocations`: what was asked of the bot and what became of it, refusals too.

/** Invocations on one page, and options of each: what Discord takes in one answer with everything at its longest. */
const PAGE = 5
const MAX_OPTIONS = 3
const LONGEST_OPTION = 20
const LONGEST_VALUE = 20
const LONGEST_WHY = 100
/** Discord's own limit for the name of a command. */
const LONGEST_NAME = 32
const NAME = /^[\p{L}\p{N}_-]{1,32}$/u

export const invocationsSubcommand: Subcommand = {
  name: 'invocations',
  description: 'What was asked of the bot, refusals too, with the quota used',
  changes: 'nothing',
  options: [
    {
      name: 'outcome',
      description: 'Only what came out so',
      type: 'string',
      choices: INVOCATION_OUTCOMES.map((value) => ({ name: value, value })),
    },
    { name: 'command', description: 'Only this command, such as audit', type: 'string', maxLength: LONGEST_NAME },
    ...stretchOptions('Only what somebody asked'),
  ],
}

export function invocationHistoryReply(asked: Asked, world: CommandWorld): Promise<Reply> {
  const [outcome, command] = [wordIn(asked, 'outcome', INVOCATION_OUTCOMES), commandIn(asked)]
  const stretch = stretchOf(asked, world.now())
  return page(
    asked.guildId,
    { ...stretch, ...(outcome !== null && { outcome }), ...(command !== null && { command }) },
    0,
    world,
  )
}

/** Typed as people see it, with its slash. */
function commandIn(asked: Asked): string | null {
  const typed = textIn(asked, 'command')?.replace(/^\//, '') ?? null
  if (typed === null || NAME.test(typed)) return typed
  throw new Refusal('`command` is the name of one command without its subcommand, such as `audit`.')
}

/** Of the page that a button names. */
export function pressedInvocationHistory(guildId: Id, rest: readonly string[], world: CommandWorld): Promise<Reply> {
  const [offset, letter = '', command = '', ...stretch] = rest
  const known = INVOCATION_OUTCOMES.find((one) => one[0] === letter)
  if ((letter !== '' && known === undefined) || (command !== '' && !NAME.test(command))) throw oldButton()
  const filter = { ...readStretch(stretch), ...(known && { outcome: known }), ...(command !== '' && { command }) }
  return page(guildId, filter, mustBeOffset(offset), world)
}

const NOTHING = 'Nothing is on record: as far back as invocations are kept, nobody asked for this here.'

async function page(guildId: Id, filter: InvocationFilter, offset: number, world: CommandWorld): Promise<Reply> {
  const { lines, more } = await world.invocationHistory(guildId, filter, { offset, limit: PAGE })
  const { outcome, command } = filter
  return historyPage({
    title: 'What was asked of the bot',
    narrowed: [
      ...(outcome === undefined ? [] : [`what was ${outcome}`]),
      ...(command === undefined ? [] : [`\`/${command}\``]),
      ...stretchWords(filter),
    ],
    lines: lines.map(lineOf),
    empty: async () => [NOTHING, ...(await nobodyNotes(guildId, filter.memberId, world))].join('\n'),
    ...{ offset, size: PAGE, more },
    idOf: (at) => `history:invocations:${[at, outcome?.[0] ?? '', command ?? '', writeStretch(filter)].join(':')}`,
  })
}

function lineOf(line: InvocationLine): string {
  const { at, actor, command, subcommand, options, quota } = line
  const name = plainText([command, subcommand].filter((part) => part !== null).join(' '))
  const parts = [`${timeMention(at)} ${whoWords(actor)}`, `**/${name}**${optionWords(options)}`]
  const used =
    quota === null
      ? []
      : [quota.limit === null ? `${quota.used} runs used` : `${quota.used} of ${quota.limit} runs used`]
  return [[...parts, ...used].join(' · '), ...outcomeWords(line)].join('\n')
}

function outcomeWords({ outcome, why, refusedBy }: InvocationLine): readonly string[] {
  const sentence = why === null ? '' : `: ${plainText(shorten(why, LONGEST_WHY))}`
  switch (outcome) {
    case 'accepted':
      return []
    case 'refused':
      return [`✗ refused${refusedBy === null ? '' : REFUSED_WORDS[refusedBy]}${sentence}`]
    case 'failed':
      return [`✗ failed${sentence}`]
    case 'open':
      return ['… under way, or cut off']
  }
}

const REFUSED_WORDS: Readonly<Record<RefusedBy, string>> = {
  standby: ' (another bot acts here)',
  rights: ' (lacks the right)',
  crowd: ' (too much under way)',
  quota: ' (quota used up)',
  command: '',
}

const MENTIONS: Readonly<Record<string, (id: Id) => string>> = {
  member: memberMention,
  role: (id) => roleList([id]),
  channel: (id) => `<#${id}>`,
}
const ID = /^\d{1,20}$/

function optionWords(options: InvocationLine['options']): string {
  const given = Object.entries(options)
  const shown = given.slice(0, MAX_OPTIONS).map(([name, value]) => {
    const mention = typeof value === 'string' && ID.test(value) ? MENTIONS[name] : undefined
    const words = mention ? mention(String(value)) : plainText(shorten(String(value), LONGEST_VALUE))
    return `${plainText(shorten(name, LONGEST_OPTION))}: ${words}`
  })
  const more = given.length > MAX_OPTIONS ? [`and ${given.length - MAX_OPTIONS} more`] : []
  return given.length === 0 ? '' : ` ${[...shown, ...more].join(', ')}`
}
