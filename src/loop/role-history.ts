import { type DirectoryNames, DirectoryUnreachable } from '#src/core/directory.ts'
import { GIVER_WINDOW_MS, giverOf, type TimedRoleChange } from '#src/core/giver.ts'
import type { Id } from '#src/core/model.ts'
import type { LoggedRoleChange } from '#src/core/notice.ts'
import { type RoleChangeEntry, type SeenRoleChange, scopesIn } from '#src/core/role-history.ts'
import type { Clock } from './clock.ts'
import { Seldom } from './seldom.ts'
import type { World } from './world.ts'

// The history of governed roles, written beside everything else: no look and no act ever waits for it.

/** A change waits so long for the entry of the audit log that names its author; as a rule that comes within a second. */
const FLUSH_MS = 2_000
/** After a write that failed. */
const AGAIN_MS = 10_000
/** Lines in one transaction. */
const BATCH = 500
/** Changes of a guild that wait to be written; past it they are counted, and the record says how many it lacks. */
const MAX_WAITING = 100_000
/** Entries of the audit log that are remembered for each guild. */
const MAX_HEARD = 2_000

interface Line {
  waiting: SeenRoleChange[]
  heard: TimedRoleChange[]
  /** What governed each role when it was last looked at: a role that was deleted since is still known by it. */
  scopes: ReadonlyMap<Id, string>
  leftOut: number
  writing: Promise<void> | null
  callOff: (() => void) | null
  watched: boolean
}

export class RoleHistory {
  readonly #world: World
  readonly #clock: Clock
  readonly #lines = new Map<Id, Line>()
  readonly #notices: Seldom
  #closed = false

  constructor(world: World, clock: Clock) {
    this.#world = world
    this.#clock = clock
    this.#notices = new Seldom(3_600_000, () => world.elapsed())
  }

  /** The guild's roster came to be live: from now on changes are seen. */
  watch(guildId: Id): void {
    const line = this.#lineOf(guildId)
    this.#writeSoon(guildId, line, 0)
  }

  /** Changes as a live roster told of them. Returns at once and never throws. */
  see(guildId: Id, changes: readonly SeenRoleChange[]): void {
    if (this.#closed || changes.length === 0) return
    const line = this.#lineOf(guildId)
    const room = Math.max(0, MAX_WAITING - line.waiting.length)
    for (const change of changes.slice(0, room)) line.waiting.push(change)
    line.leftOut += Math.max(0, changes.length - room)
    this.#writeSoon(guildId, line, FLUSH_MS)
  }

  /** Changes that nobody could tell apart: the record says that it lacks them. */
  miss(guildId: Id, members: number): void {
    if (members <= 0) return
    const line = this.#lineOf(guildId)
    line.leftOut += members
    this.#writeSoon(guildId, line, FLUSH_MS)
  }

  /** An entry of the audit log that the gateway told of. */
  heard(guildId: Id, change: LoggedRoleChange): void {
    const line = this.#lines.get(guildId)
    if (!line) return
    const at = this.#world.now()
    const recent = line.heard.filter((one) => at - one.at <= 2 * GIVER_WINDOW_MS)
    line.heard = [...recent.slice(1 - MAX_HEARD), { change, at }]
  }

  /** Writes what waits, and that nobody watches any more. */
  async close(): Promise<void> {
    this.#closed = true
    for (const [guildId, line] of this.#lines) {
      line.callOff?.()
      await line.writing
      await this.#write(guildId, line)
      if (line.watched) await this.#note(guildId, 'guild.unwatched', {}).catch(() => {})
    }
  }

  #lineOf(guildId: Id): Line {
    const known = this.#lines.get(guildId)
    if (known) return known
    const made: Line = {
      ...{ waiting: [], heard: [], scopes: new Map(), leftOut: 0 },
      ...{ writing: null, callOff: null, watched: false },
    }
    this.#lines.set(guildId, made)
    return made
  }

  #writeSoon(guildId: Id, line: Line, ms: number): void {
    if (this.#closed || line.callOff !== null || line.writing !== null) return
    line.callOff = this.#clock.after(ms, () => {
      line.callOff = null
      line.writing = this.#write(guildId, line).then((done) => {
        line.writing = null
        if (!done || line.waiting.length > 0) this.#writeSoon(guildId, line, done ? FLUSH_MS : AGAIN_MS)
      })
    })
  }

  /** False where it did not go, so that it waits. Never rejects. */
  async #write(guildId: Id, line: Line): Promise<boolean> {
    // Another bot writes down what it sees itself.
    if (!this.#world.mayAct()) return false
    try {
      await this.#learnScopes(guildId, line)
      if (!line.watched) await this.#note(guildId, 'guild.watched', {})
      line.watched = true
      while (line.waiting.length > 0) await this.#writeBatch(guildId, line)
      if (line.leftOut > 0) await this.#note(guildId, 'history.interrupted', { changes: line.leftOut })
      line.leftOut = 0
      return true
    } catch (error) {
      if (this.#notices.isDue(guildId))
        this.#world.notice('changes of roles could not be written into the history; they wait', {
          guild: guildId,
          error,
        })
      return false
    }
  }

  async #writeBatch(guildId: Id, line: Line): Promise<void> {
    const batch = line.waiting.slice(0, BATCH)
    const entries = batch.flatMap((change): RoleChangeEntry[] => {
      const scope = line.scopes.get(change.roleId)
      return scope === undefined ? [] : [{ ...change, scope, by: this.#authorOf(guildId, line, change) }]
    })
    if (entries.length > 0) await this.#world.book.noteRoleChanges(guildId, entries, this.#world.now())
    line.waiting = line.waiting.slice(batch.length)
  }

  /** A source that does not answer leaves what was known of it. */
  async #learnScopes(guildId: Id, line: Line): Promise<void> {
    const guild = this.#world.roster(guildId)?.guild()
    if (!guild) return
    const settings = await this.#world.book.settings(guildId)
    const names = await this.#namesOf(guildId, line)
    const scopes = new Map([...line.scopes, ...(names ? scopesIn(guild, names, settings) : [])])
    const known = new Set(guild.roles.map(({ id }) => id))
    const gone = new Set(line.waiting.filter(({ why }) => why === 'role_deleted').map(({ roleId }) => roleId))
    // Of roles that are gone only those are still of use whose holders wait to be written down.
    for (const roleId of scopes.keys()) if (!known.has(roleId) && !gone.has(roleId)) scopes.delete(roleId)
    line.scopes = scopes
  }

  async #namesOf(guildId: Id, { scopes }: Line): Promise<DirectoryNames | null> {
    try {
      return (await this.#world.directory(guildId).find([])).names
    } catch (error) {
      if (!(error instanceof DirectoryUnreachable) || scopes.size === 0) throw error
      return null
    }
  }

  /** Whom the log names: nobody where it has nothing, or names several, or us, since what we did has an intent. */
  #authorOf(
    guildId: Id,
    line: Line,
    { memberId, roleId, operation, seenAt, why }: SeenRoleChange,
  ): RoleChangeEntry['by'] {
    if (why !== 'seen') return null
    const log = line.heard.map(({ change, at }) => ({ change: { ...change, added: change[operation] }, at }))
    const botUserId = this.#world.roster(guildId)?.guild()?.botUserId ?? null
    const found = giverOf(log, { memberId, roleId, seenAt }, botUserId)
    return found?.giverId ? { memberId: found.giverId, entryId: found.entryId } : null
  }

  #note(guildId: Id, type: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    const line = { guildId, type, actor: 'system:roster', subject: `guild:${guildId}`, data } as const
    return this.#world.book.append([line], this.#world.now())
  }
}
