import { describe, expect, it } from 'vitest'
import { type SentLine, toEvent } from '#src/sinks/envelope.ts'
import { formatFor } from '#src/sinks/formats.ts'
import { withDatabases } from '../database.ts'
import { newGuild } from '../store/book.ts'
import { Listener } from './listener.ts'
import { everything, relaying, until, write } from './relaying.ts'

const LINE: SentLine = {
  guildId: '1001',
  seq: 42,
  id: '0198c0de-1c1d-7000-8000-5b1e0a6c2f11',
  at: Date.parse('2026-11-22T12:00:00Z'),
  type: 'action.settled',
  actor: 'discord:7',
  subject: 'member:42',
  cause: 'interaction:9',
  run: 'r1',
  data: { outcome: 'done', texts: { reason: 'sha256:aa', name: 'sha256:bb' } },
  texts: new Map([['reason', 'they left']]),
}

describe('the envelope of a line', () => {
  it('says what the line says, in the words of CloudEvents', () => {
    expect(toEvent(LINE, 'i-1')).toEqual({
      specversion: '1.0',
      id: '0198c0de-1c1d-7000-8000-5b1e0a6c2f11',
      source: 'rolecall://i-1/1001',
      type: 'app.rolecall.action.settled.v1',
      subject: 'member:42',
      time: '2026-11-22T12:00:00.000Z',
      datacontenttype: 'application/json',
      sequence: '00000000000000000042',
      authtype: 'app_user',
      authid: 'discord:7',
      correlationid: 'r1',
      causationid: 'interaction:9',
      data: { outcome: 'done', texts: { reason: 'they left', name: null } },
    })
  })

  it('leaves out what there is not, and names the installation where no server is meant', () => {
    const event = toEvent({ ...LINE, guildId: null, run: null, cause: null, data: {} }, 'i-1')
    expect(event.source).toBe('rolecall://i-1/installation')
    expect(Object.keys(event)).not.toContain('correlationid')
    expect(Object.keys(event)).not.toContain('causationid')
    expect(event.data).toEqual({})
  })

  it.each([
    ['discord:1', 'app_user'],
    ['cli:ann', 'user'],
    ['system:schedule', 'system'],
    ['odd', 'unknown'],
  ])('of the actor %s has the type %s', (actor, type) => {
    expect(toEvent({ ...LINE, actor }, 'i-1')).toMatchObject({ authid: actor, authtype: type })
  })

  it('cuts every list at 500, wherever it stands, and says how many more there are', () => {
    const many = (count: number) => Array.from({ length: count }, (_, nth) => nth)
    const named = Object.fromEntries(many(510).map((nth) => [`r${nth}`, nth]))
    const data = { members: many(501), before: { roles: many(500), named }, list: [{ deep: many(700) }] }
    const { data: sent } = toEvent({ ...LINE, data }, 'i-1')
    expect(sent.leftOut).toEqual({ members: 1, 'before.named': 10, 'list.0.deep': 200 })
    expect(sent.members).toEqual(many(500))
    expect((sent.before as typeof data.before).roles).toHaveLength(500)
    expect(Object.keys((sent.before as typeof data.before).named)).toHaveLength(500)
  })
})

describe('a format', () => {
  const event = (guildId: string | null, type: string) => toEvent({ ...LINE, guildId, type }, 'i-1')
  const formats = { '1001/run.opened': () => 'guild and type', 'run.opened': () => 'type', default: () => 'default' }

  it.each([
    ['1001', 'run.opened', 'guild and type'],
    ['1002', 'run.opened', 'type'],
    [null, 'run.opened', 'type'],
    ['1001', 'role.given', 'default'],
    ['1001', 'constructor', 'default'],
  ])('for the server %s and %s is the most specific', (guildId, type, wanted) => {
    const one = event(guildId, type)
    expect(formatFor(formats, one)?.(one)).toBe(wanted)
  })

  it('is none where none was registered', () => {
    expect(formatFor({ 'run.opened': () => 1 }, event('1001', 'role.given'))).toBe(null)
  })
})

withDatabases('a text of a person', (database) => {
  it('leaves the house in plain for as long as it is kept, and as null once it was erased', async () => {
    const { db, sql } = database.opened
    const guildId = newGuild()
    const sink = new Listener()
    await write(db, guildId, 1, { texts: { reason: 'they left' } })
    await write(db, guildId, 1, { texts: { reason: 'rude' } })
    await sql`delete from trail_texts where guild_id = ${guildId} and text = 'rude'`
    const { clock } = await relaying(db, [everything(sink)], { from: 'start' })
    await until(clock, () => sink.given(guildId).flat().length === 2)
    const own = sink.calls.flat().filter(({ source }) => source.endsWith(`/${guildId}`))
    expect(own.map(({ data }) => data.texts)).toEqual([{ reason: 'they left' }, { reason: null }])
    expect(new Set(own.map(({ source }) => source.split('/')[2])).size).toBe(1)
    expect(own[0]!.source).toMatch(/^rolecall:\/\/[0-9a-f-]{36}\//)
  })
})
