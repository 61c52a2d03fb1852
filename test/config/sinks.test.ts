import { resolve } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ConfigFault, readConfig } from '#src/config.ts'
import { makeScrub } from '#src/telemetry/scrub.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const OTHER = `whsec_${Buffer.alloc(24, 9).toString('base64')}`
const WEBHOOK = { SINK_WEBHOOK_URL: 'https://hooks.example/in', SINK_WEBHOOK_SECRET: SECRET }

const plansOf = (settings: Readonly<Record<string, string>>) => readConfig(settings).sinks.plans

/** What a person is told; `hunter2` stands in whatever must not be repeated. */
function faultOf(settings: Readonly<Record<string, string>>): string {
  try {
    readConfig(settings)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigFault)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
    return (error as Error).message
  }
  throw new Error('It was taken.')
}

describe('the sinks of an operator', () => {
  it('are none where nothing is set, and nothing waits for them', () => {
    expect(readConfig({}).sinks).toEqual({ mode: 'queued', from: 'now', plans: [] })
  })

  it('are as many as are set, each with a name of its own', () => {
    const plans = plansOf({
      SINK_OTLP_URL: 'http://127.0.0.1:4318',
      SINK_OTLP_URL_3: 'https://siem.example/ingest?tenant=1',
      ...WEBHOOK,
      SINK_FILE: 'events.jsonl',
      SINK_FILE_2: '/var/log/settings.jsonl',
      SINK_FILE_MAX_MB_2: '1',
      SINK_FILE_KEEP_2: '2',
      SINK_MODULES: './my-sink.mjs, ./more/Pager.ts',
    })
    const filter = { only: null, not: [], guilds: null }
    expect(plans).toEqual([
      { kind: 'module', name: 'module-my-sink', path: resolve('my-sink.mjs'), filter },
      { kind: 'module', name: 'module-pager', path: resolve('more/Pager.ts'), filter },
      { kind: 'otlp', name: 'otlp', url: 'http://127.0.0.1:4318/v1/logs', headers: {}, filter },
      {
        ...{ kind: 'webhook', name: 'webhook', url: WEBHOOK.SINK_WEBHOOK_URL, allowPrivate: false, filter },
        keys: [Buffer.alloc(32, 7)],
      },
      { kind: 'file', name: 'file', path: resolve('events.jsonl'), maxBytes: 104_857_600, keep: 10, filter },
      { kind: 'file', name: 'file-2', path: '/var/log/settings.jsonl', maxBytes: 1_048_576, keep: 2, filter },
      { kind: 'otlp', name: 'otlp-3', url: 'https://siem.example/ingest?tenant=1', headers: {}, filter },
    ])
  })

  it('are sent only what their filters let through', () => {
    const [plan] = plansOf({
      SINK_FILE: 'a',
      SINK_FILE_EVENTS: 'action.*, app.rolecall.run.completed.v1,!action.intended',
      SINK_FILE_GUILDS: '112233445566778899, installation',
    })
    expect(plan?.filter).toEqual({
      only: ['action.*', 'run.completed'],
      not: ['action.intended'],
      guilds: ['112233445566778899', 'installation'],
    })
  })

  it('take headers as OpenTelemetry writes them', () => {
    const settings = {
      SINK_OTLP_URL: 'https://a.example',
      SINK_OTLP_HEADERS: 'Authorization=Bearer%20a%2Cb, x-scope=7=8',
    }
    expect(plansOf(settings)).toMatchObject([{ headers: { authorization: 'Bearer a,b', 'x-scope': '7=8' } }])
  })

  it('are signed with two keys while one takes the place of the other', () => {
    const plans = plansOf({ ...WEBHOOK, SINK_WEBHOOK_SECRET: `${SECRET}, ${OTHER}` })
    expect(plans).toMatchObject([{ keys: [Buffer.alloc(32, 7), Buffer.alloc(24, 9)] }])
  })

  it('may be in a network of the operator’s where that is said', () => {
    const settings = { ...WEBHOOK, SINK_WEBHOOK_URL: 'http://127.0.0.1:9/in', SINK_ALLOW_PRIVATE: 'true' }
    expect(plansOf(settings)).toMatchObject([{ url: 'http://127.0.0.1:9/in', allowPrivate: true }])
  })

  it('have a mode and a beginning', () => {
    expect(readConfig({ SINK_MODE: 'sync', SINK_FROM: 'start' }).sinks).toMatchObject({ mode: 'sync', from: 'start' })
  })
})

