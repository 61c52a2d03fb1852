import { Refusal } from '#src/core/refusal.ts'
import type { Run } from '#src/core/run.ts'
import { type Asked, byOf, type CommandWorld, type Reply } from '#src/discord/command.ts'
import { endedReply } from './audit-act.ts'
import { oldButton, textIn } from './given.ts'
import { deedWords, overWords, readDigest, shortDigest } from './plan-words.ts'
import { progressOf } from './progress.ts'
import { mustBeRunId, noSuchRun } from './run-id.ts'
import { stateWords, timeMention } from './wording.ts'

// A plan that waits is let go on by somebody who names it: by its whole digest, or by two presses, the second with the numbers before their eyes.

/** The first press approves nothing: it shows what the plan does, and asks. */
export async function askAboutPlan(asked: Asked, written: readonly string[], world: CommandWorld): Promise<Reply> {
  const { run, blast, digest } = await pressedPlan(asked, written, world)
  const yes = `acknowledge:really:${run.id}:${shortDigest(digest)}`
  return {
    tone: 'warn',
    title: 'Really?',
    text: [
      `**This ${deedWords(blast)}. Really?** It waits because ${overWords(blast)}.`,
      `The plan was made ${timeMention(run.startedAt)}. Each member is looked at again just before: those who have changed are left out and listed. \`/stop\` halts it at any time.`,
    ].join('\n\n'),
    fields: [{ name: 'Digest of the plan', value: `\`${digest}\`` }],
    footer: `run ${run.id}`,
    buttons: [{ id: yes, label: `Yes: it ${deedWords(blast)}` }],
    confirm: yes,
  }
}

/** The second press carries the plan out. */
export async function approveByPress(asked: Asked, written: readonly string[], world: CommandWorld): Promise<Reply> {
  const { run, digest } = await pressedPlan(asked, written, world)
  return approve(asked, run.id, digest, world)
}

/** Whoever types the digest has the plan before them, so that nothing more is asked. */
export async function approveByDigest(asked: Asked, world: CommandWorld): Promise<Reply> {
  const digest = readDigest(textIn(asked, 'digest') ?? '')
  if (digest === null)
    throw new Refusal(
      'That is not the digest of a plan. Copy it whole from the answer of the run that waits; it begins with `sha256:`. Nothing was approved.',
    )
  return approve(asked, mustBeRunId(asked.options.run), digest, world)
}

async function approve(asked: Asked, runId: string, digest: string, world: CommandWorld): Promise<Reply> {
  const by = byOf(asked)
  const onProgress = progressOf(asked, world, 'The plan is being carried out')
  return endedReply(await world.acknowledgePlan(asked.guildId, { runId, digest }, by, onProgress), by, world)
}

interface WaitingPlan {
  readonly run: Run
  readonly blast: NonNullable<Run['blast']>
  readonly digest: string
}

/** The plan that a button speaks of, as long as it is the one that waits. */
async function pressedPlan(asked: Asked, [runId, short]: readonly string[], world: CommandWorld): Promise<WaitingPlan> {
  if (!/^[0-9a-f]{16}$/.test(short ?? '')) throw oldButton()
  const id = mustBeRunId(runId)
  const run = await world.run(asked.guildId, id)
  if (run === null) throw noSuchRun(id)
  const { blast, planDigest: digest } = run
  if (run.state !== 'awaiting_approval' || blast === null || digest === null)
    throw new Refusal(`Run \`${id}\` does not wait any more: it is ${stateWords(run)}. Nothing was approved.`)
  if (shortDigest(digest) !== short)
    throw new Refusal(
      `This button belongs to another plan than the one that waits now. Look at run \`${id}\` with \`/audit findings\`, and approve what you have read. Nothing was approved.`,
    )
  return { run, blast, digest }
}
