import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { systemClock } from '#src/bot/system-clock.ts'
import { openSinks } from '#src/sinks/open.ts'
import { Relays } from '#src/sinks/relays.ts'
import { openDatabase } from '#src/store/database.ts'
import { toFault } from '#src/store/fault.ts'
import { makeLog } from '#src/telemetry/log.ts'

// A process of its own that relays a record to a collector until it is killed. It begins when something comes in, so that what takes long to load is there by then.

const [url = '', collector = ''] = process.argv.slice(2)
const scrub = (text: string) => text
const log = makeLog({ level: 'silent', secrets: [] })
const filter = { only: null, not: [], guilds: null }
const plan = { kind: 'otlp', name: 'collector', url: collector, headers: {}, filter } as const

await once(process.stdin, 'data')
const { db } = await openDatabase({ url, dataDir: tmpdir(), log: () => {} })
const outlets = await openSinks([plan], { version: '0.0.0', scrub, now: Date.now })
const parts = { db, from: 'start', clock: systemClock, random: Math.random, log, scrub, toFault } as const
await Relays.begin(outlets, { ...parts, mayAct: () => true })
process.stdout.write('begun\n')
