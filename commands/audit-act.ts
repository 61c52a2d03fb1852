import { countOf, outOfOrder } from '#src/core/found.ts'
import { ACTIONS, type Action } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import { type Asked, type By, byOf, type CommandWorld, type Reply } from '#src/discord/command.ts'
import { changeNoun, runReply } from './audit-run.ts'
import { idIn, wordIn } from './given.ts'
import { progressOf } from './progress.ts'
import { mustBeRunId } from './run-id.ts'
import { many, paragraphs, typedText } from './wording.ts'

// What `/audit` sets going: a run, an interrupted one that goes on, one that is given up.

export async function startRun(asked: Asked, world: CommandWorld): Promise<Reply> {
  const by = byOf(asked)
  // What is left out is never taken for the more harmful.
  const action = wordIn(asked, 'action', ACTIONS) ?? 'report'
  const only = { memberId: idIn(asked, 'member'), roleId: idIn(asked, 'role') }
  const onProgress = progressOf(asked, world, 'The audit is running')
  const run = await world.audit({ guildId: asked.guildId, by, action, only }, onProgress)
  return endedReply(run, by, world, lackingWords(action, by, run))
}

export async function resumeRun(asked: Asked, world: CommandWorld): Promise<Reply> {
  const by = byOf(asked)
  const onProgress = progressOf(asked, world, 'The audit is running')
  return endedReply(await world.resume(asked.guildId, mustBeRunId(asked.options.run), by, onProgress), by, world)
}

/** What a run came to, read back from where it is kept. */
export async function endedReply(run: Run, by: By, world: CommandWorld, note: string | null = null): Promise<Reply> {
  const found = await world.foundByRun(run.guildId, run.id)
  return runReply(run, { atStake: countOf(found, outOfOrder), found, reason: by.reason, note })
}

export async function abandonRun(asked: Asked, world: CommandWorld): Promise<Reply> {
  const by = byOf(asked)
  const run = await world.abandon(asked.guildId, mustBeRunId(asked.options.run), by)
  const done = run.outcomes.done ?? 0
  return {
    tone: 'good',
    title: 'The run is given up',
    text: paragraphs([
      'What was left of its plan is not carried out any more.',
      done > 0
        ? `${many(done, changeNoun(run))} had been made before and ${done === 1 ? 'stays' : 'stay'} made; \`/undo run:${run.id}\` gives back what was taken.`
        : null,
      by.reason === null ? null : `Reason given: ${typedText(by.reason)}`,
    ]),
    footer: `run ${run.id}`,
  }
}

/** What the asker lacks of what they asked for, where the run did less because of it. */
function lackingWords(wanted: Action, { mayStrip, mayKick }: By, run: Run): string | null {
  const missing = [
    wanted !== 'report' && !mayStrip ? '"Manage Roles"' : null,
    wanted === 'strip_kick' && !mayKick ? '"Kick Members"' : null,
  ].filter((permission) => permission !== null)
  if (missing.length === 0 || (run.mayDestroy && run.action === wanted)) return null
  const what = run.mayDestroy ? `did no more than \`${run.action}\`` : 'only reported'
  return `You asked for \`${wanted}\`, which needs the permission ${missing.join(' and ')} in the whole server. You do not have ${missing.length === 1 ? 'it' : 'them'}, so this run ${what}. Someone who manages this server can give you that (Server Settings → Roles).`
}
