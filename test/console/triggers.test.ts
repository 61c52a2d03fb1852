import { expect, it, onTestFinished, vi } from 'vitest'
import { hasTriggers } from '#src/identity/alliance-auth/triggers.ts'
import { makeTables } from '../identity/alliance-auth/fixture.ts'
import { openAt, type Place, withMariaDb, withPostgres } from '../identity/server/servers.ts'
import { Typed } from './counter.ts'

// Triggers in the database of Alliance Auth: real command lines.

vi.setConfig({ testTimeout: 120_000 })

const OWNER_PASSWORD = 'owns/it@all'

async function typed(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const one = new Typed(['identity', 'install-triggers', ...words], environment)
  onTestFinished(() => void one.child.kill('SIGKILL'))
  const code = await one.ended
  for (const text of [one.out, one.err]) expect(text).not.toContain(OWNER_PASSWORD)
  return { code, out: one.out.replaceAll(/\s+/g, ' '), err: one.err.replaceAll(/\s+/g, ' '), whole: one.out }
}

const urlOf = ({ dialect, address: { host, port, database } }: Place, user: string, password: string) =>
  `${dialect}://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`

const readingUrl = (place: Place) => urlOf(place, place.address.user, place.address.password)

withPostgres('rolecall identity install-triggers', (place) => {
  it('puts them in with --yes and rights of its own, and takes them out again', async () => {
    const { admin, address } = place()
    await makeTables(place())
    const owner = `${address.user}_owner`
    await admin(`create role ${owner} superuser login password '${OWNER_PASSWORD}'`)
    onTestFinished(() => admin(`drop role ${owner}`).then(() => {}))
    const server = openAt(address)
    onTestFinished(() => server.close())
    const environment = { IDENTITY_SOURCE: 'alliance-auth', IDENTITY_URL: readingUrl(place()) }
    const none = await typed(['--yes'], environment)
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('IDENTITY_ADMIN_URL')])
    const asAdmin = { ...environment, IDENTITY_ADMIN_URL: urlOf(place(), owner, OWNER_PASSWORD) }
    expect((await typed([], asAdmin)).out).toContain('Nothing was written')
    expect(await server.read(hasTriggers)).toBe(false)
    for (const _time of ['once', 'twice']) expect(await typed(['--yes'], asAdmin)).toMatchObject({ code: 0, err: '' })
    expect(await server.read(hasTriggers)).toBe(true)
    expect(await typed(['--remove', '--yes'], asAdmin)).toMatchObject({ code: 0, err: '' })
    expect(await server.read(hasTriggers)).toBe(false)
  })

  it('leaves nothing behind where the rights do not suffice, or the password is another', async () => {
    await makeTables(place()).catch(() => {})
    const environment = { IDENTITY_SOURCE: 'alliance-auth', IDENTITY_URL: readingUrl(place()) }
    const reader = await typed(['--yes'], { ...environment, IDENTITY_ADMIN_URL: readingUrl(place()) })
    expect([reader.code, reader.err]).toEqual([2, expect.stringMatching(/may not put triggers.*Nothing was changed/)])
    const nobody = urlOf(place(), 'nobody_of_ours', OWNER_PASSWORD)
    expect((await typed(['--yes'], { ...environment, IDENTITY_ADMIN_URL: nobody })).code).toBe(2)
  })

  it('prints what a database takes as it is', async () => {
    await makeTables(place()).catch(() => {})
    const { code, whole } = await typed(['--print'])
    expect(code).toBe(0)
    await place().admin(whole)
    const server = openAt(place().address)
    onTestFinished(() => server.close())
    expect(await server.read(hasTriggers)).toBe(true)
    await place().admin((await typed(['--print', '--remove'])).whole)
    expect(await server.read(hasTriggers)).toBe(false)
  })
})

withMariaDb('rolecall identity install-triggers', (place) => {
  it('says that there is nothing to install', async () => {
    const environment = { IDENTITY_SOURCE: 'alliance-auth', IDENTITY_URL: readingUrl(place()) }
    const { code, err } = await typed(['--yes'], environment)
    expect([code, err]).toEqual([2, expect.stringContaining('IDENTITY_POLL_SECONDS')])
  })
})

it('is refused for another source', async () => {
  const { code, err } = await typed(['--yes'])
  expect([code, err]).toEqual([2, expect.stringContaining('IDENTITY_SOURCE is not alliance-auth')])
})
