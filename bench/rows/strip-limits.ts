import { makeEnforcer } from '#src/discord/enforcer.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { GUILD_ID, Town, type TownPlan } from '../guild/town.ts'
import { Peer } from '../peer.ts'
import type { Row, Sizes } from '../row.ts'
import type { Address, Counted, DiscordQuestion } from '../strip/discord.ts'
import { strippable, unearnedBy } from '../strip/guild.ts'
import { Parties } from '../strip/parties.ts'
import { engines } from '../strip/place.ts'
import { leastMs, perSecond } from '../strip/windows.ts'

const REMOVALS = 1_000
const QUICK_REMOVALS = 100
/** A run strips at most a tenth of a server. */
const MEMBERS_PER_REMOVAL = 11
const GOVERNED = 64
/** Twentyfold: a thousand removals take a minute and not a quarter of an hour. */
const RATE_SCALE = 0.05

const ALONE = 'strip.1000_at_limits'
const RUN = 'strip.1000_at_limits.run'

/** A thousand removals under Discord's limits, whose windows are shortened: how many times as long they take as they must. */
export const stripLimits: Row = {
  name: ALONE,
  goals: [
    { name: ALONE, unit: 'x the least', goal: 1.05, bound: 'at most' },
    { name: RUN, unit: 'x the least', goal: 1.05, bound: 'at most' },
  ],
  deadlineMs: 300_000,
  measure: async ({ seed, quick }: Sizes, progress) => {
    const removals = quick ? QUICK_REMOVALS : REMOVALS
    const town = { members: removals * MEMBERS_PER_REMOVAL, seed, governed: GOVERNED, sound: true }
    progress(`${removals} removals through the enforcer`)
    const alone = await byEnforcer(town, removals)
    const run = await byRun(town, removals, progress)
    const times = (taken: Taken) => ({ ours: taken.ms / leastMs(removals, RATE_SCALE), baseline: null })
    return {
      figures: { [ALONE]: times(alone), [RUN]: times(run) },
      notes: [
        `the least that the limits allow is ${seconds(leastMs(removals, RATE_SCALE))}; through the enforcer ${wordsOf(alone)}`,
        `as a whole run, from the command to its answer, ${wordsOf(run)}`,
      ],
    }
  },
}

interface Taken {
  readonly ms: number
  readonly refused: number
}

/** All handed over at once, as nobody does; who is sent when is the enforcer's to say. */
async function byEnforcer(plan: TownPlan, removals: number): Promise<Taken> {
  const discord = new Peer<DiscordQuestion>(new URL('../strip/discord.ts', import.meta.url))
  try {
    const open = { ask: 'open', sides: 1, town: plan, rateScale: RATE_SCALE, astray: removals } as const
    const [address] = await discord.ask<readonly Address[]>(open)
    const ms = await perform(address!, new Town(plan), removals)
    return taken(ms, await discord.ask<Counted>({ ask: 'count', side: 0 }), removals)
  } finally {
    discord.stop()
  }
}

async function perform(address: Address, town: Town, removals: number): Promise<number> {
  const log = makeLog({ level: 'error', secrets: [address.token] })
  const enforcer = makeEnforcer({
    ...address,
    log,
    perSecond: perSecond(RATE_SCALE),
    onFatal: (fault) => void log.error({}, fault.message),
  })
  const how = { reason: 'bench', lane: 'sweep', stillWanted: async () => true } as const
  const began = performance.now()
  const performed = await Promise.all(
    strippable(town)
      .slice(0, removals)
      .map((person) => {
        const act = {
          kind: 'remove_role',
          guildId: GUILD_ID,
          memberId: person.id,
          roleId: unearnedBy(person, town),
        } as const
        return enforcer.perform(act, { ...how, lookedAt: { elapsed: performance.now(), now: Date.now() } })
      }),
  )
  const ms = performance.now() - began
  const undone = performed.find(({ outcome }) => outcome !== 'done')
  if (undone) throw new Error(`a removal ended ${undone.outcome}: ${undone.detail}`)
  return ms
}

/** The same by a run that somebody asks for: everybody read, planned, looked at, written down, and seen to have changed. */
async function byRun(town: TownPlan, removals: number, progress: (words: string) => void): Promise<Taken> {
  const engine = (await engines()).at(-1)!
  const parties = new Parties([engine])
  try {
    await parties.open({ town, rateScale: RATE_SCALE, astray: removals, perSecond: perSecond(RATE_SCALE) }, progress)
    progress(`a run that strips ${removals} members`)
    const began = performance.now()
    const said = await parties.sweep(engine)
    const ms = performance.now() - began
    if (!said.includes(`${removals.toLocaleString('en')} role changes made`)) throw new Error(`the run said: ${said}`)
    return taken(ms, await parties.count(engine), removals)
  } finally {
    await parties.stop()
  }
}

function taken(ms: number, { removals, refused }: Counted, wanted: number): Taken {
  if (removals < wanted) throw new Error(`${removals} of ${wanted} removals arrived at Discord`)
  return { ms, refused }
}

const wordsOf = ({ ms, refused }: Taken): string => `${seconds(ms)}, with ${refused} requests refused for their rate`
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
