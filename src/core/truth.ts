import { hasAccess } from './access.ts'
import type { Baseline, DirectoryNames, Reading, Vitals } from './directory.ts'
import type { Fall, Id, Identity, Settings, Truth } from './model.ts'
import { compareNames } from './order.ts'

/** Smaller falls are everyday life, however large their share (the policy, section 7). */
const LEAST_DROP = 3
const LEAST_GROUP_DROP = 5

type Measured = Pick<Reading, 'vitals' | 'complete' | 'permissionExists' | 'names'>

/** Whether an identity source may be believed, and every reason why not. No destructive action stands on one that may be sick. */
export function checkTruth(reading: Measured, baseline: Baseline | null, truth: Settings['truth']): Truth {
  const fell = baseline === null ? {} : drops(reading.vitals, baseline, truth)
  const why = [...ailments(reading), ...Object.keys(fell)]
  return { suspect: why.length > 0, why, ...(Object.keys(fell).length > 0 && { fell }) }
}

function ailments({ vitals, complete, permissionExists, names }: Measured): readonly string[] {
  const why: string[] = []
  if (!complete) why.push('incomplete')
  if (!permissionExists) why.push('no_permission')
  if (vitals.identities === 0) why.push('no_identities')
  if (names.groups.length === 0 && names.states.length === 0) why.push('no_groups')
  if (vitals.withAccess === 0) why.push('no_access')
  return why
}

/** By the reasons, in their order: none of them looks like a number, which an object would put first. */
function drops(now: Vitals, was: Baseline, { maxDrop, maxGroupDrop }: Settings['truth']): Record<string, Fall> {
  const fell: Record<string, Fall> = {}
  const compare = (reason: string, from: number, to: number) => {
    if (hasFallen(from, to, maxDrop, LEAST_DROP)) fell[reason] = { from, to }
  }
  compare('dropped:linked', was.linked, now.linked)
  compare('dropped:access', was.withAccess, now.withAccess)
  for (const [name, fall] of fallen(was.perGroup, now.perGroup, maxGroupDrop)) fell[`dropped:group:${name}`] = fall
  for (const [name, fall] of fallen(was.perState, now.perState, maxGroupDrop)) fell[`dropped:state:${name}`] = fall
  return fell
}

function hasFallen(was: number, now: number, maxShare: number, least: number): boolean {
  return was - now > maxShare * was && was - now >= least
}

/** A name that vanished counts 0. */
function fallen(
  was: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
  maxShare: number,
): readonly (readonly [string, Fall])[] {
  const all = [...was].map(([name, from]) => [name, { from, to: now.get(name) ?? 0 }] as const)
  const down = all.filter(([, { from, to }]) => hasFallen(from, to, maxShare, LEAST_GROUP_DROP))
  return down.sort(([a], [b]) => compareNames(a, b))
}

/** The counts of a whole reading. Every name of the source is counted, with 0 where nobody bears it. */
export function vitalsOf(identities: Iterable<Identity>, names: DirectoryNames): Vitals {
  const linked = new Set<Id>()
  const perGroup = new Map(names.groups.map((name) => [name, 0]))
  const perState = new Map(names.states.map((name) => [name, 0]))
  let count = 0
  let withAccess = 0
  for (const identity of identities) {
    count++
    if (hasAccess(identity)) withAccess++
    for (const id of identity.discordIds) linked.add(id)
    for (const group of new Set(identity.groups)) perGroup.set(group, (perGroup.get(group) ?? 0) + 1)
    if (identity.state !== null) perState.set(identity.state, (perState.get(identity.state) ?? 0) + 1)
  }
  return { identities: count, linked: linked.size, withAccess, perGroup, perState }
}

/** Number by number the highest, so that many small drops do not slip through one by one. Null of none. */
export function highest(baselines: readonly Baseline[]): Baseline | null {
  if (baselines.length === 0) return null
  return {
    linked: highestCount(baselines.map(({ linked }) => linked)),
    withAccess: highestCount(baselines.map(({ withAccess }) => withAccess)),
    perGroup: highestByName(baselines.map(({ perGroup }) => perGroup)),
    perState: highestByName(baselines.map(({ perState }) => perState)),
  }
}

function highestCount(counts: readonly number[]): number {
  return counts.reduce((most, count) => Math.max(most, count), 0)
}

function highestByName(counts: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const most = new Map<string, number>()
  for (const each of counts) for (const [name, count] of each) most.set(name, Math.max(most.get(name) ?? 0, count))
  return most
}
