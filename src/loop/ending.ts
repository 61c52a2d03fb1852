import { DirectoryUnreachable } from '#src/core/directory.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Run } from '#src/core/run.ts'
import { TermOver } from '#src/core/term.ts'
import { restWords } from '#src/core/the-rest.ts'
import { CutShort, type Leash, layDown, noteEnd, runsAtWork } from './at-work.ts'
import { ANOTHER_ACTS } from './deed.ts'
import type { Tally } from './tally.ts'
import { writeLater } from './unwritten.ts'
import type { World } from './world.ts'

// How a run ends, whatever comes of it.

/** What a person reads when something broke that was nobody's to mend in Discord. */
const BROKEN =
  'Something went wrong on the bot’s own side. The operator finds the cause in the log; what was done until then is listed.'

/** Does the work of a run that was taken up, lays it down, and stores how it ended where the work did not. Never throws: what went wrong is the run's problem. */
export function workOn(
  world: World,
  run: Run,
  leash: Leash,
  tally: Tally,
  work: (leash: Leash) => Promise<Run>,
): Promise<Run> {
  return noteEnd(world, toItsEnd(world, run, leash, tally, work))
}

async function toItsEnd(...[world, run, leash, tally, work]: Parameters<typeof workOn>): Promise<Run> {
  try {
    return await work(leash)
  } catch (error) {
    return await endBadly(world, run, tally, reasonFor(error, leash))
  } finally {
    layDown(world, run.id)
  }
}

/** What breaks once the run is to end, such as a queue that was closed, is the end of the leash seen from elsewhere. */
function reasonFor(error: unknown, leash: Leash): unknown {
  if (error instanceof TermOver) return error
  try {
    leash.mustGoOn()
    return error
  } catch (cut) {
    return cut
  }
}

/** Nothing half-known is called complete: the run ends `failed` before its first act was possible, `interrupted` after. */
async function endBadly(world: World, run: Run, tally: Tally, error: unknown): Promise<Run> {
  const problem = sentenceFor(error)
  if (problem === BROKEN) world.notice('a run broke', { guild: run.guildId, run: run.id, error })
  const write = () => end(world, run, tally, problem, error instanceof CutShort)
  try {
    // Whoever acts by now finds the run as it was left, and ends it; where nobody does, it is written once this bot may act again.
    if (error instanceof TermOver) endLater(world, run, write)
    else await write()
    const stored = await reread(world, run)
    if (stored.state !== 'pending' && stored.state !== 'running') return stored
  } catch (failure) {
    world.notice('the end of a run could not be stored', { guild: run.guildId, run: run.id, error: failure })
    if (!(error instanceof TermOver)) endLater(world, run, write)
  }
  return { ...run, state: 'interrupted', problem }
}

/** By then somebody may be at work on it anew. */
const endLater = (world: World, { id }: Run, write: () => Promise<void>): void =>
  writeLater(world, async () => runsAtWork(world).has(id) || (await write()))

/** Of what was cut off by nobody's fault it is said how the rest comes about. */
async function end(world: World, run: Run, tally: Tally, problem: string, isCut: boolean): Promise<void> {
  const now = await reread(world, run)
  const { state, planDigest, purpose } = now
  // Somebody else may have ended it meanwhile; then their word stands.
  if (state !== 'pending' && state !== 'running') return
  const plans = purpose === 'audit' || purpose === 'group'
  const to = plans && planDigest === null ? 'failed' : 'interrupted'
  await world.book.moveRun(run.guildId, run.id, to, world.now(), {
    problem: isCut ? `${problem} ${restWords(now)}` : problem,
    outcomes: await tally.outcomes(world, run),
  })
}

function sentenceFor(error: unknown): string {
  if (error instanceof TermOver) return ANOTHER_ACTS
  if (error instanceof CutShort || error instanceof DirectoryUnreachable || error instanceof Refusal)
    return error.message
  return BROKEN
}

export async function reread(world: World, run: Run): Promise<Run> {
  return (await world.book.run(run.guildId, run.id)) ?? run
}
