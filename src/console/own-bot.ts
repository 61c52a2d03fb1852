import { type BotConfig, startBot } from '#src/bot/start.ts'
import type { Id } from '#src/core/model.ts'
import type { Actor } from '#src/core/trail.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { type Ask, type Ending, INTERRUPTED, type Watch } from './road.ts'

// Where no bot is alive, the console starts one for the time of the command. It connects to Discord, and answers nobody there.

const STOPPED: Ending = {
  kind: 'left',
  sentence:
    'Stopped: the act in hand was finished, and nothing new was begun. A run that was under way is interrupted now; `rolecall audit resume` goes on with it.',
  code: INTERRUPTED,
}

/** Asks a bot that lives only for the time of `travel`. */
export async function withOwnBot<T>(
  config: BotConfig,
  by: { readonly guildId: Id; readonly actor: Actor },
  watch: Watch,
  travel: (ask: Ask) => Promise<T>,
): Promise<T> {
  watch.onNote('No bot is at work on this database, so one is started for this command.')
  // Its log would be in the way of the answer; what matters of it comes as an answer too.
  const log = makeLog({ level: config.logLevel === 'silent' ? 'silent' : 'error', secrets: config.secrets })
  const { signal } = watch
  const bot = await startBot({ ...config, health: null }, log, { console: true, signal })
  const stopped = new Promise<Ending>((resolve) => {
    signal.addEventListener('abort', () => void bot.stop().then(() => resolve(STOPPED)), { once: true })
  })
  const broken = bot.broken.then((fault) => Promise.reject(fault))
  broken.catch(() => {})
  try {
    return await travel(async (errand) => {
      const order = { ...errand, ...by, requestId: crypto.randomUUID() }
      const answer = await Promise.race([bot.ask(order, watch.onProgress), stopped, broken])
      // What is cut off by whoever leaves may have its answer before the bot has ended.
      if (signal.aborted || 'kind' in answer) return await stopped
      return { kind: 'answered', ...answer }
    })
  } finally {
    await bot.stop()
  }
}
