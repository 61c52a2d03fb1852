import { decide } from '#src/core/decide.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Finding, Guild, Id, Invocation, Member } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Act, Outcome } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import { gather, knownGuild } from './facts.ts'
import type { World } from './world.ts'

// The road's last stretch: look → gates → intent → act → confirm → settle. Whoever changed since the plan drops out.

/** How long the gateway's echo of an act is waited for before Discord is asked; echoes come within a second as a rule. */
const ECHO_MS = 3_000
/** How old the guild's roles, owner and the bot's own rank may be at an act. They are one reading for many acts, each member is its own. */
const GUILD_MS = 3_000
/** Tries to write down what came of an act; a database that stays away longer leaves an open intent, which the next start settles by looking. */
const SETTLE_TRIES = 3

export interface Mandate {
  readonly guildId: Id
  readonly runId: string
  readonly actor: Actor
  readonly invocation: Invocation
  /** What Discord's own audit log is to show. */
  readonly reason: string
}

/** One change that was tried, and what came of it. */
export interface Deed {
  readonly act: Act
  readonly outcome: Outcome | 'changed'
}

/** `changed`: the member, their identity or a gate is no longer as planned, so nothing (more) was done. */
export interface Carried {
  readonly deeds: readonly Deed[]
  readonly outcome: Outcome | 'changed'
  /** What Discord said of the last deed, where it was not simply done. */
  readonly detail: string | null
}

/** Carries out what the plan has for one member, one role at a time, each looked at on both sides just before. */
export class Hand {
  readonly #world: World
  readonly #mandate: Mandate
  #guild: { readonly read: Promise<Guild>; readonly at: number } | null = null

  constructor(world: World, mandate: Mandate) {
    this.#world = world
    this.#mandate = mandate
  }

  /** Throws `DirectoryUnreachable` or `Refusal` where nobody can be judged any more; one member's fault is an outcome. */
  async carryOut(planned: Finding): Promise<Carried> {
    const deeds: Deed[] = []
    for (const act of actsOf(this.#mandate.guildId, planned)) {
      const held = await this.#tryLook(planned, act, deeds.length === 0)
      if (typeof held === 'string') return { deeds, outcome: held, detail: null }
      const { outcome, detail } = await this.#perform(planned, act, held)
      deeds.push({ act, outcome })
      if (outcome !== 'done') return { deeds, outcome, detail }
    }
    return { deeds, outcome: 'done', detail: null }
  }

  /** A member whom Discord will not show is left alone, and the run goes on; a source that is silent ends the run. */
  async #tryLook(planned: Finding, act: Act, first: boolean): Promise<readonly Id[] | 'gone' | 'changed' | 'failed'> {
    try {
      return await this.#look(planned, act, first)
    } catch (error) {
      if (error instanceof DirectoryUnreachable || error instanceof Refusal) throw error
      const { guildId } = this.#mandate
      this.#world.notice('a member could not be looked at', { guild: guildId, member: planned.memberId, error })
      return 'failed'
    }
  }

