import { rowSum } from '../row-sum.ts'
import type { Dialect } from '../server/server.ts'
import { isInteger, type Views } from './views.ts'

// Texts are compared byte by byte, whatever the database's collation: one that folds case or drops blanks would make one of two people.

/** By what a column is compared, counted and grouped. */
export const exact = (dialect: Dialect, column: string): string =>
  dialect === 'mysql' ? `cast(convert(${column} using utf8mb4) as binary)` : `(${column})::text collate "C"`

/** The same of a column that names a person; quicker where people are numbered. */
export const keyOf = (dialect: Dialect, { byNumber }: Views, column: string): string =>
  byNumber ? column : exact(dialect, column)

/** A column as text; numbers as their digits. */
export const text = (dialect: Dialect, column: string): string =>
  dialect === 'mysql' ? `convert(cast(${column} as char) using utf8mb4)` : `(${column})::text`

/** The same of a column of this type, at less cost where a server writes it so by itself; blanks behind a `char` it would add. */
export const sent = (dialect: Dialect, type: string, column: string): string =>
  isInteger(type) || PLAIN.includes(type) ? column : text(dialect, column)

const PLAIN: readonly string[] = ['character varying', 'varchar', 'text', 'tinytext', 'mediumtext', 'longtext']

/** Whether it is said at all: null says nothing, and a 2 may mean anything. */
export const isSaid = (dialect: Dialect, column: string): string =>
  dialect === 'mysql' ? `${column} in (0, 1)` : `${column}::text in ('true', 'false', '1', '0')`

export const isTrue = (dialect: Dialect, column: string): string =>
  dialect === 'mysql' ? `${column} = 1` : `${column}::text in ('true', '1')`

/** A truth in a letter: 1 or t, 0 or f; null where it is unsaid, or whatever else stands there. */
export const letter = (dialect: Dialect, column: string): string =>
  dialect === 'mysql' ? `case when ${column} = 1 then 1 when ${column} = 0 then 0 end` : column

/** 1 where it holds; 0 where it does not, and where it is unknown. */
export const bit = (condition: string): string => `case when ${condition} then 1 else 0 end`

/** What no id of Discord's is: anything but digits, a nought in front, or more than 2^64 - 1. */
export const isNoDiscordId = (dialect: Dialect, column: string): string => {
  const id = exact(dialect, column)
  // MySQL looks for no pattern in bytes, and PostgreSQL for none by a collation that takes different letters for one.
  const hasOther = dialect === 'mysql' ? `${text(dialect, column)} regexp '^0|[^0-9]'` : `${id} ~ '^0|[^0-9]'`
  const isTooLarge = `length(${id}) > 20 or (length(${id}) = 20 and ${id} > '18446744073709551615')`
  return `(${id} = '' or ${hasOther} or ${isTooLarge})`
}

/** A checksum of a row's columns, as a number. */
export const checksum = (dialect: Dialect, columns: readonly string[]): string => {
  // What is null must not look like what is empty, nor a stroke between two columns like one in them.
  const parts = columns.map(
    (column) => `coalesce(concat(length(${exact(dialect, column)}), ':', ${exact(dialect, column)}), '-')`,
  )
  const row = `concat_ws('|', ${parts.join(', ')})`
  return rowSum(dialect, row)
}

interface Condition {
  readonly where: string
  readonly values: readonly string[]
}

/**
 * Rows in which the column may be one of these values, and perhaps others that the collation takes for the same: whoever asks tells them apart.
 * By the column's own type, so that an index serves; MySQL would compare a text with a number as two doubles.
 */
export function oneOf(dialect: Dialect, column: string, type: string, wanted: readonly string[]): Condition {
  const { left, places } = isNumber(type)
    ? { left: column, places: wanted.flatMap((value) => numberPlace(dialect, type, value)) }
    : { left: dialect === 'postgres' ? `${column}::text` : column, places: wanted.map(plainPlace) }
  if (places.length === 0) return { where: '1 = 0', values: [] }
  return {
    where: `${left} in (${places.map(({ place }) => place).join(', ')})`,
    values: places.map(({ value }) => value),
  }
}

interface PlaceOf {
  readonly place: string
  readonly value: string
}

const plainPlace = (value: string): PlaceOf => ({ place: '?', value })

/** What cannot be a number of the type is nobody's. */
function numberPlace(dialect: Dialect, type: string, value: string): readonly PlaceOf[] {
  if (!/^(?:0|-?[1-9]\d{0,19})$/.test(value)) return []
  const isSigned = BigInt.asIntN(64, BigInt(value)) === BigInt(value)
  if (!isInteger(type)) return [{ place: 'cast(? as decimal(30))', value }]
  if (isSigned) return [{ place: dialect === 'mysql' ? 'cast(? as signed)' : 'cast(? as bigint)', value }]
  return dialect === 'mysql' && BigInt.asUintN(64, BigInt(value)) === BigInt(value)
    ? [{ place: 'cast(? as unsigned)', value }]
    : []
}

const isNumber = (type: string): boolean => isInteger(type) || type === 'numeric' || type === 'decimal'
