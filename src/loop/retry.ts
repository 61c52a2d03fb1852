import { decide } from '#src/core/decide.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Finding, Id, Invocation } from '#src/core/model.ts'
import { narrow } from '#src/core/narrow.ts'
import type { Retry, Run } from '#src/core/run.ts'
import { Hand } from './act.ts'
import { type Halt, type Leash, runsAtWork, type StoppedSince, sinceNow, takeUp } from './at-work.ts'
import type { Carried } from './carrying.ts'
import { workOn } from './ending.ts'
import { askSource, joinFacts, knownGuild } from './facts.ts'
import { heldAgain, isTooOld } from './go-on.ts'
import { inTurn } from './in-turn.ts'
import { invocationOf } from './invoking.ts'
import { failedKick, SAID_NOTHING, tryLater } from './kick-retries.ts'
import { cameSince } from './newcomer.ts'
import type { Queue } from './queue.ts'
import { Tally } from './tally.ts'
import type { World } from './world.ts'

// Kicks that are due to be tried again. Everything is decided anew, under the rules of the run that wanted them first.

/** Kicks looked at in one go; there are a handful, and the rest is due the next time. */
const AT_ONCE = 500

const RIGHT_LOST = 'Whoever wanted them kicked no longer has the right to it.'
const TOO_OLD = 'It was more than a day ago that they were to be kicked, and nobody is kicked by what was meant then.'
const TOO_MUCH = 'By now their run is more than the blast radius lets through.'

const busy = new WeakSet<World>()

/** To be called now and then. Never rejects for one kick's fault; what cannot be judged now stays due. */
export async function retryKicks(world: World, queue: Queue, halt: Halt): Promise<void> {
  if (busy.has(world) || !world.mayAct()) return
  busy.add(world)
  try {
    const unready = new Set<Id>()
    // What waits is forgotten by a stop; what was read before the stop must be too.
    const stoppedSince = sinceNow(world)
    for (const retry of await world.book.dueRetries(world.now(), AT_ONCE)) {
      if (halt.asked) return
      if (unready.has(retry.guildId)) continue
      const came = await new Again(world, queue, retry, stoppedSince).tryIt(halt)
      if (came === 'not now') unready.add(retry.guildId)
    }
  } finally {
    busy.delete(world)
  }
}

class Again {
  readonly #world: World
  readonly #queue: Queue
  readonly #retry: Retry
  readonly #stoppedSince: StoppedSince

  constructor(world: World, queue: Queue, retry: Retry, stoppedSince: StoppedSince) {
    this.#world = world
    this.#queue = queue
    this.#retry = retry
    this.#stoppedSince = stoppedSince
  }

  /** True once the guild was stopped since the retries that are due were read. */
  get isStopped(): boolean {
    return this.#stoppedSince(this.#retry.guildId)
  }

  /** `not now`: nobody of this guild can be judged at this moment. */
  async tryIt(halt: Halt): Promise<'settled' | 'not now'> {
    const { guildId, memberId } = this.#retry
    try {
      return await this.#judgeAndTry(halt)
    } catch (error) {
      if (!(error instanceof DirectoryUnreachable))
        this.#world.notice('a kick could not be tried again', { guild: guildId, member: memberId, error })
      return 'not now'
    }
  }

