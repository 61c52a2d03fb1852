import { many, spanWords } from '#commands/wording.ts'
import { type Config, configFromEnvironment } from '#src/config.ts'
import { NotThere, Refusal } from '#src/core/refusal.ts'
import { isSound, type ParkedLine, type SinkStanding } from '#src/core/sink-standing.ts'
import { type Choice, dropParked, dropWaiting, forgetSink, retrySink } from '#src/store/sink-orders.ts'
import { sinkStandings } from '#src/store/sink-standings.ts'
import type { DropOptions, ForgetOptions, SinkOptions } from './add-sinks.ts'
import { harmless, out } from './lines.ts'
import { type OpenWorld, withStore } from './open.ts'

// `rolecall sinks …`, with the database alone.

/** Parked lines that are listed of each sink. */
const PARKED_SHOWN = 20

/** Says how each sink stands. Ends with 0 however that is: it was asked and answered. */
export function showSinks({ guild }: { readonly guild?: string }): Promise<number> {
  const config = configFromEnvironment()
  return withStore(config, async ({ db, now }) => {
    const chain = guild === undefined ? {} : { chain: guild }
    const standings = await sinkStandings(db, { ...chain, parked: PARKED_SHOWN })
    if (config.sinks.mode === 'off') out('SINK_MODE is off: nothing is sent, and everything waits in the record.')
    if (standings.length === 0) out('The record is sent nowhere yet. docs/events.md says how to set a sink.')
    const set = namesSet(config)
    for (const standing of standings) {
      for (const line of standingLines(standing, now())) out(harmless(line))
      if (!set.has(standing.name)) out(NOT_SET)
    }
    if (!standings.every(isSound)) out(MENDING)
    return 0
  })
}

const MENDING =
  'Nothing is lost: what is not taken waits. Mend the receiver; `rolecall sinks retry NAME` has it tried again at once, `rolecall sinks drop NAME` gives up what it refused.'

const NOT_SET =
  '  It is not in the settings any more. What it has not got stays in the record for it; `rolecall sinks forget NAME` lets go of its place.'

/** Of sinks and of summaries. */
const namesSet = ({ sinks, summaryWebhooks }: Config): ReadonlySet<string> =>
  new Set([
    ...sinks.plans.map(({ name }) => name),
    ...[...summaryWebhooks.keys()].map((guildId) => `summary-${guildId}`),
  ])

function standingLines(standing: SinkStanding, now: number): readonly string[] {
  const { name, lag, deliveredAt, off, trouble, parked, firstParked } = standing
  const ago = (at: number) => `${spanWords(now - at)} ago`
  const last = deliveredAt === null ? 'nothing was taken yet' : `last taken ${ago(deliveredAt)}`
  return [
    `${name}: ${lag === 0 ? 'up to date' : `${many(lag, 'line')} behind`}; ${last}`,
    ...(off === null ? [] : [`  Switched off ${ago(off.since)}: ${off.why}`]),
    ...(trouble === null ? [] : [`  In trouble since ${spanWords(now - trouble.since)}: ${trouble.what}`]),
    ...(parked === 0 ? [] : [`  Refused for good, and parked: ${many(parked, 'line')}`]),
    ...firstParked.map((line) => `    ${parkedWords(line, now)}`),
    ...(parked > firstParked.length ? [`    and ${(parked - firstParked.length).toLocaleString('en')} more`] : []),
  ]
}

function parkedWords({ guildId, seq, reason, at, isWanted }: ParkedLine, now: number): string {
  const where = guildId === null ? 'the whole installation' : `server ${guildId}`
  const state = isWanted ? ' (waits for another try)' : ''
  return `Line ${seq} of ${where}, ${spanWords(now - at)} ago${state}: ${reason}`
}

