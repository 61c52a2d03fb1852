import type { Id, Settings } from '#src/core/model.ts'
import { compareIds } from '#src/core/order.ts'
import { Refusal } from '#src/core/refusal.ts'
import { type Asked, byOf, type Command, type CommandWorld, type Reply } from '#src/discord/command.ts'
import { mustBeId, mustBeOffset, noSuchCommand, oldButton } from './given.ts'
import { pageButtons, pageOf, rangeWords } from './paging.ts'
import { reasonOption } from './reason-option.ts'
import { memberNote } from './there-words.ts'
import { memberMention, paragraphs } from './wording.ts'

/** Far more than any server has accounts that are run by a program and do not say so. */
const MOST_BOTS = 250

/** `/bots`: accounts that are run by a program though Discord does not call them bots; they are counted and never judged. */
export const bots: Command = {
  name: 'bots',
  description: 'Accounts that are treated as bots: counted, never judged, never touched',
  needs: 'bots',
  subcommands: [
    {
      name: 'add',
      description: 'Treat this account as a bot',
      options: [{ name: 'member', description: 'Which account', type: 'user', required: true }, reasonOption],
    },
    {
      name: 'remove',
      description: 'Judge this account like any member again',
      options: [{ name: 'member', description: 'Which account', type: 'user', required: true }, reasonOption],
    },
    { name: 'list', description: 'Which accounts are treated as bots', changes: 'nothing', options: [] },
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
    case 'add':
      return add(asked, mustBeId(asked, 'member'), world)
    case 'remove':
      return remove(asked, mustBeId(asked, 'member'), world)
    case 'list':
      return list(asked.guildId, 0, world)
    default:
      throw noSuchCommand()
  }
}

async function add(asked: Asked, id: Id, world: CommandWorld): Promise<Reply> {
  const { changed } = await world.changeSettings(asked.guildId, (settings) => withBot(settings, id), byOf(asked))
  const note = await memberNote(asked.guildId, id, '/bots remove', world)
  return {
    tone: note === null ? 'good' : 'warn',
    title: changed.length > 0 ? 'Treated as a bot' : 'Treated as a bot already',
    text: paragraphs([
      `${memberMention(id)} is only counted from now on: never judged and never touched, whatever roles the account holds. What Discord itself calls a bot needs no entry here.`,
      note,
    ]),
  }
}

function withBot({ botAccounts }: Settings, id: Id): Partial<Settings> {
  if (botAccounts.includes(id)) return {}
  if (botAccounts.length >= MOST_BOTS)
    throw new Refusal(
      `${MOST_BOTS} accounts are treated as bots already, which is the most. Take one off the list with \`/bots remove\` first. Nothing was changed.`,
    )
  return { botAccounts: [...botAccounts, id].sort(compareIds) }
}

async function remove(asked: Asked, id: Id, world: CommandWorld): Promise<Reply> {
  const edit = ({ botAccounts }: Settings): Partial<Settings> =>
    botAccounts.includes(id) ? { botAccounts: botAccounts.filter((known) => known !== id) } : {}
  const { changed } = await world.changeSettings(asked.guildId, edit, byOf(asked))
  if (changed.length === 0)
    return {
      tone: 'warn',
      title: 'Was not on the list',
      text: `${memberMention(id)}: nothing was changed. \`/bots list\` shows who is. What Discord itself calls a bot is never judged, whatever the list says.`,
    }
  return {
    tone: 'good',
    title: 'Judged like any member again',
    text: `${memberMention(id)}: \`/explain\` shows what follows from that.`,
  }
}

/** Lines on one page; each is one mention. */
const PAGE = 20

async function list(guildId: Id, offset: number, world: CommandWorld): Promise<Reply> {
  const { botAccounts } = await world.settings(guildId)
  const page = pageOf(botAccounts, offset, PAGE)
  return {
    tone: 'plain',
    title: 'Treated as bots',
    text: page.items.map(memberMention).join('\n') || 'None but those that Discord itself calls bots.',
    footer: rangeWords(page, 'account'),
    buttons: pageButtons((at) => `bots:list:${at}`, page, PAGE),
  }
}
