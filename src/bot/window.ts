import { setTimeout as after } from 'node:timers/promises'
import { styleText } from 'node:util'
import { readMarkdown } from '#src/console/markdown.ts'
import { byId } from '#src/console/reply-lines.ts'
import type { Screen, Tone } from '#src/console/screen.ts'
import type { Id } from '#src/core/model.ts'
import { oneLine, shorten } from '#src/core/text.ts'
import type { ServerStanding } from './server-standing.ts'

// What whoever starts the bot on a terminal sees of it, beside the log, which is for machines.

/** Where the bot is seen from. */
export interface Seen {
  /** What it is called at Discord. */
  readonly name: string
  guildIds(): readonly Id[]
  /** Null as long as not all of its members are known. */
  server(guildId: Id): Promise<ServerStanding | null>
}

/** Servers shown one by one; of a bot that is in more, nobody reads them all as they pass by. */
const SERVERS_SHOWN = 20
const LOOK_EVERY_MS = 500
const LONGEST_NAME = 60

const LOG_BESIDE = 'The lines in braces are its log; `npm start 2>> rolecall.log` keeps them in a file instead.'

/** Sentences on a terminal, each with a coloured bar beside it that tells it from the lines of the log. */
export class Window {
  readonly #screen: Screen
  readonly #now: () => number
  /** By the ids of servers that were shown. */
  readonly #names = new Map<Id, string>()

  constructor(screen: Screen, now: () => number) {
    this.#screen = screen
    this.#now = now
  }

  starting(record: string): void {
    this.say('plain', `rolecall starts. Its record is kept in ${record}.`)
  }

  standsBy(): void {
    this.say('warn', 'Another rolecall acts on this database. This one stands by, and takes over when that one ends.')
  }

  /** `count`: the servers that it is in. `beside`: the lines of the log come on the same terminal. */
  connected(name: string, count: number, beside: boolean): void {
    const where = count === 1 ? 'in 1 server' : `in ${count.toLocaleString('en')} servers`
    this.say('good', `Connected to Discord as ${shorten(oneLine(name), LONGEST_NAME)}, ${where}.`)
    if (count === 0)
      this.say('warn', 'It is in no server yet: `npx rolecall invite` prints the address that adds it to one.')
    this.say('plain', beside ? `Ctrl-C stops it. ${LOG_BESIDE}` : 'Ctrl-C stops it.')
  }

  /** What the log says to people; of one of several servers with its name. */
  hear(level: 'warn' | 'error', message: string, guildId: unknown): void {
    const name = this.#names.size > 1 && typeof guildId === 'string' ? (this.#names.get(guildId) ?? guildId) : null
    this.say(level === 'warn' ? 'warn' : 'bad', name === null ? message : `${name}: ${message}`)
  }

  server(guildId: Id, standing: ServerStanding): void {
    const { blind, locked, armed } = standing
    const acts = !blind && !locked && (armed.schedule || armed.realtime)
    const sentences = [
      `${standing.members.toLocaleString('en')} members are known and watched.`,
      doingOf(standing),
      this.#nextLook(standing),
    ].filter((sentence) => sentence !== null)
    const name = shorten(oneLine(standing.name), LONGEST_NAME)
    if (this.#names.size < SERVERS_SHOWN) this.#names.set(guildId, name)
    const rest = readMarkdown(`: ${sentences.join(' ')}`, byId(this.#now))
    this.#screen.beside(blind ? 'warn' : acts ? 'good' : 'plain', [[{ text: name, look: 'bold' }, ...rest]])
  }

  /** One that fell due while no bot was there is made up for. */
  #nextLook({ nextLookAt }: ServerStanding): string | null {
    if (nextLookAt === null) return null
    return nextLookAt <= this.#now()
      ? 'A look at everybody by schedule is due.'
      : `The next look at everybody by schedule is <t:${Math.floor(nextLookAt / 1_000)}:R>.`
  }

  say(tone: Tone, sentence: string): void {
    this.#screen.beside(tone, [readMarkdown(sentence, byId(this.#now))])
  }
}

/** Lines of the log so that on a terminal the sentences beside them stand out. */
export const dimmed = (terminal: NodeJS.WriteStream) => ({
  write: (line: string) => void terminal.write(styleText('dim', line, { validateStream: false })),
})

/** What it does there, the worst first. */
function doingOf({ blind, locked, armed: { schedule, realtime } }: ServerStanding): string {
  if (blind) return 'Blind: the identity source is not to be trusted just now, so nothing is taken from anybody.'
  if (locked)
    return 'The first-run lock holds, so nothing is taken from anybody: make a report in Discord with `/audit run`, and read it.'
  if (schedule && realtime) return 'It acts by itself, in real time and on schedule.'
  if (realtime) return 'It acts by itself in real time.'
  return schedule ? 'It acts by itself on schedule.' : 'It acts when it is asked to; by itself it only reports.'
}

/** Shows each server as soon as its members are known, those that the bot joins later too. Ends when the signal says so; never rejects. */
export async function showServers(bot: Seen, window: Window, signal: AbortSignal): Promise<void> {
  const shown = new Set<Id>()
  while (!signal.aborted) {
    for (const guildId of bot.guildIds().filter((id) => !shown.has(id))) {
      // A database that does not answer at this moment is asked again at the next.
      const standing = await bot.server(guildId).catch(() => null)
      if (standing === null || signal.aborted) continue
      shown.add(guildId)
      if (shown.size <= SERVERS_SHOWN) window.server(guildId, standing)
      else if (shown.size === SERVERS_SHOWN + 1)
        window.say('plain', 'Further servers are not listed here; `/audit status` tells in each how it stands.')
    }
    await after(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
  }
}
