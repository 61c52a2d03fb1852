import { decide } from '#src/core/decide.ts'
import type { Finding, Id, Invocation } from '#src/core/model.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import { gather, knownGuild } from './facts.ts'
import { LaneFull, memberKey, type Queue } from './queue.ts'
import type { World } from './world.ts'

// The live path: a role lands on somebody, and at once it is known whether they earned it.

export type LiveCause = 'role_change' | 'join' | 'refill' | 'identity_change'

/** Findings remembered so that the same one is not written twice; the oldest is forgotten first. */
const MAX_REMEMBERED = 50_000

/** Members of one guild whose look is put off; past it the next full look finds them. */
const MAX_PUT_OFF = 50_000

/** Live reviews only find: what they may do by themselves is armed elsewhere, and until then the gate is shown closed. */
const LIVE: Invocation = {
  trigger: 'realtime',
  action: 'strip',
  mayDestroy: true,
  dayAffected: 0,
  dayKicks: 0,
  approved: null,
}

/** Reviews members as the roster tells of them, and writes a finding into the trail where one is out of order. */
export class LiveReviews {
  readonly #world: World
  readonly #queue: Queue
  readonly #lastSeen = new Map<string, string>()
  readonly #putOff = new Map<Id, Map<Id, LiveCause>>()

  constructor(world: World, queue: Queue) {
    this.#world = world
    this.#queue = queue
  }

  /** Puts the member in line. Never throws and never rejects: a fault in one member stays there. */
  see(guildId: Id, memberId: Id, cause: LiveCause): void {
    const key = memberKey(guildId, memberId)
    this.#queue
      .add(key, 'live', () => this.#review(guildId, memberId, cause))
      .catch((error: unknown) => {
        this.#putOffUntilLive(guildId, memberId, cause)
        if (error instanceof LaneFull) return
        this.#world.notice('a live review failed', { guild: guildId, member: memberId, cause, error })
      })
  }

  /** The guild's roster is live (again): those whose look was put off are looked at now. */
  resume(guildId: Id): void {
    const waiting = this.#putOff.get(guildId)
    this.#putOff.delete(guildId)
    for (const [memberId, cause] of waiting ?? []) this.see(guildId, memberId, cause)
  }

  #putOffUntilLive(guildId: Id, memberId: Id, cause: LiveCause): void {
    const waiting = this.#putOff.get(guildId) ?? new Map<Id, LiveCause>()
    if (waiting.size < MAX_PUT_OFF) waiting.set(memberId, cause)
    this.#putOff.set(guildId, waiting)
  }

  async #review(guildId: Id, memberId: Id, cause: LiveCause): Promise<void> {
    const { roster, guild } = knownGuild(this.#world, guildId)
    // A roster that is not live proposes nothing. Its refill may find no difference to tell of, so the look is put off, not dropped.
    if (roster.state !== 'live') return this.#putOffUntilLive(guildId, memberId, cause)
    const { scope, claims } = await gather(this.#world, guild, memberId, LIVE)
    // Read after the wait: what the roster says now is decided on, and nothing of those who have left.
    const member = roster.member(memberId)
    if (!member) return
    const verdict = decide(member, claims, scope)
    const finding = verdict.kind === 'finding' && isOutOfOrder(verdict.finding) ? verdict.finding : null
    await this.#tell(guildId, memberId, finding, cause)
  }

  /** Writes a finding that differs from the last one written of this member, and the end of one; remembered only once it is written. */
  async #tell(guildId: Id, memberId: Id, finding: Finding | null, cause: LiveCause): Promise<void> {
    const key = memberKey(guildId, memberId)
    const digest = finding ? this.#world.digestOf(finding) : undefined
    if (digest === this.#lastSeen.get(key)) return
    await this.#write(guildId, memberId, finding, cause)
    this.#lastSeen.delete(key)
    if (digest !== undefined) this.#lastSeen.set(key, digest)
    const oldest = this.#lastSeen.keys().next()
    if (this.#lastSeen.size > MAX_REMEMBERED && !oldest.done) this.#lastSeen.delete(oldest.value)
  }

  async #write(guildId: Id, memberId: Id, finding: Finding | null, cause: LiveCause): Promise<void> {
    const line = { guildId, actor: 'system:realtime', subject: `member:${memberId}` } as const
    const draft: TrailDraft = finding
      ? { ...line, type: 'finding.seen', data: { ...finding, seenBy: cause } }
      : { ...line, type: 'finding.cleared', data: { seenBy: cause } }
    await this.#world.book.append([draft], this.#world.now())
  }
}

/** A guest without a governed role is ordinary; what matters live is a role too many or too few. */
const isOutOfOrder = ({ excessRoles, missingRoles }: Finding): boolean =>
  excessRoles.length > 0 || missingRoles.length > 0
