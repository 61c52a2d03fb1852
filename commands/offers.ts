import type { Run } from '#src/core/run.ts'
import type { CommandWorld, Offer, Typing } from '#src/discord/command.ts'
import { runOffer } from './run-line.ts'

// What is offered while somebody types. Discord takes 25 offers and waits 3 seconds, so only what is at hand is read.

const MOST_OFFERS = 25
/** Runs that are looked through; older ones can still be pasted. */
const RUNS_READ = 100
/** Discord's limit for what an offer stands for; a longer name can be typed but not offered, since a cut one would be another. */
const LONGEST_VALUE = 100

/** The guild's runs that are wanted, newest first, as `2 h ago · strip · completed`. */
export async function runOffers(
  { guildId, typed }: Typing,
  world: CommandWorld,
  isWanted: (run: Run) => boolean,
): Promise<readonly Offer[]> {
  const { runs } = await world.runs(guildId, { offset: 0, limit: RUNS_READ })
  const now = world.now()
  const offers = runs.filter(isWanted).map((run) => ({ name: runOffer(run, now), value: run.id }))
  const sought = typed.trim().toLowerCase()
  return offers
    .filter(({ name, value }) => name.toLowerCase().includes(sought) || value.startsWith(sought))
    .slice(0, MOST_OFFERS)
}

/** Names that hold what is typed, those that begin with it first. */
export function nameOffers(typed: string, names: readonly string[]): readonly Offer[] {
  const sought = typed.trim().toLowerCase()
  const fitting = names.filter((name) => name.length <= LONGEST_VALUE && name.toLowerCase().includes(sought))
  const first = fitting.filter((name) => name.toLowerCase().startsWith(sought))
  const rest = fitting.filter((name) => !name.toLowerCase().startsWith(sought))
  return [...first, ...rest].slice(0, MOST_OFFERS).map((name) => ({ name, value: name }))
}
