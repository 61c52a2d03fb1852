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
    /** With a connection to cut off they do not end before that has happened. */
    function* rows(pid: number | null): Generator<readonly string[]> {
      let isOver = pid === null
      for (let n = 0; n < MANY || (!isOver && n < 100 * MANY); n += 1) {
        if (n === MANY / 2 && pid !== null)
          void database.sql`select pg_terminate_backend(${pid})`.then(() => {
            isOver = true
          })
        yield [`row ${n} ${'x'.repeat(50)}`]
      }
    }
    const copying = (cut: boolean) =>
      transact(database.db, async (tx) => {
        const [{ pid } = {}] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)
        await copyIn(tx, 'copied (n)', rows(cut ? pid! : null))
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
