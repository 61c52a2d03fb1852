import { noticeReply } from '#commands/notice-words.ts'
import type { Id } from '#src/core/model.ts'
import type { Notice } from '#src/core/notice.ts'
import type { Packet } from '#src/discord/packets.ts'
import { toPermissions } from '#src/discord/permissions.ts'
import { mayDo, type RightsWorld } from '#src/discord/rights.ts'
import { untilEnded } from '#src/loop/at-work.ts'
import { Attribution } from '#src/loop/attribution.ts'
import type { Halt } from '#src/loop/audit.ts'
import { GroupReviews } from '#src/loop/group.ts'
import { LiveReviews } from '#src/loop/live.ts'
import { Queue } from '#src/loop/queue.ts'
import { retryKicks } from '#src/loop/retry.ts'
import { RoleHistory } from '#src/loop/role-history.ts'
import { settleOpenIntents, tidyRuns } from '#src/loop/settle.ts'
import type { Sight } from '#src/loop/sight.ts'
import type { World } from '#src/loop/world.ts'
import { inOwnContext } from '#src/telemetry/context.ts'
import { Announcer } from './announcer.ts'
import { Firsts } from './firsts.ts'
import { hearAuditLog, makeReactions } from './reactions.ts'
import { makeRunFacts } from './run-facts.ts'
import { makeSchedule } from './scheduled.ts'
import { reportStanding } from './standing.ts'
import type { Summaries } from './summary/summaries.ts'
import { sweep } from './sweeping.ts'
import { every } from './ticker.ts'
import { makeWorld, type WorldParts } from './world.ts'

// The loop with everything that it is driven by: the rosters' changes, the audit log, the identity sources, and the clock.

const SECOND_MS = 1_000
/** How often what waits is looked after: retries, blindness, runs that nobody ended. */
const TIDY_MS = 60 * SECOND_MS
/** How often it is asked whether a look is due; cron expressions of operators name minutes. */
const SCHEDULE_MS = 10 * SECOND_MS
const SWEEP_MS = 3_600 * SECOND_MS

export interface LoopParts extends Omit<WorldParts, 'tell' | 'onSight'> {
  readonly halt: Halt
  readonly rights: RightsWorld
  readonly summaries: Pick<Summaries, 'tells'>
}

export interface LoopSide {
  readonly world: World
  readonly queue: Queue
  /** The audit log's entries, as they come. */
  hear(packet: Packet): void
  /** Acts of a killed process, of which nobody knows whether they happened: Discord is asked. Until that is done none of ours is made. */
  settle(): Promise<void>
  /** Begins to react, and to do what the clock says; until then nothing is done that nobody asked for. */
  begin(): void
  close(): Promise<void>
}

export function openLoop(parts: LoopParts): LoopSide {
  const { record, discord, posts, clock, log, halt } = parts
  const queue = new Queue()
  const announcer = makeAnnouncer(parts)
  const { world, sight } = makeWorld({
    ...parts,
    tell: (guildId, notice) => announcer.tell(guildId, notice),
    onSight: (guildId) => {
      live.resume(guildId)
      groups.resume(guildId)
      groups.rolesChanged(guildId)
    },
  })
  const attribution = new Attribution(world, clock)
  const live = new LiveReviews(world, queue, halt, attribution)
  const history = new RoleHistory(world, clock)
  const groups = new GroupReviews({ world, queue, halt, clock, live })
  const standing = (guildId: Id) => void reportStanding(world, discord.looker, guildId, log)
  const firsts = new Firsts({ world, groups, clock, log, reportStanding: standing })
  const schedule = makeSchedule({
    world,
    queue,
    halt,
    book: record.book,
    posts,
    poster: discord.poster,
    random: Math.random,
  })
  const ends: (() => Promise<void> | void)[] = []
  const regular = (ms: number, what: string, work: () => Promise<unknown>) =>
    ends.push(every({ clock, log }, ms, what, work))
  return {
    world,
    queue,
    hear: (packet) => hearAuditLog(packet, [attribution, history]),
    settle: () => {
      const settling = settleWhatWasCutOff(world, log)
      record.book.opensOnce(settling)
      return settling
    },
    begin: () => {
      const onLive = (guildId: Id) => firsts.live(guildId)
      posts.listen(makeReactions({ live, groups, history, world, log, onLive }))
      regular(TIDY_MS, 'tidying', () => tidy({ world, queue, halt, live, sight, posts }))
      regular(SCHEDULE_MS, 'the schedule', () => schedule.tick(world.now()))
      regular(SWEEP_MS, 'sweeping', () => sweep(record.book, world))
    },
    close: async () => {
      firsts.close()
      await Promise.all(ends.map((end) => end()))
      await queue.close()
      await untilEnded(world)
      await live.close()
      await history.close()
      await announcer.close()
    },
  }
}

interface TidyParts {
  readonly world: World
  readonly queue: Queue
  readonly halt: Halt
  readonly live: LiveReviews
  readonly sight: Sight
  readonly posts: LoopParts['posts']
}

async function tidy({ world, queue, halt, live, sight, posts }: TidyParts): Promise<void> {
  const guildIds = [...posts.keepers].map(([guildId]) => guildId)
  await sight.tick(guildIds)
  if (halt.asked) return
  await tidyRuns(world)
  live.retry()
  await inOwnContext('retry', 'system:retry', () => retryKicks(world, queue, halt))
}

async function settleWhatWasCutOff(world: World, log: LoopParts['log']): Promise<void> {
  const settled = await settleOpenIntents(world)
  if (settled > 0)
    log.warn({ acts: settled }, 'acts of an earlier process were cut off; they are settled by what Discord shows')
}

function makeAnnouncer({ record, discord, posts, rights, summaries, clock, log }: LoopParts): Announcer {
  const { book } = record
  const facts = makeRunFacts(record)
  const words = async (guildId: Id, notice: Notice, at: number) => {
    if (notice.kind !== 'run_ended') return noticeReply(notice, at)
    const grantors = await facts.grantors(guildId, notice.run)
    const found = await facts.found(guildId, notice.run.id)
    return noticeReply({ ...notice, grantors }, at, found)
  }
  /** Whoever subscribed may have lost the right to hear since. */
  const mayHear = async (guildId: Id, memberId: Id) => {
    const roleIds = posts.keeper(guildId)?.roster.member(memberId)?.roleIds
    if (!roleIds) return false
    const permissions = toPermissions(rights.guildPermissionsOf?.(guildId, roleIds) ?? 0n)
    const isOwner = rights.ownerOf(guildId) === memberId
    return mayDo('run', { guildId, memberId, roleIds, permissions, isOwner }, rights)
  }
  return new Announcer({
    book,
    poster: discord.poster,
    words,
    isToldElsewhere: (guildId, channelId, notice) => summaries.tells(guildId, channelId, notice),
    mayHear,
    now: () => clock.now(),
    elapsed: () => performance.now(),
    log,
  })
}
