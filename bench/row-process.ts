import { once } from 'node:events'
import { toFaultWords } from './peer.ts'
import type { Sizes } from './row.ts'
import { ROWS } from './rows/index.ts'
import type { RowNews } from './run-row.ts'

// The process in which one row is measured. Its argument is the row's name; sizes come from the parent.

const tell = (news: RowNews) => void process.send?.(news)
process.on('disconnect', () => process.exit())

const row = ROWS.find(({ name }) => name === process.argv[2])!
const [sizes] = (await once(process, 'message')) as [Sizes]
try {
  tell({ kind: 'measured', measured: await row.measure(sizes, (words) => tell({ kind: 'progress', words })) })
} catch (error) {
  tell({ kind: 'failed', words: toFaultWords(error) })
}
