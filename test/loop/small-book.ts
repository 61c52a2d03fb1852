import { type Arrangements, NO_ARRANGEMENTS } from '#src/core/arrangements.ts'
import { isAtStake } from '#src/core/at-stake.ts'
import { heldBack } from '#src/core/blast.ts'
import type { Baseline, Vitals } from '#src/core/directory.ts'
import type { Accepted } from '#src/core/losses.ts'
import type { Blast, Finding, Id, Identity, Settings } from '#src/core/model.ts'
import type { Grantor } from '#src/core/notice.ts'
import { compareIds } from '#src/core/order.ts'
import { identitiesOf, type PeopleColumns } from '#src/core/people.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { RoleChangeEntry } from '#src/core/role-history.ts'
import {
  type Act,
  type Approval,
  type Outcome,
  type PastAct,
  type Quarantine,
  type Retry,
  type Run,
  type RunState,
  rolesOfAct,
} from '#src/core/run.ts'
import { TermOver } from '#src/core/term.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { Book, Intent, IntentContext, LiveQuestion, LiveStanding, NewRun, StoredPlan } from '#src/loop/world.ts'

// A book that remembers in memory, by the rules of the real one. Every step that changes what is remembered is written down.

/** An act as it was written down, with what came of it; null while it is open. */
export interface WrittenAct {
  readonly id: string
  readonly act: Act
  readonly context: IntentContext
  outcome: Outcome | 'changed' | null
  detail: string | null
}

type By = { readonly actor: Actor; readonly at: number }

/** Those who act where nobody asked. */
const UNATTENDED: readonly Actor[] = ['system:schedule', 'system:realtime']
const UNDER_WAY: readonly RunState[] = ['pending', 'running']
const MOVES: Readonly<Record<RunState, readonly RunState[]>> = {
  pending: ['running', 'failed', 'interrupted'],
  running: ['completed', 'failed', 'interrupted', 'awaiting_approval'],
  awaiting_approval: ['running', 'abandoned'],
  interrupted: ['running', 'abandoned'],
  completed: [],
  failed: [],
  abandoned: [],
}

const whatOf = (act: Act): string => `${act.memberId} ${rolesOfAct(act).join('+') || 'kick'}`

/** `fail` names the method that breaks; `termOver` lets another bot act in this one's place. */
export class SmallBook implements Book {
  readonly steps: string[]
  readonly runs = new Map<string, Run>()
  readonly plans: StoredPlan[] = []
  readonly lines: TrailDraft[] = []
  /** `<member> <outcome>`, as noted at the findings. */
  readonly notes: string[] = []
  readonly acts: WrittenAct[] = []
  readonly approvals = new Map<string, Approval>()
  readonly quarantined = new Map<Id | 'kick', Quarantine>()
  readonly contests = new Map<
    string,
    {
      readonly memberId: Id
      readonly roleId: Id
      readonly grantorId: Id | null
      readonly times: number
      readonly at: number
    }
  >()
  readonly grants: { readonly memberId: Id; readonly roleId: Id; readonly grantor: Grantor; readonly at: number }[] = []
  readonly retries = new Map<Id, Retry>()
  readonly roleChanges: RoleChangeEntry[] = []
  blind: Awaited<ReturnType<Book['blindness']>> = null
  settingsNow: Settings = DEFAULT_SETTINGS
  arrangementsNow: Arrangements = NO_ARRANGEMENTS
  baselineNow: Baseline | null = { linked: 0, withAccess: 0, perGroup: new Map(), perState: new Map() }
  accepted = 0
  acceptedByHuman: Vitals | null = null
  fail: keyof Book | null = null
  termOver = false
  /** Acts that a process before this one left open. */
  open: Intent[] = []
  readonly #kept = new Map<string, { readonly at: number; readonly people: readonly Identity[] }>()
  readonly #keys = new Map<string, string>()
  readonly #outcomes = new Map<string, Outcome | 'changed'>()

  constructor(steps: string[]) {
    this.steps = steps
  }

