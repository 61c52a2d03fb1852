// biome-ignore-all lint/suspicious/noThenProperty: the commands tell what was then from what is now.
import { expect } from 'vitest'
import { type Arrangements, NO_ARRANGEMENTS } from '#src/core/arrangements.ts'
import type { Capability } from '#src/core/capability.ts'
import type { Explanation } from '#src/core/explain.ts'
import type { FoundAlike } from '#src/core/found.ts'
import type { HeldThen, HistoryPage, RoleHistoryFilter, RoleHistoryLine } from '#src/core/history.ts'
import type { InvocationFilter, InvocationLine } from '#src/core/invocation-history.ts'
import type { ManualLink } from '#src/core/link.ts'
import type { LookForMissing } from '#src/core/losses.ts'
import type { Counts, Finding, Id, Identity, Settings } from '#src/core/model.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { EVERYTHING, type Run, type StoredFinding } from '#src/core/run.ts'
import type { SettingLine, SettingsFilter } from '#src/core/settings-history.ts'
import type { SinkStanding } from '#src/core/sink-standing.ts'
import type {
  Asked,
  AuditProgress,
  AuditRequest,
  By,
  Checkup,
  Command,
  CommandWorld,
  Explained,
  GrantorCount,
  GuildStatus,
  LinkMade,
  LinkTaken,
  Offer,
  PlacedOverride,
  PolicyPreview,
  Reply,
  RunDiff,
  SourceAcceptance,
  SourceAccepted,
  SourceStanding,
  Undone,
  WhoIs,
} from '#src/discord/command.ts'
import { render } from '#src/discord/render.ts'

// A world that remembers what it was asked to do, and answers what the test has laid out.

export const GUILD = '100000000000000001'
export const ANN = '200000000000000001'
export const BEN = '200000000000000002'
export const EVE = '200000000000000003'
export const PILOTS = '300000000000000001'
export const DIRECTORS = '300000000000000002'
export const NOW = Date.UTC(2026, 10, 22, 12)
export const HOUR = 3_600_000
export const RUN = '0198c0de-0000-7000-8000-000000000001'
export const DIGEST = `sha256:${'ab'.repeat(32)}`

export const COUNTS: Counts = {
  members: 240,
  bot_filtered: 2,
  identity_conflict: 0,
  unknown_guest: 20,
  linked_no_perm: 0,
  role_drift: 3,
  missing_roles: 0,
  in_order: 215,
}

export const runOf = (changes: Partial<Run> = {}): Run => ({
  id: RUN,
  guildId: GUILD,
  state: 'completed',
  purpose: 'audit',
  cause: null,
  only: EVERYTHING,
  deadlineAt: null,
  trigger: 'slash',
  action: 'report',
  actor: `discord:${ANN}`,
  mayDestroy: true,
  startedAt: NOW - 2 * HOUR,
  endedAt: NOW - HOUR,
  problem: null,
  rosterState: 'live',
  truth: { suspect: false, why: [] },
  policyDigest: 'sha256:p',
  planDigest: DIGEST,
  counts: COUNTS,
  blast: { population: 238, affected: 3, limit: 23, dayLimit: 59, kicks: 0, kickLimit: 4, over: false },
  outcomes: {},
  ages: { roster: 3_000, identity: 60_000 },
  ...changes,
})

/** Two hundred and fourteen members would lose roles, where twenty-three may. */
export const waitingRun = (changes: Partial<Run> = {}): Run =>
  runOf({
    state: 'awaiting_approval',
    action: 'strip',
    endedAt: null,
    blast: { population: 238, affected: 214, limit: 23, dayLimit: 59, kicks: 0, kickLimit: 4, over: true },
    ...changes,
  })

export const findingOf = (memberId: Id, changes: Partial<StoredFinding> = {}): StoredFinding => ({
  ...({
    memberId,
    identityId: '7',
    category: 'role_drift',
    policyAction: 'strip',
    decidedBy: 'default',
    gates: [],
    effectiveAction: 'strip',
    kick: false,
    removeRoles: [DIRECTORS],
    addRoles: [],
    excessRoles: [DIRECTORS],
    missingRoles: [],
    unreachableRoles: [],
  } satisfies Finding),
  outcome: null,
  ...changes,
})

/** Findings that are alike: by default those who hold what they have not earned, as a strip finds them. */
export const alikeOf = (count: number, changes: Partial<FoundAlike> = {}): FoundAlike => ({
  category: 'role_drift',
  policyAction: 'strip',
  decidedBy: 'default',
  gates: [],
  effectiveAction: 'strip',
  differs: true,
  count,
  ...changes,
})

