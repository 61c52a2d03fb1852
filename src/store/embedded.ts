import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { EngineNews, EngineOrder } from './embedded-worker.ts'
import { StoreFault } from './fault.ts'
import { lockFolder } from './lock.ts'

/** A running embedded engine. */
export interface Engine {
  /** The socket that it answers at. */
  readonly address: string
  /** Resolves where the engine ends without having been asked; then nothing can be recorded any more. */
  readonly lost: Promise<StoreFault>
  stop(): Promise<void>
}

/** Connections that the engine takes. The pool has one; the rest is for one that is being replaced. */
const MAX_CONNECTIONS = 8
/** A Unix socket's path has at most 107 bytes, 103 on macOS. */
const MAX_SOCKET_PATH = 100

/** Starts the engine on a data folder, which this process then has alone. Throws `StoreFault`. */
export async function startEngine(dataDir: string): Promise<Engine> {
  makeFolder(dataDir)
  const lock = await lockFolder(dataDir)
  const socket = makeSocketFolder()
  const worker = new Worker(new URL('./embedded-worker.ts', import.meta.url), {
    workerData: {
      folder: join(dataDir, 'postgres'),
      address: socket.address,
      maxConnections: MAX_CONNECTIONS,
    } satisfies EngineOrder,
  })
  const tidy = async () => {
    socket.remove()
    await lock.release()
  }
  try {
    await news(worker, 'ready')
  } catch (error) {
    await worker.terminate()
    await tidy()
    throw notStarted(dataDir, error)
  }
  return running(worker, socket.address, tidy)
}

function running(worker: Worker, address: string, tidy: () => Promise<void>): Engine {
  let asked = false
  const lost = new Promise<StoreFault>((resolve) => {
    const tell = () => {
      if (!asked)
        resolve(new StoreFault('The embedded database ended by itself. Start again; what was recorded is kept.'))
    }
    worker.once('error', tell).once('exit', tell)
  })
  const stop = async () => {
    asked = true
    const stopped = news(worker, 'stopped')
    worker.postMessage('stop')
    await stopped.catch(() => {})
    await worker.terminate()
    await tidy()
  }
  return { address, lost, stop }
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StoreFault(
      `The data folder ${dataDir} cannot be made (${reasonOf(error)}). Name another with DATA_DIR, or mend its rights.`,
    )
  }
}

/** The engine asks for no password, so its socket lies where only this user can go. */
function makeSocketFolder(): { readonly address: string; remove(): void } {
  if (process.platform === 'win32') {
    const address = `\\\\.\\pipe\\rolecall-${crypto.randomUUID()}`
    return { address, remove: () => {} }
  }
  const base = Buffer.byteLength(tmpdir()) + '/rolecall-XXXXXX/pg'.length <= MAX_SOCKET_PATH ? tmpdir() : '/tmp'
  const folder = mkdtempSync(join(base, 'rolecall-'))
  return { address: join(folder, 'pg'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function news(worker: Worker, awaited: EngineNews): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message) => {
      if (message === awaited) resolve()
    })
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`exit ${code}`)))
  })
}

const notStarted = (dataDir: string, error: unknown): StoreFault =>
  new StoreFault(
    `The embedded database in ${dataDir} cannot be opened (${reasonOf(error)}). See that the disk has room and that the folder is this user's; if it was copied or damaged, put it aside and start with another DATA_DIR.`,
  )

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown reason'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
