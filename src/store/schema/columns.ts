import { customType } from 'drizzle-orm/pg-core'

// The column types that this schema adds to drizzle's own.

/** A moment: milliseconds since the epoch on our side, a timestamp with time zone on the database's, so that people can read it there. */
export const moment = customType<{ data: number; driverData: string }>({
  dataType: () => 'timestamp (3) with time zone',
  toDriver: (milliseconds) => new Date(milliseconds).toISOString(),
  fromDriver: (text) => Date.parse(text),
})

/** Ids and names: compared and sorted byte by byte, whatever the locale the database was made with. */
export const bytes = customType<{ data: string; driverData: string }>({
  dataType: () => 'text COLLATE "C"',
})

/** Bytes as they are. */
export const octets = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })

/** What people typed is kept whatever it holds: a NUL or half a surrogate pair, which Postgres cannot store, becomes U+FFFD. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')
