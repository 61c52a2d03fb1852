import type { Baseline, DirectorySnapshot, Vitals } from '#src/core/directory.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id, Truth } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { checkTruth } from '#src/core/truth.ts'
import { keepPeople } from './accepted.ts'
import type { By } from './invoking.ts'
import type { World } from './world.ts'

// A source from which people fell: a human who knows that they really left may say so.

/** What the source says beside what was accepted last. */
export interface SourceSeen {
  readonly source: string
  /** Names these numbers, all of them, of this source. */
  readonly digest: string
  /** Null: nothing was ever accepted. */
  readonly before: Baseline | null
  readonly now: Vitals
  readonly truth: Truth
}

/** `changed`: the source says something else than was named, so that nothing was accepted. */
export interface SourceAcceptance {
  readonly kind: 'accepted' | 'changed'
  readonly source: SourceSeen
}

/** Reads the source whole, and changes nothing. Throws `Refusal` where it cannot be read. */
export async function lookAtSource(world: World, guildId: Id): Promise<SourceSeen> {
  return (await see(world, guildId)).seen
}

/**
 * Takes what the source says now for true where it is what a human saw, by its digest; `truth` is then what the check says of it. A fall may be accepted,
 * for people do leave; that it is empty, half-read or the wrong database never: whoever acted on that would take everything from everybody. Throws
 * `Refusal` there, where nothing is amiss, and where the source cannot be read.
 */
export async function acknowledgeSource(
  world: World,
  guildId: Id,
  expectedDigest: string,
  { actor, cause, reason }: By,
): Promise<SourceAcceptance> {
  const { seen, snapshot } = await see(world, guildId)
  if (!seen.truth.suspect) throw new Refusal(nothingAmiss(seen.source))
  if (seen.digest !== expectedDigest) return { kind: 'changed', source: seen }
  const ailments = seen.truth.why.filter((why) => !why.startsWith('dropped:'))
  if (ailments.length > 0) throw new Refusal(incurable(seen.source, ailments))
  await world.book.acceptByHuman(guildId, seen.source, seen.now, { actor, cause, reason, at: world.now() })
  await keepPeople(world, guildId, snapshot)
  const settings = await world.book.settings(guildId)
  return { kind: 'accepted', source: { ...seen, truth: checkTruth(snapshot, seen.now, settings.truth) } }
}

/** To accept it would only put the highest numbers of a day out of mind, by which small falls are found that come one after another. */
const nothingAmiss = (source: string): string =>
  `The identity source \`${source}\` passes its truth check as it is, so there is nothing to accept. Nothing was changed.`

const incurable = (source: string, why: readonly string[]): string =>
  `What the identity source \`${source}\` says cannot be accepted (${why.join(', ')}): it is empty, half-read or the wrong database, and by that everybody would lose everything. Nothing was changed. Mend the source; the bot goes on by itself once it is well.`

async function see(
  world: World,
  guildId: Id,
): Promise<{ readonly seen: SourceSeen; readonly snapshot: DirectorySnapshot }> {
  const { source } = world.directory(guildId)
  const snapshot = await readWhole(world, guildId)
  const before = await world.book.baseline(guildId, source, world.now())
  const truth = checkTruth(snapshot, before, (await world.book.settings(guildId)).truth)
  const now = snapshot.vitals
  return { seen: { source, digest: world.digestOf(written(source, now)), before, now, truth }, snapshot }
}

const written = (source: string, { perGroup, perState, ...counts }: Vitals) => ({
  source,
  ...counts,
  perGroup: Object.fromEntries(perGroup),
  perState: Object.fromEntries(perState),
})

async function readWhole(world: World, guildId: Id): Promise<DirectorySnapshot> {
  try {
    return await world.directory(guildId).snapshot()
  } catch (error) {
    if (error instanceof DirectoryUnreachable) throw new Refusal(`${error.message} Nothing was changed.`)
    throw error
  }
}
