import { applyImport } from '#src/identity/import.ts'
import { openDatabase } from '#src/store/database.ts'
import { orderFor } from './fill.ts'
import { crowd, people } from './sample.ts'

// A process of its own that imports, says when everything is written but not yet committed, and then waits to be killed.

const [guildId = '', dataDir = '', url] = process.argv.slice(2)
const { db } = await openDatabase({ dataDir, log: () => {}, ...(url === undefined ? {} : { url }) })
const append = async () => {
  process.stdout.write('written\n')
  await new Promise(() => setInterval(() => {}, 60_000))
}
await applyImport(db, guildId, people(crowd(2_500, 50)), await orderFor(db, guildId, { append }))
