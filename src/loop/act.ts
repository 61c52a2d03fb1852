import { decide } from '#src/core/decide.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Finding, Id, Invocation, Member } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Act, Outcome } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import { gather, knownGuild } from './facts.ts'
import type { World } from './world.ts'

// The road's last stretch: look → gates → intent → act → confirm → settle. Whoever changed since the plan drops out.

/** How long the gateway's echo of an act is waited for before Discord is asked; echoes come within a second as a rule. */
const ECHO_MS = 3_000

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
  readonly outcome: Outcome
}

/** `changed`: the member, their identity or a gate is no longer as planned, so nothing (more) was done. */
export interface Carried {
  readonly deeds: readonly Deed[]
  readonly outcome: Outcome | 'changed'
}

/** Carries out what the plan has for one member, one role at a time, each looked at on both sides just before. Never throws for one member's fault. */
export async function carryOut(world: World, mandate: Mandate, planned: Finding): Promise<Carried> {
  const deeds: Deed[] = []
  for (const act of actsOf(mandate.guildId, planned)) {
    const held = await tryLook(world, mandate, planned, act, deeds.length === 0)
    if (held === 'unseen') return { deeds, outcome: 'failed' }
    if (held === 'gone') return { deeds, outcome: 'gone' }
    if (held === 'changed') return { deeds, outcome: 'changed' }
    const outcome = await perform(world, mandate, planned, act, held)
    deeds.push({ act, outcome })
    if (outcome !== 'done') return { deeds, outcome }
  }
  return { deeds, outcome: 'done' }
}

/** Removals first: what is taken too late harms, what is given too late does not. */
function actsOf(guildId: Id, { memberId, removeRoles, addRoles }: Finding): readonly Act[] {
  return [
    ...removeRoles.map((roleId): Act => ({ kind: 'remove_role', guildId, memberId, roleId })),
    ...addRoles.map((roleId): Act => ({ kind: 'add_role', guildId, memberId, roleId })),
  ]
}

/** A member whom Discord will not show is left alone, and the run goes on; a source that is silent ends the run. */
async function tryLook(
  world: World,
  mandate: Mandate,
  planned: Finding,
  act: Act,
  first: boolean,
): Promise<readonly Id[] | 'gone' | 'changed' | 'unseen'> {
  try {
    return await look(world, mandate, planned, act, first)
  } catch (error) {
    if (error instanceof DirectoryUnreachable || error instanceof Refusal) throw error
    world.notice('a member could not be looked at', { guild: mandate.guildId, member: planned.memberId, error })
    return 'unseen'
  }
}

/** The member at Discord and the identity at its source, past every cache, decided anew. The roles held where the plan still stands. */
async function look(
  world: World,
  mandate: Mandate,
  planned: Finding,
  act: Act,
  first: boolean,
): Promise<readonly Id[] | 'gone' | 'changed'> {
  const member = await world.looker.member(mandate.guildId, act.memberId)
  if (!member) return 'gone'
  const fresh = await decideAgain(world, mandate, member)
  if (!fresh) return 'changed'
  const stands = first ? world.digestOf(fresh) === world.digestOf(planned) : stillWanted(fresh, planned, act)
  return stands ? member.roleIds : 'changed'
}

async function decideAgain(world: World, mandate: Mandate, member: Member): Promise<Finding | null> {
  const { roster, guild } = knownGuild(world, mandate.guildId)
  if (roster.state !== 'live') return null
  const { scope, claims } = await gather(world, guild, member.id, mandate.invocation)
  const verdict = decide(member, claims, scope)
  return verdict.kind === 'finding' ? verdict.finding : null
}

/** After the first act the finding has shrunk by what was done; the rest must still be wanted for the same reason. */
function stillWanted(fresh: Finding, planned: Finding, act: Act): boolean {
  const wanted = act.kind === 'remove_role' ? fresh.removeRoles : fresh.addRoles
  return fresh.identityId === planned.identityId && wanted.includes(act.roleId)
}

/** The intent is durable before the act, the outcome after it; a process that dies between leaves an open intent to be found. */
async function perform(
  world: World,
  mandate: Mandate,
  finding: Finding,
  act: Act,
  heldBefore: readonly Id[],
): Promise<Outcome> {
  const { runId, actor } = mandate
  const intent = await world.book.intend(act, { runId, actor, finding, heldBefore, at: world.now() })
  let result: Awaited<ReturnType<typeof actAndConfirm>> = {
    outcome: 'unknown',
    detail: 'The act was cut off before its outcome was seen.',
  }
  try {
    result = await actAndConfirm(world, act, `${mandate.reason} [${intent.id}]`)
  } finally {
    await world.book.settle(intent, result.outcome, result.detail, world.now())
  }
  return result.outcome
}

/** Does it, then sees for itself: a 2xx is not proof, and a 500 may have been done. */
async function actAndConfirm(
  world: World,
  act: Act,
  reason: string,
): Promise<{ outcome: Outcome; detail: string | null }> {
  const held = act.kind === 'add_role'
  const echo = world.roster(act.guildId)?.sees(act.memberId, act.roleId, held, ECHO_MS) ?? Promise.resolve(false)
  const answer = await world.enforcer.perform(act, reason)
  if (answer.outcome !== 'done' && answer.outcome !== 'unknown') return answer
  if (await echo) return { outcome: 'done', detail: null }
  return confirmByReading(world, act, held, answer.detail)
}

async function confirmByReading(
  world: World,
  act: Act,
  held: boolean,
  detail: string | null,
): Promise<{ outcome: Outcome; detail: string | null }> {
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
