import type { Counts, Finding, Id, Plan } from '#src/core/model.ts'
import { oneLine, shorten } from '#src/core/text.ts'
import type { Snapshot } from '#src/snapshot/snapshot.ts'

const WIDTH = 80

/** About a screen; `--json` has them all. */
const FINDINGS_SHOWN = 25

/** A plan for people, at most 80 columns wide. */
export function planSummary(plan: Plan, snapshot: Snapshot): string {
  const lines = [
    ...heading(snapshot),
    '',
    ...countLines(plan.counts),
    '',
    ...truthLines(plan),
    '',
    ...blastLines(plan),
    '',
    ...findingsLines(plan, new Names(snapshot)),
  ]
  return `${lines.join('\n')}\n`
}

function heading({ guild, takenAt, invocation }: Snapshot): readonly string[] {
  const { trigger, action } = invocation
  return [
    `Plan for ${shown(guild.name, 50)} (${guild.id})`,
    `as of ${new Date(takenAt).toISOString()}, asked for by ${trigger}, at most ${action}`,
  ]
}

function countLines(counts: Counts): readonly string[] {
  const { members, ...categories } = counts
  const lines = Object.entries(categories).map(([category, count]) => `  ${category.padEnd(18)}${pad(count)}`)
  return [`${'Members'.padEnd(20)}${pad(members)}`, ...lines]
}

function pad(count: number): string {
  return String(count).padStart(9)
}

function truthLines({ identity }: Plan): readonly string[] {
  if (!identity.suspect) return ['Identity source     passed its truth check']
  const why = identity.why.map((reason) => oneLine(reason))
  return ['Identity source     SUSPECT: nothing may be changed', ...wrap(why, ', ', '  ')]
}

function blastLines({ blast, planned, digest }: Plan): readonly string[] {
  const closed = planned === undefined ? 'approved by this very plan' : 'the whole run only reports'
  return [
    `Blast radius        ${blast.over ? `OVER; ${closed}` : 'within its limits'}`,
    `  affected          ${blast.affected} of ${blast.population}; at most ${blast.limit} a run, ${blast.dayLimit} a day unattended`,
    `  kicks             ${blast.kicks}; at most ${blast.kickLimit}`,
    `  plan              ${digest}`,
  ].flatMap((line) => (line.length <= WIDTH ? [line] : wrap(line.trim().split(/\s+/u), ' ', '  ')))
}

function findingsLines({ findings, planned }: Plan, names: Names): readonly string[] {
  if (findings.length === 0) return ['No findings: everybody is in order.']
  const shownOnes = findings
    .slice(0, FINDINGS_SHOWN)
    .flatMap((finding, at) => findingLines(finding, planned?.[at] ?? finding, names))
  const rest = findings.length - FINDINGS_SHOWN
  const more = rest > 0 ? [`… and ${rest} more; --json prints them all.`] : []
  return [`Findings            ${pad(findings.length)}`, ...shownOnes, ...more]
}

/** `planned` is the finding as it was before the blast radius was asked. */
function findingLines(finding: Finding, planned: Finding, names: Names): readonly string[] {
  const who = `${names.member(finding.memberId)} (${finding.memberId})`
  const facts = [...names.roles('has', finding.excessRoles), ...names.roles('lacks', finding.missingRoles)]
  return [
    `- ${finding.category.padEnd(18)}${who}`,
    ...wrap(facts, ', ', '    '),
    ...wrap(consequences(planned, names), ', ', finding.gates.includes('blast_radius') ? '    -> would ' : '    -> '),
    ...wrap(finding.gates, ', ', '    held by '),
  ]
}

function consequences(finding: Finding, names: Names): readonly string[] {
  const { policyAction, effectiveAction, removeRoles, addRoles, kick } = finding
  if (effectiveAction !== 'report') {
    return [...names.roles('take', removeRoles), ...names.roles('give', addRoles), ...(kick ? ['kick'] : [])]
  }
  return [policyAction === 'report' ? 'report only' : `report only; the policy says ${policyAction}`]
}

/** What ids are called, fit for a terminal. */
class Names {
  readonly #snapshot: Snapshot
  readonly #roles: ReadonlyMap<Id, string>

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
    this.#roles = new Map(snapshot.guild.roles.map(({ id, name }) => [id, name]))
  }

  member(id: Id): string {
    const person = this.#snapshot.people.get(id)
    return shown(person?.nick ?? person?.username ?? 'unknown', 32)
  }

  /** The verb stands before the first alone. */
  roles(verb: string, ids: readonly Id[]): readonly string[] {
    return ids.map((id, at) => `${at === 0 ? `${verb} ` : ''}${shown(this.#roles.get(id) ?? id, 40)}`)
  }
}

function shown(name: string, max: number): string {
  return shorten(oneLine(name), max)
}

/** Puts parts into lines of at most `WIDTH`, each opening with `indent` or as much blank. No parts, no lines. */
function wrap(parts: readonly string[], separator: string, indent: string): readonly string[] {
  const lines: string[] = []
  for (const [at, part] of parts.entries()) {
    const short = shorten(part, WIDTH - indent.length - separator.length)
    const piece = at < parts.length - 1 ? `${short}${separator}` : short
    const line = lines.at(-1)
    if (line !== undefined && line.length + piece.trimEnd().length <= WIDTH) lines[lines.length - 1] = line + piece
    else lines.push((lines.length === 0 ? indent : ' '.repeat(indent.length)) + piece)
  }
  return lines.map((line) => line.trimEnd())
}
