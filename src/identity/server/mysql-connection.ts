import type { Socket } from 'node:net'
import { type Connection, createConnection } from 'mysql2'
import { encrypt, letGoBetween, type Trust } from './dial.ts'
import { ByteFields } from './fields.ts'
import { isEnd, type Packet, readRow, warningsIn } from './mysql-rows.ts'
import type { Address } from './settings.ts'

// What is needed of the driver (mysql2 3.24.6) and not to be had by its front door.

interface Opened {
  stream: Socket
  readonly packetParser: { execute(bytes: Buffer): void }
  startTLS(onSecure: () => void): void
}

/** One question under way. The driver asks `row` what comes after each message, and goes on with what it answers. */
interface Asked {
  row(packet: Packet, connection: unknown): unknown
}

/** `trust`: the way is to be encrypted. `onFail` is told where that fails, in Node's own words. */
export function openConnection(
  { user, password, database }: Address,
  socket: Socket,
  trust: Trust | null,
  onFail: (error: Error) => void,
): Connection {
  const connection = createConnection({
    ...{ user, password, database, stream: socket, connectTimeout: 0 },
    charset: 'utf8mb4_general_ci',
    // The server may otherwise ask for a file of this machine.
    flags: ['-LOCAL_FILES'],
    ...(trust === null ? {} : { ssl: {} }),
  })
  if (trust === null) letGoBetween(socket)
  else encryptOurselves(connection as unknown as Opened, socket, trust, onFail)
  return connection
}

/** The driver checks a certificate for a number of the network against the name localhost, and forgets why one was refused. */
function encryptOurselves(opened: Opened, socket: Socket, trust: Trust, onFail: (error: Error) => void): void {
  opened.startTLS = (onSecure) => {
    socket.removeAllListeners('data')
    encrypt(socket, trust).then((secure) => {
      opened.stream = secure
      secure.on('error', onFail)
      secure.on('data', (bytes: Buffer) => opened.packetParser.execute(bytes))
      letGoBetween(secure)
      onSecure()
    }, onFail)
  }
}

/**
 * Asks, and reads the rows where the driver lies them down: it would make an object for each value first. Resolves with the number of warnings once
 * the end of the answer has come; where the connection is lost it may do neither, so the caller watches for that.
 */
export function readRows(
  connection: Connection,
  question: string,
  onRow: (fields: ByteFields) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const fields = new ByteFields()
    let warnings = 0
    const query = connection.query({ sql: question, rowsAsArray: true, typeCast: false })
    const asked = query as unknown as Asked
    const driversOwn = asked.row.bind(asked)
    const row: Asked['row'] = (packet, by) => {
      if (isEnd(packet)) {
        warnings = warningsIn(packet)
        return driversOwn(packet, by)
      }
      readRow(packet, fields)
      onRow(fields)
      return row
    }
    asked.row = row
    query.on('error', reject)
    // After an error this comes too, and is too late to matter.
    query.on('end', () => resolve(warnings))
  })
}
