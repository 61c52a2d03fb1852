import { BUTTON } from '#src/bot/order-desk.ts'
import type { Reply } from '#src/discord/command.ts'
import type { Ask, Ending, Errand } from './road.ts'
import type { Typed } from './slash.ts'

// One command typed at the console: what is asked of the bot, in which order, and what the console ends with.

/** Shows what the bot says. */
export interface Display {
  answer(reply: Reply): void
  /** A further page of the same list. */
  page(reply: Reply): void
  refusal(reply: Reply): void
  /** What the console says by itself, beside the answer. */
  say(sentence: string): void
  complain(sentence: string): void
}

/** Pages that are printed one after the other. A longer list is for Discord's buttons, or for a narrower question. */
const MOST_PAGES = 25

const CODES = { done: 0, failed: 1, refused: 2, held: 3 } as const

/** Asks for what was typed and shows the answer. Without `--yes` nothing is changed, and it says so. Resolves to the exit code. */
export async function converse(typed: Typed, ask: Ask, display: Display): Promise<number> {
  const first = await ask(errandOf(typed))
  if (!isAnswer(first)) return endOf(first, display)
  display.answer(first.reply)
  const { confirm } = first.reply
  if (confirm !== undefined && typed.yes) return await carryOut(confirm, ask, display)
  const last = await leafOn(first, ask, display)
  const caveat = caveatOf(typed, first.reply)
  if (caveat !== null) display.say(caveat)
  return endOf(last, display)
}

/** What only reports without `--yes` is asked for a report. */
function errandOf(typed: Typed): Errand {
  const { command, subcommand, options } = typed
  return { command, subcommand, options: isCurbed(typed) ? { ...options, action: 'report' } : options }
}

const isCurbed = ({ changes, yes, options: { action } }: Typed): boolean =>
  changes === 'by action' && !yes && action !== undefined && action !== 'report'

function caveatOf(typed: Typed, { confirm }: Reply): string | null {
  if (isCurbed(typed))
    return `Without --yes this only reports, and nothing was changed. With --yes it does what the policy says, up to ${typed.options.action}, as far as the gates let it.`
  return confirm === undefined ? null : 'Nothing was changed. To carry this out, run it again with --yes.'
}

async function carryOut(buttonId: string, ask: Ask, display: Display): Promise<number> {
  const done = await ask(pressOf(buttonId))
  if (!isAnswer(done)) return endOf(done, display)
  display.answer(done.reply)
  if (done.reply.confirm === undefined) return endOf(done, display)
  display.say('It was not carried out, since it would come to something else by now. Read this, and run it again.')
  return CODES.held
}

async function leafOn(first: Answer, ask: Ask, display: Display): Promise<Ending> {
  let last: Ending = first
  for (let page = 2; isAnswer(last); page += 1) {
    const next = nextOf(last.reply)
    if (next === undefined) return last
    if (page > MOST_PAGES) {
      display.say(`There is more than these ${MOST_PAGES} pages. Ask for less at once, or leaf on in Discord.`)
      return last
    }
    last = await ask(pressOf(next))
    if (isAnswer(last)) display.page(last.reply)
  }
  return last
}

const nextOf = ({ buttons = [] }: Reply): string | undefined =>
  buttons.find(({ next, disabled }) => next === true && disabled !== true)?.id

/** A button's id is `<command>:<rest>`. */
function pressOf(buttonId: string): Errand {
  const [command = '', ...rest] = buttonId.split(':')
  return { command, subcommand: null, options: { [BUTTON]: rest.join(':') } }
}

type Answer = Extract<Ending, { kind: 'answered' }>

const isAnswer = (ending: Ending): ending is Answer => ending.kind === 'answered' && !ending.refused

/** Says what has not been said, and what the console ends with: a fault of the bot's is told by its tone. */
function endOf(ending: Ending, display: Display): number {
  if (ending.kind === 'left') {
    display.complain(ending.sentence)
    return ending.code
  }
  const { reply, refused } = ending
  if (refused) display.refusal(reply)
  if (reply.tone === 'bad') return CODES.failed
  if (refused) return reply.missing ? CODES.failed : CODES.refused
  return reply.held ? CODES.held : CODES.done
}
