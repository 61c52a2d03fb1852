import { toFault } from './fault.ts'
import type { Db } from './handle.ts'

/**
 * One transaction: all of `deed` or nothing of it. Errors of the driver come out as `StoreFault`, everything else as it was thrown.
 * `deed` awaits nothing but the handle it is given; awaiting the outer one deadlocks where the engine has one session.
 */
export async function transact<T>(db: Db, deed: (tx: Db) => Promise<T>): Promise<T> {
  try {
    return await db.transaction((tx) => deed(tx))
  } catch (error) {
    throw toFault(error)
  }
}

/** A read outside any transaction, with the same words for its errors. */
export async function read<T>(query: PromiseLike<T>): Promise<T> {
  try {
    return await query
  } catch (error) {
    throw toFault(error)
  }
}
