import { decide } from '#src/core/decide.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Finding, Id } from '#src/core/model.ts'
import { TermOver } from '#src/core/term.ts'
import { inOwnContext } from '#src/telemetry/context.ts'
import { CutShort, type Halt } from './at-work.ts'
import type { Attribution } from './attribution.ts'
import type { Carried } from './carrying.ts'
import { gather, knownGuild } from './facts.ts'
import { type Given, Grants } from './grants.ts'
import type { Turn } from './line.ts'
import { type Came, LiveActs, type LiveWish } from './live-act.ts'
import { LIVE } from './live-run.ts'
import { joined, type LiveCause, type Look, PutOff } from './put-off.ts'
import { LaneFull, memberKey, type Queue } from './queue.ts'
import { SeenFindings } from './seen.ts'
import { Seldom } from './seldom.ts'
import type { World } from './world.ts'

// The live path: a role lands on somebody, and at once it is known whether they earned it, and it goes where they have not.

export type { LiveCause }

/** How often an act that came to nothing is tried again about once a minute. */
const SOON_TRIES = 5
/** After that it is tried each quarter of an hour, for a day: Discord may be ill for hours, or may have refused so much that no acts are made for a while. */
const LATER_EVERY = 15
const MAX_TRIES = SOON_TRIES + 96
/** How often a look that broke is made again about once a minute: for an hour, so that a database may be mended meanwhile. Then as seldom as an act. */
const MAX_BROKEN = 60
/** That a source does not answer is noticed for one member of a guild in this time, not for each. */
const SILENCE_NOTICED_MS = 60_000

const NOTHING_GIVEN: Given = new Map()
const NOBODY: LiveWish['grantors'] = new Map()

/** Reviews members as the roster tells of them. Acts where realtime is armed and no gate holds; else writes into the trail what it found. */
export class LiveReviews {
  readonly #world: World
  readonly #queue: Queue
  readonly #acts: LiveActs
  readonly #grants: Grants
  readonly #seen: SeenFindings
  readonly #silences: Seldom
  /** What is known of those who are in line, for whoever takes their turn. */
  readonly #inLine = new Map<string, Look>()
  /** Until the roster is live and the source is to be trusted. */
  readonly #untilClear = new PutOff()
  /** Until the next try. */
  readonly #untilRetry = new PutOff()
  /** Until one of the later tries. */
  readonly #untilLater = new PutOff()
  #retries = 0

  constructor(world: World, queue: Queue, halt: Halt, attribution: Attribution) {
    this.#world = world
    this.#queue = queue
    this.#acts = new LiveActs(world, halt)
    this.#grants = new Grants(world, attribution)
    this.#seen = new SeenFindings(world)
    this.#silences = new Seldom(SILENCE_NOTICED_MS, () => world.elapsed())
  }

  /** Puts the member in line; `given` are the roles that they were just seen to get. Never throws and never rejects: a fault in one member stays there. */
  see(guildId: Id, memberId: Id, cause: LiveCause, given: readonly Id[] = []): void {
    const seenAt = this.#world.now()
    const times = given.length === 0 ? NOTHING_GIVEN : new Map(given.map((id) => [id, seenAt]))
    this.#putInLine(guildId, memberId, { cause, given: times, tries: 0 })
  }

