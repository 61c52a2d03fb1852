// Every metric of the bot, in one list: what is not here is not measured. docs/metrics.md is written from it (`npm run docs:metrics`).

export interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  /** One sentence, for whoever looks at a graph of it. */
  readonly help: string
  /** None of these grows with members or roles: `guild` is the id of a server or `installation`. */
  readonly labels: readonly string[]
  /** Upper bounds, of a histogram. */
  readonly buckets?: readonly number[]
}

const metric = (kind: Metric['kind'], help: string, ...labels: readonly string[]): Metric => ({ kind, help, labels })

export const CATALOGUE = {
  rolecall_build_info: metric('gauge', 'Always 1; the version is in the label.', 'version'),
  rolecall_ready: metric('gauge', '1 while /readyz says that the bot is ready.'),
  rolecall_gateway_connected: metric('gauge', '1 while the connection to Discord stands.'),
  rolecall_database_up: metric('gauge', "1 where the bot's own database answered this scrape in time."),
  rolecall_scrape_failed: metric('gauge', '1 for each part of this scrape that could not be read.', 'part'),
  rolecall_guild_members: metric('gauge', 'Members that the live list holds.', 'guild'),
  rolecall_roster_live: metric(
    'gauge',
    '1 while the member list is whole and trusted; 0: nobody is judged by it.',
    'guild',
  ),
  rolecall_roster_age_seconds: metric('gauge', 'How long ago the member list was last known to be right.', 'guild'),
  rolecall_queue_waiting_tasks: metric('gauge', 'Members that wait to be looked at, live and in runs.'),
  rolecall_discord_requests_total: metric('counter', 'Answers of Discord to looks and acts, by status.', 'status'),
  rolecall_discord_stopped: metric('gauge', '1 while acts stop because Discord refused too many requests.'),
  rolecall_blind_seconds: metric(
    'gauge',
    'How long the server has been blind: its identity source is not trusted, and nobody loses anything. 0: it is not.',
    'guild',
  ),
  rolecall_quarantined_roles: metric(
    'gauge',
    'Roles that are left alone since Discord refuses to change them.',
    'guild',
  ),
  rolecall_runs_waiting: metric('gauge', 'Runs that wait for a human, by the blast radius.', 'guild'),
  rolecall_last_audit_age_seconds: metric('gauge', 'How long ago the last look at everybody began.', 'guild'),
  rolecall_last_audit_members: metric(
    'gauge',
    'What the last look at everybody found, by category.',
    'guild',
    'category',
  ),
  rolecall_runs_opened_total: metric(
    'counter',
    'Runs that began, by what they are for.',
    'guild',
    'purpose',
    'trigger',
  ),
  rolecall_runs_ended_total: metric('counter', 'Runs that came to an end or a halt, by how.', 'guild', 'state'),
  rolecall_findings_seen_total: metric(
    'counter',
    'Members found out of order by themselves, outside of runs.',
    'guild',
    'category',
  ),
  rolecall_acts_total: metric(
    'counter',
    'Acts that were settled, by what they were and what came of them.',
    'guild',
    'act',
    'outcome',
  ),
  rolecall_act_seconds: {
    ...metric('histogram', 'From the written intent of an act to what came of it.', 'guild'),
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  rolecall_invocations_total: metric(
    'counter',
    'Commands that people gave, by what became of them.',
    'guild',
    'outcome',
  ),
  rolecall_trail_lines_total: metric('counter', 'Lines of the record, by type.', 'guild', 'type'),
  rolecall_trail_unsigned_lines: metric('gauge', 'Lines of the record since the last checkpoint.', 'guild'),
  rolecall_trail_checkpoint_age_seconds: metric('gauge', 'How long ago the record was last signed.', 'guild'),
  rolecall_sink_lag_lines: metric('gauge', 'Lines of the record that the sink does not have yet.', 'sink'),
  rolecall_sink_parked_lines: metric('gauge', 'Lines that the sink refused for good.', 'sink'),
  rolecall_sink_off: metric('gauge', '1 while the sink is switched off.', 'sink'),
  rolecall_sink_troubled: metric('gauge', '1 while the sink does not take what it is given.', 'sink'),
} as const satisfies Readonly<Record<string, Metric>>

export type MetricName = keyof typeof CATALOGUE
