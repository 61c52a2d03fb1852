import { existsSync, renameSync, rmSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

// The embedded engine, in a thread of its own: in the main thread it would hold up the gateway for most of a second.

export interface EngineOrder {
  /** Where the engine's files are, or will be. */
  readonly folder: string
  /** The socket that it answers at. */
  readonly address: string
  readonly maxConnections: number
}

export type EngineNews = 'ready' | 'stopped'

const { folder, address, maxConnections } = workerData as EngineOrder

/** A first start takes seconds and may be cut off; a folder that bears the final name was finished. */
async function open(): Promise<PGlite> {
  if (!existsSync(folder)) {
    const unfinished = `${folder}.unfinished`
    rmSync(unfinished, { recursive: true, force: true })
    const first = await PGlite.create(unfinished)
    await first.close()
    renameSync(unfinished, folder)
  }
  return PGlite.create(folder)
}

const engine = await open()
const server = new PGLiteSocketServer({ db: engine, path: address, maxConnections })
await server.start()

parentPort?.once('message', async () => {
  await server.stop()
  await engine.close()
  parentPort?.postMessage('stopped' satisfies EngineNews)
  parentPort?.close()
})
parentPort?.postMessage('ready' satisfies EngineNews)
