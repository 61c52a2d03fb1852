import type { Db } from '#src/store/handle.ts'

/** What was asked of a database since it was last forgotten. */
export interface Asked {
  /** Questions by themselves, as they were put. */
  readonly alone: Parameters<Db['execute']>[0][]
  /** With what each transaction was begun. */
  readonly transactions: unknown[]
  forget(): void
}

/** The same database, which tells what is asked of it. */
export function listening(db: Db): { readonly db: Db; readonly asked: Asked } {
  const asked: Asked = {
    alone: [],
    transactions: [],
    forget() {
      this.alone.length = 0
      this.transactions.length = 0
    },
  }
  const transaction: Db['transaction'] = (deed, config) => {
    asked.transactions.push(config)
    return db.transaction(deed, config)
  }
  const execute: Db['execute'] = (question) => {
    asked.alone.push(question)
    return db.execute(question)
  }
  return { db: Object.assign(Object.create(db), { transaction, execute }) as Db, asked }
}

/** The same database, in whose transactions something else happens after so many answers and before the next question. */
export function afterAnswer(place: number, db: Db, deed: () => Promise<unknown>): Db {
  const transaction: Db['transaction'] = (read, config) =>
    db.transaction(async (tx) => {
      let answers = 0
      const execute = async (question: Parameters<Db['execute']>[0]) => {
        const rows = await tx.execute(question)
        if (++answers === place) await deed()
        return rows
      }
      return await read(Object.assign(Object.create(tx), { execute }))
    }, config)
  return Object.assign(Object.create(db), { transaction }) as Db
}
