import { tmpdir } from 'node:os'
import { openDatabase } from '#src/store/database.ts'
import { append } from './book.ts'

// A process of its own for the tests: leads on the database that it is told, in the timings that it is told, says so, and goes on until it is killed.

const [url = '', timings = ''] = process.argv.slice(2)

const database = await openDatabase({ url, dataDir: tmpdir(), log: () => {} })
const { term } = await database.lead({ append, timings: JSON.parse(timings) })
console.log(`term ${term}`)
setInterval(() => {}, 60_000)
