import { z } from 'zod'
import { collectorAddress, receiverAddress } from './sink-address.ts'
import { eventsOf, guildsOf } from './sink-filter.ts'
import { headersOf } from './sink-headers.ts'
import { keysOf } from './webhook-keys.ts'

// The settings of the sinks, each by itself.

/** How many there may be of a kind. */
const MOST_OF_A_KIND = 9

/** A setting's text as `read` understands it, which answers with a fault where it does not. */
const readBy = <T>(read: (text: string) => T | { readonly fault: string }) =>
  z.string().transform((text, context): T => {
    const value = read(text)
    if (typeof value !== 'object' || value === null || !('fault' in value)) return value as T
    context.addIssue({ code: 'custom', message: String(value.fault) })
    return z.NEVER
  })

const whole = (from: number, to: number) => {
  const words = `must be a whole number from ${from} to ${to}.`
  return z
    .string()
    .regex(/^\d{1,5}$/, words)
    .transform(Number)
    .refine((number) => number >= from && number <= to, words)
}

const events = readBy(eventsOf).default({ only: null, not: [] })
const guilds = readBy(guildsOf).nullable().default(null)

/** What holds for every sink. */
export const COMMON = z.object({
  SINK_MODE: z
    .enum(['queued', 'sync', 'off'], {
      error:
        'must be queued (the default: nothing waits for a sink), sync (an act waits until its events are delivered or put aside) or off.',
    })
    .default('queued'),
  SINK_FROM: z
    .enum(['now', 'start'], {
      error: 'must be now (the default: a new sink is sent what happens from now on) or start (the whole record).',
    })
    .default('now'),
  SINK_ALLOW_PRIVATE: z
    .enum(['true', 'false'], { error: 'must be true or false.' })
    .default('false')
    .transform((word) => word === 'true'),
  SINK_MODULES: readBy(modulesOf).default([]),
  SINK_MODULES_EVENTS: events,
  SINK_MODULES_GUILDS: guilds,
})

/** What each sink is told; of a second of its kind, each name ends with _2. */
export const ONE_SINK = z.object({
  SINK_OTLP_URL: readBy(collectorAddress).optional(),
  SINK_OTLP_HEADERS: readBy(headersOf).default({}),
  SINK_OTLP_EVENTS: events,
  SINK_OTLP_GUILDS: guilds,
  SINK_WEBHOOK_URL: readBy(receiverAddress).optional(),
  SINK_WEBHOOK_SECRET: readBy(keysOf).optional(),
  SINK_WEBHOOK_EVENTS: events,
  SINK_WEBHOOK_GUILDS: guilds,
  SINK_FILE: z.string().optional(),
  SINK_FILE_MAX_MB: whole(1, 10_000).default(100),
  SINK_FILE_KEEP: whole(1, 1_000).default(10),
  SINK_FILE_EVENTS: events,
  SINK_FILE_GUILDS: guilds,
})

/** What stands behind the names of the first sink of a kind, of the second and so on. */
export const NUMBERS = ['', ...Array.from({ length: MOST_OF_A_KIND - 1 }, (_, index) => `_${index + 2}`)]
export const SETTING_NAMES = [
  ...Object.keys(COMMON.shape),
  ...NUMBERS.flatMap((number) => Object.keys(ONE_SINK.shape).map((name) => name + number)),
]

function modulesOf(text: string): readonly string[] | { readonly fault: string } {
  const paths = text.split(',').map((path) => path.trim())
  return paths.every((path) => MODULE.test(path)) ? paths : { fault: MODULES }
}

const MODULE = /(?:^|[/\\])[\w-]{1,50}\.(?:mjs|js|mts|ts)$/
const MODULES =
  'must be files of modules such as ./my-sink.mjs with commas between them. A file is named with letters, digits, - and _, and ends with .mjs, .js, .mts or .ts.'
