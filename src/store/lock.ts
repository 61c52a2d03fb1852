import { createHash } from 'node:crypto'
import { closeSync, openSync, realpathSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreFault } from './fault.ts'

// Two processes on one data folder destroy it without a word. So whoever opens it first binds sockets that stand for it;
// the system closes them with the process, however that ends.

export interface FolderLock {
  release(): Promise<void>
}

/** Another process has the data folder. */
export class FolderTaken extends StoreFault {}

/** Takes the folder for this process alone. Throws `FolderTaken` where another process has it. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const real = realpathSync(folder)
  const byName = await bindAlone(addressOf(real), folder)
  try {
    const inFolder = process.platform === 'linux' ? await bindInFolder(real, folder) : null
    return {
      async release() {
        await inFolder?.release()
        await close(byName)
      },
    }
  } catch (error) {
    await close(byName)
    throw error
  }
}

/** On Linux an abstract socket and on Windows a pipe, which leave no file behind; elsewhere a socket file, which may be stale. */
function addressOf(realPath: string): string {
  const name = `rolecall-${createHash('sha256').update(realPath).digest('hex').slice(0, 32)}`
  if (process.platform === 'linux') return `\0${name}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`
  return join(tmpdir(), `${name}.sock`)
}

/**
 * Abstract sockets are seen only within one network namespace, and two containers may share a volume; a socket in the folder itself is seen by both.
 * It is named by way of the open folder, since the path of a socket may have no more than 107 bytes. Null where the file system has no sockets.
 */
async function bindInFolder(real: string, folder: string): Promise<FolderLock | null> {
  const descriptor = openSync(real, 'r')
  try {
    const server = await bindAlone(`/proc/self/fd/${descriptor}/lock.sock`, folder)
    return { release: () => close(server).finally(() => closeSync(descriptor)) }
  } catch (error) {
    closeSync(descriptor)
    if (error instanceof StoreFault) throw error
    return null
  }
}

async function bindAlone(address: string, folder: string): Promise<Server> {
  try {
    return await bind(address)
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error
  }
  if (!isFile(address) || (await isAlive(address))) throw taken(folder)
  unlinkSync(address)
  return bind(address)
}

const taken = (folder: string): FolderTaken =>
  new FolderTaken(
    `The data folder ${folder} is in use by another rolecall process, and two of them would destroy it. Stop the other one, or give this one a folder of its own with DATA_DIR. To work on it from several processes, set DATABASE_URL to a PostgreSQL server.`,
  )

const isFile = (address: string): boolean => !address.startsWith('\0') && !address.startsWith('\\\\')

function bind(address: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(address, () => resolve(server.unref()))
  })
}

/** A socket file outlives a killed process; then nobody answers behind it. */
function isAlive(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => resolve(true)).once('error', (error) => resolve(codeOf(error) !== 'ECONNREFUSED'))
    socket.once('close', () => socket.destroy())
    socket.on('connect', () => socket.destroy())
  })
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
