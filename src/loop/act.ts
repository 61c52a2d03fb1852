import { isSameFinding } from '#src/core/alike.ts'
import { decide } from '#src/core/decide.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Finding, Guild, Id, Invocation, Member, Settings } from '#src/core/model.ts'
import { narrow } from '#src/core/narrow.ts'
import { Refusal, Unclear } from '#src/core/refusal.ts'
import { type Act, type Only, rolesOfAct } from '#src/core/run.ts'
import { isUnattended } from '#src/core/scope.ts'
import { TermOver } from '#src/core/term.ts'
import type { Leash } from './at-work.ts'
import { barredFor, type ReadBars } from './barred.ts'
import { actsOf, type Carried, Carrying, inBulk, type Left, type Withheld } from './carrying.ts'
import { doDeed, type Errand, momentNow } from './deed.ts'
import { type Answer, askSource, joinFacts, knownGuild, measureAgain } from './facts.ts'
import { FreshGuild } from './fresh-guild.ts'
import { cameSince } from './newcomer.ts'
import type { World } from './world.ts'

// The road's last stretch: look → gates → intent → act → confirm → settle. Whoever changed since the plan drops out.

export type { Carried } from './carrying.ts'

export interface Mandate extends Errand {
  readonly guildId: Id
  /** When it began to be decided who is to go, ms since the epoch: whoever came after that is not kicked. */
  readonly decidedAt: number
  readonly invocation: Invocation
  readonly only: Only
}

/** A look that takes no longer than this is of one moment. */
const PROMPT_MS = 500
/** How old the member and the settings may be when a look has come to its end; only the source's own answer may take longer. */
const LATEST_MS = 5_000

/** How a member's finding is carried out. */
export interface HowTo {
  /** An earlier hand may have done a part of it, so that the finding need not be the planned one to the letter. */
  readonly begun?: boolean
  /** What bars acts on the member, where the caller has just read it; not by a person's wish, whom a contest does not bar. */
  readonly bars?: ReadBars
  /** Called when an act stands in the record, before it is made. */
  readonly onWritten?: () => void
}

/** What may hold a hand between two acts. */
export type Held = Pick<Leash, 'asked' | 'mustGoOn'>

const HELD_BY_NOBODY: Held = { asked: false, mustGoOn: () => {} }
const IN_DOUBT =
  'The member list came into doubt in the middle of the work and is being checked again, so nothing more was changed. `/audit status` shows when it is live again.'
const SICK =
  'The identity source failed its truth check in the middle of the work, so nothing more was changed. `/audit status` shows what is amiss, and when it is well again.'
const DISARMED =
  'What lets the bot act by itself was disarmed in the middle of the work, so nothing more was changed. Go on with `/audit resume`, or leave it.'
const TOO_LATE = 'What was asked just before the act took too long to be believed of this moment.'
const NOT_STRIPPED = 'Nobody is kicked before their roles are taken, and not all of them can be.'

/** Carries out what the plan has for one member, act by act, each looked at on both sides just before. */
export class Hand {
  readonly #world: World
  readonly #mandate: Mandate
  readonly #held: Held
  readonly #guild: FreshGuild
  readonly #begunAt: number
  #bulk: boolean

  constructor(world: World, mandate: Mandate, held: Held = HELD_BY_NOBODY) {
    this.#world = world
    this.#mandate = mandate
    this.#held = held
    this.#guild = new FreshGuild(world, mandate.guildId, mandate.lane)
    this.#begunAt = world.elapsed()
    this.#bulk = world.bulkStrip
  }

  /**
   * Throws `DirectoryUnreachable`, `Refusal`, `TermOver` or `CutShort` where nothing more is to be done at all; one member's fault is an outcome.
   */
  async carryOut(planned: Finding, { begun = false, bars, onWritten }: HowTo = {}): Promise<Carried> {
    const { free, withheld } = await this.#sort(planned, bars)
    const carrying = new Carrying(planned, withheld, begun)
    await this.#tryAll(carrying, this.#bulk ? inBulk(free) : free, onWritten)
    if (carrying.takeBackBulk()) {
      this.#bulk = false
      await this.#tryAll(carrying, free, onWritten)
    }
    const carried = carrying.result()
    if (!isUnattended(this.#mandate.invocation)) await this.#endContest(carried, planned.memberId)
    return carried
  }

  /** A person has decided what something else did not give way about: from now on it is taken as from anybody. */
  async #endContest({ deeds }: Carried, memberId: Id): Promise<void> {
    if (!deeds.some(({ act, outcome }) => act.kind !== 'kick' && outcome === 'done')) return
    const { guildId, actor } = this.#mandate
    await this.#world.book.endContest(guildId, memberId, { actor, at: this.#world.now() })
  }

  /** What may be tried, and what is left alone. */
  async #sort(
    planned: Finding,
    bars?: ReadBars,
  ): Promise<{ readonly free: readonly Act[]; readonly withheld: readonly Withheld[] }> {
    const { guildId, invocation } = this.#mandate
    const barred = await barredFor(this.#world, guildId, planned.memberId, invocation, bars)
    const withheld: Withheld[] = []
    const free = actsOf(guildId, planned).filter((act) => {
      const why = barred(act) ?? (act.kind === 'kick' && withheld.length > 0 ? NOT_STRIPPED : null)
      if (why !== null) withheld.push({ act, why })
      return why === null
    })
    return { free, withheld }
  }

  async #tryAll(carrying: Carrying, acts: readonly Act[], onWritten?: () => void): Promise<void> {
    for (const act of acts) {
      if (!carrying.mayTry(act)) continue
      this.#held.mustGoOn()
      await this.#try(carrying, act, onWritten)
    }
  }