const LINKED_TO: Identity = {
  ...{ id: '42', username: 'ann', active: true, superuser: false, access: true },
  ...{ state: 'Member', groups: ['Pilots'], discordIds: [] },
}

const STATUS: GuildStatus = {
  roster: { state: 'live', members: 240, age: 3_000, note: null },
  identity: { source: 'native', people: 950, linked: 900, suspect: false, why: [], problem: null },
  lacks: [],
  blind: null,
  quarantines: [],
  contests: [],
  arrangements: NO_ARRANGEMENTS,
  nextLookAt: null,
  acknowledged: { by: `discord:${ANN}`, at: NOW - HOUR, run: RUN },
  armed: { schedule: false, realtime: false },
  lastRuns: [],
  quota: { used: 1, limit: 5, freeAt: null },
}

const same = (count: number) => ({ now: count, then: count })

export const PREVIEW: PolicyPreview = {
  counts: { now: COUNTS, then: COUNTS },
  wouldStrip: same(18),
  wouldKick: same(0),
  wouldGive: same(0),
  harsher: { total: 0, memberIds: [] },
  milder: { total: 0, memberIds: [] },
}

export const SOURCE: SourceAccepted = {
  source: 'native',
  digest: DIGEST,
  before: { linked: 900, withAccess: 800, perGroup: new Map([['Pilots', 60]]), perState: new Map() },
  now: { identities: 700, linked: 610, withAccess: 520, perGroup: new Map([['Pilots', 12]]), perState: new Map() },
  truth: { suspect: true, why: ['dropped:linked', 'dropped:access', 'dropped:group:Pilots'] },
}

const EXPLANATION: Explanation = {
  memberId: BEN,
  verdict: { kind: 'quiet', category: 'in_order' },
  rules: [{ category: 'in_order', holds: true, deciding: true, because: 'nothing else holds' }],
  roles: [],
  layers: [],
  gates: [],
  turning: null,
}

interface Deed {
  readonly name: string
  readonly by: By
  readonly what: unknown
}

interface Wanted {
  readonly offset: number
  readonly limit: number
}

const pageOf = <Line>(all: readonly Line[], { offset, limit }: Wanted): HistoryPage<Line> => ({
  lines: all.slice(offset, offset + limit),
  more: all.length > offset + limit,
})

export class SmallCommandWorld implements CommandWorld {
  time = NOW
  /** What was changed or set going, in order. Reading is not remembered. */
  readonly deeds: Deed[] = []
  /** Thrown by the next deed or look of this name. */
  readonly failing = new Map<keyof CommandWorld, Error>()
  /** Told while a run goes on. */
  progress: { readonly at: number; readonly progress: AuditProgress }[] = []
  runsKept: Run[] = []
  ended: Run = runOf()
  stake = 0
  /** What a run found, in numbers. */
  alike: FoundAlike[] = []
  placed = new Map<Id, PlacedOverride>()
  /** Members and roles that are not here. */
  absent = new Set<Id>()
  /** Whether Discord answers who is here. */
  isSilent = false
  found: StoredFinding[] = []
  diffNow: Omit<RunDiff, 'run'> = {
    counts: { then: COUNTS, now: COUNTS },
    appeared: [],
    vanished: [],
    changed: [],
    totals: { appeared: 0, vanished: 0, changed: 0, same: 0 },
  }
  grantorsNow: GrantorCount[] = []
  statusNow: GuildStatus = STATUS
  sinksNow: SinkStanding[] = []
  roleLines: RoleHistoryLine[] = []
  readonly roleFilters: RoleHistoryFilter[] = []
  settingLines: SettingLine[] = []
  readonly settingFilters: SettingsFilter[] = []
  invocationLines: InvocationLine[] = []
  readonly invocationFilters: InvocationFilter[] = []
  then: HeldThen = { roles: [], recordedSince: null, run: null, said: [] }
  settingsNow: Settings = DEFAULT_SETTINGS
  arrangementsNow: Arrangements = NO_ARRANGEMENTS
  source: SourceAccepted = SOURCE
  standing: SourceStanding = {
    ...{ source: 'native', read: null, problem: 'It is away.', before: null, blind: null, noticing: null },
  }
  missing: LookForMissing = { kind: 'nothing_kept', source: 'native', others: [] }
  /** How many missing people were to be named, each time. */
  readonly asked: number[] = []
  checkup: Checkup = { skewMs: 0, settings: DEFAULT_SETTINGS, governed: null, anchors: [], summaries: null }
  who: WhoIs = { source: 'native', memberId: ANN, total: 0, claims: [], link: null, links: [], suspect: false, age: 0 }
  linkedTo: Identity = LINKED_TO
  linkNow: ManualLink | null = null
  follows: Explanation | null = EXPLANATION
  preview: PolicyPreview = PREVIEW
  grants = new Map<Capability, Id[]>()
  subscribers = new Set<Id>()
  quarantined = new Set<Id | 'kick'>()
  undone: Omit<Undone, 'run'> = { given: 0, unsure: 0, alreadyHeld: 0, shielded: [], impossible: [] }
  stopped: Awaited<ReturnType<CommandWorld['stop']>> = { runs: [], wasArmed: { schedule: false, realtime: false } }
  explained: unknown[] = []
  namesNow = { groups: ['Pilots', 'Directors'], states: ['Member'] }
  governedNow: Awaited<ReturnType<CommandWorld['governed']>> = { roles: [], unmatched: [] }

