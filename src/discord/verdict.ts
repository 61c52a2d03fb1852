import { RESTJSONErrorCodes as Code } from 'discord.js'
import type { Act } from '#src/core/run.ts'
import { ended, type Step } from './errand.ts'
import { answered, type FaultKind, isRateLimit, KICK_REFUSED, limitOf, REFUSALS, toFault } from './faults.ts'

// Discord's answers to a change of one member, in our words.

/** What is to be said of this try alone, in a sentence for the person who reads the run. `unknown`: it may have been carried out. */
export interface Failure extends Step {
  readonly detail: string
  readonly fault: FaultKind
}

const GONE: Readonly<Record<number, string>> = {
  [Code.UnknownMember]: 'The member is no longer in the server.',
  [Code.UnknownUser]: 'Discord knows no such account (any more).',
}

/** Nothing that anybody could mend by trying less: there is no server to be refused in, or no role to be refused. */
const MISSING: Readonly<Record<number, string>> = {
  [Code.UnknownGuild]: 'The bot is no longer in this server (Unknown Guild, 10004). Invite it again.',
  // Not `gone`, which is said of members.
  [Code.UnknownRole]: 'The role no longer exists in the server (Unknown Role, 10011).',
}

/** The system's words for a connection that never came about: nothing was sent, so nothing can have happened. */
const NEVER_SENT: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

const DOING: Readonly<Record<Act['kind'], string>> = {
  remove_role: 'changing a role',
  add_role: 'changing a role',
  remove_roles: "changing a member's roles",
  kick: 'kicking a member',
}

export function readFailure(error: unknown, kind: Act['kind']): Failure {
  const { status, code } = answered(error)
  const known = typeof code === 'number' ? knownAnswer(code) : null
  if (known) return known
  const fault = toFault(error, DOING[kind])
  const { message } = fault
  if (fault.kind === 'refused')
    return { ...failure('refused', refusalOf(code, kind) ?? message, 'refused'), refusal: true }
  const limit = limitOf(error)
  if (NEVER_SENT.has(code) || code === Code.ServiceResourceIsBeingRateLimited)
    return { ...failure('failed', `${message} Nothing was changed.`, fault.kind), again: true }
  if (fault.kind === 'outage' || fault.kind === 'network' || unforeseen(error, status, fault.kind)) {
    const doubt = failure('unknown', `${message} It may have been done all the same.`, fault.kind)
    return { ...doubt, again: fault.kind !== 'answer' }
  }
  return { ...failure('failed', `${message} Nothing was changed.`, fault.kind), limit }
}

/** What came of a look that a change was to be made from: it was not made, whatever the look met. */
export function readUnseen(error: unknown, kind: Act['kind']): Failure {
  const seen = readFailure(error, kind)
  if (seen.outcome !== 'unknown') return seen
  const { message } = toFault(error, 'reading a member right before changing them')
  return { ...seen, outcome: 'failed', detail: `${message} Nothing was changed.` }
}

function knownAnswer(code: number): Failure | null {
  const gone = GONE[code]
  if (gone) return failure('gone', gone, 'missing')
  const missing = MISSING[code]
  return missing ? failure('refused', missing, 'missing') : null
}

const failure = (outcome: Step['outcome'], detail: string, fault: FaultKind): Failure => ({
  ...ended(outcome, detail),
  detail,
  fault,
})

function refusalOf(code: number | string | null, kind: Act['kind']): string | undefined {
  if (kind === 'kick' && code === Code.MissingPermissions) return KICK_REFUSED
  return typeof code === 'number' ? REFUSALS[code] : undefined
}

/** Neither an answer of Discord's nor anything known of the network: then nothing is certain. */
const unforeseen = (error: unknown, status: number | null, kind: FaultKind): boolean =>
  status === null && kind === 'answer' && !isRateLimit(error)
