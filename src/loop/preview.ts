import { harmOf } from '#src/core/harm.ts'
import type { Counts, Finding, Id, Invocation, Plan, Settings } from '#src/core/model.ts'
import { compareIds } from '#src/core/order.ts'
import { reasonList } from '#src/core/reasons.ts'
import { Refusal } from '#src/core/refusal.ts'
import { EVERYTHING } from '#src/core/run.ts'
import { planOf, readWhole } from './plan.ts'
import type { World } from './world.ts'

// What an edit of the settings would come to, before anybody makes it.

interface BothWays {
  readonly now: number
  readonly then: number
}

export interface PolicyPreview {
  readonly counts: { readonly now: Counts; readonly then: Counts }
  readonly wouldStrip: BothWays
  readonly wouldKick: BothWays
  readonly wouldGive: BothWays
  /** Members from whom more is taken than before, and less. */
  readonly harsher: Concerned
  readonly milder: Concerned
}

/** The first few by their ids, and how many there are in all. */
interface Concerned {
  readonly total: number
  readonly memberIds: readonly Id[]
}

const MOST_NAMED = 20

/** Somebody who may do everything asks for all of it. */
const EVERYTHING_ASKED: Invocation = {
  trigger: 'slash',
  action: 'strip_kick',
  mayDestroy: true,
  dayAffected: 0,
  dayKicks: 0,
  approved: null,
}

/**
 * Plans with the draft and with what holds, of one reading of both sides, and stores neither. The first-run lock and the blast radius are left out:
 * they say when something happens, and the question is what. Throws `DirectoryUnreachable`, and `Refusal` where the source is not to be believed.
 */
export async function previewPolicy(
  world: World,
  guildId: Id,
  edit: (settings: Settings) => Partial<Settings>,
): Promise<PolicyPreview> {
  const whole = await readWhole(world, guildId)
  if (whole.truth.suspect)
    throw new Refusal(
      `The identity source fails its truth check (${reasonList(whole.truth)}), so nobody can say what the edit would come to. Nothing was changed. Mend the source, or accept it with \`/acknowledge source\`.`,
    )
  const settings = { ...whole.settings, acknowledged: true }
  const plan = (wanted: Settings) =>
    planOf(world, whole, {
      invocation: EVERYTHING_ASKED,
      only: EVERYTHING,
      settings: { ...wanted, acknowledged: true },
    })
  // Both are of this moment: a plan looks at the roster before it waits for anything.
  const [now, wouldBe] = await Promise.all([plan(settings), plan({ ...settings, ...edit(whole.settings) })])
  return compare(now, wouldBe)
}

function compare(now: Plan, then: Plan): PolicyPreview {
  const before = beforeBlast(now)
  const after = beforeBlast(then)
  const both = (holds: (finding: Finding) => boolean): BothWays => ({
    now: before.filter(holds).length,
    // biome-ignore lint/suspicious/noThenProperty: it holds counts and findings, never a function.
    then: after.filter(holds).length,
  })
  return {
    // biome-ignore lint/suspicious/noThenProperty: it holds counts and findings, never a function.
    counts: { now: now.counts, then: then.counts },
    wouldStrip: both(({ removeRoles }) => removeRoles.length > 0),
    wouldKick: both(({ kick }) => kick),
    wouldGive: both(({ addRoles }) => addRoles.length > 0),
    harsher: harmed(after, before),
    milder: harmed(before, after),
  }
}

const beforeBlast = ({ planned, findings }: Plan): readonly Finding[] => planned ?? findings

/** Those from whom more is taken in the first than in the second. */
function harmed(more: readonly Finding[], less: readonly Finding[]): Concerned {
  const others = new Map(less.map((finding) => [finding.memberId, finding]))
  const harsher = more.filter((finding) => harmOf(finding) > harmOf(others.get(finding.memberId)))
  const memberIds = harsher.map(({ memberId }) => memberId).sort(compareIds)
  return { total: memberIds.length, memberIds: memberIds.slice(0, MOST_NAMED) }
}
