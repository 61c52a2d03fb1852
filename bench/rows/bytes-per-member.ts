import { fillRoster } from '../guild/ours.ts'
import { fillCache } from '../guild/theirs.ts'
import { ROLES, Town } from '../guild/town.ts'
import { singleRow } from '../row.ts'

/** What a member costs while nothing happens: our columns against discord.js' GuildMember and User. */
export const bytesPerMember = singleRow({
  name: 'roster.bytes_per_member',
  unit: 'B',
  goal: 1 / 15,
  bound: 'at most',
  deadlineMs: 300_000,
  measure: async ({ members, seed }, progress) => {
    const town = new Town({ members, seed, governed: ROLES - 1 })
    progress(`filling our roster with ${members} members`)
    const { grown: ours, kept: roster } = grownBy(() => fillRoster(town))
    progress(`filling discord.js' cache with ${members} members`)
    const { grown: baseline, kept: guild } = grownBy(() => fillCache(town))
    // Both are looked at again, so that neither was collected before it was measured.
    if (roster.columns.count !== guild.members.cache.size) throw new Error('the two hold different members')
    const counted = roster.bytes / members
    return {
      ours: ours / members,
      baseline: baseline / members,
      notes: [`the arrays of our roster alone come to ${counted.toFixed(1)} B a member, by their lengths`],
    }
  },
})

/** By how much everything that the process holds on and off V8's heap has grown. */
function grownBy<T>(make: () => T): { readonly grown: number; readonly kept: T } {
  const before = held()
  const kept = make()
  return { grown: held() - before, kept }
}

/** `external` counts array buffers too. */
function held(): number {
  for (let round = 0; round < 3; round++) globalThis.gc!()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
