import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id, Settings } from '#src/core/model.ts'
import { reachOf } from '#src/core/reach.ts'
import { Refusal } from '#src/core/refusal.ts'
import { isHeld, type RoleStanding, roleStanding, rolesToReview } from '#src/core/role-edits.ts'
import { EVERYTHING } from '#src/core/run.ts'
import type { Halt } from './at-work.ts'
import { audit } from './audit.ts'
import { type Cause, Causes, type Reviewed } from './causes.ts'
import type { Clock } from './clock.ts'
import { judgeReading, knownGuild } from './facts.ts'
import { Few } from './few.ts'
import { mustBeSound } from './fitness.ts'
import type { LiveReviews } from './live.ts'
import type { Queue } from './queue.ts'
import type { World } from './world.ts'

// What concerns many at once: an edit of roles, and a change of many people at the source. It is one run, with the blast radius of one.

/** Roles are edited in bursts: the last edit is waited for, but not for ever. */
const QUIET_MS = 2_000
const MOST_UNREST_MS = 15_000
/** What could not be compared is compared again after this, until it can be. */
const TRY_AGAIN_MS = 30_000

export interface GroupParts {
  readonly world: World
  readonly queue: Queue
  readonly halt: Halt
  readonly clock: Clock
  readonly live: Pick<LiveReviews, 'see'>
}

/** Discord's bits for Administrator and Manage Roles (docs, "Permissions"). */
const MAY_MANAGE_ROLES = (1n << 3n) | (1n << 28n)

interface Unrest {
  readonly since: number
  callOff: () => void
}

export class GroupReviews {
  readonly #parts: GroupParts
  readonly #causes: Causes
  readonly #few: Few
  readonly #known = new Map<Id, RoleStanding>()
  readonly #unrest = new Map<Id, Unrest>()

  constructor(parts: GroupParts) {
    this.#parts = parts
    this.#causes = new Causes(parts.world, parts.clock, (cause) => this.#review(cause))
    this.#few = new Few(parts.world)
  }

  /**
   * A role of the guild was created, renamed, moved or deleted, or what is known of its roles may be old: its roster is live again, its source is to
   * be trusted again. The first time the roles are only remembered. Returns at once; what follows is done once the edits have come to rest.
   */
  rolesChanged(guildId: Id): void {
    const { clock, world } = this.#parts
    const before = this.#unrest.get(guildId)
    before?.callOff()
    const since = before?.since ?? world.elapsed()
    const left = Math.max(0, Math.min(QUIET_MS, since + MOST_UNREST_MS - world.elapsed()))
    const callOff = clock.after(left, () => {
      this.#unrest.delete(guildId)
      void this.#compare(guildId)
    })
    this.#unrest.set(guildId, { since, callOff })
  }

