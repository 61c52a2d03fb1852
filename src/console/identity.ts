import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { applyImport, dropSentence, storedPeople } from '#src/identity/import.ts'
import type { People } from '#src/identity/people.ts'
import { changesNothing, dropsTooMany, type ImportDiff, planImport } from '#src/identity/plan.ts'
import { count, importLines, shown } from '#src/identity/words.ts'
import { readBounded } from '#src/snapshot/bounded-file.ts'
import { readIdentityFile } from '#src/snapshot/identity-file.ts'
import { readingFile } from '#src/snapshot/in-file.ts'
import { type ConsoleWorld, chooseGuildToCome, endingWithSentence } from './world.ts'

export interface ImportOptions {
  readonly yes: boolean
  readonly acceptDrop: boolean
  readonly guild?: string
  readonly reason?: string
}

/** How often a long import says how far it is. */
const PROGRESS_MILLISECONDS = 2_000

/**
 * `rolecall identity import FILE`: shows what the file would change about the people stored for a guild, and with `yes` changes it, all or nothing.
 * Resolves to the exit code: 0, or 2 for what the operator can mend. Reads the file whole, never a part of it.
 */
export async function identityImport(path: string, options: ImportOptions, world: ConsoleWorld): Promise<number> {
  return await endingWithSentence(world, async () => {
    const guildId = chooseGuildToCome(options.guild, world)
    const after = readingFile(path, await readBounded(path), readIdentityFile)
    const before = await storedPeople(world.db, guildId)
    const diff = planImport(before, after)
    world.out(`Import of ${shown(path, 40)} into server ${guildId}`)
    world.out('')
    for (const line of importLines(diff)) world.out(line)
    if (changesNothing(diff)) return 0
    world.out('')
    if (dropsTooMany(diff) && !options.acceptDrop) throw new Refusal(dropSentence(diff))
    if (!options.yes) return tellHowToApply(world)
    return await apply(guildId, after, diff, options, world)
  })
}

async function apply(
  guildId: Id,
  after: People,
  diff: ImportDiff,
  { acceptDrop, reason }: ImportOptions,
  world: ConsoleWorld,
): Promise<number> {
  const { db, append, actor } = world
  const onProgress = progressLines(world)
  const order = { expectedDigest: diff.beforeDigest, acceptDrop, actor, reason: reason ?? null, append, onProgress }
  await applyImport(db, guildId, after, { ...order, at: world.now() })
  const { added, changed, dropped } = diff
  world.out(
    `Applied: ${added.length} added, ${changed.length} changed, ${dropped.length} dropped; ${count(diff.after.people, 'person is', 'people are')} stored now.`,
  )
  return 0
}

function tellHowToApply(world: ConsoleWorld): number {
  world.out('Nothing was written. To apply this, run it again with --yes.')
  return 0
}

/** Says now and then how far it is; what takes no time says nothing. */
function progressLines({ now, err }: ConsoleWorld): (done: number, total: number) => void {
  let last = now()
  return (done, total) => {
    if (now() - last < PROGRESS_MILLISECONDS) return
    last = now()
    err(`Writing: ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} people`)
  }
}
