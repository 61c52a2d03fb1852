import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { CATALOGUE, type Metric, type MetricName } from './catalogue.ts'

// What is counted and measured, in the form that Prometheus reads.

type Labels = Readonly<Record<string, string>>

/** Fills in what is only read when somebody asks. */
export type Collect = (metrics: Metrics) => Promise<void>

/** The numbers of one bot. Each has its own: two in one process do not add up. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #counters = new Map<string, Counter>()
  readonly #gauges = new Map<string, Gauge>()
  readonly #histograms = new Map<string, Histogram>()
  readonly #parts = new Map<string, Collect>()

  constructor() {
    collectDefaultMetrics({ register: this.#registry, prefix: 'rolecall_' })
    for (const [name, metric] of Object.entries<Metric>(CATALOGUE)) this.#make(name, metric)
  }

  add(name: MetricName, labels: Labels = {}, by = 1): void {
    this.#counters.get(name)?.inc(labels, by)
  }

  set(name: MetricName, labels: Labels, value: number): void {
    this.#gauges.get(name)?.set(labels, value)
  }

  /** Forgets every value of it: what is no longer there is no longer shown. */
  clear(name: MetricName): void {
    this.#gauges.get(name)?.reset()
  }

  observe(name: MetricName, labels: Labels, value: number): void {
    this.#histograms.get(name)?.observe(labels, value)
  }

  /** A part that is read at each scrape. One that fails leaves the others as they are, and is named by a metric. */
  collectBy(part: string, collect: Collect): void {
    this.#parts.set(part, collect)
  }

  /** Everything as it is now. Never rejects for what a part could not read. */
  async scrape(): Promise<{ readonly type: string; readonly body: string }> {
    for (const [part, collect] of this.#parts) {
      const failed = await collect(this).then(
        () => 0,
        () => 1,
      )
      this.set('rolecall_scrape_failed', { part }, failed)
    }
    return { type: this.#registry.contentType, body: await this.#registry.metrics() }
  }

  #make(name: string, { kind, help, labels, buckets }: Metric): void {
    const base = { name, help, labelNames: [...labels], registers: [this.#registry] }
    if (kind === 'counter') this.#counters.set(name, new Counter(base))
    else if (kind === 'gauge') this.#gauges.set(name, new Gauge(base))
    else this.#histograms.set(name, new Histogram({ ...base, ...(buckets && { buckets: [...buckets] }) }))
  }
}
