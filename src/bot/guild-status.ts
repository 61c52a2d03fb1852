import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Actor } from '#src/core/trail.ts'
import type { GuildStatus } from '#src/discord/command.ts'
import { DiscordFault } from '#src/discord/faults.ts'
import type { Looker } from '#src/discord/looker.ts'
import { judgeReading } from '#src/loop/facts.ts'
import type { World } from '#src/loop/world.ts'
import type { Book } from '#src/store/book.ts'
import type { GuildPosts } from './posts.ts'
import { standingFaults } from './standing.ts'

/** Runs named in a status; more would push the rest off a phone's screen. */
const RUNS_SHOWN = 3
/** Each takes three acts within ten minutes: more of them are counted by nobody. */
const MOST_CONTESTS = 1_000

export interface StatusParts {
  readonly world: World
  readonly posts: GuildPosts
  readonly book: Book
  readonly looker: Looker
  /** Accepted triggers a person in 24 hours; null: no limit. */
  readonly quota: number | null
}

/** How a guild stands, and what its asker has used up. */
export async function statusOf(parts: StatusParts, guildId: Id, actor: Actor): Promise<GuildStatus> {
  const { world, posts, book, quota } = parts
  const settings = await book.settings(guildId)
  const keeper = posts.keeper(guildId)
  return {
    roster: {
      state: keeper?.roster.state ?? 'cold',
      members: keeper?.roster.columns.count ?? 0,
      age: keeper?.roster.verifiedAt == null ? null : world.now() - keeper.roster.verifiedAt,
      note: keeper?.note ?? null,
    },
    identity: await identityStatus(world, guildId),
    lacks: await lacksOf(parts, guildId),
    blind: await book.blindness(guildId),
    quarantines: [...(await book.quarantines(guildId)).values()],
    contests: await contestsOf(parts, guildId),
    arrangements: await book.arrangements(guildId),
    nextLookAt: (await book.slot(guildId))?.nextAt ?? null,
    acknowledged: await book.acknowledgement(guildId),
    armed: settings.armed,
    lastRuns: await book.lastRuns(guildId, RUNS_SHOWN),
    quota: await book.quota(guildId, actor, world.now(), quota),
  }
}

/** Of those who left there is nothing to be left alone. */
async function contestsOf({ posts, book }: StatusParts, guildId: Id): Promise<GuildStatus['contests']> {
  const roster = posts.keeper(guildId)?.roster
  const contests = await book.contests(guildId, MOST_CONTESTS)
  return roster?.state === 'live' ? contests.filter(({ memberId }) => roster.member(memberId)) : contests
}

/** What the bot lacks at Discord; a question that Discord does not answer is itself worth showing. */
async function lacksOf({ world, looker }: StatusParts, guildId: Id): Promise<readonly string[]> {
  try {
    return await standingFaults(world, looker, guildId)
  } catch (error) {
    if (error instanceof DirectoryUnreachable) return []
    if (error instanceof DiscordFault || error instanceof Refusal) return [error.message]
    throw error
  }
}

/** The source's vital counts without anybody's data; a source that is silent is a problem to show, not a fault of the command. */
async function identityStatus(world: World, guildId: Id): Promise<GuildStatus['identity']> {
  const { source } = world.directory(guildId)
  try {
    const reading = await world.directory(guildId).find([])
    const truth = await judgeReading(world, guildId, reading, await world.book.settings(guildId))
    const { identities, linked } = reading.vitals
    return { source, people: identities, linked, ...truth, problem: null }
  } catch (error) {
    if (!(error instanceof DirectoryUnreachable)) throw error
    return { source, people: null, linked: null, suspect: true, why: [], problem: error.message }
  }
}
