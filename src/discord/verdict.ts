import { RESTJSONErrorCodes as Code } from 'discord.js'
import type { Outcome } from '#src/core/run.ts'
import { answered, type FaultKind, isRateLimit, REFUSALS, toFault, waitOf } from './faults.ts'

// Discord's answers to a change of one role, in our words.

export interface Failure {
  /** What is to be said of this try alone. `unknown`: it may have been carried out. */
  readonly outcome: Exclude<Outcome, 'done' | 'rehearsed'>
  /** Whether the same may go better in a moment. */
  readonly again: boolean
  /** A sentence for the person who reads the run. */
  readonly detail: string
  readonly fault: FaultKind
  /** How long a rate limit asks to wait, in milliseconds; null where none was met. */
  readonly waitMs: number | null
}

const GONE: Readonly<Record<number, string>> = {
  [Code.UnknownMember]: 'The member is no longer in the server.',
  [Code.UnknownUser]: 'Discord knows no such account (any more).',
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

export function readFailure(error: unknown): Failure {
  return { ...readAnswer(error), waitMs: waitOf(error) }
}

type Reading = Omit<Failure, 'waitMs'>

function readAnswer(error: unknown): Reading {
  const { status, code } = answered(error)
  const gone = typeof code === 'number' ? GONE[code] : undefined
  if (gone) return { outcome: 'gone', again: false, detail: gone, fault: 'missing' }
  if (code === Code.UnknownGuild) return BOT_LEFT
  if (code === Code.UnknownRole) return ROLE_GONE
  const { kind, message } = toFault(error, 'changing a role')
  if (kind === 'refused') return { outcome: 'refused', again: false, detail: refusalOf(code) ?? message, fault: kind }
  if (NEVER_SENT.has(code) || code === Code.ServiceResourceIsBeingRateLimited)
    return { outcome: 'failed', again: true, detail: `${message} Nothing was changed.`, fault: kind }
  if (kind === 'outage' || kind === 'network' || unforeseen(error, status, kind))
    return {
      outcome: 'unknown',
      again: kind !== 'answer',
      detail: `${message} It may have been done all the same.`,
      fault: kind,
    }
  return { outcome: 'failed', again: false, detail: `${message} Nothing was changed.`, fault: kind }
}

const BOT_LEFT: Reading = {
  outcome: 'refused',
  again: false,
  detail: 'The bot is no longer in this server (Unknown Guild, 10004). Invite it again.',
  fault: 'missing',
}

/** Not `gone`, which is said of members. */
const ROLE_GONE: Reading = {
  outcome: 'refused',
  again: false,
  detail: 'The role no longer exists in the server (Unknown Role, 10011).',
  fault: 'missing',
}

const refusalOf = (code: number | string | null): string | undefined =>
  typeof code === 'number' ? REFUSALS[code] : undefined

/** Neither an answer of Discord's nor anything known of the network: then nothing is certain. */
const unforeseen = (error: unknown, status: number | null, kind: FaultKind): boolean =>
  status === null && kind === 'answer' && !isRateLimit(error)
