import { type Bot, startBot } from './bot/start.ts'
import { type Config, ConfigFault, configFromEnvironment } from './config.ts'
import { Refusal } from './core/refusal.ts'
import { DiscordFault } from './discord/faults.ts'
import { StoreFault } from './store/fault.ts'
import { HealthFault } from './telemetry/health.ts'
import { makeLog } from './telemetry/log.ts'

// `npm start`: the bot, from its environment to its end. Exit codes: 0 asked to stop; 1 broken; 2 something the operator can mend.

const NO_TOKEN = `There is no DISCORD_TOKEN, so there is no Discord to connect to.
1. Open https://discord.com/developers/applications, New Application, then Bot → Reset Token, and copy the token.
2. On the same page, under Privileged Gateway Intents, switch on "Server Members Intent" and save.
3. Put the line DISCORD_TOKEN=<the token> into a file named .env in this folder, then: npm start
To see rolecall at work without any of this: npm run demo`

const MENDABLE = [ConfigFault, StoreFault, DiscordFault, HealthFault, Refusal]

/** Says in one sentence what the operator can mend; a fault of our own goes to the log with its stack. */
function exitCodeOf(error: unknown, log: { error(fields: object, message: string): void } | null): number {
  if (MENDABLE.some((kind) => error instanceof kind)) {
    console.error((error as Error).message)
    return 2
  }
  if (log) log.error({ error }, 'The bot broke.')
  else console.error('The bot broke before it could write a log.', error instanceof Error ? error.name : '')
  return 1
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function askedToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        process.once(signal, () => process.exit(130))
        resolve(signal)
      })
    }
  })
}

async function runUntilStopped(config: Config & { readonly token: string }): Promise<number> {
  const log = makeLog({ level: config.logLevel, secrets: config.secrets })
  const giveUp = new AbortController()
  const stop = askedToStop()
  void stop.then(() => giveUp.abort())
  let bot: Bot | null = null
  try {
    bot = await startBot(config, log, { signal: giveUp.signal })
    const ended = await Promise.race([bot.broken, stop])
    if (typeof ended !== 'string') return exitCodeOf(ended, log)
    log.info({ signal: ended }, 'stopping: the act in hand is finished, nothing new is begun')
    return 0
  } catch (error) {
    return giveUp.signal.aborted ? 0 : exitCodeOf(error, log)
  } finally {
    await bot?.stop()
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
    console.error(NO_TOKEN)
    return 2
  }
  return runUntilStopped({ ...config, token })
}

process.exit(await main())
