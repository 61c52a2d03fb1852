import type { Interaction } from '#src/sandbox/interaction.ts'
import type { Seen } from '#src/sandbox/post.ts'
import type { Id } from '#src/sandbox/snowflake.ts'
import type { Bot } from './bot.ts'
import { DemoFault } from './fault.ts'
import { buttonsOf, embedOf, showMessage } from './message.ts'
import type { Stage } from './stage.ts'
import type { Terminal } from './terminal.ts'
import { readTyped, type Typed } from './typed.ts'

/** How long an answer may take on a slow machine. */
const ANSWER_MS = 60_000
/** An audit shows how far it is; by this title it is known that the answer itself is still to come. */
const UNDER_WAY: ReadonlySet<string | undefined> = new Set(['The audit is running', 'Roles are being given back'])
/** Names a run at the foot of an answer. */
const RUN_FOOT = /\brun ([0-9a-f-]{36})$/

/** What people say to the bot, and what it answers, each shown as it comes. */
export class Talk {
  readonly stage: Stage
  readonly terminal: Terminal
  #bot: Bot
  readonly #signal: AbortSignal
  /** Rejects when all is to end, so that no answer is waited for any more. */
  readonly #halted: Promise<never>
  #lastRun: string | null = null
  #last: Interaction | null = null

  constructor(stage: Stage, terminal: Terminal, bot: Bot, signal: AbortSignal) {
    this.stage = stage
    this.terminal = terminal
    this.#bot = bot
    this.#signal = signal
    this.#halted = new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    this.#halted.catch(() => {})
  }

  get bot(): Bot {
    return this.#bot
  }

  /** From now on this one is spoken to: the one before was stopped. */
  meet(bot: Bot): void {
    this.#bot = bot
  }

  get lastRun(): string | null {
    return this.#lastRun
  }

  /** Types a slash command as this member, and shows it with its answer. */
  async say(who: string, text: string): Promise<Seen> {
    this.terminal.typed(who, text)
    const seen = await this.ask(who, text)
    this.show(seen)
    return seen
  }

  show(seen: Seen): void {
    this.terminal.message(showMessage(seen, this.stage))
  }