  async #try(carrying: Carrying, act: Act, onWritten?: () => void): Promise<void> {
    const { planned } = carrying
    const lookedAt = momentNow(this.#world)
    const held = await this.#tryLook(planned, act, carrying.isUntouched)
    if (typeof held === 'string') return carrying.leave(held)
    const stillWanted = async () => !this.#held.asked && typeof (await this.#look(planned, act, false)) !== 'string'
    const isHeld = () => this.#held.asked
    const wanted = { act, ground: { finding: planned }, heldBefore: held, lookedAt, isHeld, stillWanted, onWritten }
    carrying.add(await doDeed(this.#world, this.#mandate, wanted))
  }

  /** A member whom Discord will not show is left alone, and the run goes on; a source that is silent ends the run. */
  async #tryLook(planned: Finding, act: Act, exactly: boolean): Promise<readonly Id[] | Left> {
    try {
      return await this.#look(planned, act, exactly)
    } catch (error) {
      if (error instanceof DirectoryUnreachable || error instanceof Refusal || error instanceof TermOver) throw error
      const { guildId } = this.#mandate
      this.#world.notice('a member could not be looked at', { guild: guildId, member: planned.memberId, error })
      return 'failed'
    }
  }

  /** The member at Discord and the identity at its source, past every cache, decided anew. The roles held where the plan still stands. */
  async #look(planned: Finding, act: Act, exactly: boolean): Promise<readonly Id[] | Left> {
    const { guildId, invocation, only, decidedAt } = this.#mandate
    const { member, guild, answer } = await this.#ask(act.memberId)
    if (!member) return 'gone'
    if (knownGuild(this.#world, guildId).roster.state !== 'live') throw new Unclear(IN_DOUBT)
    // Nobody has changed by that: who is left goes on being planned, for when the source is well.
    if (answer.truth.suspect) throw new Unclear(SICK)
    if (this.#isDisarmed(answer.settings)) throw new Refusal(DISARMED)
    const { scope, claims } = joinFacts(this.#world, guild, member.id, invocation, answer)
    const verdict = decide(member, claims, scope)
    const fresh = verdict.kind === 'finding' ? narrow(verdict.finding, only) : null
    if (!fresh || (act.kind === 'kick' && cameSince(this.#world, member, { decidedAt, begunAt: this.#begunAt })))
      return 'changed'
    const stands = exactly ? isSameFinding(fresh, planned) : isStillWanted(fresh, planned, act)
    return stands ? member.roleIds : 'changed'
  }

  /** A source that takes its time leaves what was asked beside it old by as much: that is asked again once it has answered. */
  async #ask(memberId: Id): Promise<Asked> {
    const { guildId } = this.#mandate
    const from = this.#world.elapsed()
    const [seen, answer] = await Promise.all([this.#askDiscord(memberId), askSource(this.#world, guildId, memberId)])
    if (this.#world.elapsed() - from <= PROMPT_MS) return { ...seen, answer }
    const again = this.#world.elapsed()
    const [later, measured] = await Promise.all([
      this.#askDiscord(memberId),
      measureAgain(this.#world, guildId, answer),
    ])
    if (this.#world.elapsed() - again > LATEST_MS) throw new Error(TOO_LATE)
    return { ...later, answer: measured }
  }

  async #askDiscord(memberId: Id): Promise<Omit<Asked, 'answer'>> {
    const { guildId, lane } = this.#mandate
    const [member, guild] = await Promise.all([this.#world.looker.member(guildId, memberId, lane), this.#guild.read()])
    return { member, guild }
  }

  /** Of a live act the next look finds that, and reports. */
  #isDisarmed({ armed }: Settings): boolean {
    const { lane, invocation } = this.#mandate
    if (lane === 'live' || !isUnattended(invocation)) return false
    return invocation.trigger === 'schedule' ? !armed.schedule : !armed.realtime
  }
}

interface Asked {
  readonly member: Member | null
  readonly guild: Guild
  readonly answer: Answer
}

/** After the first act the finding has shrunk by what was done; the rest must still be wanted, of the same person. A kick, for the same reason. */
function isStillWanted(fresh: Finding, planned: Finding, act: Act): boolean {
  if (fresh.identityId !== planned.identityId) return false
  if (act.kind === 'add_role') return fresh.addRoles.includes(act.roleId)
  if (act.kind !== 'kick') return rolesOfAct(act).every((roleId) => fresh.removeRoles.includes(roleId))
  const sameReason = fresh.category === planned.category && fresh.policyAction === planned.policyAction
  return sameReason && fresh.kick && fresh.removeRoles.length === 0
}
