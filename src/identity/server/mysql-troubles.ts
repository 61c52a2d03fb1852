import { codeOf, networkKind } from './network-troubles.ts'
import type { Told } from './postgres-troubles.ts'
import type { Kind } from './troubles.ts'

/** Numbers of MariaDB and MySQL that an operator can do something about; those from 1900 to 1999 are MariaDB's, those from 3000 on MySQL's. */
const KINDS: Readonly<Record<number, Kind>> = {
  3: 'disk full',
  5: 'no memory',
  1021: 'disk full',
  1026: 'disk full',
  1030: 'unwell',
  1034: 'unwell',
  1037: 'no memory',
  1038: 'no memory',
  1040: 'no connections left',
  1041: 'no memory',
  1044: 'no database',
  1045: 'credentials',
  1047: 'not ready',
  1049: 'no database',
  1053: 'ended',
  1054: 'no column',
  1077: 'ended',
  1079: 'ended',
  1114: 'disk full',
  1129: 'not let in',
  1130: 'not let in',
  1135: 'no connections left',
  1142: 'no right',
  1143: 'no right',
  1146: 'no table',
  1152: 'lost',
  1153: 'cut short',
  1158: 'lost',
  1159: 'lost',
  1160: 'lost',
  1161: 'lost',
  1194: 'unwell',
  1195: 'unwell',
  1203: 'no connections left',
  1205: 'locked',
  1226: 'no connections left',
  1251: 'not let in',
  1300: 'not utf-8',
  1317: 'cancelled',
  1356: 'broken view',
  1370: 'no right',
  1412: 'changed',
  1524: 'not let in',
  1698: 'credentials',
  1820: 'not let in',
  1862: 'not let in',
  1927: 'ended',
  1932: 'unwell',
  1969: 'slow',
  3024: 'slow',
  3118: 'not let in',
  3159: 'tls wanted',
  4031: 'ended',
}

/** What the driver says where the connection is gone. */
const GONE = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE'])

/** `isOpen`: the server had let us in. */
export function mysqlTrouble(error: unknown, isOpen: boolean): Told {
  const number = numberOf(error)
  if (number !== undefined) {
    const message = error instanceof Error ? error.message : ''
    // The system's own number for a full disk, in whatever the server wanted to write.
    const kind = /\b(?:errno|errcode|error): 28\b/i.test(message) ? 'disk full' : (KINDS[number] ?? 'other')
    return { kind, name: nameIn(kind, message), code: String(number) }
  }
  const code = codeOf(error)
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return { kind: 'tls not offered' }
  if (code !== undefined && GONE.has(code)) return { kind: isOpen ? 'lost' : 'hung up', code }
  return { kind: networkKind(error) ?? (isOpen ? 'in the answer' : 'another kind'), code }
}

function numberOf(error: unknown): number | undefined {
  const number: unknown = error instanceof Error && 'errno' in error ? error.errno : undefined
  // The system's own numbers are negative.
  return typeof number === 'number' && number > 0 ? number : undefined
}

/** A question may stand in a message, so that only what has the form of a name is taken out of it. */
function nameIn(kind: Kind, message: string): string | undefined {
  const place = kind === 'no right' ? /\b(?:in )?table [`'"]?([\w.$`]{1,130})/ : /['`"]([\w.$]{1,130})['`"]/
  return place.exec(message)?.[1]?.replaceAll('`', '')
}

/** Warnings that mean that a value is not what is stored. */
const CUT_SHORT = new Set([1260, 1265, 1301, 1406])
const NOT_UTF8 = new Set([1300, 1366, 1977, 3854])

export function warningKind(number: number): Kind | null {
  if (CUT_SHORT.has(number)) return 'cut short'
  return NOT_UTF8.has(number) ? 'not utf-8' : null
}
