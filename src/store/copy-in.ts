import { once } from 'node:events'
import { sql } from 'drizzle-orm'
import type { TransactionSql } from 'postgres'
import type { Db } from './handle.ts'

// COPY … FROM STDIN, the quickest way for many rows into a server. The embedded engine has no such way over its socket.

/** What is sent at once. The next is made when this has left, so that neither side holds a large run twice. */
const CHUNK_CHARACTERS = 65_536

export type Field = string | boolean | null | readonly string[]

/**
 * Copies rows in the caller's transaction. `into` names the table and its columns in SQL of our own, in the order of the fields.
 * Throws where the server refuses, though never its reason: the driver (postgres 3.4.9) tells nobody how a COPY went, but nothing else is done
 * in a transaction that has failed.
 */
export async function copyIn(tx: Db, into: string, rows: Iterable<readonly Field[]>): Promise<void> {
  const stream = await clientOf(tx).unsafe(`copy ${into} from stdin`).writable()
  // What it is told here, the statement after it is told as well.
  stream.on('error', () => {})
  const over = new Promise((resolve) => stream.once('close', resolve))
  for (const chunk of chunksOf(rows)) {
    if (stream.destroyed) break
    if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), over])
  }
  stream.end()
  // Its end has to be on its way before the next statement.
  await new Promise(setImmediate)
  await tx.execute(sql`select 1`)
}

/** Drizzle hands on the driver's transaction, but has no type for it. */
const clientOf = (tx: Db): TransactionSql => (tx._.session as unknown as { readonly client: TransactionSql }).client

function* chunksOf(rows: Iterable<readonly Field[]>): Generator<string> {
  let chunk = ''
  for (const row of rows) {
    chunk += `${row.map(written).join('\t')}\n`
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

/** In COPY's text form: https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2 */
function written(field: Field): string {
  if (field === null) return '\\N'
  if (typeof field === 'boolean') return field ? 't' : 'f'
  if (field.length === 0) return typeof field === 'string' ? '' : '{}'
  return escaped(typeof field === 'string' ? field : `{${field.map(element).join(',')}}`)
}

/** Most are ids and words of ours, which need no quotes. */
const PLAIN = /^[a-z0-9_]+$/
const element = (text: string): string =>
  PLAIN.test(text) && text !== 'null' ? text : `"${text.replace(/["\\]/g, '\\$&')}"`

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const escaped = (text: string): string =>
  /[\\\n\r\t]/.test(text) ? text.replace(/[\\\n\r\t]/g, (one) => ESCAPES[one]!) : text