  #step(method: keyof Book, text?: string): void {
    if (this.fail === method) throw new Error('the database went away')
    if (text !== undefined) this.steps.push(text)
  }

  async settings(): Promise<Settings> {
    this.#step('settings')
    return this.settingsNow
  }

  async yardsticks(): Promise<{ settings: Settings; baseline: Baseline | null }> {
    this.#step('yardsticks')
    return { settings: await this.settings(), baseline: await this.baseline() }
  }

  async arrangements(): Promise<Arrangements> {
    this.#step('arrangements')
    return this.arrangementsNow
  }

  async openRun(run: NewRun, alive?: ReadonlySet<string>): Promise<{ run: Run; repeated: boolean }> {
    this.#step('openRun')
    if (this.termOver) throw new TermOver('Another bot acts by now.')
    const before = this.#keys.get(run.idempotencyKey)
    if (before) return { run: this.runs.get(before)!, repeated: true }
    for (const left of this.#underWay())
      if (alive && !alive.has(left.id)) this.#move(left.id, 'interrupted', run.at, 'It was left behind.')
    if (this.#underWay().some(({ purpose }) => getInEachOthersWay(purpose, run.purpose)))
      throw new Refusal('A run is under way.')
    this.#keys.set(run.idempotencyKey, run.id)
    const { idempotencyKey: _key, reason: _reason, at, ...rest } = run
    const opened: Run = {
      ...rest,
      state: 'pending',
      startedAt: at,
      endedAt: null,
      problem: null,
      rosterState: null,
      truth: null,
      policyDigest: null,
      planDigest: null,
      counts: null,
      blast: null,
      outcomes: {},
      ages: null,
    }
    this.runs.set(run.id, opened)
    return { run: opened, repeated: false }
  }

  async moveRun(
    _guildId: Id,
    runId: string,
    to: RunState,
    at: number,
    {
      problem,
      outcomes,
      deadlineAt,
    }: { problem?: string; outcomes?: Readonly<Record<string, number>>; deadlineAt?: number } = {},
  ): Promise<void> {
    this.#step('moveRun', `run ${to}`)
    this.#move(runId, to, at, problem ?? null)
    const more = { ...(outcomes && { outcomes }), ...(deadlineAt !== undefined && { deadlineAt }) }
    this.runs.set(runId, { ...this.runs.get(runId)!, ...more })
  }

  #move(runId: string, to: RunState, at: number, problem: string | null): Run {
    const run = this.runs.get(runId)
    if (!run || !MOVES[run.state].includes(to)) throw new Error(`A run that is ${run?.state} does not become ${to}.`)
    const moved = { ...run, state: to, problem, endedAt: to === 'running' ? null : at }
    this.runs.set(runId, moved)
    return moved
  }

  #underWay(): readonly Run[] {
    return [...this.runs.values()].filter(({ state }) => UNDER_WAY.includes(state))
  }

  async storePlan(plan: StoredPlan): Promise<void> {
    this.#step('storePlan', 'plan stored')
    this.plans.push(plan)
    const { runId, guildId: _guild, at: _at, findings: _findings, planned: _planned, ...facts } = plan
    this.runs.set(runId, { ...this.runs.get(runId)!, ...facts })
  }

  async holdRun(_guildId: Id, runId: string, blast: Blast, at: number): Promise<void> {
    this.#step('holdRun', 'run awaiting_approval')
    this.runs.set(runId, { ...this.#move(runId, 'awaiting_approval', at, null), blast })
    const nth = this.plans.findIndex((plan) => plan.runId === runId)
    const { findings, planned, ...plan } = this.plans[nth]!
    const isOpen = ({ memberId }: Finding) => !this.#outcomes.has(`${runId} ${memberId}`)
    const held = findings.map((one) => (isOpen(one) ? heldBack(one) : one))
    this.plans[nth] = { ...plan, findings: held, planned: planned ?? findings }
  }

  async noteOutcome(_guildId: Id, runId: string, memberId: Id, outcome: Outcome | 'changed'): Promise<void> {
    this.#step('noteOutcome')
    this.notes.push(`${memberId} ${outcome}`)
    this.#outcomes.set(`${runId} ${memberId}`, outcome)
  }

  async completeRun(_guildId: Id, runId: string, outcomes: Readonly<Record<string, number>>, at: number): Promise<Run> {
    this.#step('completeRun')
    const run: Run = { ...this.#move(runId, 'completed', at, null), outcomes }
    this.runs.set(runId, run)
    return run
  }

  /** Lets the findings of a run be as if nothing had been noted of them. */
  forget(runId: string): void {
    for (const key of this.#outcomes.keys()) if (key.startsWith(`${runId} `)) this.#outcomes.delete(key)
  }

  async run(_guildId: Id, runId: string): Promise<Run | null> {
    this.#step('run')
    return this.runs.get(runId) ?? null
  }

  async findingsPage(
    _guildId: Id,
    runId: string,
    { category, atStake = false, offset, limit }: Parameters<Book['findingsPage']>[2],
  ): ReturnType<Book['findingsPage']> {
    this.#step('findingsPage')
    const shown = this.plans.find((plan) => plan.runId === runId)?.findings ?? []
    const wanted = shown.filter(
      (one) => (category === null || one.category === category) && (!atStake || isAtStake(one)),
    )
    const page = wanted.slice(offset, offset + limit)
    const outcomeOf = ({ memberId }: Finding) => this.#outcomes.get(`${runId} ${memberId}`) ?? null
    return { total: wanted.length, findings: page.map((one) => ({ ...one, outcome: outcomeOf(one) })) }
  }

  async pendingFindings(_guildId: Id, runId: string, after: Id | null, limit: number): Promise<readonly Finding[]> {
    this.#step('pendingFindings')
    const rest = this.#pending(runId).filter(({ memberId }) => after === null || compareIds(memberId, after) > 0)
    return rest.slice(0, limit)
  }

  async countPending(_guildId: Id, runId: string): Promise<number> {
    this.#step('countPending')
    return this.#pending(runId).length
  }

  #pending(runId: string): readonly Finding[] {
    const plan = this.plans.find((one) => one.runId === runId)
    const wanted = (plan?.planned ?? plan?.findings ?? []).filter(({ effectiveAction }) => effectiveAction !== 'report')
    return wanted.filter(({ memberId }) => !this.#outcomes.has(`${runId} ${memberId}`))
  }

  async pastActs(
    _guildId: Id,
    runId: string,
    memberId: Id | null,
    after: string | null,
    limit: number,
  ): Promise<readonly PastAct[]> {
    this.#step('pastActs')
    const ofRun = this.acts.filter(({ context }) => context.runId === runId)
    const rest = ofRun.slice(ofRun.findIndex(({ id }) => id === after) + 1)
    const past = rest.filter(
      ({ act, outcome }) =>
        (memberId === null || act.memberId === memberId) &&
        (outcome === 'done' || outcome === 'unknown' || outcome === null),
    )
    return past.slice(0, limit).map(({ id, act, outcome, context }) => ({
      intentId: id,
      act,
      outcome: outcome === 'done' ? 'done' : 'unknown',
      at: context.at,
    }))
  }

  async whoWantedKick(_guildId: Id, runId: string, memberId: Id): Promise<Actor | null> {
    this.#step('whoWantedKick')
    const kicks = this.acts.filter(({ act, context }) => act.kind === 'kick' && context.runId === runId)
    return kicks.findLast(({ act }) => act.memberId === memberId)?.context.actor ?? null
  }

  async outcomesOf(_guildId: Id, runId: string): Promise<Readonly<Record<string, number>>> {
    this.#step('outcomesOf')
    const outcomes: Record<string, number> = {}
    for (const { context, outcome } of this.acts) {
      if (context.runId === runId) outcomes[outcome ?? 'unknown'] = (outcomes[outcome ?? 'unknown'] ?? 0) + 1
    }
    return outcomes
  }

  async unattendedSince(
    _guildId: Id,
    since: number,
    exceptRunId: string | null,
    inHand: readonly Id[] = [],
  ): Promise<{ readonly affected: number; readonly kicks: number }> {
    this.#step('unattendedSince')
    const isLive = (runId: string) => this.runs.get(runId)?.purpose === 'live' && this.#isUnderWay(runId)
    const taken = this.#taken(since).filter(({ act, context: { actor, runId } }) => {
      return UNATTENDED.includes(actor) && !(isLive(runId) && inHand.includes(act.memberId))
    })
    const sum = { affected: 0, kicks: 0 }
    for (const { id } of this.runs.values()) {
      if (id === exceptRunId) continue
      const ofRun = taken.filter(({ context }) => context.runId === id)
      const members = (acts: readonly WrittenAct[]) => new Set(acts.map(({ act }) => act.memberId)).size
      const meant = this.#meant(id)
      sum.affected += Math.max(members(ofRun), meant?.affected ?? 0)
      sum.kicks += Math.max(members(ofRun.filter(({ act }) => act.kind === 'kick')), meant?.kicks ?? 0)
    }
    return sum
  }

  /** What a run that is at work, and that nobody asked for, may still come to. */
  #meant(runId: string): Run['blast'] {
    const { state, trigger, blast, planDigest } = this.runs.get(runId)!
    if (state !== 'running' || (trigger !== 'schedule' && trigger !== 'realtime')) return null
    const approval = planDigest === null ? undefined : this.approvals.get(planDigest)
    const isItsOwn = approval ? approval.runId !== runId : !blast?.over
    return isItsOwn ? blast : null
  }

  #isUnderWay(runId: string): boolean {
    return this.#underWay().some(({ id }) => id === runId)
  }

  async liveAffectedSince(_guildId: Id, since: number, except: readonly Id[]): Promise<number> {
    this.#step('liveAffectedSince')
    const live = this.#taken(since).filter(({ context }) => this.runs.get(context.runId)?.purpose === 'live')
    return new Set(live.map(({ act }) => act.memberId).filter((id) => !except.includes(id))).size
  }

  /** Acts that took something, or may have. */
  #taken(since: number): readonly WrittenAct[] {
    return this.acts.filter(
      ({ act, context, outcome }) =>
        act.kind !== 'add_role' &&
        context.at >= since &&
        (outcome === null || outcome === 'done' || outcome === 'unknown'),
    )
  }

  async liveStanding(guildId: Id, memberId: Id, question: LiveQuestion): Promise<LiveStanding> {
    this.#step('liveStanding')
    const { takenSince, hourSince, daySince, inHand } = question
    const done = this.acts.filter(
      ({ act, context, outcome }) => act.memberId === memberId && outcome === 'done' && context.at >= takenSince,
    )
    const times = (gives: boolean): ReadonlyMap<Id, number> => {
      const roleIds = done.flatMap(({ act }) => ((act.kind === 'add_role') === gives ? rolesOfAct(act) : []))
      return new Map(roleIds.map((roleId) => [roleId, roleIds.filter((id) => id === roleId).length]))
    }
    return {
      contested: await this.contested(guildId, memberId),
      timesTaken: times(false),
      timesGiven: times(true),
      quarantines: await this.quarantines(),
      lastHour: await this.liveAffectedSince(guildId, hourSince, inHand),
      lastDay: (await this.unattendedSince(guildId, daySince, null, inHand)).affected,
    }
  }

  async approve(_guildId: Id, { runId, digest, actor, at, expiresAt }: Parameters<Book['approve']>[1]): Promise<void> {
    const run = this.runs.get(runId)
    if (run?.state !== 'awaiting_approval' || run.planDigest !== digest)
      throw new Refusal('It does not wait for this approval.')
    this.#step('approve', `approved ${runId}`)
    this.approvals.set(digest, { digest, runId, by: actor, at, expiresAt })
  }

  async approval(_guildId: Id, digest: string, now: number): Promise<Approval | null> {
    this.#step('approval')
    const approval = this.approvals.get(digest)
    return approval && approval.expiresAt > now ? approval : null
  }

  async stop(_guildId: Id, { at }: By & { readonly cause: string }) {
    this.#step('stop', 'stopped')
    const wasArmed = this.settingsNow.armed
    this.settingsNow = { ...this.settingsNow, armed: { schedule: false, realtime: false } }
    const runs = this.#underWay().map(({ id }) => this.#move(id, 'interrupted', at, 'Somebody stopped it.'))
    this.retries.clear()
    return { runs, wasArmed }
  }

  async interruptOverdue(alive: ReadonlySet<string>, now: number, graceMs: number): Promise<readonly Run[]> {
    this.#step('interruptOverdue')
    const overdue = this.#underWay().filter(
      ({ id, deadlineAt }) => deadlineAt !== null && deadlineAt + graceMs < now && !alive.has(id),
    )
    return overdue.map(({ id }) => this.#move(id, 'interrupted', now, 'Its deadline passed.'))
  }

  async closeLiveRuns(startedBefore: number, at: number): Promise<readonly Run[]> {
    this.#step('closeLiveRuns')
    const old = this.#underWay().filter(({ purpose, startedAt }) => purpose === 'live' && startedAt < startedBefore)
    return Promise.all(
      old.map(async ({ id, guildId, state }) => {
        if (state === 'pending') this.#move(id, 'running', at, null)
        const closed = { ...this.#move(id, 'completed', at, null), outcomes: await this.outcomesOf(guildId, id) }
        this.runs.set(id, closed)
        return closed
      }),
    )
  }

  async openIntents(limit: number): Promise<readonly Intent[]> {
    this.#step('openIntents')
    const written = this.acts.filter(({ outcome }) => outcome === null)
    return [...this.open, ...written.map(({ id, act }) => ({ id, act }))].slice(0, limit)
  }

  async mustGoOn(_guildId: Id, runId: string): Promise<void> {
    this.#step('mustGoOn')
    if (this.termOver) throw new TermOver('Another bot acts by now.')
    if (this.runs.get(runId)?.state !== 'running') throw new Refusal(`The run ${runId} is not running.`)
  }

  async intend(act: Act, context: IntentContext): Promise<Intent> {
    this.#step('intend')
    if (this.termOver) throw new TermOver('Another bot acts by now.')
    if (this.runs.get(context.runId)?.state !== 'running') throw new Refusal(`The run ${context.runId} is not running.`)
    this.steps.push(`intend ${whatOf(act)} held ${context.heldBefore.join('+')}`)
    const id = `intent-${this.acts.length + 1}`
    this.acts.push({ id, act, context, outcome: null, detail: null })
    return { id, act }
  }

  async settle(intent: Intent, outcome: Outcome | 'changed', detail: string | null): Promise<void> {
    this.#step('settle', `settle ${whatOf(intent.act)} ${outcome}`)
    this.open = this.open.filter(({ id }) => id !== intent.id)
    const written = this.acts.find(({ id }) => id === intent.id)
    if (written) Object.assign(written, { outcome, detail })
  }

  async append(drafts: readonly TrailDraft[]): Promise<void> {
    this.#step('append')
    this.lines.push(...drafts)
  }

  async baseline(): Promise<Baseline | null> {
    this.#step('baseline')
    return this.baselineNow
  }

  async accept(_guildId: Id, _source: string, _vitals: Vitals): Promise<void> {
    this.#step('accept')
    this.accepted += 1
  }

  async keepAccepted(_guildId: Id, source: string, people: PeopleColumns, at: number): Promise<void> {
    this.#step('keepAccepted')
    this.#kept.set(source, { at, people: [...identitiesOf(people)] })
  }

  async acceptedSnapshots(): Promise<readonly Accepted[]> {
    this.#step('acceptedSnapshots')
    const all = [...this.#kept].map(([source, { at, people }]) => ({ source, at, people: people.length }))
    return all.sort((a, b) => b.at - a.at)
  }

  async *acceptedPeople(_guildId: Id, source: string): AsyncGenerator<readonly Identity[], void> {
    this.#step('acceptedPeople')
    for (const one of this.#kept.get(source)?.people ?? []) yield [{ ...one, username: '' }]
  }

  async acceptByHuman(_guildId: Id, source: string, vitals: Vitals): Promise<void> {
    this.#step('acceptByHuman', `accepted ${source}`)
    this.acceptedByHuman = vitals
    this.baselineNow = vitals
  }

  async acknowledge(_guildId: Id, run: Run): Promise<void> {
    this.#step('acknowledge', `acknowledged by ${run.id}`)
    this.settingsNow = { ...this.settingsNow, acknowledged: true }
  }

  async setOverride(_guildId: Id, override: Settings['overrides'][number]): Promise<void> {
    this.#step('setOverride', `override ${override.memberId} ${override.action}`)
    const others = this.settingsNow.overrides.filter(({ memberId }) => memberId !== override.memberId)
    this.settingsNow = { ...this.settingsNow, overrides: [...others, override] }
  }

  async liftOverride(_guildId: Id, memberId: Id): Promise<boolean> {
    this.#step('liftOverride', `lift ${memberId}`)
    const { overrides } = this.settingsNow
    const others = overrides.filter((override) => override.memberId !== memberId)
    this.settingsNow = { ...this.settingsNow, overrides: others }
    return others.length < overrides.length
  }

  async quarantine(
    _guildId: Id,
    what: Id | 'kick',
    detail: string,
    _runId: string | null,
    at: number,
  ): Promise<boolean> {
    this.#step('quarantine')
    if (this.quarantined.has(what)) return false
    this.steps.push(`quarantine ${what}`)
    this.quarantined.set(what, { what, detail, at })
    return true
  }

  async quarantines(): Promise<ReadonlyMap<Id | 'kick', Quarantine>> {
    this.#step('quarantines')
    return new Map(this.quarantined)
  }

  async release(_guildId: Id, what: readonly (Id | 'kick')[]): Promise<readonly (Id | 'kick')[]> {
    this.#step('release')
    return what.filter((one) => this.quarantined.delete(one))
  }

  async contest(
    _guildId: Id,
    memberId: Id,
    roleId: Id,
    { what: _, ...facts }: Parameters<Book['contest']>[3],
  ): Promise<boolean> {
    this.#step('contest')
    const isNew = !this.contests.has(`${memberId} ${roleId}`)
    this.contests.set(`${memberId} ${roleId}`, { memberId, roleId, ...facts })
    return isNew
  }

  async contested(_guildId: Id, memberId: Id): Promise<ReadonlySet<Id>> {
    this.#step('contested')
    const ofMember = [...this.contests.values()].filter((contest) => contest.memberId === memberId)
    return new Set(ofMember.map(({ roleId }) => roleId))
  }

  async endContest(_guildId: Id, memberId: Id): Promise<void> {
    this.#step('endContest')
    for (const [key, contest] of this.contests) if (contest.memberId === memberId) this.contests.delete(key)
  }

  async noteGrant(_guildId: Id, grant: SmallBook['grants'][number]): Promise<void> {
    this.#step('noteGrant')
    this.grants.push(grant)
  }

  async noteRoleChanges(_guildId: Id, changes: readonly RoleChangeEntry[]): Promise<void> {
    this.#step('noteRoleChanges')
    this.roleChanges.push(...changes)
  }

  async lastGrantor(_guildId: Id, memberId: Id, roleId: Id, since: number): Promise<Grantor> {
    this.#step('lastGrantor')
    const given = this.grants.filter(
      (grant) => grant.memberId === memberId && grant.roleId === roleId && grant.at >= since && grant.grantor,
    )
    return given.at(-1)?.grantor ?? null
  }

  async goBlind(_guildId: Id, { source, why, problem, at }: Parameters<Book['goBlind']>[1]): Promise<boolean> {
    this.#step('goBlind')
    const isNew = this.blind === null
    this.blind = { source, since: this.blind?.since ?? at, why, problem }
    if (isNew) this.steps.push('blind')
    return isNew
  }

  async endBlindness(): Promise<number | null> {
    this.#step('endBlindness')
    const since = this.blind?.since ?? null
    this.blind = null
    return since
  }

  async blindness() {
    this.#step('blindness')
    return this.blind
  }

  async scheduleRetry(retry: Retry): Promise<void> {
    this.#step('scheduleRetry', `retry ${retry.memberId} try ${retry.tries}`)
    this.retries.set(retry.memberId, retry)
  }

  async dueRetries(now: number, limit: number): Promise<readonly Retry[]> {
    this.#step('dueRetries')
    return [...this.retries.values()].filter(({ notBefore }) => notBefore <= now).slice(0, limit)
  }

  async dropRetriesOf(_guildId: Id, runId: string, memberId: Id | null): Promise<void> {
    for (const [id, retry] of this.retries)
      if (retry.runId === runId && (memberId === null || memberId === id)) this.retries.delete(id)
  }

  async dropRetry(_guildId: Id, memberId: Id): Promise<void> {
    this.#step('dropRetry')
    this.retries.delete(memberId)
  }
}

/** A guild has one audit or undo under way, and one run for its live acts. */
function getInEachOthersWay(a: Run['purpose'], b: Run['purpose']): boolean {
  const isLook = (purpose: Run['purpose']) => purpose === 'audit' || purpose === 'undo'
  return (isLook(a) && isLook(b)) || (a === 'live' && b === 'live')
}
