import type { Id } from '#src/core/model.ts'
import type { Moment } from '#src/core/moment.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Act, Ground, Intent } from '#src/core/run.ts'
import { TermOver } from '#src/core/term.ts'
import type { Actor } from '#src/core/trail.ts'
import { correlationNow } from '#src/telemetry/context.ts'
import { confirmByReading, echoOf, type Seen } from './confirm.ts'
import type { Lane } from './line.ts'
import { writeLater } from './unwritten.ts'
import type { World } from './world.ts'

// One act, once it is certain that it is wanted: written down, made, seen, and what came of it written down.

/** Tries to write down what came of an act; a database that stays away longer is given it when it is back, or the next start settles by looking. */
const SETTLE_TRIES = 3

export const ANOTHER_ACTS =
  'Another bot acts on this database by now, or may do so since this one did not hear of the database for too long. So this one changes nothing more; `/audit runs` shows what goes on.'
const NOT_SENT: Seen = { outcome: 'failed', detail: `${ANOTHER_ACTS} This was not sent.` }
const HELD: Seen = {
  outcome: 'failed',
  detail: 'The run was to end by the time that this was written down, so it was not sent. Nothing was changed.',
}
const CUT_OFF: Seen = { outcome: 'unknown', detail: 'The act was cut off before its outcome was seen.' }

/** On whose behalf acts are made, and how Discord is to show and to order them. */
export interface Errand {
  readonly runId: string
  readonly actor: Actor
  /** What Discord's own audit log is to show; the intent's id is put behind it, so that the bot knows its own acts. */
  readonly reason: string
  readonly lane: Lane
}

export interface Wanted {
  readonly act: Act
  readonly ground: Ground
  /** The roles held before, as Discord said just now. */
  readonly heldBefore: readonly Id[]
  /** When that look began. */
  readonly lookedAt: Moment
  /** Whether no act is to be begun any more. */
  readonly isHeld: () => boolean
  /** Called when the intent is durable, before the act. */
  readonly onWritten?: (() => void) | undefined
  /** Looks anew; asked before every try that comes later than the look. */
  readonly stillWanted: () => Promise<boolean>
}

/** One change that was tried, and what came of it. */
export interface Deed extends Seen {
  readonly act: Act
}

/** `over`: somebody ended the run, or acts in this one's place, as it turned out before it was sent. */
type Came = Seen & { readonly refusal?: boolean; readonly over?: Refusal | TermOver }

export const momentNow = (world: World): Moment => ({ elapsed: world.elapsed(), now: world.now() })

/**
 * The intent is durable before the act, the outcome after it; a process that dies between leaves an open intent. What Discord refuses for good is
 * put in quarantine. Throws `TermOver` where another bot acts by now, and `Refusal` where the run is no longer running: then nothing was sent.
 */
export async function doDeed(world: World, errand: Errand, wanted: Wanted): Promise<Deed> {
  mustLead(world)
  const { act, ground, heldBefore } = wanted
  const { runId, actor } = errand
  const intent = await world.book.intend(act, { runId, actor, ground, heldBefore, at: world.now() })
  let came: Came = CUT_OFF
  try {
    wanted.onWritten?.()
    came = obstacleTo(world, wanted) ?? (await actAndConfirm(world, errand, wanted, intent))
  } finally {
    // Whoever acts in this one's place settles what it left, in its own way.
    if (!(came.over instanceof TermOver)) await settle(world, intent, came)
  }
  if (came.over) throw came.over
  mustLead(world)
  if (came.refusal) await leaveAlone(world, runId, act, came.detail ?? 'Discord refuses it.')
  return { act, outcome: came.outcome, detail: came.detail }
}

function mustLead(world: World): void {
  if (!world.mayAct()) throw new TermOver(ANOTHER_ACTS)
}

/** Much may have come while the intent was written down, by a database that may be slow. Null: nothing that forbids the act. */
function obstacleTo(world: World, { isHeld }: Wanted): Seen | null {
  if (!world.mayAct()) return NOT_SENT
  return isHeld() ? HELD : null
}

/** By which whoever reads Discord's audit log finds the log and the record of what set the act off. */
function causeWords(): string {
  const correlation = correlationNow()
  return correlation === null ? '' : ` · ${correlation}`
}

async function actAndConfirm(world: World, errand: Errand, wanted: Wanted, intent: Intent): Promise<Came> {
  const { act } = wanted
  const echo = echoOf(world, act)
  let over: Refusal | TermOver | null = null
  const answer = await world.enforcer.perform(act, {
    reason: `${errand.reason}${causeWords()} [${intent.id}]`,
    lane: errand.lane,
    lookedAt: wanted.lookedAt,
    stillWanted: async () => {
      const isWanted = world.mayAct() && (await wanted.stillWanted())
      // Last, since it is what may have changed while the look took its time.
      if (isWanted) over = await overBy(world, act.guildId, errand.runId)
      // That may have hung too, until another bot may act.
      return isWanted && over === null && world.mayAct()
    },
  })
  const { outcome, detail } = answer
  if (over && outcome === 'changed') return { ...NOT_SENT, over }
  if (outcome === 'unknown') return confirmByReading(world, act, detail)
  if (outcome !== 'done') return answer
  const seen = (await echo) ? answer : await confirmByReading(world, act, null)
  return seen.outcome === 'done' ? { outcome, detail } : seen
}

/**
 * What has ended the run since the intent was written down, or this one's right to act; null: nothing. The book is asked, since a machine that was
 * suspended meanwhile does not know by itself how long it slept.
 */
async function overBy(world: World, guildId: Id, runId: string): Promise<Refusal | TermOver | null> {
  try {
    await world.book.mustGoOn(guildId, runId)
    return null
  } catch (error) {
    if (error instanceof TermOver || error instanceof Refusal) return error
    throw error
  }
}

/** Of several roles in one write Discord does not say which it refuses; whoever made it tries them one by one. */
async function leaveAlone(world: World, runId: string, act: Act, detail: string): Promise<void> {
  if (act.kind === 'remove_roles') return
  const what = act.kind === 'kick' ? 'kick' : act.roleId
  const isNew = await world.book.quarantine(act.guildId, what, detail, runId, world.now())
  if (isNew) world.tell(act.guildId, { kind: 'quarantined', what, detail })
}

/** Writes what came of an act, again where the database was away for a moment; the same outcome twice is one. */
async function settle(world: World, intent: Intent, { outcome, detail }: Came): Promise<void> {
  const write = () => world.book.settle(intent, outcome, detail, world.now())
  for (let tried = 1; ; tried += 1) {
    try {
      return await write()
    } catch (error) {
      if (world.mayAct() && tried < SETTLE_TRIES) continue
      writeLater(world, write)
      // Whoever acts in this one's place settles what it left, in its own way.
      mustLead(world)
      throw error
    }
  }
}
