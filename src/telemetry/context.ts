import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'

// What set off the work that goes on: carried along from the door at which it came in, so that each line of the log, each line of the record and each
// reason in Discord's audit log names the same id. Nothing is decided by it.

export interface Context {
  /** Names the cause: `interaction:<id>`, `order:<id>`, `schedule:<id>`, `live:<id>` … */
  readonly correlation: string
  readonly actor?: string
  /** As people type it, without what they filled in. */
  readonly command?: string
}

const storage = new AsyncLocalStorage<Context>()

/** Does the work, and all that follows from it, in this context. */
export const inContext = <T>(context: Context, work: () => T): T => storage.run(context, work)

/** The same in a context of its own, where nothing has set off the work yet: what is a part of something goes on in the context of that. */
export const inOwnContext = <T>(kind: string, actor: string, work: () => T): T =>
  storage.getStore() === undefined ? storage.run({ correlation: `${kind}:${randomUUID()}`, actor }, work) : work()

export const contextNow = (): Context | null => storage.getStore() ?? null

export const correlationNow = (): string | null => storage.getStore()?.correlation ?? null

/** The work as it would be done here, whoever calls it later. */
export const carried = <Work extends (...given: never[]) => unknown>(work: Work): Work =>
  AsyncLocalStorage.bind(work) as Work
