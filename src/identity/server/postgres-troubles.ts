import { codeOf, networkKind } from './network-troubles.ts'
import type { Detail, Kind } from './troubles.ts'

/** Codes of PostgreSQL (its manual, appendix A) that an operator can do something about. */
const KINDS: Readonly<Record<string, Kind>> = {
  '08P01': 'in the answer',
  '22021': 'not utf-8',
  '22P05': 'not utf-8',
  '25P03': 'ended',
  '28000': 'not let in',
  '28P01': 'credentials',
  '3D000': 'no database',
  '3F000': 'no table',
  '40001': 'conflict',
  '40P01': 'conflict',
  '42501': 'no right',
  '42703': 'no column',
  '42P01': 'no table',
  '53100': 'disk full',
  '53200': 'no memory',
  '53300': 'no connections left',
  '55P03': 'locked',
  '57014': 'stopped',
  '57P01': 'ended',
  '57P02': 'ended',
  '57P03': 'not ready',
  '57P04': 'no database',
  '57P05': 'ended',
  '58030': 'unwell',
  XX001: 'unwell',
  XX002: 'unwell',
}

/** What the driver says where the connection is gone. */
const GONE = new Set(['CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED', 'ECONNRESET', 'EPIPE'])

export interface Told extends Detail {
  readonly kind: Kind
}

/** `isOpen`: the server had let us in. */
export function postgresTrouble(error: unknown, isOpen: boolean): Told {
  const code = codeOf(error)
  if (code === undefined) return { kind: networkKind(error) ?? 'in the answer' }
  if (GONE.has(code)) return { kind: isOpen ? 'lost' : 'hung up', code }
  if (code === 'SASL_SIGNATURE_MISMATCH') return { kind: 'another kind', code }
  const message = error instanceof Error ? error.message : ''
  return { kind: byMessage(code, message) ?? KINDS[code] ?? networkKind(error) ?? 'other', name: nameIn(message), code }
}

/** One code for two things; the server may also say it in another language than English. */
function byMessage(code: string, message: string): Kind | null {
  if (code === '57014' && /statement timeout/.test(message)) return 'slow'
  if (code === '57014' && /user request/.test(message)) return 'cancelled'
  if (code === '42501' && /row-level security/.test(message)) return 'rows hidden'
  return null
}

const nameIn = (message: string): string | undefined =>
  /\b(?:table|view|relation|schema|column|function) "?([\w.$]{1,130})"?/.exec(message)?.[1]

/** The code of what the server said before it hung up, in its last bytes; the driver forgets it. Text in PostgreSQL holds no zero byte. */
export function lastWords(bytes: Buffer): string | undefined {
  return /\0VFATAL\0C([0-9A-Z]{5})\0/.exec(bytes.toString('latin1'))?.[1]
}