/** Has a sink tried again; a line of the record says who wanted it. */
export function retry(sink: string, options: SinkOptions): Promise<number> {
  const choice = toChoice(sink, options)
  return withStore(configFromEnvironment(), async (world) => {
    const { wasOff, parked } = await retrySink(world, choice, changeBy(world, options))
    out(
      [
        `${sink} is tried again at once, where a bot runs; else when one starts.`,
        ...(wasOff ? ['It was switched off and is on again.'] : []),
        ...(parked > 0 ? [`So ${parked === 1 ? 'is' : 'are'} ${many(parked, 'parked line')}.`] : []),
      ].join(' '),
    )
    return 0
  })
}

/** Gives up what a sink refused, or what waits for it; without `yes` it only says what that is. */
export function drop(sink: string, options: DropOptions): Promise<number> {
  const choice = toChoice(sink, options)
  if (options.waiting && choice.seq !== null) throw new Refusal(NOT_BOTH)
  return withStore(configFromEnvironment(), async (world) => {
    if (!options.yes) return await sayWhat(world, choice, options)
    const change = changeBy(world, options)
    const count = await (options.waiting ? dropWaiting : dropParked)(world, choice, change)
    out(
      count === 0
        ? NOTHING_THERE
        : `${many(count, 'line')} given up: ${sink} never gets ${count === 1 ? 'it' : 'them'}. A line in the record says so.`,
    )
    return 0
  })
}

/** Lets go of a sink that is set no more. */
export function forget(sink: string, { yes, reason }: ForgetOptions): Promise<number> {
  const config = configFromEnvironment()
  if (namesSet(config).has(sink))
    throw new Refusal(
      `${sink} is in the settings, and the bot would begin with it anew. Take it out of them, restart the bot, and then forget it. Nothing was changed.`,
    )
  return withStore(config, async (world) => {
    if (!yes) {
      const standings = await sinkStandings(world.db, { parked: 0 })
      const standing = standings.find(({ name }) => name === sink)
      if (!standing) throw new NotThere(`There is no sink ${sink}. \`rolecall sinks status\` lists them.`)
      out(
        `Nothing was written. With --yes the place of ${sink} is forgotten: ${many(standing.lag, 'line')} that it never got, and ${many(standing.parked, 'line')} that it refused.`,
      )
      return 0
    }
    await forgetSink(world, sink, changeBy(world, reason === undefined ? {} : { reason }))
    out(`${sink} is forgotten. A line in the record says so. Set again, it is a new sink.`)
    return 0
  })
}

async function sayWhat(
  { db, now }: OpenWorld,
  { sink, chain, seq }: Choice,
  { waiting }: DropOptions,
): Promise<number> {
  const standings = await sinkStandings(db, { ...(chain !== null && { chain }), parked: PARKED_SHOWN })
  const standing = standings.find(({ name }) => name === sink)
  if (!standing) throw new NotThere(`There is no sink ${sink}. \`rolecall sinks status\` lists them.`)
  const { lag, parked, firstParked } = standing
  const count = waiting ? lag : seq === null ? parked : 1
  out(count === 0 ? NOTHING_THERE : `Nothing was written. With --yes ${sink} never gets ${many(count, 'line')}:`)
  if (count === 0) return 0
  if (waiting) out(`  what waits for it${chain === null ? '' : ` of server ${chain}`}`)
  const meant = waiting ? [] : firstParked.filter((line) => seq === null || line.seq === seq)
  for (const line of meant) out(harmless(`  ${parkedWords(line, now())}`))
  return 0
}

const NOTHING_THERE = 'There is nothing to give up.'
const NOT_BOTH =
  '--line names a line that was refused, and --waiting what has not been tried yet: give one of them. Nothing was done.'
const toChoice = (sink: string, { guild, line }: SinkOptions): Choice => ({
  sink,
  chain: guild ?? null,
  seq: line ?? null,
})

const changeBy = ({ actor, now }: OpenWorld, { reason }: SinkOptions) => ({
  actor,
  at: now(),
  reason: reason === undefined || reason.trim() === '' ? null : reason.trim(),
})
