import type { DirectorySnapshot } from '#src/core/directory.ts'
import type { Guild, Id, Invocation, Plan, Settings, Truth } from '#src/core/model.ts'
import { narrowAll } from '#src/core/narrow.ts'
import { inOrder, makePlan } from '#src/core/plan.ts'
import { EVERYTHING, type Only, type RosterState } from '#src/core/run.ts'
import { isUnattended, makeScope } from '#src/core/scope.ts'
import { makeClaimColumns, walk } from '#src/core/walk.ts'
import { keepPeople } from './accepted.ts'
import { earlierNow, judgeReading, knownGuild } from './facts.ts'
import type { World } from './world.ts'

// One look at every member of a guild, and what would follow from it. Changes nothing.

export interface Survey {
  readonly plan: Plan
  readonly settings: Settings
  readonly truth: Truth
  readonly rosterState: RosterState
  /** Milliseconds between the facts and the plan. */
  readonly ages: { readonly roster: number; readonly identity: number }
}

/** A guild and its identity source, read whole, of which plans are made. */
export interface Whole {
  readonly guild: Guild
  readonly snapshot: DirectorySnapshot
  readonly settings: Settings
  readonly truth: Truth
}

/** What a plan is made for. */
export interface Aim {
  readonly invocation: Invocation
  readonly only: Only
  readonly settings: Settings
}

/** Reads the guild and the identity source whole and checks the source's health. Throws `DirectoryUnreachable` or `Refusal`. */
export async function readWhole(world: World, guildId: Id): Promise<Whole> {
  const { guild: known } = knownGuild(world, guildId)
  const settings = await world.book.settings(guildId)
  const snapshot = await world.directory(guildId).snapshot()
  const truth = await judgeReading(world, guildId, snapshot, settings)
  // Names and ranks of roles come from Discord itself: one lost event, and a role would be governed by the name that it had.
  return { guild: await world.looker.guild(guildId, known.botUserId), snapshot, settings, truth }
}

/**
 * Reads both sides whole, takes a sound reading into the baseline (the first of a source only where a person asked), walks the roster and makes the plan. Counts stay of the whole guild, whatever the plan
 * is narrowed to. A plan that a human approved by its digest within a day passes the blast radius.
 */
export async function planSweep(
  world: World,
  guildId: Id,
  invocation: Invocation,
  only: Only = EVERYTHING,
): Promise<Survey> {
  const whole = await readWhole(world, guildId)
  const { snapshot, settings, truth } = whole
  const isAccepted = await takeIn(world, whole, invocation)
  // What nothing is decided by is written beside the planning, which need not wait for it.
  const keeping = isAccepted ? keepPeople(world, guildId, snapshot) : null
  const plan = await openedByApproval(world, whole, { invocation, only, settings })
  await keeping
  const { state: rosterState, verifiedAt } = knownGuild(world, guildId).roster
  const now = world.now()
  const ages = { roster: now - (verifiedAt ?? now), identity: now - snapshot.readAt }
  return { plan, settings, truth, rosterState, ages }
}

/**
 * True where the reading was accepted. The first one of a source says what is right from then on, whatever the source is: that takes somebody who asked
 * for it and reads what came of it.
 */
async function takeIn(world: World, { guild, snapshot, truth }: Whole, invocation: Invocation): Promise<boolean> {
  if (truth.suspect) return false
  const { source } = world.directory(guild.id)
  const now = world.now()
  const isFirst = isUnattended(invocation) && (await world.book.baseline(guild.id, source, now)) === null
  if (!isFirst) await world.book.accept(guild.id, source, snapshot.vitals, now)
  return !isFirst
}

async function openedByApproval(world: World, whole: Whole, aim: Aim): Promise<Plan> {
  const plan = await planOf(world, whole, aim)
  if (!plan.planned) return plan
  const approval = await world.book.approval(plan.guildId, plan.digest, world.now())
  return approval ? planOf(world, whole, { ...aim, invocation: { ...aim.invocation, approved: plan.digest } }) : plan
}

/** What follows for the members as the roster has them at the moment of the call, before anything is waited for. */
export async function planOf(
  world: World,
  { guild, snapshot, truth }: Whole,
  { invocation, only, settings }: Aim,
): Promise<Plan> {
  const { roster } = knownGuild(world, guild.id)
  const scope = makeScope({ guild, names: snapshot.names, settings, invocation, truth, now: earlierNow(world) })
  roster.prefer([...scope.governed.roleIds])
  const claims = makeClaimColumns(roster.columns, snapshot.people, scope)
  const walked = walk(roster.columns, claims, scope)
  const findings = inOrder(narrowAll(walked.findings, only))
  const digest = await world.digestInSteps({ guildId: guild.id, findings })
  return makePlan({ scope, counts: walked.counts, findings, digest })
}
