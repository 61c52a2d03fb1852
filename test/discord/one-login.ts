import { connect } from '#src/discord/gateway.ts'
import { makeLog } from '#src/telemetry/log.ts'

// A process of its own: logs in, and logs out as soon as the connection is lost. It is through when nothing keeps it.

const [token = '', apiUrl = ''] = process.argv.slice(2)
const lost = Promise.withResolvers<void>()
const connection = await connect({
  token,
  apiUrl,
  log: makeLog({ level: 'silent', secrets: [token] }),
  onPacket: () => {},
  onSession: ({ kind }) => kind === 'reconnecting' && lost.resolve(),
  onInteraction: () => {},
  onFatal: () => {},
})
process.stdout.write('in')
await lost.promise
await connection.close()
process.stdout.write(' out')
