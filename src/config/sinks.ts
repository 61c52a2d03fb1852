import { basename, extname, resolve } from 'node:path'
import type { z } from 'zod'
import type { SinkFilter, SinkPlan, SinkSettings } from '../core/sink-plan.ts'
import { openAddress, secretsInAddress } from './sink-address.ts'
import { headersOf, secretsIn } from './sink-headers.ts'
import { COMMON, NUMBERS, ONE_SINK, SETTING_NAMES } from './sink-settings.ts'
import { MAKE_ONE } from './webhook-keys.ts'

// Where the record is sent. Several sinks of a kind are told apart by a number behind the names of their settings: SINK_FILE, SINK_FILE_2.

const MIB = 1024 * 1024

type Environment = Readonly<Record<string, string | undefined>>

/** Of each kind the setting without which there is no sink, and what then stands for nothing. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ['SINK_OTLP_URL', /^SINK_OTLP_/],
  ['SINK_WEBHOOK_URL', /^SINK_WEBHOOK_/],
  ['SINK_FILE', /^SINK_FILE_/],
  ['SINK_MODULES', /^SINK_MODULES_/],
]

export interface SinksRead {
  /** Each with the name of its setting and what to do; they repeat no value. */
  readonly faults: readonly string[]
  readonly settings: SinkSettings
  readonly secrets: readonly string[]
}

/** Reads every SINK_ setting. Where there are faults, `settings` is not to be used. */
export function readSinks(set: Environment): SinksRead {
  const common = COMMON.safeParse(set)
  const faults = [...unknown(set), ...(common.success ? [] : faultsOf(common.error, ''))]
  const plans: SinkPlan[] = common.success ? modulePlans(common.data) : []
  for (const number of NUMBERS) {
    const own = numbered(set, number)
    const one = ONE_SINK.safeParse(own)
    const { SINK_ALLOW_PRIVATE: allowPrivate = false } = common.data ?? {}
    if (one.success) plans.push(...plansOf(one.data, number, allowPrivate))
    faults.push(...(one.success ? openAddresses(one.data, number, allowPrivate) : faultsOf(one.error, number)))
    faults.push(...missing(number === '' ? set : own, number))
  }
  const { SINK_MODE: mode = 'queued', SINK_FROM: from = 'now' } = common.data ?? {}
  return { faults: [...faults, ...doubled(plans)], settings: { mode, from, plans }, secrets: secretsOf(set) }
}

const faultsOf = (error: z.ZodError, number: string): readonly string[] =>
  error.issues.map(({ path, message }) => `${path.join('.')}${number} ${message}`)

/** The settings of the sinks with this number, by their names without it. */
function numbered(set: Environment, number: string): Environment {
  const names = Object.keys(ONE_SINK.shape).filter((name) => set[name + number] !== undefined)
  return Object.fromEntries(names.map((name) => [name, set[name + number]]))
}

/** A filter whose name is misspelt would let everything through in silence. */
const unknown = (set: Environment): readonly string[] =>
  Object.keys(set)
    .filter((name) => name.startsWith('SINK_') && !SETTING_NAMES.includes(name))
    .map(
      (name) =>
        `${name} is no setting. Those of the sinks are in .env.example; a second sink of a kind has _2 behind each name.`,
    )

function missing(set: Environment, number: string): readonly string[] {
  const faults = KINDS.flatMap(([main, others]) => {
    const found = Object.keys(set).find((name) => name !== main && others.test(name) && !/_\d$/.test(name))
    return set[main] === undefined && found !== undefined
      ? [`${found}${number} is set, but ${main}${number} is not, so it would do nothing. Set it too, or take this out.`]
      : []
  })
  if (set.SINK_WEBHOOK_URL !== undefined && set.SINK_WEBHOOK_SECRET === undefined)
    faults.push(
      `SINK_WEBHOOK_SECRET${number} is missing: every event is signed, and the receiver knows by it that it comes from here. ${MAKE_ONE}`,
    )
  return faults
}

function openAddresses({ SINK_WEBHOOK_URL: url }: OneSink, number: string, allowPrivate: boolean): readonly string[] {
  const fault = url === undefined ? null : openAddress(url, allowPrivate)
  return fault === null ? [] : [`SINK_WEBHOOK_URL${number} ${fault}`]
}

type OneSink = z.infer<typeof ONE_SINK>

function plansOf(one: OneSink, number: string, allowPrivate: boolean): readonly SinkPlan[] {
  const plans: SinkPlan[] = []
  const name = (kind: string) => kind + number.replace('_', '-')
  if (one.SINK_OTLP_URL !== undefined)
    plans.push({
      ...{ kind: 'otlp', name: name('otlp'), url: one.SINK_OTLP_URL, headers: one.SINK_OTLP_HEADERS },
      filter: { ...one.SINK_OTLP_EVENTS, guilds: one.SINK_OTLP_GUILDS },
    })
  if (one.SINK_WEBHOOK_URL !== undefined)
    plans.push({
      ...{ kind: 'webhook', name: name('webhook'), url: one.SINK_WEBHOOK_URL, allowPrivate },
      keys: one.SINK_WEBHOOK_SECRET ?? [],
      filter: { ...one.SINK_WEBHOOK_EVENTS, guilds: one.SINK_WEBHOOK_GUILDS },
    })
  if (one.SINK_FILE !== undefined)
    plans.push({
      ...{ kind: 'file', name: name('file'), path: resolve(one.SINK_FILE) },
      ...{ maxBytes: one.SINK_FILE_MAX_MB * MIB, keep: one.SINK_FILE_KEEP },
      filter: { ...one.SINK_FILE_EVENTS, guilds: one.SINK_FILE_GUILDS },
    })
  return plans
}

/** Each is named after its file, so that the list may be put in another order. */
function modulePlans(read: z.infer<typeof COMMON>): SinkPlan[] {
  const filter: SinkFilter = { ...read.SINK_MODULES_EVENTS, guilds: read.SINK_MODULES_GUILDS }
  return read.SINK_MODULES.map((path) => ({ kind: 'module', name: nameOf(path), path: resolve(path), filter }))
}

const nameOf = (path: string): string => `module-${basename(path, extname(path)).toLowerCase()}`

/** Two that are one in truth would write into each other, or share one place in the record. */
function doubled(plans: readonly SinkPlan[]): readonly string[] {
  const seen = new Set<string>()
  const again = (key: string) => seen.size === seen.add(key).size
  return plans.flatMap((plan) => {
    if (plan.kind === 'file' && again(`file ${plan.path}`))
      return ['SINK_FILE is set twice to one file. Give each a file of its own.']
    if (plan.kind === 'module' && again(`module ${plan.name}`))
      return ['SINK_MODULES names two files of one name. Name one of them otherwise: a sink is known by it.']
    return []
  })
}

function secretsOf(set: Environment): readonly string[] {
  return NUMBERS.flatMap((number) => {
    const { SINK_OTLP_URL: otlp, SINK_WEBHOOK_URL: webhook, ...one } = numbered(set, number)
    const headers = headersOf(one.SINK_OTLP_HEADERS ?? '')
    return [
      ...[otlp, webhook].flatMap((address) => (address === undefined ? [] : secretsInAddress(address))),
      ...[one.SINK_OTLP_HEADERS ?? '', ...('fault' in headers ? [] : secretsIn(headers))],
      ...(one.SINK_WEBHOOK_SECRET ?? '').split(',').map((secret) => secret.trim()),
    ]
  }).filter((secret) => secret !== '')
}
