import { describe, expect, it } from 'vitest'
import { makeLog } from '#src/telemetry/log.ts'
import { makeScrub } from '#src/telemetry/scrub.ts'

const TOKEN = 'MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
const ADDRESS = 'postgres://rolecall:p%40ss"word@db.example:5432/rolecall'
const PASSWORD = 'p@ss"word'

/** Everything that was written, as one text, and as the entries that it holds. */
function listen(secrets: readonly string[] = [], level: 'debug' | 'info' | 'silent' = 'debug') {
  const lines: string[] = []
  const log = makeLog({ level, secrets, destination: { write: (line: string) => void lines.push(line) } })
  return { log, written: () => lines.join(''), entries: () => lines.map((line) => JSON.parse(line)) }
}

describe('the log', () => {
  it('writes one JSON line with the message and the values', () => {
    const { log, entries } = listen()
    log.info({ guildId: '1000', members: 3, at: new Date(0), big: 2n ** 60n }, 'The roster is live.')
    expect(entries()).toMatchObject([
      {
        msg: 'The roster is live.',
        guildId: '1000',
        members: 3,
        at: '1970-01-01T00:00:00.000Z',
        big: '1152921504606846976',
      },
    ])
  })

  it('says nothing below its level', () => {
    const { log, written } = listen([], 'info')
    log.debug({}, 'a detail')
    expect(written()).toBe('')
  })

  it('hides a secret in the message, in values at any depth, in keys, in lists, maps and sets', () => {
    const { log, written } = listen([TOKEN, PASSWORD])
    log.warn(
      { a: { b: [{ c: `x${PASSWORD}y` }] }, [TOKEN]: 1, map: new Map([[TOKEN, PASSWORD]]), set: new Set([TOKEN]) },
      `logging in with ${TOKEN}`,
    )
    expect(written()).not.toContain(TOKEN)
    expect(written()).not.toContain('p@ss')
    expect(written()).toContain('logging in with [hidden]')
  })

  it('hides a secret in an error, its stack, its own values, its cause and the errors that it gathers', () => {
    const { log, written, entries } = listen([TOKEN])
    const cause = Object.assign(new Error(`inner ${TOKEN}`), { options: { dsn: ADDRESS } })
    const error = new AggregateError([new Error(`one of many ${TOKEN}`)], `outer ${TOKEN}`, { cause })
    log.error({ error }, 'It failed.')
    expect(written()).not.toContain(TOKEN)
    expect(written()).not.toContain('p%40ss')
    expect(entries()[0].error).toMatchObject({ message: 'outer [hidden]', cause: { message: 'inner [hidden]' } })
    expect(entries()[0].error.stack).toContain('log.test.ts')
  })

  it('hides what it was never told of, by its shape', () => {
    const { log, written } = listen()
    const shapes = {
      webhook: 'https://discord.com/api/webhooks/123456789012345678/dGhlLXNlY3JldC1wYXJ0',
      interaction: 'POST /interactions/123456789012345678/aW50ZXJhY3Rpb246c2VjcmV0LXBhcnQ/callback',
      bare: 'token aW50ZXJhY3Rpb246c2VjcmV0LXBhcnQ was late',
      database: ADDRESS,
      header: 'Authorization: Bot c2VjcmV0LXBhcnQtb2YtaXQ',
      bot: TOKEN,
      signing: 'whsec_c2VjcmV0LXBhcnQ=',
      token: 'secret-part',
      requestBody: { json: 'secret-part' },
    }
    log.info(
      shapes,
      Object.values(shapes)
        .filter((value) => typeof value === 'string' && value !== 'secret-part')
        .join(' | '),
    )
    for (const rest of ['dGhlLXNl', 'c2VjcmV0', 'p%40ss', 'GaBcDe', 'secret-part'])
      expect(written()).not.toContain(rest)
    // What kind of thing it was can still be seen.
    for (const left of ['/webhooks/123456789012345678/', 'postgres://rolecall:', '@db.example:5432'])
      expect(written()).toContain(left)
  })

  it('hides a password as an address writes it, too', () => {
    const scrub = makeScrub([PASSWORD])
    expect(scrub(`host=db password is ${encodeURIComponent(PASSWORD)}`)).toBe('host=db password is [hidden]')
  })

  it('is not led astray by an empty secret, nor by one that contains another', () => {
    const scrub = makeScrub(['', 'hunter2', 'hunter2-longer'])
    expect(scrub('a hunter2-longer b hunter2 c')).toBe('a [hidden] b [hidden] c')
  })

  it('leaves no half of a secret where it cuts a long text', () => {
    const scrub = makeScrub([TOKEN])
    for (const before of [7_950, 7_999, 8_950, 8_999, 9_040]) {
      const shown = scrub(`${'x '.repeat(before / 2)}${TOKEN}${' y'.repeat(500_000)}`)
      expect(shown).not.toContain(TOKEN.slice(0, 4))
      expect(shown.length).toBeLessThan(8_100)
    }
  })

  it.each(['x', 'x-', 'a:', 'http://', 'Bot ', 'a.b'])('is through with a long text of %j in no time', (piece) => {
    const scrub = makeScrub([TOKEN])
    const before = performance.now()
    scrub(piece.repeat(1_000_000))
    // A second is far more than it takes and far less than a backtracking expression would.
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  it('writes what turns in circles, is deep, long, or strange, and never throws', () => {
    const { log, entries } = listen()
    const circle: Record<string, unknown> = { name: 'circle' }
    circle.self = circle
    const deep = Array.from({ length: 30 }).reduce<unknown>((inner) => ({ inner }), 'bottom')
    const long = Array.from({ length: 500 }, (_, index) => index)
    log.info(
      { circle, deep, long, text: 'x'.repeat(100_000), work: () => 1, bytes: new Uint8Array(9), nothing: null },
      'strange',
    )
    log.info(
      {
        get bad(): string {
          throw new Error('a getter')
        },
      },
      'stranger',
    )
    const [entry, ...rest] = entries()
    expect(entry.circle).toEqual({ name: 'circle', self: '[seen above]' })
    expect(JSON.stringify(entry).length).toBeLessThan(20_000)
    expect(entry.long.at(-1)).toBe('… 450 more')
    expect(rest).toEqual([])
  })
})
