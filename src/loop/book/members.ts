import type { Id, Settings } from '#src/core/model.ts'
import type { Grantor } from '#src/core/notice.ts'
import type { RoleChangeEntry } from '#src/core/role-history.ts'
import type { Quarantine } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'

/** What stands against an act on a member or a role, and who gave what. Each method is one transaction, and each change carries its trail line in it. */
export interface MemberBook {
  /** Sets an override of one member, in place of any other of theirs. */
  setOverride(
    guildId: Id,
    override: Settings['overrides'][number],
    change: { readonly actor: Actor; readonly reason: string | null; readonly at: number },
  ): Promise<void>
  /** False where the member had none. */
  liftOverride(
    guildId: Id,
    memberId: Id,
    change: { readonly actor: Actor; readonly reason: string | null; readonly at: number },
  ): Promise<boolean>
  /** True where it was not there before: then it is time to tell somebody, once. */
  quarantine(guildId: Id, what: Id | 'kick', detail: string, runId: string | null, at: number): Promise<boolean>
  quarantines(guildId: Id): Promise<ReadonlyMap<Id | 'kick', Quarantine>>
  /** Returns those that were in quarantine. */
  release(
    guildId: Id,
    what: readonly (Id | 'kick')[],
    by: { readonly actor: Actor; readonly at: number },
  ): Promise<readonly (Id | 'kick')[]>
  /** True where the contest is new. */
  contest(
    guildId: Id,
    memberId: Id,
    roleId: Id,
    facts: {
      readonly what: 'comes_back' | 'goes_away'
      readonly grantorId: Id | null
      readonly times: number
      readonly at: number
    },
  ): Promise<boolean>
  /** The roles about which something else does not give way, of this member. */
  contested(guildId: Id, memberId: Id): Promise<ReadonlySet<Id>>
  endContest(guildId: Id, memberId: Id, by: { readonly actor: Actor; readonly at: number }): Promise<void>
  /** A line for each change, in their order; where one is what the bot itself did, it names the act. */
  noteRoleChanges(guildId: Id, changes: readonly RoleChangeEntry[], at: number): Promise<void>
  noteGrant(
    guildId: Id,
    grant: { readonly memberId: Id; readonly roleId: Id; readonly grantor: Grantor; readonly at: number },
  ): Promise<void>
  /** The last one who gave this role to this member since then, as noted; null where nobody is known. */
  lastGrantor(guildId: Id, memberId: Id, roleId: Id, since: number): Promise<Grantor>
}
