import { DirectoryUnreachable } from '#src/core/directory.ts'
import {
  type Accepted,
  type Endangered,
  type LookForMissing,
  Losses,
  lossOf,
  type SourceDiff,
} from '#src/core/losses.ts'
import type { Id, Identity, Invocation } from '#src/core/model.ts'
import type { PeopleColumns } from '#src/core/people.ts'
import { RowsById } from '#src/core/rows-by-id.ts'
import { EVERYTHING } from '#src/core/run.ts'
import { knownGuild } from './facts.ts'
import { planOf, readWhole, type Whole } from './plan.ts'
import type { World } from './world.ts'

// Who vanished from the identity source since it was last accepted. Changes nothing.

const ONLY_LOOKING: Invocation = {
  trigger: 'cli',
  action: 'report',
  mayDestroy: false,
  dayAffected: 0,
  dayKicks: 0,
  approved: null,
}

/** Reads both sides whole, whatever the truth check says of the source. `most` losses are named and all are counted. Throws `Refusal`. */
export async function whoIsMissing(world: World, guildId: Id, most: number): Promise<LookForMissing> {
  const { source } = world.directory(guildId)
  const kept = await world.book.acceptedSnapshots(guildId)
  const accepted = kept.find((one) => one.source === source)
  if (!accepted) return { kind: 'nothing_kept', source, others: kept }
  try {
    return { kind: 'compared', ...(await compare(world, guildId, accepted, most)) }
  } catch (error) {
    if (error instanceof DirectoryUnreachable) return { kind: 'unreachable', accepted, problem: error.message }
    throw error
  }
}

async function compare(world: World, guildId: Id, { source, at }: Accepted, most: number): Promise<SourceDiff> {
  const whole = await readWhole(world, guildId)
  const { truth, snapshot } = whole
  const before = await world.book.baseline(guildId, source, world.now())
  const excess = await excessIn(world, whole)
  const comparison = new Comparison(await rowsById(snapshot.people), snapshot.people, excess, most)
  for await (const part of world.book.acceptedPeople(guildId, source)) for (const one of part) comparison.add(one)
  const { state: rosterState } = knownGuild(world, guildId).roster
  const read = { truth, before, vitals: snapshot.vitals, rosterState }
  return { source, acceptedAt: at, ...comparison.result(), ...read }
}

/** The roles that each member holds, are governed, and are not earned. Of a conflict nothing is taken. */
async function excessIn(world: World, whole: Whole): Promise<ReadonlyMap<Id, readonly Id[]>> {
  const { settings } = whole
  const { findings } = await planOf(world, whole, { invocation: ONLY_LOOKING, only: EVERYTHING, settings })
  const endangered = findings.filter(
    ({ category, excessRoles }) => category !== 'identity_conflict' && excessRoles.length > 0,
  )
  return new Map(endangered.map(({ memberId, excessRoles }) => [memberId, excessRoles]))
}

/** Rows between which others have their turn. */
const STEP = 5_000
const letOthers = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

async function rowsById(people: PeopleColumns): Promise<RowsById> {
  const rows = new RowsById(people)
  for (let row = 0; row < people.count; row++) {
    if (row % STEP === STEP - 1) await letOthers()
    rows.add(row)
  }
  return rows
}

class Comparison {
  readonly #rows: RowsById
  readonly #people: PeopleColumns
  readonly #excess: ReadonlyMap<Id, readonly Id[]>
  readonly #losses: Losses
  #before = 0
  #found = 0

  constructor(rows: RowsById, people: PeopleColumns, excess: ReadonlyMap<Id, readonly Id[]>, most: number) {
    this.#rows = rows
    this.#people = people
    this.#excess = excess
    this.#losses = new Losses(most)
  }

  add(before: Identity): void {
    const row = this.#rows.rowOf(before.id)
    const now = row < 0 ? null : this.#people.identityAt(row)
    this.#before += 1
    if (now !== null) this.#found += 1
    const loss = lossOf(before, now)
    if (loss) this.#losses.add({ loss, members: this.#membersOf(before, now) })
  }

  result(): Pick<SourceDiff, 'people' | 'appeared'> & ReturnType<Losses['result']> {
    const now = this.#people.count
    return { people: { before: this.#before, now }, appeared: now - this.#found, ...this.#losses.result() }
  }

  /** Whose accounts were theirs or are now. */
  #membersOf(before: Identity, now: Identity | null): Endangered['members'] {
    const ids = new Set([...before.discordIds, ...(now?.discordIds ?? [])])
    return [...ids].map((memberId) => ({ memberId, roleIds: this.#excess.get(memberId) ?? [] }))
  }
}
