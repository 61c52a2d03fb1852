import { ACTIONS, type Id, type Override, type Settings } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Actor } from '#src/core/trail.ts'
import { isOfUndo } from '#src/core/undo.ts'
import { type Asked, byOf, type Command, type CommandWorld, type Reply } from '#src/discord/command.ts'
import { readDuration } from './duration.ts'
import { mustBeId, mustBeOffset, mustBeWord, noSuchCommand, oldButton, textIn } from './given.ts'
import { pageButtons, pageOf, rangeWords } from './paging.ts'
import { reasonOption } from './reason-option.ts'
import { memberNote } from './there-words.ts'
import { ACTION_WORDS, actorWords, memberMention, paragraphs, timeMention, typedText } from './wording.ts'

/** Who makes more exceptions than this wants another policy. Those that an undo placed stand beside them. */
const MOST_OVERRIDES = 1_000

/** What is forgotten should end by itself. */
const USUAL_LIFE = '7d'

/** `/override`: what is done about one member, whatever the policy says of everybody; for a while, and with a reason. */
export const override: Command = {
  name: 'override',
  description: 'Another policy for one member, for a while',
  needs: 'override',
  subcommands: [
    {
      name: 'set',
      description: 'Set what is done about this member, in place of the policy',
      options: [
        { name: 'member', description: 'Whom', type: 'user', required: true },
        {
          name: 'action',
          description: 'What is done at most; the gates hold all the same',
          type: 'string',
          required: true,
          choices: [
            { name: 'report: only say what is out of order', value: 'report' },
            { name: 'strip: take away roles that were not earned', value: 'strip' },
            { name: 'strip_kick: the same, then kick (never whom only drift is found of)', value: 'strip_kick' },
          ],
        },
        { ...reasonOption, required: true },
        {
          name: 'for',
          description: 'How long: 12h, 7d, 4w or never (default: 7d)',
          type: 'string',
          maxLength: 20,
        },
      ],
    },
    {
      name: 'lift',
      description: 'Let the policy decide about this member again',
      options: [{ name: 'member', description: 'Whom', type: 'user', required: true }, reasonOption],
    },
    { name: 'list', description: 'Whom an override speaks of, and until when', changes: 'nothing', options: [] },
  ],
  answer,
  async press({ guildId }, rest, world) {
    const [what, offset] = rest.split(':')
    if (what !== 'list') throw oldButton()
    return list(guildId, mustBeOffset(offset), world)
  },
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  switch (asked.subcommand) {
    case 'set':
      return set(asked, world)
    case 'lift':
      return lift(asked, world)
    case 'list':
      return list(asked.guildId, 0, world)
    default:
      throw noSuchCommand()
  }
}

async function set(asked: Asked, world: CommandWorld): Promise<Reply> {
  const by = byOf(asked)
  if (by.reason === null)
    throw new Refusal(
      'An override needs a reason, so that whoever finds it later knows why it is there. Nothing was changed.',
    )
  const action = mustBeWord(asked, 'action', ACTIONS)
  const life = readDuration(textIn(asked, 'for') ?? USUAL_LIFE)
  const now = world.now()
  const wanted: Override = {
    memberId: mustBeId(asked, 'member'),
    action,
    expiresAt: life === null ? null : now + life,
    reason: by.reason,
  }
  await world.changeSettings(asked.guildId, (settings) => withOverride(settings, wanted, now), by)
  const note = await memberNote(asked.guildId, wanted.memberId, '/override lift', world)
  return {
    tone: note === null ? 'good' : 'warn',
    title: 'The override is set',
    text: paragraphs([
      lineOf(wanted),
      note,
      'Protection, the bot’s reach and the locks hold as for everybody. `/explain` shows what follows.',
    ]),
  }
}

/** In place of any other of this member. Those that have run out stay for now: a clock that is set wrong must not cost anybody theirs. */
function withOverride({ overrides }: Settings, wanted: Override, now: number): Partial<Settings> {
  const others = overrides.filter((each) => each.memberId !== wanted.memberId)
  if (others.filter((each) => speaks(each, now) && !isOfUndo(each)).length >= MOST_OVERRIDES)
    throw new Refusal(
      `${MOST_OVERRIDES} overrides are set already, which is the most. Lift some with \`/override lift\`, or let the policy say it with \`/policy set\`. Nothing was changed.`,
    )
  return { overrides: [...others, wanted] }
}

const speaks = ({ expiresAt }: Override, now: number): boolean => expiresAt === null || expiresAt > now

async function lift(asked: Asked, world: CommandWorld): Promise<Reply> {
  const memberId = mustBeId(asked, 'member')
  const edit = ({ overrides }: Settings): Partial<Settings> => {
    const others = overrides.filter((each) => each.memberId !== memberId)
    return others.length === overrides.length ? {} : { overrides: others }
  }
  const { changed } = await world.changeSettings(asked.guildId, edit, byOf(asked))
  return changed.length > 0
    ? { tone: 'good', title: 'The override is lifted', text: `${memberMention(memberId)}: the policy decides again.` }
    : {
        tone: 'warn',
        title: 'There was none',
        text: `${memberMention(memberId)} has no override. Nothing was changed.`,
      }
}

/** Overrides on one page; each takes two or three lines. */
const PAGE = 8

async function list(guildId: Id, offset: number, world: CommandWorld): Promise<Reply> {
  const now = world.now()
  const { overrides } = await world.settings(guildId)
  const page = pageOf(
    overrides.filter((each) => speaks(each, now)),
    offset,
    PAGE,
  )
  const placed = await world.placedOverrides(
    guildId,
    page.items.map(({ memberId }) => memberId),
  )
  return {
    tone: 'plain',
    title: 'Overrides',
    text: page.items.map((one) => lineOf(one, placed.get(one.memberId)?.by)).join('\n\n') || NONE,
    footer: rangeWords(page, 'override'),
    buttons: pageButtons((at) => `override:list:${at}`, page, PAGE),
  }
}

const NONE = 'None: the policy decides about everybody.'

function lineOf({ memberId, action, expiresAt, reason }: Override, by?: Actor): string {
  const until = expiresAt === null ? 'until it is lifted' : `ends ${timeMention(expiresAt)}`
  const why = reason === '' ? '' : `\nReason: ${typedText(reason)}`
  const who = by === undefined ? '' : `, by ${actorWords(by)}`
  return `**${memberMention(memberId)}** \`${action}\` (${ACTION_WORDS[action]}), ${until}${who}${why}`
}
