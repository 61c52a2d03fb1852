/** Where somebody's database is and who asks. `password` is a secret, as is the address that it was read from. */
export interface DatabaseAddress {
  readonly dialect: 'postgres' | 'mysql'
  readonly host: string
  readonly port: number
  /** The socket's file, where the database is on this machine and is spoken to by one; host and port are then only what was written. */
  readonly socketPath: string | null
  readonly user: string
  readonly password: string
  readonly database: string
}

const DIALECTS: Readonly<Record<string, DatabaseAddress['dialect']>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
}
const PORTS = { postgres: 5432, mysql: 3306 } as const

const FORM =
  'must look like postgres://user:password@host:5432/database or mysql://user:password@host:3306/database. In the user, the password and the database, write @ : / # ? % as %40 %3A %2F %23 %3F %25.'
const BROKEN_ESCAPE =
  'holds a % that is not followed by two hexadecimal digits. In a user, a password or a database, write % as %25 (and @ : / # ? as %40 %3A %2F %23 %3F).'
const QUESTION =
  'must end with the name of the database: what stands behind a ? there is not read. Whether the way is encrypted is said by IDENTITY_TLS; a ? in a password is written %3F.'

/** Reads an address, or says what is amiss in words that repeat nothing of it. */
export function readAddress(text: string): DatabaseAddress | { readonly fault: string } {
  const url = URL.canParse(text) ? new URL(text) : null
  const dialect = url === null ? undefined : DIALECTS[url.protocol]
  // A password with a bare / ? or # in it reads as an address whose host is the user: then the @ stands where no @ belongs.
  if (!url || !dialect || url.hash !== '' || /@/.test(url.pathname + url.search)) return { fault: FORM }
  if (url.search !== '') return { fault: QUESTION }
  const parts = [url.username, url.password, url.hostname, url.pathname.slice(1)].map(decoded)
  const [user, password, host, database] = parts
  if (user === undefined || password === undefined || host === undefined || database === undefined)
    return { fault: BROKEN_ESCAPE }
  if (user === '' || host === '' || database === '' || url.pathname.slice(1).includes('/')) return { fault: FORM }
  const port = url.port === '' ? PORTS[dialect] : Number(url.port)
  if (port === 0) return { fault: FORM }
  return {
    ...{ dialect, port, user, password, database },
    host: host.replace(/^\[(.*)\]$/, '$1'),
    socketPath: host.startsWith('/') ? socketOf(dialect, host, port) : null,
  }
}

/** PostgreSQL's clients name the folder, those of MariaDB and MySQL the file. */
const socketOf = (dialect: DatabaseAddress['dialect'], path: string, port: number): string =>
  dialect === 'postgres' ? `${path.replace(/\/$/, '')}/.s.PGSQL.${port}` : path

function decoded(part: string): string | undefined {
  try {
    const text = decodeURIComponent(part)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

/** The password in each form in which it might be seen: as it was typed, as an address spells it, and as it is. */
export function passwordsIn(text: string | undefined): readonly string[] {
  if (text === undefined) return []
  const typed = /^[a-z]+:\/\/[^:/@]*:(.*)@/is.exec(text)?.[1]
  const spelled = URL.canParse(text) ? new URL(text).password : undefined
  return [typed, spelled, ...[typed, spelled].map((form) => form && decoded(form))].filter((form) => form !== undefined)
}