  /** Sends a slash command as this member and waits for the answer. Throws `DemoFault` for what cannot be sent. */
  async ask(who: string, text: string): Promise<Seen> {
    const { stage } = this
    const typed = readTyped(text, {
      command: (name) => stage.sandbox.commands.find(stage.guild.id, name),
      memberId: (name) => stage.memberId(name),
      roleId: (name) => stage.roleId(name),
      channelId: (name) => stage.channelId(name),
    })
    const { command, options } = await this.#withRun(who, typed)
    const sent = await offered(stage, stage.guild.command({ as: stage.memberId(who), command, options }))
    const seen = await this.terminal.during(() => progressOf(sent), this.#answered(sent), false)
    if (command === 'audit run') this.#lastRun = RUN_FOOT.exec(embedOf(seen).footer?.text ?? '')?.[1] ?? this.#lastRun
    return seen
  }

  /** `run:last` is the first run that Discord would offer whoever fills that in: the newest for which the command can be given. */
  async #withRun(who: string, { command, options }: Typed): Promise<Typed> {
    if (options.run !== 'last') return { command, options }
    const { stage } = this
    const wanted = { as: stage.memberId(who), command, option: 'run', typed: '', options: without(options, 'run') }
    const asked = await offered(stage, stage.guild.complete(wanted))
    const answer = asked.until(() => this.#signal.aborted || asked.offers !== null, ANSWER_MS)
    await Promise.race([answer, this.#bot.broken, this.#halted])
    const [newest] = asked.offers ?? []
    if (!newest)
      throw new DemoFault(
        'There is no run for which this could be given. Begin with /audit run; /audit runs lists all.',
      )
    return { command, options: { ...options, run: newest.value } }
  }

  /** Presses the button of this number, counted from 1, on the last answer. Throws `DemoFault` where that cannot be. */
  async press(number: number): Promise<Seen> {
    const shown = this.#last?.current() ?? null
    const buttons = shown === null ? [] : buttonsOf(shown)
    const button = buttons[number - 1]
    if (!this.#last || !button)
      throw new DemoFault(
        buttons.length === 0 ? 'The last answer has no buttons.' : `The buttons are 1 to ${buttons.length}.`,
      )
    if (button.disabled) throw new DemoFault(`The button "${button.label}" is greyed out: there is nothing more there.`)
    const before = this.#last
    const pressed = await offered(this.stage, before.press(button.id))
    return this.#answered(pressed, before)
  }

  /** Waits for a post of the bot's in this channel that holds this, and shows it. Throws `DemoFault` where none comes in time. */
  async posted(channel: string, holding: string, after: number): Promise<Seen> {
    const { sandbox } = this.stage
    const channelId = this.stage.channelId(channel)
    const find = () =>
      sandbox.channels
        .in(channelId)
        .slice(after)
        .find(({ seen }) => JSON.stringify(seen.embeds).includes(holding))?.seen
    const came = sandbox.until(() => this.#signal.aborted || find() !== undefined, `a post in #${channel}`, ANSWER_MS)
    await this.terminal.during(() => `#${channel}`, Promise.race([came, this.#bot.broken, this.#halted]), false)
    this.terminal.line()
    this.terminal.typed(`#${channel}`, 'rolecall posts')
    const seen = find()!
    this.terminal.message(showMessage(seen, this.stage))
    return seen
  }

  /** Posts in this channel so far. */
  posts(channel: string): number {
    return this.stage.sandbox.channels.in(this.stage.channelId(channel)).length
  }

  /** How many milliseconds after `given` the bot recorded that this member holds this role unearned. Throws `DemoFault` where it does not in time. */
  async noticed(memberId: Id, roleId: Id, given: number, deadline: number): Promise<number> {
    const noticed = this.#bot.line(
      (line) => line.memberId === memberId && line.time >= given && String(line.excessRoles).includes(roleId),
      'the hand-given role was noticed',
      deadline,
      this.#signal,
    )
    const { time } = await this.terminal.during(() => 'waiting for the bot to notice', noticed, false)
    return time - given
  }

  /** Waits for the answer itself. A pressed button may edit the message that it stands on, or bring one of its own. */
  async #answered(sent: Interaction, source: Interaction | null = null): Promise<Seen> {
    const before = source?.edits.length ?? 0
    const latest = (): Seen | null => sent.followUps.at(-1)?.seen ?? sent.current()
    const done = (): boolean => {
      const seen = latest()
      const edited = source === null || sent.followUps.length > 0 || sent.edits.length > before
      return seen !== null && !seen.loading && edited && !UNDER_WAY.has(embedOf(seen).title)
    }
    const answer = sent.until(() => this.#signal.aborted || done(), ANSWER_MS)
    await Promise.race([answer, this.#bot.broken, this.#halted])
    // A refusal comes beside the message whose button was pressed, which stays.
    if (sent.followUps.length === 0) this.#last = sent
    return latest()!
  }
}

const without = (options: Typed['options'], name: string): Typed['options'] =>
  Object.fromEntries(Object.entries(options).filter(([key]) => key !== name))

/** What Discord's own clients would not let a person send, in words with names instead of numbers. */
async function offered(stage: Stage, sending: Promise<Interaction>): Promise<Interaction> {
  try {
    return await sending
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new DemoFault(`${message.replace(/\d{17,20}/g, (id) => stage.member(id))}.`)
  }
}

function progressOf(sent: Interaction): string {
  const seen = sent.current()
  const text = seen === null ? undefined : embedOf(seen).description
  return text === undefined ? 'rolecall is thinking' : underWay(text)
}

/** The text of an answer that is not the last in one line, with how far it is in place of a bar. */
export const underWay = (text: string): string =>
  text
    .replace(/\.$/, '')
    .replace(/^[▰▱]+ (\d+%)\n/, '$1 · ')
    .replaceAll('\n', ' ')
