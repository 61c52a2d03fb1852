import type { SandboxClock } from './clock.ts'
import type { Guild } from './guild.ts'
import type { Json } from './payloads.ts'
import type { Id } from './snowflake.ts'
import type { Announcement } from './surroundings.ts'

export interface RivalPlan {
  readonly guild: Guild
  readonly member: Id
  /** By name or id. */
  readonly role: string
  /** The rival's account; one that joins the guild now where left out. */
  readonly by?: Id
  /** How often it gives the role back before it is content. */
  readonly times?: number
  /** How long it takes to notice, ms of the sandbox's clock. */
  readonly after?: number
}

/** Another bot in the guild, which listens as any bot does and gives one member a role back whenever they have lost it. */
export class Rival {
  /** Who it is in the audit log. */
  readonly id: Id
  /** How often it gave the role back so far. */
  given = 0
  readonly #plan: RivalPlan
  readonly #roleId: Id
  readonly #clock: SandboxClock
  readonly #times: number
  #stopped = false
  #about = false

  constructor(plan: RivalPlan, clock: SandboxClock) {
    this.#plan = plan
    this.#clock = clock
    this.#roleId = plan.guild.role(plan.role).id
    this.#times = plan.times ?? Number.POSITIVE_INFINITY
    this.id = plan.by ?? plan.guild.join({ username: 'rival', bot: true }).id
  }

  stop(): void {
    this.#stopped = true
  }

  /** Takes note of an event on its way out, before any fault strikes it. */
  hear({ t, guildId, d }: Announcement): void {
    const { guild, member, after = 0 } = this.#plan
    const concerns = t === 'GUILD_MEMBER_UPDATE' && guildId === guild.id && (d.user as Json).id === member
    if (!concerns || this.#about || !this.#isWanting()) return
    this.#about = true
    this.#clock.after(after, () => this.#giveBack())
  }

  #giveBack(): void {
    this.#about = false
    if (!this.#isWanting()) return
    this.given += 1
    this.#plan.guild.give(this.#plan.member, this.#roleId, { by: this.id })
  }

  #isWanting(): boolean {
    const { guild, member } = this.#plan
    const there = guild.member(member) !== undefined && guild.roles.has(this.#roleId)
    return !this.#stopped && this.given < this.#times && there && !guild.holds(member, this.#roleId)
  }
}