  now(): number {
    return this.time
  }

  #look(name: keyof CommandWorld): void {
    const error = this.failing.get(name)
    if (error) throw error
  }

  #do(name: keyof CommandWorld, by: By, what: unknown): void {
    this.#look(name)
    this.deeds.push({ name, by, what })
  }

  #goOn(onProgress: (progress: AuditProgress) => void): Run {
    for (const { at, progress } of this.progress) {
      this.time = at
      onProgress(progress)
    }
    return this.ended
  }

  async audit(request: AuditRequest, onProgress: (progress: AuditProgress) => void): Promise<Run> {
    const { by, action, only } = request
    this.#do('audit', by, { action, only })
    return this.#goOn(onProgress)
  }

  async resume(_guildId: Id, runId: string, by: By, onProgress: (progress: AuditProgress) => void): Promise<Run> {
    this.#do('resume', by, runId)
    return this.#goOn(onProgress)
  }

  async abandon(_guildId: Id, runId: string, by: By): Promise<Run> {
    this.#do('abandon', by, runId)
    return this.ended
  }

  async undo(
    { runId, memberId, by }: Parameters<CommandWorld['undo']>[0],
    onProgress: (progress: AuditProgress) => void,
  ): Promise<Undone> {
    this.#do('undo', by, { runId, memberId })
    return { run: this.#goOn(onProgress), ...this.undone }
  }

  async stop(_guildId: Id, by: By): ReturnType<CommandWorld['stop']> {
    this.#do('stop', by, null)
    return this.stopped
  }

  async status(): Promise<GuildStatus> {
    return this.statusNow
  }

  async roleHistory(
    _guildId: Id,
    filter: RoleHistoryFilter,
    { offset, limit }: { readonly offset: number; readonly limit: number },
  ): Promise<HistoryPage<RoleHistoryLine>> {
    this.roleFilters.push(filter)
    const lines = this.roleLines.slice(offset, offset + limit)
    return { lines, more: this.roleLines.length > offset + limit }
  }

  async settingsHistory(_guildId: Id, filter: SettingsFilter, page: Wanted): Promise<HistoryPage<SettingLine>> {
    this.settingFilters.push(filter)
    return pageOf(this.settingLines, page)
  }

  async invocationHistory(_guildId: Id, filter: InvocationFilter, page: Wanted): Promise<HistoryPage<InvocationLine>> {
    this.invocationFilters.push(filter)
    return pageOf(this.invocationLines, page)
  }

  async heldThen(): Promise<HeldThen> {
    return this.then
  }

  async sinks(): Promise<readonly SinkStanding[]> {
    return this.sinksNow
  }

  async sourceStanding(): Promise<SourceStanding> {
    return this.standing
  }

  async whoIsMissing(_guildId: Id, most: number): Promise<LookForMissing> {
    this.asked.push(most)
    return this.missing
  }

  async checkUp(): Promise<Checkup> {
    return this.checkup
  }

  async whoIs(): Promise<WhoIs> {
    return this.who
  }

  async linkByHand({ memberId, identityId, by }: Parameters<CommandWorld['linkByHand']>[0]): Promise<LinkMade> {
    this.#do('linkByHand', by, { memberId, identityId })
    return { identity: this.linkedTo, explanation: this.follows }
  }

  async unlinkByHand(_guildId: Id, memberId: Id, by: By): Promise<LinkTaken | null> {
    this.#do('unlinkByHand', by, memberId)
    return this.linkNow && { link: this.linkNow, explanation: this.follows }
  }

  async run(_guildId: Id, runId: string): Promise<Run | null> {
    return this.runsKept.find(({ id }) => id === runId) ?? null
  }

  async runs(_guildId: Id, { offset, limit }: { offset: number; limit: number }) {
    return { total: this.runsKept.length, runs: this.runsKept.slice(offset, offset + limit) }
  }

  async diff(_guildId: Id, runId: string): Promise<RunDiff> {
    return { run: (await this.run(GUILD, runId))!, ...this.diffNow }
  }

  async grantors(_guildId: Id, since: number, limit: number): Promise<readonly GrantorCount[]> {
    return this.grantorsNow.filter(({ lastAt }) => lastAt >= since).slice(0, limit)
  }

  async findings(_guildId: Id, _runId: string, page: Parameters<CommandWorld['findings']>[2]) {
    const { category, offset, limit } = page
    const wanted = this.found.filter((finding) => category === null || finding.category === category)
    return { total: wanted.length, findings: wanted.slice(offset, offset + limit) }
  }

  async atStake(): Promise<number> {
    return this.stake
  }

  async foundByRun(): Promise<readonly FoundAlike[]> {
    return this.alike
  }

  async placedOverrides(_guildId: Id, memberIds: readonly Id[]): Promise<ReadonlyMap<Id, PlacedOverride>> {
    return new Map([...this.placed].filter(([id]) => memberIds.includes(id)))
  }

  async isMember(_guildId: Id, memberId: Id): Promise<boolean | null> {
    return this.isSilent ? null : !this.absent.has(memberId)
  }

  async isRole(_guildId: Id, roleId: Id): Promise<boolean | null> {
    return this.isSilent ? null : !this.absent.has(roleId)
  }

  async explain(_guildId: Id, memberId: Id, mayDestroy: boolean): Promise<Explained> {
    this.explained.push({ memberId, mayDestroy })
    return {
      explanation: EXPLANATION,
      roster: { state: 'live', age: 0 },
      identityAge: 0,
      identityNames: [],
      leftAlone: [],
    }
  }

  async acknowledgeFirstRun(_guildId: Id, runId: string, by: By): Promise<Run> {
    this.#do('acknowledgeFirstRun', by, runId)
    return runOf({ id: runId })
  }

  async lookAtSource(): Promise<SourceAccepted> {
    return this.source
  }

  async acknowledgeSource(_guildId: Id, expectedDigest: string, by: By): Promise<SourceAcceptance> {
    this.#look('acknowledgeSource')
    if (expectedDigest !== this.source.digest) return { kind: 'changed', source: this.source }
    this.#do('acknowledgeSource', by, expectedDigest)
    return { kind: 'accepted', source: { ...this.source, truth: { suspect: false, why: [] } } }
  }

  async acknowledgePlan(
    _guildId: Id,
    plan: { readonly runId: string; readonly digest: string },
    by: By,
    onProgress: (progress: AuditProgress) => void,
  ): Promise<Run> {
    this.#do('acknowledgePlan', by, plan)
    return this.#goOn(onProgress)
  }

  async arm(_guildId: Id, what: 'schedule' | 'realtime', by: By): Promise<void> {
    this.#do('arm', by, what)
    this.settingsNow = { ...this.settingsNow, armed: { ...this.settingsNow.armed, [what]: true } }
  }

  async disarm(_guildId: Id, what: 'schedule' | 'realtime', by: By): Promise<void> {
    this.#do('disarm', by, what)
    this.settingsNow = { ...this.settingsNow, armed: { ...this.settingsNow.armed, [what]: false } }
  }

  async settings(): Promise<Settings> {
    return this.settingsNow
  }

  async changeSettings(_guildId: Id, edit: (settings: Settings) => Partial<Settings>, by: By) {
    const before = this.settingsNow
    const change = edit(before)
    const changed = Object.keys(change)
    if (changed.length > 0) this.#do('changeSettings', by, changed)
    this.settingsNow = { ...before, ...change }
    return { before, after: this.settingsNow, changed }
  }

  async arrangements(): Promise<Arrangements> {
    return this.arrangementsNow
  }

  async arrange(_guildId: Id, change: Partial<Arrangements>, by: By): Promise<Arrangements> {
    this.#do('arrange', by, change)
    this.arrangementsNow = { ...this.arrangementsNow, ...change }
    return this.arrangementsNow
  }

  async capabilities(): Promise<ReadonlyMap<Capability, readonly Id[]>> {
    return this.grants
  }

  async grantCapability(_guildId: Id, capability: Capability, roleId: Id, by: By): Promise<'granted' | 'had it'> {
    this.#do('grantCapability', by, { capability, roleId })
    const held = this.grants.get(capability) ?? []
    this.grants.set(capability, [...new Set([...held, roleId])])
    return held.includes(roleId) ? 'had it' : 'granted'
  }

  async revokeCapability(_guildId: Id, capability: Capability, roleId: Id, by: By): Promise<'revoked' | 'had it not'> {
    this.#do('revokeCapability', by, { capability, roleId })
    const held = this.grants.get(capability) ?? []
    this.grants.set(
      capability,
      held.filter((id) => id !== roleId),
    )
    return held.includes(roleId) ? 'revoked' : 'had it not'
  }

  async subscribed(_guildId: Id, memberId: Id): Promise<boolean> {
    return this.subscribers.has(memberId)
  }

  async subscribe(_guildId: Id, memberId: Id, wanted: boolean, by: By): Promise<void> {
    this.#do('subscribe', by, { memberId, wanted })
    if (wanted) this.subscribers.add(memberId)
    else this.subscribers.delete(memberId)
  }

  async release(_guildId: Id, what: readonly (Id | 'kick')[], by: By): Promise<readonly (Id | 'kick')[]> {
    this.#do('release', by, what)
    return what.filter((each) => this.quarantined.delete(each))
  }

  async previewPolicy(): Promise<PolicyPreview> {
    this.#look('previewPolicy')
    return this.preview
  }

  async names() {
    this.#look('names')
    return this.namesNow
  }

  async governed() {
    return this.governedNow
  }
}

