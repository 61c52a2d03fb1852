import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Run } from '#src/core/run.ts'
import type { World } from './world.ts'

// The first-run lock: until a human has read a sound report and named it, nothing is taken from anybody.

/** Lifts the guild's first-run lock by the run that a human read. Throws `Refusal` with the reason where the run does not qualify. */
export async function acknowledgeFirstRun(
  world: World,
  guildId: Id,
  runId: string,
  memberId: Id,
  interactionId: Id,
): Promise<Run> {
  const run = await world.book.run(guildId, runId)
  if (!run) throw new Refusal(`This server has no run ${runId}. \`/audit status\` lists the last runs with their ids.`)
  const obstacle = whyNot(run)
  if (obstacle)
    throw new Refusal(
      `Run ${run.id} cannot lift the first-run lock: ${obstacle} Make a new one with \`/audit run\`, read its findings, and name that.`,
    )
  if ((await world.book.settings(guildId)).acknowledged)
    throw new Refusal('The first-run lock of this server was lifted before. There is nothing to acknowledge.')
  await world.book.acknowledge(guildId, run, `discord:${memberId}`, `interaction:${interactionId}`, world.now())
  return run
}

function whyNot(run: Run): string | null {
  if (run.action !== 'report') return 'it was not a report run.'
  if (run.state !== 'completed') return `it is ${run.state.replace('_', ' ')}, not completed.`
  if (run.rosterState !== 'live')
    return 'the member list was not live when it was made, so it may have shown old roles.'
  if (run.truth?.suspect !== false)
    return 'the identity source was suspect when it was made, so its findings may be wrong.'
  return null
}
