import { progressReply } from '#commands/progress.ts'
import type { ScheduleArrangement } from '#src/core/arrangements.ts'
import type { Id } from '#src/core/model.ts'
import { EVERYTHING, type Run } from '#src/core/run.ts'
import type { Poster } from '#src/discord/poster.ts'
import { audit, type Halt } from '#src/loop/audit.ts'
import type { Queue } from '#src/loop/queue.ts'
import { Schedule } from '#src/loop/schedule.ts'
import type { World } from '#src/loop/world.ts'
import type { Book } from '#src/store/book.ts'
import { inOwnContext } from '#src/telemetry/context.ts'
import { nextAfter } from './cron.ts'
import type { GuildPosts } from './posts.ts'
import { ProgressPost } from './progress-post.ts'

export interface ScheduledParts {
  readonly world: World
  readonly queue: Queue
  readonly halt: Halt
  readonly book: Book
  readonly posts: GuildPosts
  readonly poster: Poster
  readonly random: () => number
}

/** The looks by schedule, each shown while it goes on in one message of the channel that the guild has chosen. */
export function makeSchedule(parts: ScheduledParts): Schedule {
  const { world, posts, halt } = parts
  return new Schedule({
    guildIds: () => [...posts.keepers].map(([guildId]) => guildId),
    book: parts.book,
    nextAfter,
    random: parts.random,
    isReady: (guildId) => world.mayAct() && !halt.asked && world.roster(guildId)?.state === 'live',
    start: (guildId, schedule) => start(parts, guildId, schedule),
    notice: (message, facts) => world.notice(message, facts),
  })
}

async function start(parts: ScheduledParts, guildId: Id, { action }: ScheduleArrangement): Promise<Run> {
  const { world, queue, halt, book, poster } = parts
  const { channelId } = await book.arrangements(guildId)
  const words = (progress: Parameters<typeof progressReply>[1]) =>
    progressReply('The scheduled audit is running', progress)
  const post = channelId === null ? null : new ProgressPost(poster, channelId, words, () => world.elapsed())
  const who = { actor: 'system:schedule', mayDestroy: true, reason: null } as const
  const what = { purpose: 'audit', cause: null, only: EVERYTHING, trigger: 'schedule', action, lane: 'sweep' } as const
  const idempotencyKey = `schedule:${world.newId()}`
  return inOwnContext('schedule', 'system:schedule', () =>
    audit(world, queue, { guildId, ...what, ...who, idempotencyKey }, halt, (progress) => post?.show(progress)),
  )
}
