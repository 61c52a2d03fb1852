import type { Id, Override } from '#src/core/model.ts'
import type { Act } from '#src/core/run.ts'
import { rolesOfAct } from '#src/core/run.ts'
import {
  type Asked,
  byOf,
  type Command,
  type CommandWorld,
  type Offer,
  type Reply,
  type Typing,
  type Undone,
} from '#src/discord/command.ts'
import { fewOf } from './bounded.ts'
import { idIn } from './given.ts'
import { runOffers } from './offers.ts'
import { progressOf } from './progress.ts'
import { reasonOption } from './reason-option.ts'
import { mustBeRunId, runOption } from './run-id.ts'
import { many, memberMention, paragraphs, roleList, timeMention, typedText } from './wording.ts'

/** `/undo`: gives back exactly what a run took, even where the identity database is still wrong. */
export const undo: Command = {
  name: 'undo',
  description: 'Give back the roles that a run took',
  needs: 'undo',
  options: [
    runOption('The run that took them'),
    { name: 'member', description: 'Only to this member', type: 'user' },
    reasonOption,
  ],
  answer,
  complete,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  const by = byOf(asked)
  const runId = mustBeRunId(asked.options.run)
  const request = { guildId: asked.guildId, runId, memberId: idIn(asked, 'member'), by }
  const undone = await world.undo(request, progressOf(asked, world, 'Roles are being given back'))
  return undoneReply(undone, request, by.reason)
}

interface Wanted {
  readonly runId: string
  readonly memberId: Id | null
}

function undoneReply(undone: Undone, { runId: undid, memberId }: Wanted, reason: string | null): Reply {
  const { run, shielded, impossible } = undone
  const whole = run.state === 'completed' && impossible.length === 0 && failures(undone) === 0
  return {
    tone: whole ? 'good' : 'warn',
    title: titleOf(undone),
    text: paragraphs([
      givenWords(undone, memberId),
      run.problem,
      run.state === 'interrupted' ? `It was cut short: \`/undo run:${undid}\` again gives back the rest.` : null,
      shielded.length > 0
        ? 'The policy would take some of these roles again. For the members below an override of `report` holds that off; put the identity database right meanwhile, or see `/override list`.'
        : null,
      shielded.some(({ replaced }) => replaced !== null)
        ? 'Where that stands in place of a harsher override, the harsher one does not come back by itself: set it again with `/override set` if it is still meant.'
        : null,
      reason === null ? null : `Reason given: ${typedText(reason)}`,
    ]),
    fields: [
      { name: 'Held off by an override', value: shieldLines(shielded) },
      { name: 'Could not be given back', value: impossibleLines(impossible) },
    ].filter(({ value }) => value !== ''),
    footer: `run ${run.id} · undoes run ${undid}`,
  }
}

/** Acts of the undo itself that came to nothing, or of which that is not known. */
const failures = ({ run: { outcomes } }: Undone): number =>
  (outcomes.refused ?? 0) + (outcomes.failed ?? 0) + (outcomes.unknown ?? 0)

function titleOf({ given, alreadyHeld }: Undone): string {
  if (given > 0) return `${many(given, 'role')} given back`
  return alreadyHeld > 0 ? 'All of it is held already' : 'Nothing was given back'
}

function givenWords(undone: Undone, memberId: Id | null): string {
  const { given, unsure, alreadyHeld } = undone
  const parts = [
    given > 0 ? `${many(given, 'role')} given back and seen to be held again.` : null,
    unsure > 0 && memberId !== null
      ? `Of ${many(unsure, 'role')} nobody saw whether that run took it; you named ${memberMention(memberId)}, so it was given all the same.`
      : null,
    alreadyHeld > 0 ? `${many(alreadyHeld, 'role')} ${alreadyHeld === 1 ? 'was' : 'were'} held already.` : null,
    failures(undone) > 0
      ? `${many(failures(undone), 'role')} could not be given, or that is not known; look at them by hand.`
      : null,
  ].filter((part) => part !== null)
  return (
    parts.join(' ') ||
    `That run took nothing${memberId === null ? '' : ` from ${memberMention(memberId)}`} that could be given back.`
  )
}

/** Members named of each kind; of more the rest is counted. */
const MAX_LINES = 8

function shieldLines(shielded: Undone['shielded']): string {
  const lines = shielded.map(
    ({ memberId, expiresAt, replaced }) =>
      `${memberMention(memberId)} until it ends ${timeMention(expiresAt)}${replaced ? insteadOf(replaced) : ''}`,
  )
  return fewOf(lines, MAX_LINES)
}

function insteadOf({ action, reason, expiresAt }: Override): string {
  const end = expiresAt === null ? 'would have stood for good' : `would have ended ${timeMention(expiresAt)}`
  return `, in place of an override of \`${action}\` (${typedText(reason)}), which ${end}`
}

function impossibleLines(impossible: Undone['impossible']): string {
  const lines = impossible.map(
    ({ memberId, act, why }) => `${memberMention(memberId)} ${whatOf(act)}: ${typedText(why)}`,
  )
  return fewOf(lines, MAX_LINES)
}

/** No bot can bring back whom a kick took out of the server. */
const whatOf = (act: Act): string => (act.kind === 'kick' ? 'kick' : roleList(rolesOfAct(act)))

/** Runs that took something, or may have. */
async function complete(typing: Typing, world: CommandWorld): Promise<readonly Offer[]> {
  if (typing.option !== 'run') return []
  return runOffers(
    typing,
    world,
    ({ purpose, outcomes }) => purpose !== 'undo' && (outcomes.done ?? 0) + (outcomes.unknown ?? 0) > 0,
  )
}
