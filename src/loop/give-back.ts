import type { Guild, Id, Member, Override } from '#src/core/model.ts'
import type { Moment } from '#src/core/moment.ts'
import { reachOf, rolesBelow } from '#src/core/reach.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Act, Quarantine, Run } from '#src/core/run.ts'
import type { Taken } from '#src/core/undo.ts'
import { CutShort, type Leash } from './at-work.ts'
import { type Deed, doDeed, momentNow } from './deed.ts'
import { FreshGuild } from './fresh-guild.ts'
import type { By } from './invoking.ts'
import { isHarsher, type Shield, type Shielding, shield, unshield } from './shield.ts'
import type { World } from './world.ts'

// Giving back what a run took from one member: exactly that, and before it a shield where the policy would take it again.

export interface Impossible {
  readonly memberId: Id
  readonly act: Act
  readonly why: string
}

/** What an undo has come to so far. */
export interface GivenBack {
  given: number
  /** Of those that were given, the ones of which nobody knows whether the run took them. */
  unsure: number
  alreadyHeld: number
  readonly shielded: { readonly memberId: Id; readonly expiresAt: number; readonly replaced: Override | null }[]
  readonly impossible: Impossible[]
}

export interface GiverParts {
  readonly world: World
  /** The undo itself. */
  readonly run: Run
  /** The run that is undone. */
  readonly undoes: Run
  readonly by: By
  /**
   * Somebody named this one member. A role of which nobody saw whether the run took it may have been taken by somebody else since, who meant it: so it is
   * given back to nobody else.
   */
  readonly isNamed: boolean
  readonly quarantines: ReadonlyMap<Id | 'kick', Quarantine>
  readonly leash: Leash
}

/** A member and their guild, as Discord shows them at one moment. */
interface Sight {
  readonly member: Member | null
  readonly guild: Guild
}

/** Ids of the roles that may be given; null: whoever asks is bound by no rank. */
interface Ranks {
  readonly ofBot: ReadonlySet<Id>
  readonly ofAsker: ReadonlySet<Id> | null
}

export class Giver {
  readonly #parts: GiverParts
  readonly #guild: FreshGuild
  readonly #guildId: Id
  readonly result: GivenBack

  constructor(parts: GiverParts, result: GivenBack) {
    this.#parts = parts
    this.#guildId = parts.run.guildId
    this.#guild = new FreshGuild(parts.world, this.#guildId)
    this.result = result
  }

  /** One role that cannot be given keeps nothing from the others. Throws where the undo as a whole is to end. */
  async giveBack(taken: Taken): Promise<void> {
    const { memberId } = taken
    const sight = await this.#look(memberId)
    if (sight === null) return void this.#refuse(memberId, taken.roleIds, UNSEEN)
    const { member, guild } = sight
    if (member === null) return this.#refuseGone(taken)
    const roleIds = this.#possible(guild, member, taken)
    if (roleIds.length === 0) return
    const { by, undoes } = this.#parts
    const shielding = { guild, member, roleIds, by, runId: undoes.id }
    const made = await this.#shield(shielding)
    const giving = { mayHold: false }
    try {
      await this.#giveAll(taken, roleIds, giving)
    } finally {
      if (made && !giving.mayHold) await this.#unshield(shielding, made)
    }
  }

  /** Keeps in mind whether the member holds one of them by now, or may, also where it ends before the last. */
  async #giveAll(taken: Taken, roleIds: readonly Id[], giving: { mayHold: boolean }): Promise<void> {
    try {
      for (const roleId of roleIds) if (await this.#give(taken, roleId)) giving.mayHold = true
    } catch (error) {
      // What broke for another reason may have been given all the same.
      giving.mayHold ||= !(error instanceof CutShort || error instanceof Refusal)
      throw error
    }
  }

