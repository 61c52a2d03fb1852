import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CATALOGUE, type Metric } from '#src/telemetry/catalogue.ts'
import { Metrics } from '#src/telemetry/metrics.ts'
import { metricsPage } from '#src/telemetry/metrics-page.ts'

const docs = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8')
const known = new Map<string, Metric>(Object.entries(CATALOGUE))

/** Every metric that an expression names, with the labels that it asks about. */
function asked(expression: string): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  return [...expression.matchAll(/\b(rolecall_[a-z_]+)(?:\{([^}]*)\})?/g)].map(([, name = '', labels = '']) => ({
    name: known.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ''),
    labels: [...labels.matchAll(/([a-z_]+)\s*[=!]/g)].map(([, label = '']) => label),
  }))
}

/** Labels by which it adds up, and those that a legend or a sentence shows. */
const shown = (text: string): readonly string[] => [
  ...[...text.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(',').map((one) => one.trim())),
  ...[...text.matchAll(/\{\{\s*(?:\$labels\.)?([a-z_]+)\s*\}\}/g)].map(([, label = '']) => label),
]

function expectKnown(expression: string, words: string): void {
  const metrics = asked(expression)
  expect(metrics.length, expression).toBeGreaterThan(0)
  for (const { name, labels } of metrics) {
    expect(known.has(name), `${name} in ${expression}`).toBe(true)
    const has = [...known.get(name)!.labels, 'le']
    for (const label of labels) expect(has, expression).toContain(label)
  }
  const all = metrics.flatMap(({ name }) => known.get(name)!.labels)
  for (const label of shown(`${expression} ${words}`)) expect([...all, 'le'], expression).toContain(label)
}

describe('the catalogue of metrics', () => {
  it('is what docs/metrics.md says: npm run docs:metrics writes it anew', () => {
    expect(docs('metrics.md')).toBe(metricsPage())
  })

  it('names units and kinds as Prometheus wants them', () => {
    for (const [name, { kind, labels, help }] of known) {
      expect(name.endsWith('_total'), name).toBe(kind === 'counter')
      expect(help, name).toMatch(/\.$/)
      expect(
        labels.filter((label) => /member|user|role|name/.test(label)),
        name,
      ).toEqual([])
    }
  })

  it('has every metric that the dashboard and the alerts ask about, with its labels', () => {
    const { panels, templating } = JSON.parse(docs('grafana/rolecall.json'))
    for (const { title, targets, gridPos, datasource } of panels) {
      expect([title, gridPos.w > 0, datasource.type]).toEqual([expect.any(String), true, 'prometheus'])
      for (const { expr, legendFormat } of targets) expectKnown(expr, legendFormat)
    }
    expect(new Set(panels.map(({ id }: { id: number }) => id)).size).toBe(panels.length)
    for (const { query } of templating.list) if (query.includes('(')) expect(asked(query)).toHaveLength(1)
    const alerts = docs('grafana/alerts.yaml').split('- alert: ').slice(1)
    expect(alerts.length).toBeGreaterThan(10)
    for (const alert of alerts) {
      const [, expression = ''] = /^ +expr: (.+)$/m.exec(alert) ?? []
      const [, summary = ''] = /^ +summary: (.+\.)$/m.exec(alert) ?? []
      expect(summary.length, alert).toBeGreaterThan(40)
      expectKnown(expression, summary)
    }
  })
})

it('a part that cannot be read is named, and the rest is answered', async () => {
  const metrics = new Metrics()
  metrics.collectBy('sick', () => Promise.reject(new Error('no')))
  metrics.collectBy('well', async (into) => into.set('rolecall_guild_members', { guild: '1' }, 7))
  const { type, body } = await metrics.scrape()
  expect(type).toContain('text/plain')
  expect(body).toContain('rolecall_guild_members{guild="1"} 7')
  expect(body).toMatch(/rolecall_scrape_failed\{part="sick"\} 1\n.*rolecall_scrape_failed\{part="well"\} 0/s)
  expect(body).toContain('rolecall_process_cpu_seconds_total')
})
