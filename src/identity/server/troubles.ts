import { DirectoryUnreachable } from '#src/core/directory.ts'
import { MOST_ROWS } from './server.ts'
import type { ServerSettings } from './settings.ts'

// The one catalogue of what goes wrong with somebody's database, in words for its operator. Whatever the server or a driver says in its own words stays
// behind: it may hold a question, a value of somebody's, or an address with its password.

/** What is known besides its kind: the table or column, the server's code, a number of seconds. */
export interface Detail {
  readonly name?: string | undefined
  readonly code?: string | undefined
  readonly seconds?: number
}

interface Scene extends Detail {
  /** Host and port, or the file of a socket. */
  readonly at: string
  readonly host: string
  readonly product: string
  readonly tls: ServerSettings['tls']['mode']
}

const TLS_MAYBE = 'Perhaps it lets this user in only by an encrypted way: then set IDENTITY_TLS to require or verify.'

const SENTENCES = {
  'no address': ({ host }) =>
    `The host of the identity database, ${host}, has no address. Correct it in IDENTITY_URL, or look at the name server of this machine.`,
  refused: ({ at }) =>
    `The identity database refuses connections: nothing listens at ${at}. Start its server, or correct the host and the port in IDENTITY_URL.`,
  'no way': ({ at }) =>
    `The identity database at ${at} cannot be reached from this machine. Look at the network between, and at the host in IDENTITY_URL.`,
  'late connection': ({ at, seconds }) =>
    `The identity database at ${at} did not take the connection within ${seconds} s. See that the host and the port in IDENTITY_URL are right, and that no firewall stands between.`,
  'late greeting': ({ at, seconds, product }) =>
    `What listens at ${at} took the connection and did not let the bot in within ${seconds} s. See that it is ${product}, that IDENTITY_URL begins as it should, and that the server is not overloaded.`,
  'another kind': ({ at, product }) =>
    `What answers at ${at} is not ${product}. Correct the port or the beginning of IDENTITY_URL (postgres:// or mysql://).`,
  'hung up': ({ at }) =>
    `The identity database at ${at} closed the connection before it let the bot in. Its own log says why; perhaps it is starting up, or shuts out this machine.`,
  'tls wanted': ({ at }) =>
    `The identity database at ${at} lets nobody in by a way that is not encrypted. Set IDENTITY_TLS to require or verify.`,
  'tls not offered': ({ at, tls }) =>
    `The identity database at ${at} offers no encryption, and IDENTITY_TLS=${tls} asks for it. Turn TLS on at the server; in a network of your own, IDENTITY_TLS=off will do.`,
  'tls failed': ({ at }) =>
    `The identity database at ${at} and the bot found no way to encrypt the connection. See that its server offers TLS 1.2 or newer.`,
  'certificate expired': ({ at }) =>
    `The certificate of the identity database at ${at} is out of date, or this machine's clock is wrong. Renew the certificate.`,
  'certificate of another': ({ at, host }) =>
    `The certificate of the identity database at ${at} is not for ${host}. Name the server in IDENTITY_URL as its certificate does, or give it a certificate for that name.`,
  'certificate unknown': ({ at }) =>
    `Nobody whom the bot believes vouches for the certificate of the identity database at ${at}. Name the file with the certificate of its authority in IDENTITY_TLS_CA.`,
  'no authorities': () =>
    'The certificates that IDENTITY_TLS_CA names cannot be read. See that the file is there, that the bot may read it, and that it is PEM (-----BEGIN CERTIFICATE-----).',
  credentials: ({ at, tls }) =>
    `The identity database at ${at} refused the user or the password in IDENTITY_URL. Correct them (in a password, @ : / # ? % are written %40 %3A %2F %23 %3F %25).${tls === 'off' ? ` ${TLS_MAYBE}` : ''}`,
  'not let in': ({ at, tls }) =>
    `The identity database at ${at} does not let this user in from this machine, or does not know it. Allow it there (pg_hba.conf in PostgreSQL, the user's host in MariaDB and MySQL).${tls === 'off' ? ` ${TLS_MAYBE}` : ''}`,
  'no database': ({ at }) =>
    `The server at ${at} has no database of the name that IDENTITY_URL ends with. Correct the name.`,
  'no right': ({ name }) =>
    `The user in IDENTITY_URL may not read ${name ?? 'what the bot asks for'} in the identity database. Grant it SELECT there.`,
  'rows hidden': ({ name }) =>
    `Row-level security hides some rows of ${name ?? 'a table'} from the user in IDENTITY_URL, and people whom the bot cannot see would count as gone. Let that user read all rows (ALTER ROLE … BYPASSRLS, or a policy for it that hides nothing and a view over it).`,
  'no table': ({ name }) =>
    `The identity database has no ${name ? `table ${name}` : 'table that the bot asks for'}. See that IDENTITY_URL names the right database and that IDENTITY_SOURCE fits it; an upgrade of its software may have renamed it.`,
  'no column': ({ name }) =>
    `The identity database has no ${name ? `column ${name}` : 'column that the bot asks for'}. See that IDENTITY_SOURCE fits it; an upgrade of its software may have renamed it, then upgrade the bot too.`,
  'broken view': ({ name }) =>
    `The view ${name ?? 'that the bot reads'} no longer works in the identity database: something that it is made of is gone, or its owner may not read that any more. Mend the view.`,
  slow: ({ seconds }) =>
    `The identity database took longer than ${seconds} s over one question, so the question was stopped. Look at what keeps its server busy, or raise IDENTITY_TIMEOUT_SECONDS.`,
  'slow answer': ({ seconds }) =>
    `The identity database took longer than ${seconds} s over the list of everybody, so the reading was given up. Look at what keeps its server busy.`,
  silent: ({ at, seconds }) =>
    `The identity database at ${at} has said nothing for ${seconds} s in the middle of an answer, so the connection was given up. Look at its server and at the network between, or raise IDENTITY_TIMEOUT_SECONDS.`,
  stopped: ({ seconds }) =>
    `The identity database stopped a question: it took longer than ${seconds} s, or somebody stopped it there. Look at what keeps its server busy.`,
  cancelled: () =>
    `Somebody at the identity database stopped a question of the bot. If an administrator or a watchdog there does so again and again, exempt the bot's user.`,
  locked: ({ name }) =>
    `${name ? `The table ${name}` : 'A table'} of the identity database is locked by somebody else, an upgrade or a backup perhaps. Wait for that to end, or look there for who holds the lock.`,
  changed: () =>
    'A table of the identity database was altered while it was read, by an upgrade perhaps. It is read anew the next time.',
  'no connections left': ({ at }) =>
    `The identity database at ${at} has no connection left for the bot, which needs up to five. End other programs there, or raise max_connections (or what the bot's user may have).`,
  'not ready': ({ at }) =>
    `The identity database at ${at} is starting, stopping or out of its cluster, and answers nobody. Wait for it, or look at its log.`,
  ended: ({ at }) =>
    `The identity database at ${at} ended the connection: its server was stopped, or somebody ended it there. If its server runs, look at its log for who did.`,
  lost: ({ at }) =>
    `The connection to the identity database at ${at} broke off: its server was stopped, somebody ended the connection there, or the network failed. Look at its server and its log, and at the network between.`,
  conflict: ({ at }) =>
    `The identity database at ${at} is a replica, and stopped a question because rows that it read were changed on the primary. Raise max_standby_streaming_delay or turn on hot_standby_feedback there, or let IDENTITY_URL name the primary.`,
  behind: ({ at, seconds }) =>
    `The identity database at ${at} is a replica and ${seconds} s behind its primary, so what it says is old. Look at what holds it up, or let IDENTITY_URL name the primary.`,
  'cut off': ({ at }) =>
    `The identity database at ${at} is a replica that gets nothing from its primary, and does not know how old it is. Connect it again, or let IDENTITY_URL name the primary.`,
  'disk full': ({ at }) =>
    `The server of the identity database at ${at} has no room left on its disk. Make room there.`,
  'no memory': ({ at }) =>
    `The server of the identity database at ${at} has too little memory for a question. Look at what fills it.`,
  unwell: ({ at }) =>
    `The server of the identity database at ${at} cannot read its own tables. Look at its log at once, and at its backups.`,
  'not utf-8': () =>
    'The identity database gave a text that is not UTF-8, so names in it cannot be told apart. In PostgreSQL look for a database with the encoding SQL_ASCII, in MariaDB and MySQL for a binary column, and mend those texts.',
  'cut short': () =>
    'The identity database cut a value short without saying where. Raise max_allowed_packet and group_concat_max_len of its server.',
  'too long': () =>
    `The identity database gave more than ${MOST_ROWS.toLocaleString('en')} rows to a question about a few. See that IDENTITY_SOURCE fits it.`,
  busy: () =>
    'More is asked of the identity database than it answers, so this was not asked. Look at what keeps its server busy.',
  closed: () => 'The bot is stopping and asks the identity database nothing more.',
  'in the answer': ({ at }) =>
    `The bot could not follow the answer of the identity database at ${at}. See that IDENTITY_URL leads to its server itself and that nothing between alters what passes.`,
  other: ({ at }) => `The identity database at ${at} did not answer a question. Its own log says why.`,
} satisfies Readonly<Record<string, (scene: Scene) => string>>

export type Kind = keyof typeof SENTENCES

const PRODUCTS = { postgres: 'PostgreSQL', mysql: 'MariaDB or MySQL' } as const

/** Says what went wrong with one database. */
export class Troubles {
  readonly #scene: Scene

  constructor({ address: { dialect, host, port, socketPath }, tls }: ServerSettings) {
    const at = socketPath ?? (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)
    this.#scene = { at, host, product: PRODUCTS[dialect], tls: tls.mode }
  }

  say(kind: Kind, detail: Detail = {}): DirectoryUnreachable {
    const sentence = SENTENCES[kind]({ ...this.#scene, ...detail })
    const code = detail.code === undefined ? '' : ` (${detail.code})`
    return new DirectoryUnreachable(`${sentence} Nobody is judged until it answers.${code}`)
  }
}
