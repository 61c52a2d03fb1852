import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline/promises'
import type { Id } from '#src/sandbox/snowflake.ts'
import { completions } from './completion.ts'
import { DemoFault } from './fault.ts'
import { OWNER } from './sample.ts'
import type { Talk } from './talk.ts'
import type { Item } from './terminal.ts'

// After the tour: whoever watched it types commands of their own.

/** How long the bot has to notice what was given; what it does not record by then was earned. */
const NOTICE_MS = 3_000

const HELP: readonly Item[] = [
  ['/audit run', 'look at everybody; it changes nothing'],
  ['/audit run action:strip', 'take what was not earned'],
  ['/audit findings run:last', 'what the last run found'],
  ['/audit status', 'how far the bot can be trusted now'],
  ['/explain member:@pim', 'why somebody is in order, or not'],
  ['/undo run:last', 'give back what the last run took'],
  ['/stop', 'halt everything'],
  ['/policy show', 'what is done with whom'],
  ['press N', 'press a button of the last answer'],
  ['as NAME', 'type as somebody else: mira, solveig, pim …'],
  ['give NAME ROLE', 'hand somebody a role, as in Discord’s member list'],
  ['take NAME ROLE', 'take it away again'],
  ['exit', 'leave (Ctrl-C does too)'],
]

/** Takes commands until `exit`, Ctrl-C or the end of input. */
export async function prompt(
  talk: Talk,
  { input, output }: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream },
  signal: AbortSignal,
): Promise<void> {
  const { terminal } = talk
  terminal.say(`Your turn. You are ${OWNER}, the owner, with five runs of your own.`)
  terminal.say('Try /audit run action:strip, or help. Tab completes names.')
  terminal.line()
  const desk = new Desk(talk)
  const reader = createInterface({ input, output, completer: (line: string) => desk.complete(line) })
  reader.setPrompt('rolecall demo> ')
  const close = () => reader.close()
  signal.addEventListener('abort', close)
  reader.on('SIGINT', close)
  try {
    await readAll(reader, desk, signal)
  } finally {
    signal.removeEventListener('abort', close)
    reader.close()
  }
}

async function readAll(reader: Interface, desk: Desk, signal: AbortSignal): Promise<void> {
  // Whoever leaves while an answer is still to come need not wait for it.
  const closed = once(reader, 'close').then(() => false)
  reader.prompt()
  for await (const line of reader) {
    const taken = desk.take(line.trim())
    taken.catch(() => {})
    if (!(await Promise.race([taken, closed]))) return
    signal.throwIfAborted()
    reader.prompt()
  }
}

/** Who types, and what their lines do. */
class Desk {
  readonly #talk: Talk
  #who = OWNER

  constructor(talk: Talk) {
    this.#talk = talk
  }

  complete(line: string): [string[], string] {
    const { stage } = this.#talk
    const roles = [...stage.guild.roles.values()].filter(({ id }) => id !== stage.guild.id)
    return completions(line, { members: stage.usernames, roles: roles.map(({ name }) => name) })
  }

  /** False: the person wants to leave. Bad input is answered with a sentence. */
  async take(line: string): Promise<boolean> {
    if (line === 'exit' || line === 'quit') return false
    try {
      await this.#do(line)
    } catch (error) {
      if (!(error instanceof DemoFault)) throw error
      this.#talk.terminal.say(error.message)
    }
    this.#talk.terminal.line()
    return true
  }

  async #do(line: string): Promise<void> {
    if (line.startsWith('/')) return this.#talk.show(await this.#talk.ask(this.#who, line))
    const [word = '', name = '', ...rest] = line.split(/\s+/)
    switch (word) {
      case '':
        return
      case 'help':
        return this.#help()
      case 'as':
        return this.#become(name)
      case 'give':
      case 'take':
        return this.#change(word, name, rest.join(' '))
      case 'press':
        return this.#talk.show(await this.#talk.press(/^\d{1,3}$/.test(name) ? Number(name) : 0))
      default:
        throw new DemoFault(`"${line.slice(0, 40)}" is not understood. Commands begin with /, and help lists the rest.`)
    }
  }

  #help(): void {
    this.#talk.terminal.items(HELP)
  }

  #become(name: string): void {
    if (name === '') throw new DemoFault('Say who: as mira')
    const id = this.#talk.stage.memberId(name)
    this.#who = this.#talk.stage.member(id)
    this.#talk.terminal.say(`You are ${this.#who} now.`)
  }

  async #change(word: 'give' | 'take', name: string, role: string): Promise<void> {
    if (name === '' || role === '') throw new DemoFault(`Say who and what: ${word} pim Capitals`)
    const { stage, terminal } = this.#talk
    const [memberId, roleId] = [stage.memberId(name), stage.roleId(role)]
    if (!stage.mayHandOut(this.#who, roleId))
      throw new DemoFault(`Discord does not let ${this.#who} hand out @${stage.role(roleId)}. Try it as ${OWNER}.`)
    const given = Date.now()
    stage.guild[word](memberId, roleId, { by: stage.memberId(this.#who) })
    const [person, thing] = [`@${stage.member(memberId)}`, `@${stage.role(roleId)}`]
    terminal.say(`${person} ${word === 'give' ? 'now holds' : 'no longer holds'} ${thing}.`)
    if (word === 'give') await this.#tellNotice(memberId, roleId, given)
  }

  async #tellNotice(memberId: Id, roleId: Id, given: number): Promise<void> {
    const { terminal } = this.#talk
    const [gone, after] = await Promise.all([
      this.#isGone(memberId, roleId),
      this.#recordedAfter(memberId, roleId, given),
    ])
    if (gone !== null) terminal.check(`Gone ${gone} ms later: it was not earned, and realtime is armed.`)
    else if (after !== null) terminal.check(`Recorded by the bot ${after} ms later as not earned.`)
    else terminal.say('The bot records nothing of it: the role is earned, or is none that it governs.')
  }

  /** After how many milliseconds the role went; null where it stays. */
  async #isGone(memberId: Id, roleId: Id): Promise<number | null> {
    const { guild, sandbox } = this.#talk.stage
    const began = performance.now()
    const gone = () => !guild.member(memberId)?.roles.includes(roleId)
    return sandbox.until(gone, 'the role to go', NOTICE_MS).then(
      () => Math.round(performance.now() - began),
      () => null,
    )
  }

  async #recordedAfter(memberId: Id, roleId: Id, given: number): Promise<number | null> {
    try {
      return await this.#talk.noticed(memberId, roleId, given, NOTICE_MS)
    } catch (error) {
      if (error instanceof DemoFault) return null
      throw error
    }
  }
}
