import type { DirectoryNames, Vitals } from './directory.ts'
import { mayBeIn, type PeopleColumns } from './people.ts'
import { StepTable } from './step-table.ts'

/** Rows in one go, between which others may have their turn. */
const STEP = 50_000

/** `vitalsOf`, of people in columns and without going to each of them. Halts between steps of some milliseconds. */
export function* vitalsOfColumns(people: PeopleColumns, names: DirectoryNames): Generator<void, Vitals> {
  const { count, flags, combination, combinations } = people
  const bearers = new Uint32Array(combinations.length)
  let withAccess = 0
  for (let row = 0; row < count; row++) {
    if (row % STEP === STEP - 1) yield
    if (mayBeIn(flags[row]!)) withAccess++
    bearers[combination[row]!]!++
  }
  const perGroup = new Map(names.groups.map((name) => [name, 0]))
  const perState = new Map(names.states.map((name) => [name, 0]))
  const add = (counts: Map<string, number>, name: string, many: number) =>
    counts.set(name, (counts.get(name) ?? 0) + many)
  for (const [number, { state, groups }] of combinations.entries()) {
    if (number % STEP === STEP - 1) yield
    for (const group of new Set(groups)) add(perGroup, group, bearers[number]!)
    if (state !== null) add(perState, state, bearers[number]!)
  }
  return { identities: count, linked: yield* countLinked(people), withAccess, perGroup, perState }
}

/** Accounts that several have linked are one. */
function* countLinked({ count, firstLink, linkHigh, linkLow }: PeopleColumns): Generator<void, number> {
  const accounts = new StepTable(firstLink[count]!)
  const none = accounts.count
  for (let link = 0; link < firstLink[count]!; link++) {
    if (link % STEP === STEP - 1) yield
    accounts.step(linkHigh[link]!, linkLow[link]!)
  }
  return accounts.count - none
}
