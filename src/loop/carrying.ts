import type { Finding, Id } from '#src/core/model.ts'
import type { Act, Outcome } from '#src/core/run.ts'
import type { Deed } from './deed.ts'

// What has come of one member's finding so far.

/** An act that was left alone, without anybody asking Discord for it. */
export interface Withheld {
  readonly act: Act
  readonly why: string
}

/** Why a look let nothing (more) be tried. `changed`: the member, their identity or a gate is no longer as planned. */
export type Left = 'gone' | 'changed' | 'failed'

export interface Carried {
  /** What was tried, each with its own outcome. */
  readonly deeds: readonly Deed[]
  readonly withheld: readonly Withheld[]
  /** Null where every look let the next act be tried. */
  readonly left: Left | null
  /** Of the member as a whole. */
  readonly outcome: Outcome | 'changed'
  /** What was said of that outcome, where it is not simply done. */
  readonly detail: string | null
}

/** Removals first: what is taken too late harms, what is given too late does not. A kick comes after the roles are taken. */
export function actsOf(guildId: Id, { memberId, removeRoles, kick, addRoles }: Finding): readonly Act[] {
  return [
    ...removeRoles.map((roleId): Act => ({ kind: 'remove_role', guildId, memberId, roleId })),
    ...(kick ? [{ kind: 'kick', guildId, memberId } as const] : []),
    ...addRoles.map((roleId): Act => ({ kind: 'add_role', guildId, memberId, roleId })),
  ]
}

/** The same, with several removals in one write. */
export function inBulk(acts: readonly Act[]): readonly Act[] {
  const removals = acts.filter((act) => act.kind === 'remove_role')
  const [first] = removals
  if (!first || removals.length === 1) return acts
  const { guildId, memberId } = first
  const roleIds = removals.map(({ roleId }) => roleId)
  return [{ kind: 'remove_roles', guildId, memberId, roleIds }, ...acts.filter(({ kind }) => kind !== 'remove_role')]
}

export class Carrying {
  readonly planned: Finding
  readonly #begun: boolean
  readonly #withheld: readonly Withheld[]
  readonly #deeds: Deed[] = []
  #superseded: Deed | null = null
  #left: Left | null = null

  /** `begun`: an earlier hand may have done a part of it. */
  constructor(planned: Finding, withheld: readonly Withheld[], begun: boolean) {
    this.planned = planned
    this.#withheld = withheld
    this.#begun = begun
  }

  /** Before the first act the finding is to be the planned one to the letter; after it, it has shrunk by what was done. */
  get isUntouched(): boolean {
    return !this.#begun && this.#deeds.length === 0 && this.#superseded === null
  }

  /** What is refused of one role says nothing of another; but nobody is kicked who could not be stripped. */
  mayTry(act: Act): boolean {
    if (this.#left !== null) return false
    return this.#deeds.every(({ outcome }) => outcome === 'done' || (outcome === 'refused' && act.kind !== 'kick'))
  }

  add(deed: Deed): void {
    this.#deeds.push(deed)
  }

  leave(left: Left): void {
    this.#left = left
  }

  /** True where several roles in one write were refused: Discord does not say which of them it means. Then they may be tried one by one. */
  takeBackBulk(): boolean {
    const bulk = this.#deeds.find(({ act, outcome }) => act.kind === 'remove_roles' && outcome === 'refused')
    if (!bulk) return false
    this.#superseded = bulk
    this.#deeds.splice(this.#deeds.indexOf(bulk), 1)
    return true
  }

  result(): Carried {
    const deeds = this.#superseded ? [this.#superseded, ...this.#deeds] : this.#deeds
    return { deeds, withheld: this.#withheld, left: this.#left, ...this.#asAWhole() }
  }

  #asAWhole(): Pick<Carried, 'outcome' | 'detail'> {
    if (this.#left !== null) return { outcome: this.#left, detail: null }
    const worst = this.#deeds.findLast(({ outcome }) => outcome !== 'done')
    if (worst) return { outcome: worst.outcome, detail: worst.detail }
    const [withheld] = this.#withheld
    return withheld ? { outcome: 'refused', detail: withheld.why } : { outcome: 'done', detail: null }
  }
}
