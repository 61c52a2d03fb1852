import { randomUUID } from 'node:crypto'
import type { Application } from '../surroundings.ts'
import { closeForIntents } from './intents.ts'
import type { SessionTerms } from './session.ts'

/** What a client asks for when it says nothing of `large_threshold`. */
const LARGE = 50

/** Why a client is shown the door: a close code and Discord's words for it. */
export interface Close {
  readonly close: number
  readonly reason: string
}

export function tokenIsGood(application: Application, token: unknown): boolean {
  return application.tokens.has(String(token).replace(/^Bot /, ''))
}

/** Op 2: the terms of a new session, or the close code that Discord answers this IDENTIFY with. */
export function readIdentify(payload: unknown, application: Application): SessionTerms | Close {
  const { token, intents, shard, large_threshold } = (payload ?? {}) as Record<string, unknown>
  if (!tokenIsGood(application, token)) return { close: 4004, reason: 'Authentication failed.' }
  const refused = closeForIntents(intents, application.privileged)
  if (refused) return { close: refused, reason: refused === 4013 ? 'Invalid intent(s).' : 'Disallowed intent(s).' }
  const place = readShard(shard)
  if (!place) return { close: 4010, reason: 'Invalid shard.' }
  return {
    id: randomUUID().replaceAll('-', ''),
    intents: intents as number,
    shard: place,
    largeThreshold: Number(large_threshold ?? LARGE),
  }
}

function readShard(shard: unknown): readonly [number, number] | null {
  if (shard === undefined || shard === null) return [0, 1]
  if (!Array.isArray(shard)) return null
  const [index = Number.NaN, count = Number.NaN] = shard.map(Number)
  return index >= 0 && index < count ? [index, count] : null
}
