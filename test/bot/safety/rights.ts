import type { Identity } from '#src/core/model.ts'
import type { Guild } from '#src/sandbox/guild.ts'

// What everybody in a guild has a right to, and what was taken from them all the same. Told apart from anything that the bot believes.

const MEMBER_ROLE_UPDATE = 25
const MEMBER_KICK = 20

interface Loss {
  readonly memberId: string
  readonly roleId: string
}

/** Knows who earned what, remembers who held what when it was made, and reads what became of it from the sandbox itself. */
export class Rights {
  readonly #guild: Guild
  readonly #botUserId: string
  readonly #names = new Map<string, string>()
  readonly #before = new Map<string, readonly string[]>()
  readonly #governed = new Set<string>()
  readonly #mayBeKicked = new Set<string>()
  #earned = new Map<string, ReadonlySet<string>>()

  constructor(guild: Guild, botUserId: string, identities: readonly Identity[]) {
    this.#guild = guild
    this.#botUserId = botUserId
    for (const { id, name } of guild.roles.values()) this.#names.set(id, name)
    for (const { id, username, roles } of guild.members.walk()) {
      this.#names.set(id, username)
      this.#before.set(id, roles)
    }
    for (const role of ['Pilots', 'Directors']) this.#governed.add(guild.role(role).id)
    this.earnedBy(identities)
  }

  /** From now on these people are what is true. */
  earnedBy(identities: readonly Identity[]): void {
    const pairs = identities.flatMap(({ discordIds, groups }) =>
      discordIds.map((id) => [id, new Set(groups.map((group) => this.#guild.role(group).id))] as const),
    )
    this.#earned = new Map(pairs)
  }

  /** From now on this role is governed as well. */
  governs(role: string): void {
    this.#governed.add(this.#guild.role(role).id)
  }

  /** Of this member the policy wants a kick. */
  mayBeKicked(memberId: string): void {
    this.#mayBeKicked.add(memberId)
  }

  /** What members held at the beginning and do not hold now, whoever took it; those who went by themselves left out. Each as `ann lost Pilots`. */
  losses(): readonly string[] {
    return this.#losses().map((loss) => this.#told(loss))
  }

  /** What nobody may take: an earned role, a role that nobody governs, a place in the guild. What the bot took and gave back counts. */
  wrongfulRemovals(): readonly string[] {
    const wrongful = [...this.#losses(), ...this.#takenByTheBot()].filter((loss) => this.#isWrongful(loss))
    const kicked = this.#byTheBot(MEMBER_KICK)
      .filter(({ target_id }) => !this.#mayBeKicked.has(String(target_id)))
      .map(({ target_id }) => `${this.#nameOf(target_id)} was kicked`)
    return [...new Set([...wrongful.map((loss) => this.#told(loss)), ...kicked])]
  }

  #isWrongful({ memberId, roleId }: Loss): boolean {
    return !this.#governed.has(roleId) || (this.#earned.get(memberId)?.has(roleId) ?? false)
  }

  #losses(): readonly Loss[] {
    const { roles, members } = this.#guild
    return [...this.#before].flatMap(([memberId, held]) => {
      const now = members.get(memberId)?.roles
      return now ? held.filter((id) => roles.has(id) && !now.includes(id)).map((roleId) => ({ memberId, roleId })) : []
    })
  }

  #takenByTheBot(): readonly Loss[] {
    return this.#byTheBot(MEMBER_ROLE_UPDATE).flatMap(({ target_id, changes = [] }) =>
      changes
        .filter(({ key }) => key === '$remove')
        .flatMap(({ new_value }) => new_value as { readonly id: string }[])
        .map(({ id }) => ({ memberId: String(target_id), roleId: id })),
    )
  }

  #byTheBot(action: number) {
    const { entries } = this.#guild.audit
    return entries.filter(({ action_type, user_id }) => action_type === action && user_id === this.#botUserId)
  }

  #told({ memberId, roleId }: Loss): string {
    return `${this.#nameOf(memberId)} lost ${this.#names.get(roleId) ?? roleId}`
  }

  #nameOf(id: string | null): string {
    return this.#names.get(String(id)) ?? String(id)
  }
}
