import { onSignals } from '#src/bot/signals.ts'
import { configFromEnvironment } from '#src/config.ts'
import type { Reply } from '#src/discord/command.ts'
import { shown } from '#src/identity/words.ts'
import { converse, type Display } from './converse.ts'
import type { Line } from './markdown.ts'
import { Progress } from './progress.ts'
import { bodyLines, byId, titleLine } from './reply-lines.ts'
import { INTERRUPTED, type Watch } from './road.ts'
import { Screen } from './screen.ts'
import type { Typed } from './slash.ts'

const MENDABLE = 2

/** Gives a slash command from the console, and resolves to the exit code. What changes something is only told without `--yes`. */
export async function give(typed: Typed): Promise<number> {
  const config = configFromEnvironment()
  const out = new Screen(process.stdout)
  const err = new Screen(process.stderr)
  if (typed.changes === 'something' && !typed.yes) return tell(typed, out)
  const { askingBot } = await import('./ask-bot.ts')
  const progress = new Progress(err, Date.now)
  const watch: Watch = {
    onProgress: (reply) => progress.show(reply),
    onNote: (sentence) => progress.note(sentence),
    signal: interruption(),
  }
  try {
    return await askingBot(config, typed.guild, watch, (ask) => converse(typed, ask, displayOn(out, err, progress)))
  } catch (error) {
    if (watch.signal.aborted) {
      progress.note('Stopped before anything was asked of a bot.')
      return INTERRUPTED
    }
    if (typed.command !== 'doctor') throw error
    // Whoever asks what keeps the bot from its work is not helped by the first thing alone.
    const { lookWithoutBot } = await import('./without-bot.ts')
    displayOn(out, err, progress).answer(await lookWithoutBot(config, error))
    return MENDABLE
  } finally {
    progress.clear()
  }
}

function tell(typed: Typed, out: Screen): number {
  const words = Object.entries(typed.options).map(([name, value]) => `${name}:${shown(String(value), 100)}`)
  const name = [typed.command, typed.subcommand].filter((part) => part !== null).join(' ')
  out.say('Nothing was done. With --yes the bot is asked for:')
  out.say(`/${[name, ...words].join(' ')}`, '  ')
  if (typed.options.run === 'last')
    out.say('The newest run that it can be given for is then taken, and the answer names it.')
  return 0
}

function displayOn(out: Screen, err: Screen, progress: Progress): Display {
  const names = byId(Date.now)
  const show = (screen: Screen, lines: readonly Line[]) => {
    progress.clear()
    for (const line of lines) screen.say(line)
  }
  const head = (screen: Screen, { tone, title }: Reply) => {
    progress.clear()
    // The coloured bar is for eyes; whatever reads a pipe wants the words alone.
    if (screen.isTerminal) screen.beside(tone, [titleLine(title, names)])
    else screen.say(titleLine(title, names))
  }
  const sentence = (screen: Screen, text: string) => {
    progress.clear()
    screen.line()
    screen.say(text)
  }
  return {
    answer: (reply) => {
      head(out, reply)
      show(out, [[], ...bodyLines(reply, names)])
    },
    page: (reply) => show(out, [[], ...bodyLines(reply, names)]),
    refusal: (reply) => show(err, bodyLines(reply, names)),
    say: (text) => sentence(out, text),
    complain: (text) => sentence(err, text),
  }
}

/** Aborted at the first SIGINT or SIGTERM; whoever sends one more ends the console at once. */
function interruption(): AbortSignal {
  const halt = new AbortController()
  onSignals(
    ['SIGINT', 'SIGTERM', 'SIGHUP'],
    () => halt.abort(),
    () => process.exit(INTERRUPTED),
  )
  return halt.signal
}
