import { type DestinationStream, destination as fileDestination, pino } from 'pino'
import { contextNow } from './context.ts'
import { makeScrub, scrubbed } from './scrub.ts'

// The one way to write a log line. Whatever is handed in (a message, an error with its stack and causes, values) is cleaned of
// secrets before the writer sees it, so that no caller has to remember to.

export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** Values that must never be seen: the token, connection strings, passwords. */
  readonly secrets: readonly string[]
  /** Where lines go; standard error where left out, so that what a command prints stays readable by machines. */
  readonly destination?: DestinationStream
  /** Hears what is worth a person's attention before it is written, cleaned of secrets too. */
  readonly hear?: (level: 'warn' | 'error', message: string, fields: LogFields) => void
}

const STANDARD_ERROR = 2

/** One JSON line an entry. Never throws: a log line that cannot be written must not stop an act. */
export function makeLog({ level, secrets, destination, hear }: LogOptions): Log {
  const scrub = makeScrub(secrets)
  // Written synchronously, so that the last lines before an exit are not lost.
  const writer = pino({ level, base: null }, destination ?? fileDestination({ fd: STANDARD_ERROR, sync: true }))
  const write = (at: 'debug' | 'info' | 'warn' | 'error') => (fields: LogFields, message: string) => {
    if (!writer.isLevelEnabled(at)) return
    if (at === 'warn' || at === 'error') hear?.(at, scrub(message), fields)
    try {
      writer[at](scrubbed({ ...contextNow(), ...fields }, scrub) as object, scrub(message))
    } catch {
      // A getter of a strange object threw, or the stream is gone: the line is lost and nothing else.
    }
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
