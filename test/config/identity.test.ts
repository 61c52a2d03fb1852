import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Config, ConfigFault, readConfig } from '#src/config.ts'

const BASE = { IDENTITY_SOURCE: 'alliance-auth', IDENTITY_URL: 'mysql://ann:secret@db.example/aa' }
const read = (more: Readonly<Record<string, string>>): Config => readConfig({ ...BASE, ...more })

/** What a person is told; nothing of a password may stand in it. */
function faultOf(more: Readonly<Record<string, string>>, password = 'hunter2'): string {
  try {
    read(more)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigFault)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(password)
    return (error as Error).message
  }
  throw new Error('It was taken.')
}

/** The address in parts, without what is left to its default. */
function partsOf(IDENTITY_URL: string) {
  const { identity } = read({ IDENTITY_URL })
  if (!('address' in identity)) throw new Error('No database was read.')
  return identity.address
}

describe('the address of an identity database', () => {
  const rows: readonly (readonly [string, string, object])[] = [
    ['MariaDB', 'mariadb://ann:pw@db/aa', { dialect: 'mysql', host: 'db', port: 3306, database: 'aa' }],
    ['MySQL', 'mysql://ann:pw@db:3307/aa', { dialect: 'mysql', port: 3307 }],
    ['PostgreSQL', 'postgres://ann:pw@db/aa', { dialect: 'postgres', port: 5432, user: 'ann', password: 'pw' }],
    ['PostgreSQL by its other name', 'postgresql://ann:pw@db/aa', { dialect: 'postgres' }],
    ['one without a password', 'postgres://ann@db/aa', { user: 'ann', password: '' }],
    ['a number of IPv6', 'postgres://ann:pw@[::1]:5433/aa', { host: '::1', port: 5433 }],
    ['a password of marks', 'mysql://ann:%40%3A%2F%23%3F%25@db/aa', { password: '@:/#?%' }],
    ['a user and a database of marks', 'mysql://a%40n:pw@db/a%2Fa', { user: 'a@n', database: 'a/a' }],
    ['letters beyond ASCII', 'mysql://ann:gr%C3%BCn%F0%9F%9A%80@db/aa', { password: 'grün🚀' }],
    ['a socket of PostgreSQL', 'postgres://ann@%2Frun%2Fpg:5433/aa', { socketPath: '/run/pg/.s.PGSQL.5433' }],
    ['a socket of MariaDB', 'mysql://ann@%2Frun%2Fmysqld.sock/aa', { socketPath: '/run/mysqld.sock' }],
    ['a host in the network', 'mysql://ann@db/aa', { socketPath: null }],
  ]
  for (const [what, address, parts] of rows) it(`is read: ${what}`, () => expect(partsOf(address)).toMatchObject(parts))

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['another program', 'https://ann:hunter2@db/aa', /must look like postgres:/],
    ['no address', 'hunter2', /must look like postgres:/],
    ['a bare / in the password', 'mysql://ann:12/hunter2@db/aa', /write @ : \/ # \? % as %40 %3A %2F %23 %3F %25/],
    ['a bare # in the password', 'mysql://ann:12#hunter2@db/aa', /write @ : \/ #/],
    ['a bare ? in the password', 'mysql://ann:12?hunter2@db/aa', /write @ : \/ #/],
    ['a bare % in the password', 'mysql://ann:hunter2%@db/aa', /write % as %25/],
    ['a zero byte in the password', 'mysql://ann:hunter2%00@db/aa', /%25/],
    ['no user', 'mysql://db/aa', /must look like/],
    ['no database', 'mysql://ann:hunter2@db', /must look like/],
    ['two databases', 'mysql://ann:hunter2@db/aa/bb', /must look like/],
    ['port 0', 'mysql://ann:hunter2@db:0/aa', /must look like/],
    ['more behind it', 'postgres://ann:hunter2@db/aa?sslmode=require', /said by IDENTITY_TLS/],
  ]
  for (const [what, IDENTITY_URL, words] of refused)
    it(`is refused with what to do: ${what}`, () => {
      const message = faultOf({ IDENTITY_URL })
      expect(message).toMatch(words)
      expect(message).toContain('IDENTITY_URL ')
    })

  it('is a secret, and so is its password, however it is spelled', () => {
    const IDENTITY_URL = 'mysql://ann:a%40b c@db/aa'
    expect(read({ IDENTITY_URL }).secrets).toEqual(
      expect.arrayContaining([IDENTITY_URL, 'a%40b c', 'a%40b%20c', 'a@b c']),
    )
  })

  it('has nothing secret in it where there is no password', () => {
    expect(read({ IDENTITY_URL: 'mysql://ann@db/aa' }).secrets).toEqual(['mysql://ann@db/aa'])
  })
})

describe('what goes with it', () => {
  it('has defaults', () => {
    expect(readConfig({ ...BASE, IDENTITY_SOURCE: 'view' }).identity).toMatchObject({
      ...{ source: 'view', tls: { mode: 'off' }, pollSeconds: 15, maxPeople: 2_000_000, timeoutSeconds: 30 },
    })
  })

  it('says how its certificate is checked', () => {
    expect(read({ IDENTITY_TLS: 'verify' }).identity).toMatchObject({ tls: { mode: 'verify', caFile: null } })
    expect(read({ IDENTITY_TLS: 'verify', IDENTITY_TLS_CA: '/ca.pem' }).identity).toMatchObject({
      tls: { mode: 'verify', caFile: '/ca.pem' },
    })
    expect(read({ IDENTITY_TLS: 'require' }).identity).toMatchObject({ tls: { mode: 'require' } })
  })

  const rows: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ['no address', { IDENTITY_URL: '' }, /IDENTITY_URL is missing: IDENTITY_SOURCE=alliance-auth reads/],
    ['an address that nobody reads', { IDENTITY_SOURCE: 'native' }, /IDENTITY_URL is set, but IDENTITY_SOURCE is/],
    ['a source of another kind', { IDENTITY_SOURCE: 'ldap' }, /must be native .* alliance-auth .* or view/],
    ['certificates that are not looked at', { IDENTITY_TLS_CA: '/ca.pem' }, /IDENTITY_TLS is not verify/],
    ['another word for TLS', { IDENTITY_TLS: 'true' }, /must be off \(the default\), require/],
    [
      'TLS on a socket',
      { IDENTITY_TLS: 'require', IDENTITY_URL: 'mysql://ann:hunter2@%2Frun%2Fx/aa' },
      /nothing to encrypt/,
    ],
    ['polling without a pause', { IDENTITY_POLL_SECONDS: '0' }, /whole number from 1 to 3,600/],
    ['polling once in two hours', { IDENTITY_POLL_SECONDS: '7200' }, /whole number from 1 to 3,600/],
    ['nobody', { IDENTITY_MAX_PEOPLE: '0' }, /whole number from 1 to 20,000,000/],
    ['a number with separators', { IDENTITY_MAX_PEOPLE: '2,000,000' }, /without separators/],
    ['a time of no length', { IDENTITY_TIMEOUT_SECONDS: '0' }, /whole number from 1 to 300/],
    ['half a second', { IDENTITY_TIMEOUT_SECONDS: '0.5' }, /whole number from 1 to 300/],
  ]
  for (const [what, more, words] of rows)
    it(`is refused with what to do: ${what}`, () => expect(faultOf(more)).toMatch(words))
})
