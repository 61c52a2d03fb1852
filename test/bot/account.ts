import type { Sandbox } from '#src/sandbox/sandbox.ts'
import type { Line } from './town.ts'

// What the record says, held against what happened at Discord.

/** Of Discord's audit log: somebody was sent away, and somebody's roles were changed. */
const KICKED = 20
const ROLES_CHANGED = 25

interface Change {
  readonly what: 'remove_role' | 'add_role' | 'kick'
  readonly memberId: string
  /** Null where the member was sent away. */
  readonly roleId: string | null
}

/** What the bot really changed, the oldest first, each as often as it came about. */
export function changesMade({ guilds, botUserId }: Sandbox): readonly Change[] {
  const entries = guilds.flatMap(({ audit }) => audit.entries)
  const own = entries.filter(({ user_id }) => user_id === botUserId)
  return own.flatMap(({ action_type, target_id, changes = [] }): readonly Change[] => {
    const memberId = String(target_id)
    if (action_type === KICKED) return [{ what: 'kick', memberId, roleId: null }]
    if (action_type !== ROLES_CHANGED) return []
    return changes.flatMap(({ key, new_value }) =>
      (new_value as { readonly id: string }[]).map(
        ({ id: roleId }): Change => ({ what: key === '$add' ? 'add_role' : 'remove_role', memberId, roleId }),
      ),
    )
  })
}

const keyOf = ({ what, memberId, roleId }: Change): string => [what, memberId, roleId ?? []].flat().join(' ')

const changeOf = ({ subject, data }: Line): Change => ({
  what: data.act as Change['what'],
  memberId: subject.replace('member:', ''),
  roleId: data.act === 'kick' ? null : String(data.role),
})

function countedBy<T>(list: readonly T[], key: (one: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const one of list) counts.set(key(one), (counts.get(key(one)) ?? 0) + 1)
  return counts
}

/**
 * Where the record and Discord contradict each other, each as a sentence: said to be done and was not, done without being written down before, settled
 * twice, or counted as done in a run that did less. What is open, or `unknown`, claims nothing.
 */
export function untruths(lines: readonly Line[], sandbox: Sandbox): readonly string[] {
  const made = countedBy(changesMade(sandbox), keyOf)
  const intended = lines.filter(({ type }) => type === 'action.intended')
  const settled = lines.filter(({ type }) => type === 'action.settled')
  const done = settled.filter(({ data }) => data.outcome === 'done')
  const saidDone = countedBy(done, (line) => keyOf(changeOf(line)))
  const written = countedBy(intended, (line) => keyOf(changeOf(line)))
  const settledOnce = countedBy(settled, ({ cause }) => String(cause))
  return [
    ...[...saidDone].filter(([key, times]) => times > (made.get(key) ?? 0)).map(([key]) => `${key}: said, not done`),
    ...[...made].filter(([key, times]) => times > (written.get(key) ?? 0)).map(([key]) => `${key}: done, not written`),
    ...[...settledOnce].filter(([, times]) => times > 1).map(([id]) => `${id}: settled twice`),
    ...lines.flatMap((line) => overstated(line, done)),
  ]
}

/** A line that ends a run counts what was done in it until then. */
function overstated({ type, run, seq, data }: Line, done: readonly Line[]): readonly string[] {
  const said = (data.outcomes as { readonly done?: number } | undefined)?.done ?? 0
  const until = done.filter((line) => line.run === run && line.seq < seq).length
  return said > until ? [`${type} of ${run}: ${said} said to be done, ${until} were`] : []
}

/** Acts that were written down and have no outcome. */
export const openActs = (lines: readonly Line[]): readonly Line[] => {
  const settled = new Set(lines.filter(({ type }) => type === 'action.settled').map(({ cause }) => cause))
  return lines.filter(({ type, id }) => type === 'action.intended' && !settled.has(id))
}