  /**
   * The guild's roster is live (again), or its source is to be trusted again: those whose look was put off are looked at now. They share no cause: each was
   * put in line for something of their own. Who changed at a source that was dark waits with `GroupReviews`, as one cause.
   */
  resume(guildId: Id): void {
    for (const [memberId, look] of this.#untilClear.take(guildId)) this.#putInLine(guildId, memberId, look)
    this.#retry(guildId)
  }

  /** Tries again what failed for a reason that may have passed. Called each minute. */
  retry(): void {
    this.#retries += 1
    if (this.#retries % LATER_EVERY === 0)
      for (const guildId of this.#untilLater.guildIds)
        for (const [memberId, look] of this.#untilLater.take(guildId)) this.#untilRetry.add(guildId, memberId, look)
    for (const guildId of this.#untilRetry.guildIds) this.#retry(guildId)
  }

  /** Waits for nobody's giver any more, and resolves when what is known of them is written. Close the queue first. */
  close(): Promise<void> {
    return this.#grants.close()
  }

  #tryAgain(guildId: Id, memberId: Id, look: Look): void {
    const again = { ...look, tries: look.tries + 1 }
    if (again.tries <= SOON_TRIES) this.#untilRetry.add(guildId, memberId, again)
    else if (again.tries <= MAX_TRIES) this.#untilLater.add(guildId, memberId, again)
  }

  #retry(guildId: Id): void {
    for (const [memberId, look] of this.#untilRetry.take(guildId)) this.#putInLine(guildId, memberId, look)
  }

  #putInLine(guildId: Id, memberId: Id, look: Look): void {
    const key = memberKey(guildId, memberId)
    const waiting = this.#inLine.get(key)
    this.#inLine.set(key, waiting ? joined(waiting, look) : look)
    if (waiting) return
    const review = (turn: Turn) => this.#review(guildId, memberId, this.#takeLook(key) ?? look, turn)
    inOwnContext('live', 'system:realtime', () => this.#queue.add(key, 'live', review)).catch(() =>
      this.#untilRetry.add(guildId, memberId, this.#takeLook(key) ?? look),
    )
  }

  #takeLook(key: string): Look | undefined {
    const look = this.#inLine.get(key)
    this.#inLine.delete(key)
    return look
  }

  async #review(guildId: Id, memberId: Id, look: Look, turn: Turn): Promise<void> {
    try {
      await this.#judge(guildId, memberId, look, turn)
    } catch (error) {
      this.#breakOff(guildId, memberId, look, error)
    }
  }

  #breakOff(guildId: Id, memberId: Id, look: Look, error: unknown): void {
    const isSilence = error instanceof DirectoryUnreachable
    if (isSilence) this.#untilClear.add(guildId, memberId, look)
    else if (look.tries < MAX_BROKEN) this.#untilRetry.add(guildId, memberId, { ...look, tries: look.tries + 1 })
    else this.#tryAgain(guildId, memberId, look)
    if (error instanceof LaneFull || error instanceof CutShort || error instanceof TermOver) return
    if (isSilence && !this.#silences.isDue(guildId)) return
    this.#world.notice('a live review failed', { guild: guildId, member: memberId, cause: look.cause, error })
  }

  async #judge(guildId: Id, memberId: Id, look: Look, turn: Turn): Promise<void> {
    const { roster, guild } = knownGuild(this.#world, guildId)
    // A roster that is not live proposes nothing. Its refill may find no difference to tell of, so the look is put off, not dropped.
    if (roster.state !== 'live') return this.#untilClear.add(guildId, memberId, look)
    const { scope, claims, settings, truth, accepted } = await gather(this.#world, guild, memberId, LIVE)
    // Read after the wait: what the roster says now is decided on, and nothing of those who have left.
    const member = roster.member(memberId)
    if (!member) return
    const verdict = decide(member, claims, scope)
    const finding = verdict.kind === 'finding' && isOutOfOrder(verdict.finding) ? verdict.finding : null
    if (truth.suspect) this.#untilClear.add(guildId, memberId, look)
    const written = Promise.withResolvers<void>()
    const grantors =
      truth.suspect || !finding ? NOBODY : this.#grants.follow(guildId, finding, look.given, written.promise)
    try {
      if (!finding || finding.effectiveAction === 'report')
        return await this.#seen.tell(guildId, memberId, finding && { finding }, look.cause)
      const wish = { guildId, finding, settings, accepted, grantors, onWritten: written.resolve }
      await this.#follow(guildId, finding, look, await this.#acts.goAhead(wish, turn))
    } finally {
      written.resolve()
    }
  }

  /** What was done is in the trail, and its echo is looked at like any other change; what was not is written as found. */
  async #follow(guildId: Id, finding: Finding, look: Look, came: Came): Promise<void> {
    const { memberId } = finding
    const tell = (seen: Parameters<SeenFindings['tell']>[2]) => this.#seen.tell(guildId, memberId, seen, look.cause)
    switch (came.kind) {
      case 'held':
        return tell({ finding: came.finding })
      case 'contested':
        return tell({ finding, contested: true })
      case 'unaccepted':
        this.#untilRetry.add(guildId, memberId, look)
        return tell({ finding, unaccepted: true })
      case 'not_now':
        return this.#untilRetry.add(guildId, memberId, look)
      case 'run_over':
        return this.#putInLine(guildId, memberId, look)
      case 'acted':
        if (mayGoBetter(came.carried)) this.#tryAgain(guildId, memberId, look)
        if (isUndone(came.carried)) return tell({ finding })
    }
  }
}

/** A guest without a governed role is ordinary; what matters live is a role too many or too few. */
const isOutOfOrder = ({ excessRoles, missingRoles }: Finding): boolean =>
  excessRoles.length > 0 || missingRoles.length > 0

/** `changed`: something was otherwise than a moment before, so that the next look may find otherwise as well. */
const mayGoBetter = ({ outcome }: Carried): boolean =>
  outcome === 'failed' || outcome === 'unknown' || outcome === 'changed'

const isUndone = ({ outcome }: Carried): boolean =>
  outcome === 'failed' || outcome === 'unknown' || outcome === 'refused'
