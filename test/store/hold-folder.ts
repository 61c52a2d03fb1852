import { openDatabase } from '#src/store/database.ts'
import { StoreFault } from '#src/store/fault.ts'
import { transact } from '#src/store/transact.ts'
import { AT, append } from './book.ts'

// A process of its own for the tests: opens the data folder that it is told, says so, and writes lines until it is killed.

const [dataDir = '', guildId = ''] = process.argv.slice(2)

try {
  const { db } = await openDatabase({ dataDir, log: () => {} })
  console.log('open')
  const draft = { guildId, type: 'role.given', actor: 'cli:test', subject: 'member:1' } as const
  while (guildId !== '') {
    const [line] = await transact(db, (tx) => append(tx, [draft], AT))
    console.log(`wrote ${line?.seq}`)
  }
} catch (error) {
  if (!(error instanceof StoreFault)) throw error
  console.error(error.message)
  process.exit(error.exitCode)
}
