import { allianceAuth } from '#src/identity/alliance-auth/questions.ts'
import { DatabaseDirectory } from '#src/identity/database.ts'
import { openIdentityServer } from '#src/identity/server/open.ts'
import type { Address } from '#src/identity/server/settings.ts'
import { ViewQuestions } from '#src/identity/view/questions.ts'
import { answer } from '../peer.ts'
import { withStalls } from '../stall.ts'
import { byDriver, byDrizzle, byGatheringDrizzle, type Plain, type Source, sumOfRows } from './plain.ts'
import { type Sum, sumOfColumns } from './sum.ts'

// The process in which one side reads everybody once. Its argument is whose side it is; it is a fresh one each time, so that none inherits another's heap.

export type ReadingSide = 'ours' | 'drizzle' | 'gathering drizzle' | 'driver'

export interface ReaderQuestion {
  readonly source: Source
  readonly address: Address
}

export interface Readings {
  readonly ms: number
  /** Held once all is read, after garbage collection, that was not held before. */
  readonly bytes: number
  /** The longest that the event loop stood still meanwhile. */
  readonly stallMs: number
  /** So that all sides are seen to have read the same. */
  readonly sum: Sum
}

const SETTLE_MS = 100

interface Reader {
  read(): Promise<() => Sum>
  close(): Promise<void>
}

/** As a run reads them, with the names and the counts of the truth check. */
function ours({ source, address }: ReaderQuestion): Reader {
  const server = openIdentityServer({ address, tls: { mode: 'off' }, timeoutSeconds: 60 })
  const questions = source === 'view' ? new ViewQuestions() : allianceAuth
  const unheard = { feed: () => () => {}, pollMs: POLL_MS, isHeard: () => false }
  const directory = new DatabaseDirectory({ server, questions, ...unheard, most: MOST, now: Date.now })
  return {
    read: async () => {
      const { people } = await directory.snapshot()
      return () => sumOfColumns(people)
    },
    close: () => server.close(),
  }
}

/** More people than any benchmark makes. */
const MOST = 100_000_000
/** Nobody watches. */
const POLL_MS = 60_000

function plain(make: (address: Address) => Plain, { source, address }: ReaderQuestion): Reader {
  const { read, close } = make(address)
  return {
    read: async () => {
      const rows = await read(source)
      return () => sumOfRows(rows)
    },
    close,
  }
}

/** Twice, for what lies off V8's heap is let go of a while after it was found to be garbage. */
async function held(): Promise<number> {
  globalThis.gc!()
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  globalThis.gc!()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function measure(reader: Reader): Promise<Readings> {
  const before = await held()
  const { value: sum, ms, stallMs } = await withStalls(() => reader.read())
  return { ms, bytes: (await held()) - before, stallMs, sum: sum() }
}

const MAKE: Readonly<Record<string, (question: ReaderQuestion) => Reader>> = {
  ours,
  drizzle: (question) => plain(byDrizzle, question),
  'gathering drizzle': (question) => plain(byGatheringDrizzle, question),
  driver: (question) => plain(byDriver, question),
}

answer(async (question: ReaderQuestion) => {
  const reader = MAKE[process.argv[2]!]!(question)
  try {
    return await measure(reader)
  } finally {
    await reader.close()
  }
})
