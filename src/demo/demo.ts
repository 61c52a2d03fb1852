import { DemoFault } from './fault.ts'
import { makeFolder, removeFolder, removeLeftovers } from './folder.ts'
import { prompt } from './prompt.ts'
import { awaitBot, furnish, startBot } from './setting.ts'
import { openStage } from './stage.ts'
import { Talk } from './talk.ts'
import { Terminal } from './terminal.ts'
import { tour } from './tour.ts'

export interface DemoOptions {
  readonly input?: NodeJS.ReadStream
  readonly output?: NodeJS.WriteStream
}

const INTRODUCTION =
  'rolecall shows itself, all on this machine: a Discord server with 500 members, an identity database that knows who should hold what, and the bot between them.'
/** As shells count it: 128 and the number of SIGINT. */
const INTERRUPTED = 130
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** `npm run demo`: the whole story on this machine, then a prompt where there is a terminal. Resolves to the exit code, with nothing left behind. */
export async function demo({ input = process.stdin, output = process.stdout }: DemoOptions = {}): Promise<number> {
  const halt = new AbortController()
  const stop = () => halt.abort()
  for (const signal of SIGNALS) process.on(signal, stop)
  // Whoever read along has gone, as in `npm run demo | head`.
  output.on('error', stop)
  const terminal = new Terminal(output, halt.signal)
  const opened = new AsyncDisposableStack()
  try {
    await show(opened, terminal, { input, output }, halt.signal)
    return 0
  } catch (error) {
    return codeOf(error, terminal, halt.signal)
  } finally {
    halt.abort()
    await opened.disposeAsync()
    for (const signal of SIGNALS) process.off(signal, stop)
  }
}

async function show(
  opened: AsyncDisposableStack,
  terminal: Terminal,
  streams: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream },
  signal: AbortSignal,
): Promise<void> {
  terminal.say(INTRODUCTION)
  const folder = makeFolder()
  opened.defer(() => removeFolder(folder))
  removeLeftovers(Date.now())
  const stage = await openStage(folder)
  opened.defer(() => stage.close())
  const place = stage.place(folder)
  await furnish(stage, place, terminal, signal)
  await terminal.step('The bot starts')
  const bot = startBot(place, terminal)
  const talk = new Talk(stage, terminal, bot, signal)
  opened.defer(() => talk.bot.stop())
  await awaitBot(bot, terminal, signal)
  await tour(talk, { stage, place, terminal, signal })
  terminal.line()
  if (terminal.isTerminal && streams.input.isTTY) {
    talk.meet(startBot(place, terminal))
    await awaitBot(talk.bot, terminal, signal)
    await prompt(talk, streams, signal)
  } else terminal.say('That was the tour. On a terminal a prompt follows, where you type commands yourself.')
}

function codeOf(error: unknown, terminal: Terminal, signal: AbortSignal): number {
  if (signal.aborted) {
    terminal.line()
    terminal.line('Stopped. Nothing is left behind.')
    return INTERRUPTED
  }
  terminal.fault(error instanceof DemoFault ? error.message : unexpected(error))
  return 1
}

const unexpected = (error: unknown): string =>
  `The demo broke: ${error instanceof Error ? error.message : String(error)}\nTry again; if it stays so, please report it with this line.`
