import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { copyIn } from '#src/store/copy-in.ts'
import { openDatabase } from '#src/store/database.ts'
import { transact } from '#src/store/transact.ts'
import { withServer } from '../database.ts'

/** More than lies in the buffers between the two sides. */
const MANY = 200_000

withServer('a COPY', (url) => {
  it('whose connection is cut off in the middle fails in words, and the next one works', async () => {
    const database = await openDatabase({ url: url(), dataDir: '/nowhere', log: () => {} })
    await database.sql`create table copied (n text not null)`
    function* rows(from: number, pid: number | null): Generator<readonly string[]> {
      for (let n = from; n < from + MANY; n += 1) {
        if (pid !== null && n === from + MANY / 2) void database.sql`select pg_terminate_backend(${pid})`.execute()
        yield [`row ${n} ${'x'.repeat(50)}`]
      }
    }
    const copying = (cut: boolean) =>
      transact(database.db, async (tx) => {
        const [{ pid } = {}] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
        await copyIn(tx, 'copied (n)', rows(0, cut ? pid! : null))
      })
    try {
      await expect(copying(true)).rejects.toMatchObject({ name: 'StoreFault' })
      await copying(false)
      expect(await database.sql`select count(*)::int as n from copied`).toEqual([{ n: MANY }])
    } finally {
      await database.close()
    }
  })
})
