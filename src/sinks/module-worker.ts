import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { formatFor } from './formats.ts'
import { type ModuleShape, shapeOf } from './module-shape.ts'
import type { ModuleNews, ModuleOrder, ModuleStart } from './module-words.ts'
import type { Delivery, OutEvent } from './sink.ts'

// The thread of one module of the operator's: whatever the module does, block, throw where nobody listens, or end the process, it does here.

const port = parentPort!
const { path } = workerData as ModuleStart

const tell = (news: ModuleNews): void => {
  try {
    port.postMessage(news)
  } catch {
    // What cannot be copied (a function, a symbol) is no answer of the agreed form either.
    port.postMessage({ kind: 'answered', said: null } satisfies ModuleNews)
  }
}

async function load(): Promise<ModuleShape | null> {
  let loaded: unknown
  try {
    loaded = await import(pathToFileURL(path).href)
  } catch (error) {
    tell({ kind: 'unusable', why: `cannot be loaded: ${wordsOf(error)}` })
    return null
  }
  const shape = shapeOf(loaded)
  if (typeof shape !== 'string') return shape
  tell({ kind: 'unusable', why: shape })
  return null
}

const wordsOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))

async function deliver(shape: ModuleShape, events: readonly OutEvent[]): Promise<void> {
  try {
    const { formatted, unformatted } = format(shape, events)
    const said = formatted.length === 0 ? { refused: [] } : await shape.deliver(formatted)
    tell({ kind: 'answered', said: unformatted.length === 0 ? said : joined(said, unformatted) })
  } catch (error) {
    const {
      name = 'Error',
      message = String(error),
      retryAfterMs = null,
    } = (error ?? {}) as Partial<Error & { retryAfterMs: unknown }>
    const wait = typeof retryAfterMs === 'number' ? retryAfterMs : null
    tell({ kind: 'threw', name: String(name), message: String(message), retryAfterMs: wait })
  }
}

interface Formatted {
  readonly formatted: readonly object[]
  readonly unformatted: Delivery['refused']
}

/** An event whose format fails is refused, since it would fail again; the others are delivered. */
function format({ formats }: ModuleShape, events: readonly OutEvent[]): Formatted {
  const formatted: object[] = []
  const unformatted: Delivery['refused'][number][] = []
  for (const event of events) {
    const own = formatFor(formats, event)
    try {
      formatted.push(own === null ? event : { ...(own(event) as object), id: event.id })
    } catch (error) {
      unformatted.push({ id: event.id, reason: `Its format failed: ${wordsOf(error)}` })
    }
  }
  return { formatted, unformatted }
}

function joined(said: unknown, unformatted: Delivery['refused']): unknown {
  const refused = typeof said === 'object' && said !== null && 'refused' in said ? said.refused : null
  return Array.isArray(refused) ? { refused: [...refused, ...unformatted] } : said
}

const shape = await load()
if (shape !== null) {
  port.on('message', (order: ModuleOrder) => {
    if (order.kind === 'deliver') void deliver(shape, order.events)
    else
      void Promise.resolve()
        .then(() => shape.close())
        .catch(() => {})
        .finally(() => tell({ kind: 'closed' }))
  })
  tell({ kind: 'ready', most: shape.most })
}
