import { randomUUID } from 'node:crypto'
import type { Finding } from '#src/core/model.ts'
import { type Act, EVERYTHING, type Ground, type IntentContext, type NewRun, type Run } from '#src/core/run.ts'
import type { Book } from '#src/store/book.ts'
import { AT, newGuild, newId } from './book.ts'

/** An audit as somebody asks for it; `more` says what is different. */
export const order = (guildId: string, more: Partial<NewRun> = {}): NewRun => ({
  id: newId(),
  guildId,
  purpose: 'audit',
  cause: null,
  only: EVERYTHING,
  deadlineAt: null,
  trigger: 'slash',
  action: 'strip',
  actor: 'discord:7',
  mayDestroy: true,
  reason: null,
  idempotencyKey: randomUUID(),
  at: AT,
  ...more,
})

/** A run that is running, in a guild of its own where none is named. */
export async function runningRun(book: Book, guildId = newGuild(), more: Partial<NewRun> = {}): Promise<Run> {
  const { run } = await book.openRun(order(guildId, more))
  await book.moveRun(guildId, run.id, 'running', run.startedAt)
  return { ...run, state: 'running' }
}

export const FINDING: Finding = {
  memberId: '42',
  identityId: '7',
  category: 'role_drift',
  policyAction: 'strip',
  decidedBy: 'default',
  gates: [],
  effectiveAction: 'strip',
  kick: false,
  removeRoles: ['1001', '1002'],
  addRoles: [],
  excessRoles: ['1001', '1002', '1003'],
  missingRoles: [],
  unreachableRoles: ['1003'],
}

const BY_POLICY: Ground = { finding: FINDING }

/** A plan of these findings; `planned` as they were before the blast radius, where it closed. */
export const planOf = (
  { guildId, id }: Pick<Run, 'guildId' | 'id'>,
  findings: readonly Finding[],
  planned: readonly Finding[] | null = null,
) => ({
  runId: id,
  guildId,
  at: AT,
  policyDigest: 'sha256:aa',
  planDigest: 'sha256:bb',
  rosterState: 'live' as const,
  truth: { suspect: true, why: ['dropped:linked'] },
  counts: {
    members: 9,
    bot_filtered: 1,
    identity_conflict: 0,
    unknown_guest: 0,
    linked_no_perm: 0,
    role_drift: 3,
    missing_roles: 0,
    in_order: 5,
  },
  blast: { population: 8, affected: 3, limit: 1, dayLimit: 2, kicks: 0, kickLimit: 1, over: true },
  ages: { roster: 1_000, identity: 20 },
  findings,
  planned,
})

/** What an intent of the run stands on. */
export const contextOf = ({ id, actor }: Run, more: Partial<IntentContext> = {}): IntentContext => ({
  runId: id,
  actor,
  ground: BY_POLICY,
  heldBefore: ['1001', '5'],
  at: AT,
  ...more,
})

export const takes = (guildId: string, memberId = '42', roleId = '1001'): Act => ({
  kind: 'remove_role',
  guildId,
  memberId,
  roleId,
})
export const gives = (guildId: string, memberId = '42', roleId = '1001'): Act => ({
  kind: 'add_role',
  guildId,
  memberId,
  roleId,
})
export const kicks = (guildId: string, memberId = '42'): Act => ({ kind: 'kick', guildId, memberId })
export const takesAll = (guildId: string, memberId = '42', roleIds = ['1001', '1002']): Act => ({
  kind: 'remove_roles',
  guildId,
  memberId,
  roleIds,
})