  /**
   * The source has other people for these Discord ids. A few are looked at one by one, many in one run. Returns at once.
   * What changes while the source is dark, or the roster in doubt, is one cause however few it concerned each time: it comes to light all at once.
   */
  identityChanged(guildId: Id, changed: readonly Id[] | 'all'): void {
    void this.#fewOf(guildId, changed).then((few) => {
      if (!few) return this.#reviewAll(guildId)
      for (const memberId of few) this.#parts.live.see(guildId, memberId, 'identity_change')
    })
  }

  /** The guild's roster is live (again), or its source is to be trusted again: causes that waited for that are reviewed. */
  resume(guildId: Id): void {
    this.#causes.resume(guildId)
  }

  /** Null: all are to be looked at, in one run. Never rejects. */
  async #fewOf(guildId: Id, changed: readonly Id[] | 'all'): Promise<readonly Id[] | null> {
    if (changed === 'all') return null
    try {
      return (await this.#isClear(guildId)) ? await this.#few.of(guildId, changed) : null
    } catch (error) {
      this.#parts.world.notice('whom a change at the source concerns could not be found out', { guild: guildId, error })
      return null
    }
  }

  #reviewAll(guildId: Id): void {
    const { source } = this.#parts.world.directory(guildId)
    this.#causes.add({ guildId, cause: `source:${source}`, only: EVERYTHING })
    // Other names may earn other roles from now on, and their holders are among those who are reviewed.
    this.#known.delete(guildId)
    this.rolesChanged(guildId)
  }

  async #compare(guildId: Id): Promise<void> {
    try {
      const settings = await this.#parts.world.book.settings(guildId)
      if (this.#parts.world.mayAct()) await this.#release(guildId)
      await this.#reviewChanged(guildId, settings)
    } catch (error) {
      // A silent source is told elsewhere, and when it answers again the roles are compared.
      if (error instanceof DirectoryUnreachable) return
      this.#parts.world.notice('an edit of roles could not be followed; it is tried again', { guild: guildId, error })
      this.#parts.clock.after(TRY_AGAIN_MS, () => this.rolesChanged(guildId))
    }
  }

  async #reviewChanged(guildId: Id, settings: Settings): Promise<void> {
    const { world } = this.#parts
    const { roster, guild } = knownGuild(world, guildId)
    if (roster.state !== 'live') return
    const reading = await world.directory(guildId).find([])
    // By the names of a sick source no role would be governed, and all would be newly governed when it is well.
    if ((await judgeReading(world, guildId, reading, settings)).suspect) return
    const now = roleStanding(guild, reading.names, settings)
    const before = this.#known.get(guildId)
    this.#known.set(guildId, now)
    const roleIds = before ? rolesToReview(before, now).filter((roleId) => isHeld(roster.columns, roleId)) : []
    const [roleId, ...others] = roleIds
    if (roleId === undefined) return
    // Several roles by one edit are one cause, with the blast radius of one run: then everybody is looked at.
    const one = { cause: `role:${roleId}`, only: { memberId: null, roleId } }
    this.#causes.add({ guildId, ...(others.length === 0 ? one : { cause: 'roles', only: EVERYTHING }) })
  }

  /** Roles that Discord refused and that are within reach again may be tried again. Asked of Discord itself: a refusal says that the roster was wrong. */
  async #release(guildId: Id): Promise<void> {
    const { world } = this.#parts
    const roleIds = [...(await world.book.quarantines(guildId)).keys()].filter((what) => what !== 'kick')
    if (roleIds.length === 0) return
    const { guild, permissions } = await world.looker.standing(guildId, knownGuild(world, guildId).guild.botUserId)
    if ((permissions & MAY_MANAGE_ROLES) === 0n) return
    const reach = reachOf(guild)
    const within = roleIds.filter((roleId) => reach.roleIds.has(roleId))
    const by = { actor: 'system:roster', at: world.now() } as const
    for (const what of within.length > 0 ? await world.book.release(guildId, within, by) : [])
      world.tell(guildId, { kind: 'released', what, actor: by.actor })
  }

  async #review({ guildId, cause, only }: Cause): Promise<Reviewed> {
    const { world, queue, halt } = this.#parts
    // Whoever begins in this one's place looks at everybody.
    if (halt.asked) return { kind: 'done' }
    if (!(await this.#isClear(guildId))) return { kind: 'unclear' }
    const what = { purpose: 'group', cause, only, trigger: 'realtime', action: 'strip', lane: 'command' } as const
    const who = { actor: 'system:realtime', mayDestroy: true, reason: null } as const
    const idempotencyKey = `${cause}:${world.newId()}`
    const run = await audit(world, queue, { guildId, ...what, ...who, idempotencyKey }, halt, () => {})
    if (run.state === 'failed') return { kind: 'failed', run }
    // Whom darkness kept from being looked at is looked at when it is over.
    const wasCutOff = run.state === 'interrupted' && !(await this.#isClear(guildId))
    return run.truth?.suspect || wasCutOff ? { kind: 'unclear' } : { kind: 'done' }
  }

  async #isClear(guildId: Id): Promise<boolean> {
    try {
      await mustBeSound(this.#parts.world, guildId)
      return true
    } catch (error) {
      if (error instanceof Refusal) return false
      throw error
    }
  }
}
