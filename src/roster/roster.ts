import type { MemberColumns } from '#src/core/columns.ts'
import type { Guild, Id, Member } from '#src/core/model.ts'
import type { RosterState } from '#src/core/run.ts'
import type { RosterChange } from './change.ts'
import type { Clock } from './clock.ts'
import { type Disagreement, disagreements } from './counts.ts'
import { Fill, type Source } from './fill.ts'
import { Membership } from './membership.ts'
import { readChunk, readGuild, readGuildId, readMember, readMemberId, readRoleId, readRoleOf } from './payloads.ts'
import { RoleList } from './role-list.ts'
import { Sightings } from './sightings.ts'
import { Standing } from './standing.ts'

/** A raw dispatch, as the gateway has it. Its shape is not to be trusted. */
export interface Packet {
  readonly t: string
  readonly d: unknown
}

type Changes = readonly RosterChange[]

const NONE: Changes = []

const PAGE = 'a page of the member list'

/** What tells of members and of roles, their names and ranks: if one of these cannot be read, what is held may be wrong. */
const TELLING: ReadonlySet<string> = new Set([
  'GUILD_CREATE',
  'GUILD_UPDATE',
  'GUILD_ROLE_CREATE',
  'GUILD_ROLE_UPDATE',
  'GUILD_ROLE_DELETE',
  'GUILD_MEMBER_ADD',
  'GUILD_MEMBER_UPDATE',
  'GUILD_MEMBER_REMOVE',
  'GUILD_MEMBERS_CHUNK',
  PAGE,
])

/** What is listened to; any other dispatch is none of the roster's business. */
const HEARD: ReadonlySet<string> = new Set([
  ...['GUILD_CREATE', 'GUILD_UPDATE', 'GUILD_DELETE', 'GUILD_ROLE_CREATE', 'GUILD_ROLE_UPDATE', 'GUILD_ROLE_DELETE'],
  ...['GUILD_MEMBER_ADD', 'GUILD_MEMBER_UPDATE', 'GUILD_MEMBER_REMOVE', 'GUILD_MEMBERS_CHUNK'],
])

/**
 * The members and roles of one guild, as the gateway's raw dispatches tell them. It holds what it was told last, and knows when
 * that is not to be trusted; it asks nobody for anything (the keeper does). A malformed dispatch is counted, never thrown.
 */
export class Roster {
  readonly guildId: Id
  readonly #botUserId: Id
  readonly #sightings: Sightings
  readonly #standing: Standing
  readonly #emit = (change: RosterChange) => void this.#changes.push(change)
  #changes: RosterChange[] = []
  #members: Membership
  #roles: RoleList
  #available = false
  #expected = 0
  #malformed = 0

  constructor(guildId: Id, botUserId: Id, clock: Clock) {
    this.guildId = guildId
    this.#botUserId = botUserId
    this.#sightings = new Sightings(clock)
    this.#standing = new Standing(this.#emit)
    this.#members = new Membership(guildId, this.#sightings, this.#emit)
    this.#roles = new RoleList(guildId, this.#members)
  }

  get state(): RosterState {
    return this.#standing.state
  }

  /** When it was last known to be whole and right, ms since the epoch; null before the first time. */
  get verifiedAt(): number | null {
    return this.#standing.verifiedAt
  }

  /** Why it is not to be trusted, for a person to read; null while it is, and before there was anything to doubt. */
  get doubt(): string | null {
    return this.#standing.doubt
  }

  get columns(): MemberColumns {
    return this.#members.columns
  }

  /** Members who hold the role, bots among them. */
  holders(roleId: Id): number {
    return this.#members.columns.holders(roleId)
  }

  /** Of all arrays that grow with the members. */
  get bytes(): number {
    return this.#members.columns.bytes
  }

  /** Dispatches that could not be read. */
  get malformed(): number {
    return this.#malformed
  }

  get fill(): Fill | null {
    return this.#members.fill
  }

  /** Discord has announced the guild and not taken it back, so that it can be filled. */
  get available(): boolean {
    return this.#available
  }

  /** Rises with every change to who holds which role. */
  get moment(): number {
    return this.#members.columns.moment
  }

  /** The moment at which somebody last got or lost the role. */
  changedAt(roleId: Id): number {
    return this.#members.columns.changedAt(roleId)
  }

