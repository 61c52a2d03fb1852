import type { Dialect } from './server/server.ts'

/**
 * A number for a row of a table, given the SQL of its text, so that the sum over many rows changes when one of them does. MariaDB's and MySQL's own
 * checksum is linear: where two people change places, those of the four rows before and after may add up to the same. Multiplied with a part of itself
 * it is not, and still costs a fraction of a digest.
 */
export const rowSum = (dialect: Dialect, row: string): string =>
  dialect === 'mysql' ? `crc32(${row}) * (1 + crc32(${row}) % 65521)` : `hashtextextended(${row}, 0)::numeric`