  /** Null where Discord does not say. */
  async #look(memberId: Id): Promise<Sight | null> {
    const { world } = this.#parts
    try {
      const [member, guild] = await Promise.all([world.looker.member(this.#guildId, memberId), this.#guild.read()])
      return { member, guild }
    } catch (error) {
      world.notice('a member could not be looked at', { guild: this.#guildId, member: memberId, error })
      return null
    }
  }

  #refuseGone({ memberId, roleIds, kicked }: Taken): void {
    const kick: Act = { kind: 'kick', guildId: this.#guildId, memberId }
    const why = kicked === null ? LEFT : kicked === 'done' ? KICKED : KICKED_PERHAPS
    if (kicked !== null) this.result.impossible.push({ memberId, act: kick, why })
    this.#refuse(memberId, roleIds, why)
  }

  /** Those that are not held and may be given; what stands against the others is listed. */
  #possible(guild: Guild, { id, roleIds: held }: Member, { roleIds, unsure }: Taken): readonly Id[] {
    const { isNamed } = this.#parts
    const lacking = roleIds.filter((roleId) => !held.includes(roleId))
    this.result.alreadyHeld += roleIds.length - lacking.length
    const ranks = this.#ranksIn(guild)
    return lacking.filter((roleId) => {
      const why = this.#whyNot(guild, ranks, roleId) ?? (unsure.has(roleId) && !isNamed ? UNSURE : null)
      if (why !== null) this.#refuse(id, [roleId], why)
      return why === null
    })
  }

  /** What the bot may give by its rank, and whoever asks by theirs: an undo hands out nothing that Discord would refuse them by hand. */
  #ranksIn(guild: Guild): Ranks {
    const { roleIds } = this.#parts.by
    return { ofBot: reachOf(guild).roleIds, ofAsker: roleIds && rolesBelow(guild, roleIds) }
  }

  #whyNot(guild: Guild, { ofBot, ofAsker }: Ranks, roleId: Id): string | null {
    const role = guild.roles.find(({ id }) => id === roleId)
    if (!role) return 'The role was deleted since.'
    if (role.managed) return 'Discord itself gives and takes this role.'
    if (ofAsker !== null && !ofAsker.has(roleId)) return OVER_ASKER
    if (!ofBot.has(roleId)) return 'The role ranks at or above the bot’s own: drag the bot’s role above it.'
    const quarantine = this.#parts.quarantines.get(roleId)
    return quarantine ? `Discord refused to let the bot touch this role: ${quarantine.detail}` : null
  }

  async #shield(shielding: Shielding): Promise<Shield | null> {
    const made = await shield(this.#parts.world, shielding)
    if (!made) return null
    const { memberId, expiresAt } = made.placed
    this.result.shielded.push({ memberId, expiresAt, replaced: isHarsher(made.before) ? made.before : null })
    return made
  }

  /** Nothing came about that would have to be shielded. */
  async #unshield(shielding: Shielding, made: Shield): Promise<void> {
    const { world } = this.#parts
    const { memberId } = made.placed
    try {
      await unshield(world, shielding, made)
      this.result.shielded.splice(
        this.result.shielded.findLastIndex((one) => one.memberId === memberId),
        1,
      )
    } catch (error) {
      const message = 'an override that an undo had placed could not be taken back'
      world.notice(message, { guild: this.#guildId, member: memberId, error })
    }
  }

  /** True where the member holds the role by now, or may. */
  async #give({ memberId, unsure }: Taken, roleId: Id): Promise<boolean> {
    this.#parts.leash.mustGoOn()
    const lookedAt = momentNow(this.#parts.world)
    const sight = await this.#look(memberId)
    if (sight === null) return this.#refuse(memberId, [roleId], UNSEEN)
    if (sight.member === null) return this.#refuse(memberId, [roleId], LEFT)
    if (sight.member.roleIds.includes(roleId)) return this.#count('alreadyHeld')
    const { outcome, detail } = await this.#add(sight.member, roleId, lookedAt)
    if (outcome === 'done' && unsure.has(roleId)) this.#count('unsure')
    if (outcome === 'done') return this.#count('given')
    this.#refuse(memberId, [roleId], detail ?? (outcome === 'gone' ? LEFT : 'Discord did not say why.'))
    return outcome === 'unknown'
  }

  #add(member: Member, roleId: Id, lookedAt: Moment): Promise<Deed> {
    const { world, run, undoes, by, leash } = this.#parts
    const errand = {
      runId: run.id,
      actor: by.actor,
      reason: `rolecall undo of run ${undoes.id}`,
      lane: 'command',
    } as const
    return doDeed(world, errand, {
      act: { kind: 'add_role', guildId: this.#guildId, memberId: member.id, roleId },
      ground: { undoes: { runId: undoes.id } },
      heldBefore: member.roleIds,
      lookedAt,
      isHeld: () => leash.asked,
      stillWanted: async () => {
        const now = leash.asked ? null : await world.looker.member(this.#guildId, member.id)
        return now !== null && !now.roleIds.includes(roleId)
      },
    })
  }

  #count(what: 'given' | 'unsure' | 'alreadyHeld'): true {
    this.result[what] += 1
    return true
  }

  #refuse(memberId: Id, roleIds: readonly Id[], why: string): false {
    for (const roleId of roleIds) {
      const act: Act = { kind: 'add_role', guildId: this.#guildId, memberId, roleId }
      this.result.impossible.push({ memberId, act, why })
    }
    return false
  }
}

const OVER_ASKER =
  'The role ranks at or above your own highest role, and Discord would not let you give it by hand either. Ask somebody who ranks above it.'

const KICKED =
  'They were kicked, and Discord lets nobody be brought back: invite them, and undo the run again once they are here.'
const KICKED_PERHAPS =
  'They are no longer in this server, and nobody saw whether the run kicked them or they left: invite them if they shall be back, and undo the run again once they are here.'
const UNSURE =
  'It is not known whether the run took it: Discord did not say at the time, and they may have lost it in another way since. If they shall have it, undo the run again for this member alone.'
const LEFT = 'They are no longer in this server: undo the run again once they are back.'
const UNSEEN = 'Discord would not show this member. Undo the run again in some minutes.'
