import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Run } from '#src/core/run.ts'
import { type By, knownRun } from './invoking.ts'
import type { World } from './world.ts'

// The first-run lock: until a human has read a sound report and named it, nothing is taken from anybody.

/** Lifts the guild's first-run lock by the run that a human read. Throws `Refusal` with the reason where the run does not qualify. */
export async function acknowledgeFirstRun(
  world: World,
  guildId: Id,
  runId: string,
  { actor, cause, reason }: Pick<By, 'actor' | 'cause' | 'reason'>,
): Promise<Run> {
  const run = await knownRun(world, guildId, runId)
  const obstacle = whyNot(run)
  if (obstacle)
    throw new Refusal(
      `Run ${run.id} cannot lift the first-run lock: ${obstacle} Make a new one with \`/audit run\`, read its findings, and name that.`,
    )
  if ((await world.book.settings(guildId)).acknowledged)
    throw new Refusal('The first-run lock of this server was lifted before. There is nothing to acknowledge.')
  await world.book.acknowledge(guildId, run, { actor, cause, reason, at: world.now() })
  return run
}

function whyNot({ purpose, only, action, state, rosterState, truth }: Run): string | null {
  if (action !== 'report' || purpose !== 'audit') return 'it was not a report run.'
  if (only.memberId !== null || only.roleId !== null) return 'it looked at a part of the server only.'
  if (state !== 'completed') return `it is ${state.replace('_', ' ')}, not completed.`
  if (rosterState !== 'live') return 'the member list was not live when it was made, so it may have shown old roles.'
  if (truth?.suspect !== false) return 'the identity source was suspect when it was made, so its findings may be wrong.'
  return null
}