  /** The member at Discord and the identity at its source, past every cache, decided anew. The roles held where the plan still stands. */
  async #look(planned: Finding, act: Act, first: boolean): Promise<readonly Id[] | 'gone' | 'changed'> {
    const member = await this.#world.looker.member(this.#mandate.guildId, act.memberId)
    if (!member) return 'gone'
    const fresh = await this.#decideAgain(member)
    if (!fresh) return 'changed'
    const { digestOf } = this.#world
    const stands = first ? digestOf(fresh) === digestOf(planned) : stillWanted(fresh, planned, act)
    return stands ? member.roleIds : 'changed'
  }

  async #decideAgain(member: Member): Promise<Finding | null> {
    if (knownGuild(this.#world, this.#mandate.guildId).roster.state !== 'live') return null
    const { scope, claims } = await gather(this.#world, await this.#freshGuild(), member.id, this.#mandate.invocation)
    const verdict = decide(member, claims, scope)
    return verdict.kind === 'finding' ? verdict.finding : null
  }

  /** The guild as Discord says now: a role that was renamed or moved unheard must not be taken by its old name. */
  #freshGuild(): Promise<Guild> {
    const now = this.#world.now()
    if (this.#guild && now - this.#guild.at < GUILD_MS) return this.#guild.read
    const { guild } = knownGuild(this.#world, this.#mandate.guildId)
    const read = this.#world.looker.guild(guild.id, guild.botUserId)
    this.#guild = { read, at: now }
    return read
  }

  /** The intent is durable before the act, the outcome after it; a process that dies between leaves an open intent to be settled at the next start. */
  async #perform(finding: Finding, act: Act, heldBefore: readonly Id[]): Promise<Seen> {
    const { runId, actor } = this.#mandate
    const world = this.#world
    const intent = await world.book.intend(act, { runId, actor, finding, heldBefore, at: world.now() })
    let result: Seen = { outcome: 'unknown', detail: 'The act was cut off before its outcome was seen.' }
    try {
      result = await this.#actAndConfirm(finding, act, `${this.#mandate.reason} [${intent.id}]`)
    } finally {
      await settled(() => world.book.settle(intent, result.outcome, result.detail, world.now()))
    }
    return result
  }

  /** Does it, then sees for itself: a 2xx is not proof, and a 500 may have been done. */
  async #actAndConfirm(finding: Finding, act: Act, reason: string): Promise<Seen> {
    const held = act.kind === 'add_role'
    const echo =
      this.#world.roster(act.guildId)?.sees(act.memberId, act.roleId, held, ECHO_MS) ?? Promise.resolve(false)
    const answer = await this.#world.enforcer.perform(act, reason, () => this.#stillStands(finding, act))
    if (answer.outcome !== 'done' && answer.outcome !== 'unknown') return answer
    if (answer.outcome === 'done' && (await echo)) return { outcome: 'done', detail: null }
    return confirmByReading(this.#world, act, held, answer.detail)
  }

  async #stillStands(planned: Finding, act: Act): Promise<boolean> {
    return typeof (await this.#look(planned, act, false)) !== 'string'
  }
}

interface Seen {
  readonly outcome: Outcome | 'changed'
  readonly detail: string | null
}

/** Removals first: what is taken too late harms, what is given too late does not. */
function actsOf(guildId: Id, { memberId, removeRoles, addRoles }: Finding): readonly Act[] {
  return [
    ...removeRoles.map((roleId): Act => ({ kind: 'remove_role', guildId, memberId, roleId })),
    ...addRoles.map((roleId): Act => ({ kind: 'add_role', guildId, memberId, roleId })),
  ]
}

/** After the first act the finding has shrunk by what was done; the rest must still be wanted for the same reason. */
function stillWanted(fresh: Finding, planned: Finding, act: Act): boolean {
  const wanted = act.kind === 'remove_role' ? fresh.removeRoles : fresh.addRoles
  return fresh.identityId === planned.identityId && wanted.includes(act.roleId)
}

/** What Discord itself shows of the member after an act. */
export async function confirmByReading(world: World, act: Act, held: boolean, detail: string | null): Promise<Seen> {
  let member: Member | null
  try {
    member = await world.looker.member(act.guildId, act.memberId)
  } catch {
    return {
      outcome: 'unknown',
      detail: detail ?? 'Discord accepted the change, but could not be asked whether it happened.',
    }
  }
  if (!member) return { outcome: 'gone', detail: null }
  if (member.roleIds.includes(act.roleId) === held) return { outcome: 'done', detail: null }
  return { outcome: 'failed', detail: detail ?? 'Discord said that it was done, yet the member is as before.' }
}

/** Writes what came of an act, again where the database was away for a moment; the same outcome twice is one. */
async function settled(write: () => Promise<void>): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await write()
    } catch (error) {
      if (tried >= SETTLE_TRIES) throw error
    }
  }
}
