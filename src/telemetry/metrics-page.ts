import { CATALOGUE, type Metric } from './catalogue.ts'

const HEAD = `# Metrics

With \`HEALTH_PORT\` set the bot answers \`/metrics\` in the form that Prometheus reads, beside \`/healthz\` and \`/readyz\`. Nothing in it names a person: the
labels are ids of servers (or \`installation\` for what concerns them all), names of sinks, and words of the bot's own. The numbers are cheap to
read; a scrape each 15 to 60 s is right. Where a part of them cannot be read at the moment, the rest is answered all the same, and
\`rolecall_scrape_failed\` says which.

Counters of acts, runs, findings and commands are counted from the lines of the record once they are committed, from the start of the process on:
what was rolled back was never counted. Beside these stand prom-client's own metrics of the process (\`rolecall_process_…\`, \`rolecall_nodejs_…\`).

[grafana/rolecall.json](grafana/rolecall.json) is a dashboard for Grafana (Dashboards → New → Import), [grafana/alerts.yaml](grafana/alerts.yaml)
rules for Prometheus, each with what to do.

This page is written from the code: \`npm run docs:metrics\`.

| metric | kind | labels | what it says |
|---|---|---|---|
`

/** The page of every metric, as it stands in docs/metrics.md. */
export function metricsPage(): string {
  const rows = Object.entries<Metric>(CATALOGUE).map(([name, { kind, labels, help }]) => {
    const named = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${kind} | ${named || '–'} | ${help} |\n`
  })
  return HEAD + rows.join('')
}
