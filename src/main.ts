import './bot/quick-load.ts'
import { onSignals } from './bot/signals.ts'
import type { Bot } from './bot/start.ts'
import { dimmed, showServers, Window } from './bot/window.ts'
import { type Config, ConfigFault, configFromEnvironment } from './config.ts'
import { Screen } from './console/screen.ts'
import { Refusal } from './core/refusal.ts'
import { DiscordFault } from './discord/faults.ts'
import { StoreFault } from './store/fault.ts'
import { HealthFault } from './telemetry/health.ts'
import { type Log, type LogFields, makeLog } from './telemetry/log.ts'

// `npm start`: the bot, from its environment to its end. Exit codes: 0 asked to stop; 1 broken; 2 something the operator can mend.

const NO_TOKEN = `There is no DISCORD_TOKEN, so there is no Discord to connect to.
1. Open https://discord.com/developers/applications, New Application, then Bot → Reset Token, and copy the token.
2. On the same page, under Privileged Gateway Intents, switch on "Server Members Intent" and save.
3. Put the line DISCORD_TOKEN=<the token> into a file named .env in this folder, then: npm start
To see rolecall at work without any of this: npm run demo`

const MENDABLE = [ConfigFault, StoreFault, DiscordFault, HealthFault, Refusal]

/** Where there is a terminal, sentences for whoever sits before it. */
const window = process.stdout.isTTY ? new Window(new Screen(process.stdout), Date.now) : null

/** On the terminal where there is one, and on standard error where that is something else. */
function complain(sentence: string): void {
  for (const line of sentence.split('\n')) window?.say('bad', line)
  if (!window || !process.stderr.isTTY) console.error(sentence)
}

/** What people should know of the log is said to them first, and its own lines stand back. */
function seenOn(window: Window) {
  const { stderr } = process
  return {
    hear: (level: 'warn' | 'error', message: string, { guildId }: LogFields) => window.hear(level, message, guildId),
    ...(stderr.isTTY && stderr.hasColors() && { destination: dimmed(stderr) }),
  }
}

/** Says in one sentence what the operator can mend; a fault of our own goes to the log with its stack. */
function exitCodeOf(error: unknown, log: Log | null): number {
  if (MENDABLE.some((kind) => error instanceof kind)) {
    complain((error as Error).message)
    return 2
  }
  if (log) log.error({ error }, BROKE)
  else complain(`The bot broke before it could write a log. ${error instanceof Error ? error.name : ''}`)
  return 1
}

const BROKE = 'The bot broke, and has ended. Start it again; if it stays so, please report it with this line.'

/** Resolves at the first SIGINT or SIGTERM; whoever asks once more gets out at once. */
const askedToStop = (): Promise<string> =>
  new Promise((resolve) => onSignals(['SIGINT', 'SIGTERM'], resolve, () => process.exit(130)))

async function runUntilStopped(config: Config & { readonly token: string }): Promise<number> {
  const log = makeLog({ level: config.logLevel, secrets: config.secrets, ...(window && seenOn(window)) })
  window?.starting(config.databaseUrl === null ? `the folder ${config.dataDir}` : 'the database of DATABASE_URL')
  const [giveUp, seen] = [new AbortController(), new AbortController()]
  const stop = askedToStop()
  void stop.then(() => giveUp.abort())
  let bot: Bot | null = null
  try {
    const { startBot } = await import('./bot/start.ts')
    bot = await startBot(config, log, { signal: giveUp.signal, onStandby: () => window?.standsBy() })
    if (window) {
      window.connected(bot.name, bot.guildIds().length, process.stderr.isTTY)
      void showServers(bot, window, seen.signal)
    }
    const ended = await Promise.race([bot.broken, stop])
    if (typeof ended !== 'string') return exitCodeOf(ended, log)
    log.info({ signal: ended }, 'stopping: the act in hand is finished, nothing new is begun')
    window?.say('plain', 'Stopping: what is in hand is finished, and nothing new is begun.')
    return 0
  } catch (error) {
    return giveUp.signal.aborted ? 0 : exitCodeOf(error, log)
  } finally {
    seen.abort()
    await bot?.stop()
    if (giveUp.signal.aborted) window?.say('plain', 'Stopped.')
  }
}

async function main(): Promise<number> {
  let config: Config
  try {
    config = configFromEnvironment()
  } catch (error) {
    return exitCodeOf(error, null)
  }
  const { token } = config
  if (token === null) {
    complain(NO_TOKEN)
    return 2
  }
  return runUntilStopped({ ...config, token })
}

process.exit(await main())