let asks = 0

export const askedBy = (changes: Partial<Asked> = {}): Asked => ({
  requestId: `40000000000000${String(++asks).padStart(4, '0')}`,
  guildId: GUILD,
  actor: `discord:${ANN}`,
  memberId: ANN,
  roleIds: [DIRECTORS],
  permissions: new Set(['ManageRoles', 'KickMembers']),
  isOwner: false,
  locale: 'en-US',
  subcommand: null,
  options: {},
  stoppedSince: () => false,
  update: async () => {},
  ...changes,
})

/** Everything that a person reads of an answer, in one text. */
export const wholeOf = ({ title, text, fields = [], footer = '' }: Reply): string =>
  [title, text, ...fields.flatMap(({ name, value }) => [name, value]), footer].join('\n')

export const buttonsOf = ({ buttons = [] }: Reply): readonly string[] => buttons.map(({ id }) => id)

/** The answer as Discord shows it is the answer as it was given: nothing of it had to be cut, and every button is there. */
export function mustFit(reply: Reply): Reply {
  const { embeds, components, allowed_mentions } = render(reply)
  const { title, description, fields = [], footer } = embeds[0]
  expect({ title, description, fields, footer: footer?.text }).toEqual({
    title: reply.title,
    description: reply.text,
    fields: reply.fields ?? [],
    footer: reply.footer,
  })
  const shown = components.flatMap((row) => row.components)
  expect(shown.map((button) => button.custom_id)).toEqual(buttonsOf(reply))
  expect(shown.map((button) => button.label)).toEqual((reply.buttons ?? []).map(({ label }) => label))
  expect(allowed_mentions).toEqual({ parse: [] })
  if (reply.confirm !== undefined) expect(buttonsOf(reply)).toContain(reply.confirm)
  return reply
}

/** Gives a command as a person does: `roles map`, with its options. */
export async function give(
  command: Command,
  world: CommandWorld,
  subcommand: string | null,
  options: Asked['options'] = {},
  changes: Partial<Asked> = {},
): Promise<Reply> {
  return mustFit(await command.answer(askedBy({ subcommand, options, ...changes }), world))
}

/** Presses a button by its whole id. */
export async function press(
  command: Command,
  world: CommandWorld,
  id: string,
  changes: Partial<Asked> = {},
): Promise<Reply> {
  expect(id.startsWith(`${command.name}:`)).toBe(true)
  return mustFit(await command.press!(askedBy(changes), id.slice(command.name.length + 1), world))
}

export const offers = (
  command: Command,
  world: CommandWorld,
  subcommand: string | null,
  option: string,
  typed: string,
  options: Asked['options'] = {},
): Promise<readonly Offer[]> => command.complete!({ guildId: GUILD, subcommand, option, typed, options }, world)
