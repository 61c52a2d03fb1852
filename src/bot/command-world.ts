import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { AuditRequest, CommandWorld, GuildStatus } from '#src/discord/command.ts'
import { DiscordFault } from '#src/discord/faults.ts'
import type { Looker } from '#src/discord/looker.ts'
import { acknowledgeFirstRun } from '#src/loop/acknowledge.ts'
import { type AuditOrder, audit, type Halt } from '#src/loop/audit.ts'
import { explainMember } from '#src/loop/explain.ts'
import { judgeReading } from '#src/loop/facts.ts'
import type { Queue } from '#src/loop/queue.ts'
import type { World } from '#src/loop/world.ts'
import type { Book } from '#src/store/book.ts'
import type { GuildPosts } from './posts.ts'
import { standingFaults } from './standing.ts'

/** Runs named in a status; more would push the rest off a phone's screen. */
const RUNS_SHOWN = 3

export interface CommandWorldParts {
  readonly world: World
  readonly queue: Queue
  readonly halt: Halt
  readonly posts: GuildPosts
  readonly book: Book
  readonly looker: Looker
  /** Accepted triggers a person in 24 hours; null: no limit. */
  readonly quota: number | null
}

/** What the slash commands may ask of the bot, joined from the loop and the store. */
export function makeCommandWorld(parts: CommandWorldParts): CommandWorld {
  const { world, queue, halt, book } = parts
  return {
    now: () => world.now(),
    audit: (request, onProgress) => audit(world, queue, toOrder(request), halt, onProgress),
    status: (guildId, memberId) => statusOf(parts, guildId, memberId),
    run: (guildId, runId) => book.run(guildId, runId),
    findings: (guildId, runId, page) => book.findingsPage(guildId, runId, page),
    atStake: (guildId, runId) => book.countAtStake(guildId, runId),
    gateTally: (guildId, runId) => book.gateTally(guildId, runId),
    explain: (guildId, memberId, mayDestroy) => explainMember(world, guildId, memberId, mayDestroy),
    acknowledgeFirstRun: (guildId, runId, memberId, interactionId) =>
      acknowledgeFirstRun(world, guildId, runId, memberId, interactionId),
  }
}

const toOrder = ({ guildId, memberId, interactionId, action, mayDestroy, reason }: AuditRequest): AuditOrder => ({
  guildId,
  trigger: 'slash',
  action,
  actor: `discord:${memberId}`,
  mayDestroy,
  reason,
  idempotencyKey: `interaction:${interactionId}`,
})

async function statusOf(parts: CommandWorldParts, guildId: Id, memberId: Id): Promise<GuildStatus> {
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
    acknowledged: await book.acknowledgement(guildId),
    armed: settings.armed,
    lastRuns: await book.lastRuns(guildId, RUNS_SHOWN),
    quota: await book.quota(guildId, `discord:${memberId}`, world.now(), quota),
  }
}

/** What the bot lacks at Discord; a question that Discord does not answer is itself worth showing. */
async function lacksOf({ world, looker }: CommandWorldParts, guildId: Id): Promise<readonly string[]> {
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
    return { source, people: identities, linked, suspect: truth.suspect, why: truth.why, problem: null }
  } catch (error) {
    if (!(error instanceof DirectoryUnreachable)) throw error
    return { source, people: null, linked: null, suspect: true, why: [], problem: error.message }
  }
}
