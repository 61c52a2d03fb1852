import type { Action, Id, Invocation } from '#src/core/model.ts'
import { NotThere } from '#src/core/refusal.ts'
import type { Run, RunState } from '#src/core/run.ts'
import { isUnattended } from '#src/core/scope.ts'
import type { Actor } from '#src/core/trail.ts'
import { unattendedToday } from './reservations.ts'
import type { World } from './world.ts'

// Who wants something done, and what a run may do at most.

/** Who asks, for the record, and what their own permissions in the server allow. */
export interface By {
  readonly actor: Actor
  /** `interaction:<id>` or `order:<id>`. */
  readonly cause: string
  readonly reason: string | null
  readonly mayStrip: boolean
  readonly mayKick: boolean
  /** Roles below whose highest they may hand out roles, as Discord has it; null where no rank bounds them: the owner, Administrators, the console. */
  readonly roleIds: readonly Id[] | null
  /** True once somebody stopped the server since they asked: they may have waited for a database, and a stop lets nothing begin that was asked for before. */
  readonly stoppedSince: () => boolean
}

/** Whether somebody's permissions cover what a run of this action does: kicking needs Kick Members beside Manage Roles. */
export const mayDestroy = (action: Action, { mayStrip, mayKick }: By): boolean =>
  mayStrip && (action !== 'strip_kick' || mayKick)

/** A run's invocation as it is now. What was done unattended in the last 24 hours, or is about to be, is counted anew, without what the run itself did. */
export async function invocationOf(
  world: World,
  { guildId, id, trigger, action, mayDestroy }: Pick<Run, 'guildId' | 'id' | 'trigger' | 'action' | 'mayDestroy'>,
): Promise<Invocation> {
  const day = isUnattended({ trigger }) ? await unattendedToday(world, guildId, id) : { affected: 0, kicks: 0 }
  return { trigger, action, mayDestroy, dayAffected: day.affected, dayKicks: day.kicks, approved: null }
}

/** What somebody's own permissions lack for what a run of this action does, as a sentence; null where they suffice. */
export function lackOf(action: Action, by: By): string | null {
  if (action === 'report' || mayDestroy(action, by)) return null
  const needed = action === 'strip' ? 'Manage Roles' : 'Manage Roles and Kick Members'
  return `Its plan ${action === 'strip' ? 'takes roles' : 'takes roles and kicks'}, which needs the permission ${needed}; yours do not cover that. Ask somebody who has it.`
}

/** A run that this guild has; throws `NotThere` with where its ids are listed. */
export async function knownRun(world: World, guildId: Id, runId: string): Promise<Run> {
  const run = await world.book.run(guildId, runId)
  if (run) return run
  throw new NotThere(`This server has no run ${runId}. \`/audit runs\` lists them with their ids.`)
}

const UNDER_WAY = 'is under way. Wait until it has ended; `/stop` ends it at its next step.'
const STANDINGS: Readonly<Record<RunState, string>> = {
  pending: UNDER_WAY,
  running: UNDER_WAY,
  completed: 'is completed; nothing of it is left to be done.',
  failed: 'failed before it had a plan. Make a new one with `/audit run`.',
  interrupted: 'was interrupted. `/audit resume` goes on with it, `/audit abandon` gives it up.',
  awaiting_approval:
    'waits for a human: `/acknowledge plan` shows its plan and lets it go on, `/audit abandon` gives it up.',
  abandoned: 'was given up. Make a new one with `/audit run`.',
}

/** How a run stands and what can be done about it, where what was asked for cannot. */
export const standingOf = ({ id, state }: Pick<Run, 'id' | 'state'>): string =>
  `Run ${id} ${STANDINGS[state]} Nothing was changed.`
