import type { Baseline, DirectoryNames, Noticing, Vitals } from '#src/core/directory.ts'
import type { Explanation } from '#src/core/explain.ts'
import type { ManualLink } from '#src/core/link.ts'
import type { LookForMissing } from '#src/core/losses.ts'
import type { Id, Identity, LinkedAccount, Truth } from '#src/core/model.ts'
import type { By } from './by.ts'

export interface SourceAccepted {
  readonly source: string
  /** `sha256:…` of these numbers, all of them: what is accepted is named by it. */
  readonly digest: string
  readonly before: Omit<Vitals, 'identities'> | null
  readonly now: Vitals
  readonly truth: Truth
}

/** `changed`: the source says something else than was named, so that nothing was accepted; `source` is what it says now. */
export interface SourceAcceptance {
  readonly kind: 'accepted' | 'changed'
  readonly source: SourceAccepted
}

/** How the source stands. Ages in milliseconds. */
export interface SourceStanding {
  readonly source: string
  /** Null where it did not answer; `problem` then says why. */
  readonly read: {
    readonly vitals: Vitals
    readonly names: DirectoryNames
    readonly truth: Truth
    readonly age: number
  } | null
  readonly problem: string | null
  readonly before: Baseline | null
  readonly blind: { readonly since: number } | null
  /** How changes are noticed; null where it does not answer. */
  readonly noticing: Noticing | null
}

/** Who claims a member's account: how many, and the first of them. The age in milliseconds. */
export interface WhoIs {
  readonly source: string
  readonly memberId: Id
  readonly total: number
  /** As the source has them: the accounts that were linked to them by hand stand in `links`. */
  readonly claims: readonly { readonly identity: Identity; readonly accounts: readonly LinkedAccount[] }[]
  /** The link by hand of this account; it claims nothing where the source does not know whom it names. */
  readonly link: (ManualLink & { readonly isKnown: boolean }) | null
  /** All links by hand to these identities. */
  readonly links: readonly ManualLink[]
  readonly suspect: boolean
  readonly age: number
}

/** An account that a person has linked by hand to somebody whom the source knows, or knew. */
export interface LinkMade {
  readonly identity: Identity
  /** What holds for the member by now; null where that cannot be said. */
  readonly explanation: Explanation | null
}

export interface LinkTaken {
  readonly link: ManualLink
  readonly explanation: Explanation | null
}

/** What the identity source says, what of it is taken for true, and links by hand. */
export interface IdentityCommands {
  /** The names that the identity source knows. */
  names(guildId: Id): Promise<{ readonly groups: readonly string[]; readonly states: readonly string[] }>
  /** How the identity source stands; one that is silent is told as such. */
  sourceStanding(guildId: Id): Promise<SourceStanding>
  /** Who vanished since the source was last accepted; at most so many are named. */
  whoIsMissing(guildId: Id, most: number): Promise<LookForMissing>
  /** Who claims this member's account; throws `Refusal` where the source does not answer. */
  whoIs(guildId: Id, memberId: Id): Promise<WhoIs>
  /** Throws `Refusal` where the source itself names somebody for this account, knows no such identity, or the account is linked by hand already. */
  linkByHand(wanted: {
    readonly guildId: Id
    readonly memberId: Id
    readonly identityId: string
    readonly by: By & { readonly reason: string }
  }): Promise<LinkMade>
  /** Null where the account was not linked by hand. */
  unlinkByHand(guildId: Id, memberId: Id, by: By): Promise<LinkTaken | null>
  /** What the source says now beside what was last accepted, and changes nothing; throws `Refusal` where it cannot be read. */
  lookAtSource(guildId: Id): Promise<SourceAccepted>
  /** Takes what the source says now for true where its digest is the one that was shown; throws `Refusal` where it cannot be read, or nothing is amiss. */
  acknowledgeSource(guildId: Id, expectedDigest: string, by: By): Promise<SourceAcceptance>
}
