import type { Socket } from 'node:net'
import { encrypt, readTrust } from './dial.ts'
import type { LineParts } from './line.ts'

// What comes before the first word to PostgreSQL.

/** Its manual, section 55.7: eight bytes that ask whether the way may be encrypted. */
const ASK_FOR_TLS = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const YES = 'S'.charCodeAt(0)
const NO = 'N'.charCodeAt(0)
/** With what a server of PostgreSQL can begin: a question for a password, an error, its older version of the protocol, a notice. */
const FIRST = new Set([...'REvN'].map((letter) => letter.charCodeAt(0)))

/** The way on which the server is spoken to, encrypted where that was asked for. */
export async function postgresWay(parts: LineParts, socket: Socket): Promise<Socket> {
  const { settings, troubles } = parts
  if (settings.tls.mode === 'off') {
    refuseOthers(socket, () => socket.destroy(troubles.say('another kind')))
    return socket
  }
  const trust = await readTrust(settings)
  const answer = await firstAnswer(socket)
  if (answer.length === 1 && answer[0] === YES) return await encrypt(socket, trust)
  throw troubles.say(answer.length === 1 && answer[0] === NO ? 'tls not offered' : 'another kind')
}

function firstAnswer(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))
    socket.once('close', closed)
    socket.once('data', (bytes: Buffer) => {
      socket.off('close', closed)
      resolve(bytes)
    })
    socket.write(ASK_FOR_TLS)
  })
}

/** The driver prints what it cannot read on the console, so a server of another kind is told by the first byte of its answer. */
function refuseOthers(socket: Socket, refuse: () => void): void {
  const emit = socket.emit.bind(socket) as (name: string | symbol, ...words: unknown[]) => boolean
  socket.emit = (name: string | symbol, ...words: unknown[]) => {
    if (name !== 'data') return emit(name, ...words)
    socket.emit = emit as Socket['emit']
    const [bytes] = words
    if (Buffer.isBuffer(bytes) && FIRST.has(bytes[0] ?? 0)) return emit(name, ...words)
    refuse()
    return true
  }
}
