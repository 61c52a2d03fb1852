import type { Id, Override } from '#src/core/model.ts'
import type { StoredFinding } from '#src/core/run.ts'
import type { CommandWorld, PlacedOverride } from '#src/discord/command.ts'
import { actorWords, momentMention, timeMention, typedText } from './wording.ts'

// What an override says is never laid at the policy's door: it is one person's word about one member, for a while.

/** The overrides of those whose finding one decided, as they are set now. */
export async function overridesBehind(
  guildId: Id,
  findings: readonly StoredFinding[],
  world: CommandWorld,
): Promise<ReadonlyMap<Id, PlacedOverride>> {
  const decided = findings.filter(({ decidedBy }) => decidedBy === 'override').map(({ memberId }) => memberId)
  return decided.length === 0 ? new Map() : world.placedOverrides(guildId, [...new Set(decided)])
}

/** `until <date>, by @mira`. */
export const untilWords = ({ expiresAt, by }: Pick<PlacedOverride, 'expiresAt' | 'by'>): string =>
  `until ${expiresAt === null ? 'it is lifted' : momentMention(expiresAt)}, by ${actorWords(by)}`

/** The same with why it was set. */
export const overrideDetail = (placed: PlacedOverride): string =>
  `${untilWords(placed)}${placed.reason === '' ? '' : ` (${typedText(placed.reason)})`}`

/**
 * `an override says report until <date>, by @mira`: what decided a finding of this moment. One that was set since, or lifted, is not the one that
 * decided, and what is not known of it is not said.
 */
export function overrideSays(
  says: Override['action'] | string,
  at: number,
  now: number,
  placed: PlacedOverride | undefined,
): string {
  if (placed === undefined) return `an override said ${says}, and is lifted by now`
  if (placed.at > at) return `an override said ${says}; another is set by now`
  if (placed.expiresAt !== null && placed.expiresAt <= now)
    return `an override said ${says}, by ${actorWords(placed.by)}; it ended ${timeMention(placed.expiresAt)}`
  return `an override says ${says} ${untilWords(placed)}`
}