  async #judgeAndTry(halt: Halt): Promise<'settled' | 'not now'> {
    const wanted = await this.#wanted()
    if (wanted && isTooOld(this.#world, wanted)) {
      await this.#giveUp(TOO_OLD)
      return 'settled'
    }
    const invocation = wanted && (await invocationOf(this.#world, wanted))
    const finding = wanted && invocation && (await this.#judge(wanted, invocation))
    if (finding === 'unknown') return 'not now'
    if (this.isStopped) return 'settled'
    if (!finding) await this.#drop()
    else await this.#tryAsMayBe(wanted, invocation, finding, halt)
    return 'settled'
  }

  /** The run as it wanted the kick: on behalf of whoever let it go on, where that was somebody else. Null where it was given up. */
  async #wanted(): Promise<Run | null> {
    const { guildId, runId, memberId } = this.#retry
    const run = await this.#world.book.run(guildId, runId)
    if (!run || run.state === 'abandoned') return null
    return { ...run, actor: (await this.#world.book.whoWantedKick(guildId, runId, memberId)) ?? run.actor }
  }

  /** Somebody who is to be kicked still, and is not since nobody may by now, is not let go of without a word. */
  async #tryAsMayBe(wanted: Run, invocation: Invocation, finding: Finding, halt: Halt): Promise<void> {
    if (!this.#world.mayStill(wanted.guildId, wanted.actor, wanted.action)) return this.#giveUp(RIGHT_LOST)
    // The kick is a part of its run still: measured with it, and not beside it.
    if (await heldAgain(this.#world, wanted, invocation)) return this.#giveUp(TOO_MUCH)
    await this.#try(wanted, invocation, finding, halt)
  }

  async #giveUp(why: string): Promise<void> {
    const { guildId, memberId, tries, detail } = this.#retry
    await this.#drop()
    this.#world.tell(guildId, { kind: 'kick_given_up', memberId, tries, detail: `${detail ?? SAID_NOTHING} ${why}` })
  }

  /** Null: nobody is to be kicked any more. `unknown`: that cannot be told at this moment. */
  async #judge({ only, startedAt }: Run, invocation: Invocation): Promise<Finding | null | 'unknown'> {
    const { guildId, memberId } = this.#retry
    const { roster, guild: known } = knownGuild(this.#world, guildId)
    if (roster.state !== 'live') return 'unknown'
    const [member, guild, answer] = await Promise.all([
      this.#world.looker.member(guildId, memberId),
      this.#world.looker.guild(guildId, known.botUserId),
      askSource(this.#world, guildId, memberId),
    ])
    // Somebody who was kicked, and whom nobody saw go, may be back by now.
    if (!member || cameSince(this.#world, member, { decidedAt: startedAt, begunAt: this.#world.elapsed() })) return null
    if (answer.truth.suspect) return 'unknown'
    const { scope, claims } = joinFacts(this.#world, guild, memberId, invocation, answer)
    const verdict = decide(member, claims, scope)
    const finding = verdict.kind === 'finding' ? narrow(verdict.finding, only) : null
    return finding?.kick ? finding : null
  }

  async #try(wanted: Run, invocation: Invocation, finding: Finding, halt: Halt): Promise<void> {
    const { run, repeated } = await this.#open(wanted)
    // That try was begun before, by a process that was killed in the middle of it.
    if (repeated) return tryLater(this.#world, this.#retry, 'The bot was cut off in the middle of it.', this)
    const tally = new Tally()
    await workOn(this.#world, run, takeUp(this.#world, run, halt, this.#stoppedSince), tally, (leash) =>
      this.#carryOut({ run, decidedAt: wanted.startedAt, invocation, finding, leash, tally }),
    )
  }

  #open({ id, trigger, action, actor, mayDestroy }: Run) {
    const { guildId, memberId, tries } = this.#retry
    const now = this.#world.now()
    return this.#world.book.openRun(
      {
        id: this.#world.newId(),
        guildId,
        purpose: 'retry',
        cause: `run:${id}`,
        only: { memberId, roleId: null },
        deadlineAt: now + this.#world.deadlineMs,
        trigger,
        action,
        actor,
        mayDestroy,
        reason: null,
        idempotencyKey: `retry:${id}:${memberId}:${tries}`,
        at: now,
      },
      runsAtWork(this.#world),
    )
  }

  async #carryOut(work: {
    readonly run: Run
    readonly decidedAt: number
    readonly invocation: Invocation
    readonly finding: Finding
    readonly leash: Leash
    readonly tally: Tally
  }): Promise<Run> {
    const { run, decidedAt, invocation, finding, leash, tally } = work
    const { guildId, id: runId, actor, only } = run
    const world = this.#world
    await world.book.moveRun(guildId, runId, 'running', world.now())
    const lane = run.trigger === 'schedule' ? 'sweep' : 'command'
    const reason = `rolecall run ${runId}`
    const hand = new Hand(world, { guildId, runId, actor, decidedAt, invocation, only, reason, lane }, leash)
    await inTurn(this.#queue, { guildId, memberId: finding.memberId }, lane, leash, async () => {
      const carried = await hand.carryOut(finding)
      tally.add(carried)
      await this.#note(carried, leash)
    })
    return world.book.completeRun(guildId, runId, await tally.outcomes(world, run), world.now())
  }

  /** A member who could not be looked at was not kicked either, and that passes too. */
  async #note(carried: Carried, leash: Leash): Promise<void> {
    const failed = failedKick(carried)
    if (!failed && carried.left !== 'failed') return this.#drop()
    await tryLater(this.#world, this.#retry, failed?.detail ?? this.#retry.detail, leash)
  }

  #drop(): Promise<void> {
    return this.#world.book.dropRetry(this.#retry.guildId, this.#retry.memberId)
  }
}
