import type { Id } from '#src/core/model.ts'

/** A role of which Discord counts another number of holders than we do. */
export interface Disagreement {
  readonly roleId: Id
  readonly ours: number
  readonly theirs: number
}

/**
 * Discord's holders per role against ours. A role that Discord does not mention has no holders. The guild's own id is left out:
 * Discord does not count @everyone, and where another server does, its number is not one of role holders.
 */
export function disagreements(
  counts: Readonly<Record<string, number>>,
  roleIds: Iterable<Id>,
  everyone: Id,
  holders: (roleId: Id) => number,
): readonly Disagreement[] {
  const asked = new Set([...roleIds, ...Object.keys(counts)])
  asked.delete(everyone)
  return [...asked].flatMap((roleId) => {
    const ours = holders(roleId)
    const theirs = counts[roleId] ?? 0
    return ours === theirs ? [] : [{ roleId, ours, theirs }]
  })
}
