import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Dialect, Session } from '#src/identity/server/server.ts'
import type { Tls } from '#src/identity/server/settings.ts'
import { makeCertificates } from './certificates.ts'
import { makeOwn, type OwnServer, putFirst, withOwn } from './own-server.ts'
import { openAt, type Place } from './servers.ts'
import { told } from './told.ts'

for (const dialect of ['postgres', 'mysql'] as const)
  withOwn(dialect, `a server of our own and TLS (${dialect})`, () => {
    let own: OwnServer
    let place: Place
    const file = (name: string) => join(own.folder, name)

    beforeAll(async () => {
      own = await makeOwn(dialect)
      makeCertificates(own.folder)
      await own.start(...(dialect === 'mysql' ? ['--skip-ssl'] : []))
      place = await own.makePlace()
    })
    afterAll(async () => {
      await place?.drop().catch(() => {})
      await own?.remove()
    })

    function read<T>(tls: Tls, host = '127.0.0.1', work: (session: Session) => Promise<T> = one as never): Promise<T> {
      const server = openAt({ ...place.address, host }, { tls })
      onTestFinished(() => server.close())
      return server.read(work)
    }
    const one = (session: Session) => session.rows('select 1')
    const verify = (caFile: string | null = file('authority.pem')): Tls => ({ mode: 'verify', caFile })

    /** From now on the server shows this certificate. */
    async function show(name: string): Promise<void> {
      await place.drop().catch(() => {})
      await showing(dialect, own, name)
      place = await own.makePlace()
    }

    it('one that offers none is not spoken to by a way that is not encrypted', async () => {
      expect(await read({ mode: 'off' })).toEqual([['1']])
      for (const tls of [{ mode: 'require' }, verify()] as const)
        expect(await told(read(tls))).toMatch(/offers no encryption, and IDENTITY_TLS=(?:require|verify) asks for it/)
    })

    it('one whose certificate is good is read, by its name and by its number', async () => {
      await show('good')
      for (const host of ['localhost', '127.0.0.1'])
        for (const tls of [{ mode: 'require' }, verify()] as const) {
          const [row] = await read(tls, host, (session) => session.rows(ENCRYPTED[dialect]))
          expect(row?.[0]).toMatch(/^(?:true|TLS_\w+)$/)
        }
      const [row] = await read({ mode: 'off' }, '127.0.0.1', (session) => session.rows(ENCRYPTED[dialect]))
      expect(row?.[0]).toMatch(/^(?:false)?$/)
    })

    it('a long answer comes whole by an encrypted way, and lets others have their turn', async () => {
      let turns = 0
      const turn = setInterval(() => turns++, 0)
      onTestFinished(() => clearInterval(turn))
      let bytes = 0
      await read(verify(), 'localhost', (session) =>
        session.each(LONG[dialect], (row) => {
          bytes += row.text(1)!.length
        }),
      )
      expect(bytes).toBe(20_000_000)
      expect(turns).toBeGreaterThan(20)
    })

    it('one for whom nobody vouches is not believed, only encrypted', async () => {
      for (const tls of [verify(null), verify(file('stranger.pem'))])
        expect(await told(read(tls))).toMatch(/Nobody whom the bot believes vouches.*IDENTITY_TLS_CA/)
      expect(await read({ mode: 'require' })).toEqual([['1']])
    })

    it('authorities that cannot be read are told as such', async () => {
      writeFileSync(file('no.pem'), 'nothing of the kind')
      writeFileSync(file('half.pem'), '-----BEGIN CERTIFICATE-----\nhunter2\n')
      for (const name of ['no.pem', 'half.pem', 'not-there.pem'])
        expect(await told(read(verify(file(name))))).toMatch(
          /The certificates that IDENTITY_TLS_CA names cannot be read/,
        )
    })

    it('a certificate for a name is none for a number', async () => {
      await show('name-only')
      expect(await read(verify(), 'localhost')).toEqual([['1']])
      expect(await told(read(verify(), '127.0.0.1'))).toMatch(/certificate .* is not for 127\.0\.0\.1/)
    })

    it('a certificate for somebody else is refused', async () => {
      await show('elsewhere')
      expect(await told(read(verify(), 'localhost'))).toMatch(/certificate .* is not for localhost/)
      expect(await read({ mode: 'require' }, 'localhost')).toEqual([['1']])
    })

    it('a certificate that has run out is refused', async () => {
      await show('expired')
      expect(await told(read(verify()))).toMatch(/certificate .* is out of date/)
    })

    it('one that lets nobody in by a way that is not encrypted says so', async () => {
      await show('good')
      await demandTls(dialect, own, place)
      await expect.poll(() => told(read({ mode: 'off' }))).toMatch(/[Ss]et IDENTITY_TLS to require or verify/)
      expect(await read(verify())).toEqual([['1']])
    })

    it('one that is stopped in the midst of an answer has given none, and is read again when it is back', async () => {
      const server = openAt(place.address, { tls: { mode: 'require' } })
      onTestFinished(() => server.close())
      const begun = Promise.withResolvers<void>()
      const reading = told(server.read((session) => session.each(SLOW[dialect], () => begun.resolve())))
      await begun.promise
      await own.stop()
      expect(await reading).toMatch(/ended the connection|broke off/)
      expect(await told(server.read(one))).toMatch(/nothing listens at/)
      await own.start(...tlsOptions(dialect, own))
      expect(await server.read(one)).toEqual([['1']])
    })
  })

const ENCRYPTED: Record<Dialect, string> = {
  postgres: 'select ssl::text from pg_stat_ssl where pid = pg_backend_pid()',
  mysql: "select variable_value from information_schema.session_status where variable_name = 'Ssl_cipher'",
}

const LONG: Record<Dialect, string> = {
  postgres: "select i, repeat('x', 1000) from generate_series(1, 20000) i",
  mysql: "select seq, repeat('x', 1000) from seq_1_to_20000",
}

const SLOW: Record<Dialect, string> = {
  postgres: "select repeat('x', 10000), pg_sleep(0.01) from generate_series(1, 100000)",
  mysql: "select repeat('x', 10000), sleep(0.01) from seq_1_to_100000",
}

const tlsOptions = (dialect: Dialect, own: OwnServer): readonly string[] => {
  const [certificate, key] = [own.take('shown.pem'), own.take('shown.key')]
  return dialect === 'mysql'
    ? [`--ssl-cert=${certificate}`, `--ssl-key=${key}`]
    : ['-c', 'ssl=on', '-c', `ssl_cert_file=${certificate}`, '-c', `ssl_key_file=${key}`]
}

async function showing(dialect: Dialect, own: OwnServer, name: string): Promise<void> {
  copyFileSync(join(own.folder, `${name}.pem`), join(own.folder, 'shown.pem'))
  copyFileSync(join(own.folder, `${name}.key`), join(own.folder, 'shown.key'))
  await own.start(...tlsOptions(dialect, own))
}

async function demandTls(dialect: Dialect, own: OwnServer, place: Place): Promise<void> {
  if (dialect === 'mysql') await place.admin(`alter user ${place.address.user}@'%' require ssl`)
  else putFirst(own.take('cluster/pg_hba.conf'), `hostnossl all ${place.address.user} 127.0.0.1/32 reject`)
  await own.reread()
}
