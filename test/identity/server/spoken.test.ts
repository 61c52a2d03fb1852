import { expect, it, onTestFinished } from 'vitest'
import type { Session } from '#src/identity/server/server.ts'
import { openAt, withEach, withPostgres } from './servers.ts'
import { told } from './told.ts'
import { openWay } from './way.ts'

// What no test can bring about at a real server in good time is said in its place, in the form in which it says it.

const MARK = '/* marked */'

function postgresError(code: string, message: string, isFatal: boolean): Buffer {
  const severity = isFatal ? 'FATAL' : 'ERROR'
  const fields = Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x45])
  return Buffer.concat(isFatal ? [head, fields] : [head, fields, ready])
}

function mysqlError(number: number, message: string): Buffer {
  const words = Buffer.from(`#HY000${message}`)
  const head = Buffer.from([words.length + 3, 0, 0, 1, 0xff, number & 0xff, number >> 8])
  return Buffer.concat([head, words])
}

type Case = readonly [said: string, message: string, told: RegExp]

const POSTGRES: readonly Case[] = [
  ['53100', 'could not extend file "base/1/2": No space left on device', /has no room left on its disk/],
  ['53200', 'out of memory', /too little memory/],
  ['53300', 'sorry, too many clients already', /has no connection left for the bot/],
  ['40001', 'canceling statement due to conflict with recovery', /is a replica, and stopped a question/],
  ['40P01', 'deadlock detected', /is a replica, and stopped a question/],
  ['57014', 'annulation de la requête', /it took longer than [26]0 s, or somebody stopped it there/],
  ['57P02', 'terminating connection because of crash of another server process', /ended the connection/],
  ['57P03', 'the database system is starting up', /is starting, stopping or out of its cluster/],
  ['25P03', 'terminating connection due to idle-in-transaction timeout', /ended the connection/],
  ['58030', 'could not read file', /cannot read its own tables/],
  ['XX001', 'invalid page in block 7', /cannot read its own tables/],
  ['22021', 'invalid byte sequence for encoding "UTF8": 0xff', /not UTF-8/],
  ['3F000', 'schema "aa" does not exist', /has no table aa/],
  ['42601', 'syntax error at or near "hunter2"', /did not answer a question/],
]

const MYSQL: readonly Case[] = [
  ['3', 'Error writing file \'/tmp/x\' (Errcode: 28 "No space left on device")', /has no room left on its disk/],
  ['1021', 'Disk full (/tmp/#sql)', /has no room left on its disk/],
  [
    '1030',
    'Got error 28 "No space left on device" from storage engine InnoDB',
    /cannot read its own tables|no room left/,
  ],
  ['1114', "The table '/tmp/#sql' is full", /has no room left on its disk/],
  ['1038', 'Out of sort memory', /too little memory/],
  ['1040', 'Too many connections', /has no connection left for the bot/],
  ['1047', 'WSREP has not yet prepared node for application use', /is starting, stopping or out of its cluster/],
  ['1053', 'Server shutdown in progress', /ended the connection/],
  ['1194', "Table 'auth_user' is marked as crashed and should be repaired", /cannot read its own tables/],
  ['1412', 'Table definition has changed, please retry transaction', /was altered while it was read/],
  ['3024', 'Query execution was interrupted, maximum statement execution time exceeded', /took longer than [26]0 s/],
  ['3159', 'Connections using insecure transport are prohibited', /Set IDENTITY_TLS to require or verify/],
  ['4031', 'The client was disconnected by the server because of inactivity', /ended the connection/],
  ['1064', "You have an error in your SQL syntax near 'hunter2'", /did not answer a question/],
]

withEach('a server that says', (place, dialect) => {
  const ends = new Set(['57P01', '57P02', '57P03', '25P03', '53300'])
  const toBytes = (said: string, message: string) =>
    dialect === 'postgres' ? postgresError(said, message, ends.has(said)) : mysqlError(Number(said), message)

  for (const [said, message, words] of dialect === 'postgres' ? POSTGRES : MYSQL)
    it(`${said} (${message}) is understood, at the beginning of an answer and in its midst`, async () => {
      const way = await openWay(place().address)
      const server = openAt(way.address)
      onTestFinished(() => server.close())
      const bytes = toBytes(said, message)
      const question = `select ${MARK} 'one', 'two'`
      for (const ask of [
        (session: Session) => session.rows(question),
        (session: Session) => session.each(question, () => {}),
      ] as readonly ((session: Session) => Promise<unknown>)[]) {
        way.play(MARK, { after: 0, act: bytes })
        const sentence = await told(server.read(ask))
        expect(sentence).toMatch(words)
        expect(sentence).toContain(`(${said})`)
      }
      way.rest()
      expect(await server.read((session) => session.rows(question))).toEqual([['one', 'two']])
    })
})

const GREETINGS: readonly Case[] = [
  ['28P01', 'password authentication failed for user "ann"', /refused the user or the password in IDENTITY_URL/],
  ['28000', 'no pg_hba.conf entry for host "1.2.3.4", no encryption', /does not let this user in.*IDENTITY_TLS/],
  ['57P03', 'the database system is shutting down', /is starting, stopping/],
  ['53300', 'sorry, too many clients already', /has no connection left/],
]

withPostgres('a server that says before it lets anybody in', (place) => {
  for (const [said, message, words] of GREETINGS)
    it(`${said} (${message}) is understood`, async () => {
      const way = await openWay(place().address)
      const server = openAt(way.address)
      onTestFinished(() => server.close())
      way.play(place().address.user, { after: 0, act: postgresError(said, message, true) })
      expect(await told(server.read((session) => session.rows('select 1')))).toMatch(words)
      way.rest()
      expect(await server.read((session) => session.rows('select 1'))).toEqual([['1']])
    })
})
