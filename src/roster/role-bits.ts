import type { Id } from '#src/core/model.ts'

/** Discord allows 250 roles a guild; other servers may allow more. The bound is what a member may cost: 256 bytes of mask. */
export const MAX_ROLE_BITS = 2048

/** Ids that members carry and the guild lacks: deleted roles, and roles whose creation we have yet to hear of. Two words of mask at most. */
export const MAX_GHOSTS = 64

/** What is known of one bit in use. */
interface Entry {
  readonly roleId: Id
  /** The fill during which the id was first seen without a role of the guild behind it; null for a role that the guild has. */
  ghostSince: number | null
  holders: number
  /** The moment of the last change to who holds it. */
  changedAt: number
}

/** Which bit stands for which role id, who of them the guild really has, and how many members hold each. */
export class RoleBits {
  readonly #bits = new Map<Id, number>()
  #entries: (Entry | undefined)[] = []
  #ids: (Id | undefined)[] = []
  #ghosts = 0
  #moment = 0

  /** Bit to role id; undefined where the bit is free. */
  get ids(): readonly (Id | undefined)[] {
    return this.#ids
  }

  /** Counts every change to who holds what; see `changedAt`. */
  get moment(): number {
    return this.#moment
  }

  /** -1 where the role has no bit. */
  bitOf(roleId: Id): number {
    return this.#bits.get(roleId) ?? -1
  }

  holders(bit: number): number {
    return this.#entries[bit]?.holders ?? 0
  }

  changedAt(bit: number): number {
    return this.#entries[bit]?.changedAt ?? 0
  }

  isGhost(bit: number): boolean {
    return this.#entries[bit]?.ghostSince !== null
  }

  /** One member more (1) or fewer (-1) holds the role. */
  count(bit: number, step: 1 | -1): void {
    const entry = this.#entries[bit]!
    entry.holders += step
    entry.changedAt = ++this.#moment
  }

  /** A bit for a role of the guild: its own, or the lowest free one. -1 where no bit is left. */
  know(roleId: Id): number {
    const bit = this.bitOf(roleId)
    if (bit < 0) return this.#allot(roleId, null)
    if (this.isGhost(bit)) this.#ghosts--
    this.#entries[bit]!.ghostSince = null
    return bit
  }

  /** A bit for an id that the guild lacks. -1 where there are too many of them. */
  haunt(roleId: Id, fill: number): number {
    if (this.#ghosts >= MAX_GHOSTS) return -1
    const bit = this.#allot(roleId, fill)
    if (bit >= 0) this.#ghosts++
    return bit
  }

  /** Frees the bit. The caller has cleared it in every row. */
  free(bit: number): void {
    if (this.isGhost(bit)) this.#ghosts--
    this.#bits.delete(this.#entries[bit]!.roleId)
    this.#entries[bit] = undefined
    this.#ids[bit] = undefined
  }

  /** The bits of ghosts that were there before this fill began. */
  ghostsBefore(fill: number): readonly number[] {
    return this.#entries.flatMap((entry, bit) =>
      entry && entry.ghostSince !== null && entry.ghostSince < fill ? [bit] : [],
    )
  }

  /** The order of bits in which these roles come first and no bit is free: new bit to old bit. */
  orderWith(first: readonly Id[]): readonly number[] {
    const front = new Set(first.map((roleId) => this.bitOf(roleId)).filter((bit) => bit >= 0))
    const rest = this.#entries.flatMap((entry, bit) => (entry && !front.has(bit) ? [bit] : []))
    return [...front, ...rest]
  }

  /** Gives the bits in this order. The caller moves the masks. */
  reorder(order: readonly number[]): void {
    this.#entries = order.map((bit) => this.#entries[bit])
    this.#ids = this.#entries.map((entry) => entry?.roleId)
    for (const [bit, roleId] of this.#ids.entries()) this.#bits.set(roleId!, bit)
  }

  #allot(roleId: Id, ghostSince: number | null): number {
    const free = this.#ids.indexOf(undefined)
    const bit = free < 0 ? this.#ids.length : free
    if (bit >= MAX_ROLE_BITS) return -1
    this.#bits.set(roleId, bit)
    this.#ids[bit] = roleId
    this.#entries[bit] = { roleId, ghostSince, holders: 0, changedAt: ++this.#moment }
    return bit
  }
}