describe('what cannot be a sink is refused with what to do, and repeated nowhere', () => {
  const OTLP = { SINK_OTLP_URL: 'https://a.example' }
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    [
      'a secret that is none',
      { ...WEBHOOK, SINK_WEBHOOK_SECRET: 'hunter2' },
      /SINK_WEBHOOK_SECRET must be whsec_ .*openssl/,
    ],
    ['a secret that is no base64', { ...WEBHOOK, SINK_WEBHOOK_SECRET: 'whsec_hunter2!' }, /24 to 64 random bytes/],
    ['a secret cut short', { ...WEBHOOK, SINK_WEBHOOK_SECRET: 'whsec_aHVudGVyMg==' }, /24 to 64 random bytes/],
    ['one without its prefix', { ...WEBHOOK, SINK_WEBHOOK_SECRET: SECRET.slice(6) }, /must be whsec_/],
    ['a public key', { ...WEBHOOK, SINK_WEBHOOK_SECRET: `whpk_${SECRET.slice(6)}` }, /must be whsec_/],
    ['three secrets', { ...WEBHOOK, SINK_WEBHOOK_SECRET: `${SECRET},${OTHER},${SECRET}` }, /one secret, or two/],
    ['one good and one bad', { ...WEBHOOK, SINK_WEBHOOK_SECRET: `${SECRET},hunter2` }, /must be whsec_/],
    ['no secret', { SINK_WEBHOOK_URL: 'https://a.example/hunter2' }, /SINK_WEBHOOK_SECRET is missing: every event/],
    ['no secret for the second', { ...WEBHOOK, SINK_WEBHOOK_URL_2: 'https://a.example' }, /SINK_WEBHOOK_SECRET_2 is/],
    ['a secret for nobody', { SINK_WEBHOOK_SECRET_4: SECRET }, /SINK_WEBHOOK_SECRET_4 is set, but SINK_WEBHOOK_URL_4/],
    ['a receiver without encryption', { ...WEBHOOK, SINK_WEBHOOK_URL: 'http://hunter2' }, /must begin with https:/],
    ['no address', { SINK_OTLP_URL: 'hunter2' }, /SINK_OTLP_URL must be a whole address/],
    ['another protocol', { SINK_OTLP_URL: 'grpc://hunter2:4317' }, /must be a whole address/],
    ['white space in an address', { SINK_OTLP_URL: 'https://a.example/ hunter2' }, /without spaces/],
    ['a password in an address', { SINK_OTLP_URL: 'https://a:hunter2@a.example' }, /put them into SINK_OTLP_HEADERS/],
    ['one in a receiver’s', { ...WEBHOOK, SINK_WEBHOOK_URL: 'https://a:hunter2@b.example' }, /the signature says who/],
    ['headers that are none', { ...OTLP, SINK_OTLP_HEADERS: 'hunter2' }, /SINK_OTLP_HEADERS must be pairs such as/],
    ['a line break in a header', { ...OTLP, SINK_OTLP_HEADERS: 'a=hunter2%0d%0ab:c' }, /must be pairs/],
    ['a header beyond Latin-1', { ...OTLP, SINK_OTLP_HEADERS: 'a=hunter2🚀' }, /must be pairs/],
    ['a bare %', { ...OTLP, SINK_OTLP_HEADERS: 'a=hunter2%' }, /a space and a % as %2C %20 %25/],
    ['a header of ours', { ...OTLP, SINK_OTLP_HEADERS: 'Content-Type=hunter2' }, /not yours to set/],
    [
      'a type that is none',
      { ...OTLP, SINK_OTLP_EVENTS: 'Action Settled' },
      /SINK_OTLP_EVENTS must be types of events/,
    ],
    ['a server by its name', { ...OTLP, SINK_OTLP_GUILDS: 'my server' }, /SINK_OTLP_GUILDS must be the ids of servers/],
    ['a filter for nobody', { SINK_FILE_EVENTS: 'action.*' }, /SINK_FILE_EVENTS is set, but SINK_FILE is not/],
    ['a filter for no module', { SINK_MODULES_EVENTS: 'action.*' }, /SINK_MODULES is not/],
    ['a filter misspelt', { SINK_FILE: 'a', SINK_FILE_EVENT: 'action.*' }, /SINK_FILE_EVENT is no setting/],
    ['a tenth of a kind', { SINK_FILE_10: 'a' }, /SINK_FILE_10 is no setting/],
    ['a file of no size', { SINK_FILE: 'a', SINK_FILE_MAX_MB: '0' }, /SINK_FILE_MAX_MB must be a whole number from 1/],
    ['a size of the second', { SINK_FILE_2: 'a', SINK_FILE_MAX_MB_2: '1.5' }, /SINK_FILE_MAX_MB_2 must be a whole/],
    ['none to keep', { SINK_FILE: 'a', SINK_FILE_KEEP: '0' }, /SINK_FILE_KEEP must be a whole number/],
    ['one file for two', { SINK_FILE: 'a', SINK_FILE_2: './a' }, /set twice to one file/],
    ['two modules of one name', { SINK_MODULES: './a.mjs,./b/a.ts' }, /two files of one name/],
    ['a module that is no file of code', { SINK_MODULES: './hunter2.json' }, /must be files of modules/],
    ['another mode', { SINK_MODE: 'fast' }, /SINK_MODE must be queued/],
    ['another beginning', { SINK_FROM: 'yesterday' }, /SINK_FROM must be now/],
    ['a yes', { SINK_ALLOW_PRIVATE: 'yes' }, /SINK_ALLOW_PRIVATE must be true or false/],
  ]
  for (const [what, settings, words] of rows) it(what, () => expect(faultOf(settings)).toMatch(words))

  it('all at once', () => {
    const message = faultOf({
      LOG_LEVEL: 'loud',
      SINK_OTLP_URL: 'x',
      SINK_WEBHOOK_SECRET: 'hunter2',
      SINK_MODE: 'fast',
    })
    for (const name of ['LOG_LEVEL', 'SINK_OTLP_URL', 'SINK_WEBHOOK_SECRET', 'SINK_WEBHOOK_URL', 'SINK_MODE'])
      expect(message).toContain(name)
  })
})

describe('what must not be seen of a sink', () => {
  const scrub = makeScrub(
    readConfig({
      SINK_OTLP_URL: 'https://siem.example/v1/logs',
      SINK_OTLP_HEADERS: 'authorization=Bearer%20hunter2-token, x-scope=7',
      SINK_WEBHOOK_URL_2: 'https://hooks.example/services/hunter2',
      SINK_WEBHOOK_SECRET_2: `${SECRET}, ${OTHER}`,
    }).secrets,
  )
  const hidden = ['https://siem.example/v1/logs', 'hunter2-token', 'POST /services/hunter2', SECRET, OTHER]
  for (const text of hidden) it(`is hidden: ${text.slice(0, 12)}…`, () => expect(scrub(text)).not.toBe(text))

  it('is not what stands everywhere', () => {
    const text = '7 requests to /v1/logs'
    expect(scrub(text)).toBe(text)
  })
})
