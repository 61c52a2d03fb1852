import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { OtlpSink } from '#src/sinks/otlp.ts'
import { type Sink, SinkTrouble } from '#src/sinks/sink.ts'
import { WebhookSink } from '#src/sinks/webhook.ts'
import { makeCertificates } from '../identity/server/certificates.ts'
import { type Collector, eventsOf, openCollector, surroundings } from './collector.ts'

const filter = { only: null, not: [], guilds: null }
const never = new AbortController().signal
const kinds: readonly (readonly [string, (url: string) => Sink])[] = [
  ['a collector', (url) => new OtlpSink({ kind: 'otlp', name: 'otlp', url, headers: {}, filter }, surroundings)],
  [
    'a receiver',
    (url) =>
      new WebhookSink(
        { ...{ kind: 'webhook', name: 'webhook', url, filter }, keys: [Buffer.alloc(32)], allowPrivate: true },
        surroundings,
      ),
  ],
]

let folder: string
const usual = getCACertificates()
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-tls-'))
  makeCertificates(folder)
  // As NODE_EXTRA_CA_CERTS does when a process starts.
  setDefaultCACertificates([...usual, file('authority.pem').toString()])
})
afterAll(() => {
  setDefaultCACertificates(usual)
  rmSync(folder, { recursive: true, force: true })
})

const file = (name: string): Buffer => readFileSync(join(folder, name))

async function showing(name: string): Promise<Collector> {
  const collector = await openCollector({ cert: file(`${name}.pem`), key: file(`${name}.key`) })
  onTestFinished(() => collector.close())
  return collector
}

for (const [what, sinkTo] of kinds)
  describe(`${what} behind TLS`, () => {
    const deliver = async (url: string) => {
      const sink = sinkTo(url)
      onTestFinished(() => sink.close?.())
      return await sink.deliver(eventsOf(2), never)
    }

    it('whose certificate is good is sent events', async () => {
      const { url, got } = await showing('good')
      expect(await deliver(url)).toEqual({ refused: [] })
      expect(got.length).toBeGreaterThan(0)
    })

    for (const name of ['elsewhere', 'expired', 'stranger', 'name-only'])
      it(`whose certificate is not is sent nothing: ${name}`, async () => {
        const { url, got } = await showing(name)
        const error = await deliver(url).catch((thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(SinkTrouble)
        expect((error as Error).message).toMatch(
          /certificate of the other side is not believed.*NODE_EXTRA_CA_CERTS.*\([A-Z_]+\)$/,
        )
        expect(got).toEqual([])
      })
  })