  guild(): Guild | null {
    const { record } = this.#roles
    if (record === null) return null
    const { name, ownerId, roles } = record
    const botRoleIds = this.member(this.#botUserId)?.roleIds ?? []
    return { id: this.guildId, name, ownerId, botUserId: this.#botUserId, botRoleIds, roles }
  }

  member(id: Id): Member | null {
    return this.#members.member(id)
  }

  /** True at the first dispatch from now on that shows this member with (`held`) or without the role; false after the time given. */
  sees(memberId: Id, roleId: Id, held: boolean, timeoutMs: number): Promise<boolean> {
    return this.#sightings.wait(memberId, roleId, held, timeoutMs)
  }

  /** Gives these roles the lowest bits, so that a walk over up to 64 governed ones touches two columns. */
  prefer(roleIds: readonly Id[]): void {
    this.#members.columns.prefer(roleIds)
  }

  /** Where Discord's count of a role's holders differs from ours. A race with an event under way looks the same: ask twice. */
  compareCounts(counts: Readonly<Record<string, number>>): readonly Disagreement[] {
    const { columns } = this.#members
    const roleIds = this.#roles.record?.roles.map(({ id }) => id) ?? []
    return disagreements(counts, roleIds, this.guildId, (roleId) => columns.holders(roleId))
  }

  /** What is held was found right at this time. */
  verified(at: number): void {
    this.#standing.verified(at)
  }

  /** One dispatch, in the order in which the gateway sent it; `at` is when it came, in ms since the epoch. Returns what it changed. */
  take({ t, d }: Packet, at: number): Changes {
    if (!HEARD.has(t)) return NONE
    const guildId = readGuildId(d)
    const ours = guildId === this.guildId
    if (guildId === null || (ours && !this.#dispatch(t, d, at))) this.#unreadable(t)
    return this.#told()
  }

  /** What is held may be wrong from here on, and a list that is being read is no cure for it. */
  distrust(why: string): Changes {
    this.#distrust(why)
    return this.#told()
  }

  /** The connection began anew: nothing more comes of what was asked before, until the guild is announced again. */
  freshSession(): Changes {
    this.#available = false
    return this.distrust('the connection to Discord began anew, and what happened meanwhile was not told')
  }

  beginFill(source: Source): { readonly fill: Fill; readonly changes: Changes } {
    const fill = new Fill(source)
    this.#members.columns.reserve(this.#expected)
    this.#members.beginFill(fill)
    this.#standing.reading()
    return { fill, changes: this.#told() }
  }

  /** Members of a page that the keeper has read. */
  takePage(members: readonly unknown[]): Changes {
    if (this.fill !== null && !this.#members.list(members)) this.#unreadable(PAGE)
    return this.#told()
  }

  /** Every page was read. */
  endFill(at: number): Changes {
    if (this.fill !== null && !this.#endFill(at)) this.#unreadable(PAGE)
    return this.#told()
  }

  dropFill(): void {
    this.#members.dropFill()
  }

  /** Nothing will be told any more: whoever waits to see something is let go. */
  stop(): void {
    this.#sightings.stop()
  }

  /** False where the dispatch could not be read. */
  #dispatch(t: string, d: unknown, at: number): boolean {
    switch (t) {
      case 'GUILD_CREATE':
        return this.#announced(d)
      case 'GUILD_UPDATE':
        return this.#updated(d)
      case 'GUILD_DELETE':
        return this.#withdrawn(d)
      case 'GUILD_ROLE_CREATE':
      case 'GUILD_ROLE_UPDATE':
        return this.#roleSet(d)
      case 'GUILD_ROLE_DELETE':
        return this.#roleGone(d)
      case 'GUILD_MEMBER_ADD':
      case 'GUILD_MEMBER_UPDATE':
        return this.#memberSet(d, t)
      case 'GUILD_MEMBER_REMOVE':
        return this.#memberGone(d)
      default:
        return this.#chunk(d, at)
    }
  }

  /** Comes at each new session and after each outage. It lists few members and not all, so it empties nothing. */
  #announced(d: unknown): boolean {
    const read = readGuild(d)
    if (read?.unavailable) return this.#withdrawn(d)
    if (!read?.roles) return false
    if (this.#roles.record !== null)
      this.#distrust('the guild was announced anew, and what happened before was not told')
    this.#available = true
    this.#expected = read.memberCount
    this.#roles.describe(read)
    return this.#members.list(read.members)
  }

  #updated(d: unknown): boolean {
    const read = readGuild(d)
    if (read === null || read.roles === null) return false
    if (this.#roles.record !== null) this.#roles.describe(read)
    return true
  }

  #withdrawn(d: unknown): boolean {
    this.#available = false
    if (readGuild(d)?.unavailable) this.#distrust('Discord has an outage in this guild')
    else this.#forget()
    return true
  }

  #forget(): void {
    this.#members = new Membership(this.guildId, this.#sightings, this.#emit)
    this.#roles = new RoleList(this.guildId, this.#members)
    this.#standing.forget('the bot is no longer in the guild')
  }

  #roleSet(d: unknown): boolean {
    const role = readRoleOf(d)
    if (role !== null) this.#roles.set(role)
    return role !== null
  }

  #roleGone(d: unknown): boolean {
    const roleId = readRoleId(d)
    if (roleId !== null) this.#roles.drop(roleId)
    return roleId !== null
  }

  #memberSet(d: unknown, t: string): boolean {
    const read = readMember(d)
    return read !== null && this.#members.hear(read, t === 'GUILD_MEMBER_ADD')
  }

  #memberGone(d: unknown): boolean {
    const id = readMemberId(d)
    if (id !== null && !this.#members.hearLeft(id)) this.#members.dropFill()
    return id !== null
  }

  /** Chunks under another nonce answer somebody else, or a question given up. */
  #chunk(d: unknown, at: number): boolean {
    const read = readChunk(d)
    const fill = this.fill
    if (read === null || fill?.source.by !== 'chunks' || fill.source.nonce !== read.nonce) return read !== null
    const news = fill.tally.note(read.index, read.count)
    if (news === 'contradictory') return false
    if (news === 'new' && !this.#members.list(read.members)) return false
    return !fill.tally.whole || this.#endFill(at)
  }

  /** The bot is a member of every guild it sees, so a list without it is not the whole list. */
  #endFill(at: number): boolean {
    if (!this.#members.wasListed(this.#botUserId)) return false
    this.#standing.whole(at)
    this.#members.endFill()
    return true
  }

  #unreadable(what: string): void {
    this.#malformed++
    if (TELLING.has(what)) this.#distrust(`what Discord told of members or roles could not be read (${what})`)
  }

  #distrust(why: string): void {
    this.#members.distrust()
    this.#standing.distrust(why)
  }

  #told(): Changes {
    if (this.#changes.length === 0) return NONE
    const told = this.#changes
    this.#changes = []
    return told
  }
}
