import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect, isIP, type Socket } from 'node:net'
import { createSecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls'
import type { Clock } from './clock.ts'
import type { Limits, ServerSettings } from './settings.ts'

/** A connection that did not come about in time, before anything was said. */
export class LateConnection extends Error {}

/** The file of authorities cannot be read, or holds none. */
export class NoAuthorities extends Error {}

/** Opens the way to a database's server. Throws what the system says, or `LateConnection`. */
export function dial({ address }: ServerSettings, { connectMs }: Limits, clock: Clock): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { socketPath, host, port } = address
    const socket = socketPath === null ? connect({ host, port, noDelay: true }) : connect(socketPath)
    const over = () => {
      callOff()
      socket.removeAllListeners()
      // Whatever befalls it before somebody uses it is met again there.
      socket.on('error', () => {})
    }
    const fail = (error: Error) => {
      over()
      socket.destroy()
      reject(error)
    }
    const callOff = clock.after(connectMs, () => fail(new LateConnection()))
    socket.once('error', fail)
    socket.once('connect', () => {
      over()
      // So that the system itself notices in some minutes that the other end has vanished.
      socket.setKeepAlive(true, KEEP_ALIVE_MS)
      resolve(socket)
    })
  })
}

const KEEP_ALIVE_MS = 60_000

/** What Node is told for an encrypted way; the file is read anew for each, since authorities are replaced while a bot runs. Throws `NoAuthorities`. */
export async function readTrust({ address: { host }, tls }: ServerSettings): Promise<Trust> {
  const servername = isIP(host) === 0 ? { servername: host } : {}
  if (tls.mode !== 'verify') return { ...servername, host, rejectUnauthorized: false }
  if (tls.caFile === null) return { ...servername, host, rejectUnauthorized: true }
  try {
    const ca = authoritiesIn(await readFile(tls.caFile, 'utf8'))
    return { ...servername, host, rejectUnauthorized: true, secureContext: createSecureContext({ ca, ...OLDEST }) }
  } catch {
    throw new NoAuthorities()
  }
}

/** The certificates of a PEM file. Node passes over those that it cannot read without a word, and then nobody is vouched for. */
function authoritiesIn(text: string): string[] {
  const found = text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*(?:-----END|$)[^\n]*/g) ?? []
  for (const certificate of found) new X509Certificate(certificate)
  if (found.length === 0) throw new NoAuthorities()
  return found
}

export interface Trust {
  /** What the certificate must be for, be it a name or a number. */
  readonly host: string
  readonly servername?: string
  readonly rejectUnauthorized: boolean
  readonly secureContext?: ReturnType<typeof createSecureContext>
}

const OLDEST = { minVersion: 'TLSv1.2' } as const

/** Makes an open way an encrypted one. Throws what Node says of it. */
export function encrypt(socket: Socket, trust: Trust): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({ ...OLDEST, ...trust, socket })
    const closed = () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))
    secure.once('error', reject)
    secure.once('close', closed)
    secure.once('secureConnect', () => {
      secure.off('close', closed)
      secure.off('error', reject)
      secure.on('error', () => {})
      resolve(secure)
    })
  })
}

/**
 * Lets go of the loop after each piece that comes: the system would hand over two megabytes in one go, and nothing else could be done until all rows
 * in them are read. A driver that asks for more in the meantime has to wait.
 */
export function letGoBetween(socket: Socket): void {
  const resume = socket.resume.bind(socket)
  let isResting = false
  socket.resume = () => (isResting ? socket : resume())
  socket.on('data', () => {
    isResting = true
    socket.pause()
    setImmediate(() => {
      isResting = false
      resume()
    })
  })
}
