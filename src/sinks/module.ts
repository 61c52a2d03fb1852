import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { Refusal } from '#src/core/refusal.ts'
import type { ModulePlan } from '#src/core/sink-plan.ts'
import { oneLine, shorten } from '#src/core/text.ts'
import type { ModuleNews, ModuleOrder, ModuleStart } from './module-words.ts'
import { type Delivery, type OutEvent, type Sink, SinkGone, SinkTrouble } from './sink.ts'

/** How long a module may take to load. */
const LOAD_MS = 10_000
/** How long it may take to close what it has open. */
const CLOSE_MS = 2_000
/** MiB: a module that leaks is ended and begun again, and the bot does not notice. */
const MEMORY = 256
const MAX_WORDS = 500

/**
 * A module of the operator's as a sink. It runs in a thread of its own, so that one that blocks, throws where nobody listens, leaks or ends its process
 * takes nobody with it; it is begun again at the next call.
 */
export class ModuleSink implements Sink {
  readonly name: string
  readonly most?: number
  readonly #path: string
  #thread: Thread | null

  private constructor({ name, path }: ModulePlan, thread: Thread, most: number | null) {
    this.name = name
    this.#path = path
    this.#thread = thread
    if (most !== null) this.most = most
  }

  /** Loads the module and looks whether it can be used. Throws `Refusal` that says what is wrong with it. */
  static async open(plan: ModulePlan): Promise<ModuleSink> {
    if (!existsSync(plan.path))
      throw new Refusal(
        `There is no sink module ${plan.path} (SINK_MODULES). Name a file that is there, from the folder in which the bot starts.`,
      )
    const thread = new Thread(plan.path)
    try {
      return new ModuleSink(plan, thread, await thread.ready(AbortSignal.timeout(LOAD_MS)))
    } catch (error) {
      await thread.end()
      throw new Refusal(
        `The sink module ${plan.path} (SINK_MODULES) ${endOf(error)} docs/events.md says what a module looks like.`,
      )
    }
  }

  async deliver(events: readonly OutEvent[], signal: AbortSignal): Promise<Delivery> {
    try {
      return (await this.#ask(events, signal)) as Delivery
    } catch (error) {
      if (!(error instanceof SinkTrouble || error instanceof SinkGone)) await this.#giveUp()
      throw error instanceof Ended ? new SinkTrouble(`The module ${error.message}`) : error
    }
  }

  async close(): Promise<void> {
    const thread = this.#thread
    if (thread === null) return
    await thread.ask({ kind: 'close' }, AbortSignal.timeout(CLOSE_MS)).catch(() => {})
    await this.#giveUp()
  }

  async #ask(events: readonly OutEvent[], signal: AbortSignal): Promise<unknown> {
    if (this.#thread === null) {
      this.#thread = new Thread(this.#path)
      await this.#thread.ready(signal)
    }
    const news = await this.#thread.ask({ kind: 'deliver', events }, signal)
    if (news.kind === 'answered') return news.said
    if (news.kind !== 'threw') throw new Ended('said something else than was asked.')
    if (news.name === 'SinkGone') throw new SinkGone(news.message)
    throw new SinkTrouble(news.name === 'SinkTrouble' ? news.message : `It threw: ${news.message}`, news.retryAfterMs)
  }

  /** Whatever it does at the moment is over. */
  async #giveUp(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    await thread?.end()
  }
}

/** The thread ended by itself, or the module in it cannot be used; the end of a sentence that begins with the module. */
class Ended extends Error {}

function endOf(error: unknown): string {
  if (error instanceof Ended) return shorten(oneLine(error.message), MAX_WORDS)
  return `had not been loaded after ${LOAD_MS / 1_000} seconds. Something in it never ends.`
}

/** One thread, asked one thing at a time. */
class Thread {
  readonly #worker: Worker
  #settle: ((news: ModuleNews | Error) => void) | null = null
  /** What was said before anybody asked. */
  #early: ModuleNews | Error | null = null

  constructor(path: string) {
    this.#worker = new Worker(new URL('./module-worker.ts', import.meta.url), {
      workerData: { path } satisfies ModuleStart,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    })
    this.#worker.on('message', (news: ModuleNews) => this.#hear(news))
    this.#worker.on('error', (error) => this.#hear(new Ended(`failed where nobody listens: ${error.message}`)))
    this.#worker.on('exit', (code) => this.#hear(new Ended(`ended by itself (exit code ${code}).`)))
    // It keeps no process alive that wants to end.
    this.#worker.unref()
  }

  /** The most events that it takes in one call; null where it does not say. Throws `Ended`, or the signal's reason. */
  async ready(signal: AbortSignal): Promise<number | null> {
    const news = await this.#next(signal)
    if (news.kind === 'ready') return news.most
    throw new Ended(news.kind === 'unusable' ? news.why : 'said something else than that it is ready.')
  }

  ask(order: ModuleOrder, signal: AbortSignal): Promise<ModuleNews> {
    this.#worker.postMessage(order)
    return this.#next(signal)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #hear(news: ModuleNews | Error): void {
    if (this.#settle) this.#settle(news)
    else this.#early ??= news
  }

  async #next(signal: AbortSignal): Promise<ModuleNews> {
    const early = this.#early
    this.#early = null
    const { promise, resolve, reject } = Promise.withResolvers<ModuleNews>()
    this.#settle = (news) => (news instanceof Error ? reject(news) : resolve(news))
    const abort = () => reject(signal.reason)
    if (early) this.#settle(early)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await promise
    } finally {
      this.#settle = null
      signal.removeEventListener('abort', abort)
    }
  }
}
