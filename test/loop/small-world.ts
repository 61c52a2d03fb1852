import type { MemberColumns } from '#src/core/columns.ts'
import { FLAG_BOT } from '#src/core/columns.ts'
import type { Baseline, Directory, Vitals } from '#src/core/directory.ts'
import type { Finding, Guild, Id, Identity, Member, Settings } from '#src/core/model.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Act, Outcome, RosterState, Run, RunState } from '#src/core/run.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import type { Book, GuildRoster, Intent, IntentContext, NewRun, StoredPlan, World } from '#src/loop/world.ts'
import { digestOf } from '#src/snapshot/digest.ts'

// A world small enough to be read: one guild, its members, its identity source and a book, all in memory, with every step written down.

export const GUILD = '1000'
export const BOT = '2'
export const OWNER = '1'
export const PILOTS = '1001'
export const DIRECTORS = '1002'
export const TOP = '1003'
const BOT_ROLE = '1009'

/** Members at Discord: the truth that the looker reads and the enforcer changes; the roster sees it unless `blind`. */
export class SmallDiscord {
  readonly members = new Map<Id, Member>()
  state: RosterState = 'live'
  /** What each act is answered with; without an entry it is done, and seen. */
  answers = new Map<Id, { outcome: Outcome; detail: string | null; really: boolean }>()
  readonly steps: string[]
  beforeLook: (memberId: Id) => void = () => {}
  #columns = new Map<Id, readonly Id[]>()
  #waiting: (() => void)[] = []

  constructor(steps: string[]) {
    this.steps = steps
    this.put(BOT, [BOT_ROLE], true)
    this.put(OWNER, [])
  }

  put(id: Id, roleIds: readonly Id[], bot = false): void {
    this.members.set(id, { id, bot, roleIds })
    this.#columns.set(id, roleIds)
  }

  /** Changes the member at Discord without the roster hearing of it. */
  putUnseen(id: Id, roleIds: readonly Id[]): void {
    this.members.set(id, { id, bot: false, roleIds })
  }

  readonly guild: Guild = {
    id: GUILD,
    name: 'Example',
    ownerId: OWNER,
    botUserId: BOT,
    botRoleIds: [BOT_ROLE],
    roles: [
      { id: GUILD, name: '@everyone', position: 0, managed: false },
      { id: PILOTS, name: 'Pilots', position: 1, managed: false },
      { id: DIRECTORS, name: 'Directors', position: 2, managed: false },
      { id: BOT_ROLE, name: 'rolecall', position: 3, managed: true },
      { id: TOP, name: 'Top', position: 4, managed: false },
    ],
  }

  roster(): GuildRoster {
    const discord = this
    return {
      get state() {
        return discord.state
      },
      verifiedAt: 0,
      guild: () => this.guild,
      get columns() {
        return columnsOf([...discord.#columns].map(([id, roleIds]) => ({ id, bot: id === BOT, roleIds })))
      },
      member: (id) => {
        const roleIds = this.#columns.get(id)
        return roleIds ? { id, bot: id === BOT, roleIds } : null
      },
      prefer: () => {},
      sees: (memberId, roleId, held) =>
        new Promise((resolve) => {
          this.#waiting.push(() => resolve((this.#columns.get(memberId)?.includes(roleId) ?? false) === held))
        }),
    }
  }

  readonly looker = {
    member: async (_guildId: Id, memberId: Id): Promise<Member | null> => {
      this.beforeLook(memberId)
      this.steps.push(`look ${memberId}`)
      return this.members.get(memberId) ?? null
    },
    guild: async (): Promise<Guild> => this.guildAtDiscord ?? this.guild,
  }

  /** The guild as Discord has it, where the roster's is old. */
  guildAtDiscord: Guild | null = null

  /** What happens at Discord's door before the act is sent: a rate limit, during which things may change. */
  beforeSend: (() => void) | null = null

  readonly enforcer = {
    perform: async (
      act: Act,
      _reason: string,
      stillWanted: () => Promise<boolean>,
    ): Promise<{ outcome: Outcome | 'changed'; detail: string | null }> => {
      if (this.beforeSend) {
        this.beforeSend()
        if (!(await stillWanted())) return { outcome: 'changed', detail: null }
      }
      this.steps.push(`${act.kind} ${act.memberId} ${act.roleId}`)
      const answer = this.answers.get(act.memberId) ?? { outcome: 'done', detail: null, really: true }
      if (answer.really) this.#change(act)
      for (const look of this.#waiting.splice(0)) look()
      return { outcome: answer.outcome, detail: answer.detail }
    },
  }

  #change(act: Act): void {
    const member = this.members.get(act.memberId)
    if (!member) return
    const others = member.roleIds.filter((id) => id !== act.roleId)
    this.put(act.memberId, act.kind === 'add_role' ? [...others, act.roleId] : others)
  }
}

function columnsOf(members: readonly Member[]): MemberColumns {
  const roleIds = [...new Set(members.flatMap((member) => member.roleIds))]
  const word = Uint32Array.from(members, (member) =>
    member.roleIds.reduce((mask, id) => mask | (1 << roleIds.indexOf(id)), 0),
  )
  return {
    count: members.length,
    flags: Uint8Array.from(members, ({ bot }) => (bot ? FLAG_BOT : 0)),
    words: [word],
    roleIds,
    idAt: (row) => members[row]!.id,
    rowOf: (id) => members.findIndex((member) => member.id === id),
  }
}

/** A book that remembers in memory; `fail` names the method that breaks. */
export class SmallBook implements Book {
  readonly steps: string[]
  readonly runs = new Map<string, Run>()
  readonly plans: StoredPlan[] = []
  readonly lines: TrailDraft[] = []
  readonly notes: string[] = []
  settingsNow: Settings = DEFAULT_SETTINGS
  baselineNow: Baseline | null = { linked: 0, withAccess: 0, perGroup: new Map(), perState: new Map() }
  accepted = 0
  fail: keyof Book | null = null
  readonly #keys = new Map<string, string>()

  constructor(steps: string[]) {
    this.steps = steps
  }

  #step(method: keyof Book, text: string): void {
    if (this.fail === method) throw new Error('the database went away')
    this.steps.push(text)
  }

  async settings(): Promise<Settings> {
    return this.settingsNow
  }

  async openRun(run: NewRun): Promise<{ run: Run; repeated: boolean }> {
    const before = this.#keys.get(run.idempotencyKey)
    if (before) return { run: this.runs.get(before)!, repeated: true }
    if ([...this.runs.values()].some(({ state }) => state === 'pending' || state === 'running'))
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
    { problem, outcomes = {} }: { problem?: string; outcomes?: Readonly<Record<string, number>> } = {},
  ): Promise<void> {
    this.#step('moveRun', `run ${to}`)
    this.runs.set(runId, { ...this.runs.get(runId)!, state: to, endedAt: at, problem: problem ?? null, outcomes })
  }

  async storePlan(plan: StoredPlan): Promise<void> {
    this.#step('storePlan', 'plan stored')
    this.plans.push(plan)
    const { runId, guildId: _guild, at: _at, findings: _findings, planned: _planned, ...facts } = plan
    this.runs.set(runId, { ...this.runs.get(runId)!, ...facts })
  }

  async noteOutcome(_guildId: Id, _runId: string, memberId: Id, outcome: Outcome | 'changed'): Promise<void> {
    this.notes.push(`${memberId} ${outcome}`)
  }

  async completeRun(_guildId: Id, runId: string, outcomes: Readonly<Record<string, number>>, at: number): Promise<Run> {
    const run: Run = { ...this.runs.get(runId)!, state: 'completed', outcomes, endedAt: at }
    this.runs.set(runId, run)
    return run
  }

  async run(_guildId: Id, runId: string): Promise<Run | null> {
    return this.runs.get(runId) ?? null
  }

  async intend(act: Act, context: IntentContext): Promise<Intent> {
    this.#step('intend', `intend ${act.memberId} ${act.roleId} held ${context.heldBefore.join('+')}`)
    return { id: `intent-${act.memberId}-${act.roleId}`, act }
  }

  open: Intent[] = []

  async openIntents(): Promise<readonly Intent[]> {
    return this.open
  }

  async settle(intent: Intent, outcome: Outcome | 'changed'): Promise<void> {
    this.#step('settle', `settle ${intent.act.memberId} ${intent.act.roleId} ${outcome}`)
  }

  async append(drafts: readonly TrailDraft[]): Promise<void> {
    this.lines.push(...drafts)
  }

  async baseline(): Promise<Baseline | null> {
    return this.baselineNow
  }

  async accept(_guildId: Id, _source: string, _vitals: Vitals): Promise<void> {
    this.accepted += 1
  }

  async acknowledge(_guildId: Id, run: Run): Promise<void> {
    this.settingsNow = { ...this.settingsNow, acknowledged: true }
    this.steps.push(`acknowledged by ${run.id}`)
  }
}

export interface SmallWorld extends World {
  readonly steps: string[]
  readonly notices: string[]
  readonly discord: SmallDiscord
  readonly book: SmallBook
  readonly source: ReturnType<typeof memoryDirectory>
  now: () => number
}

export const person = (
  id: string,
  discordId: Id,
  groups: readonly string[] = [],
  more: Partial<Identity> = {},
): Identity => ({
  id,
  username: `person-${id}`,
  active: true,
  superuser: false,
  access: true,
  state: 'Member',
  groups,
  discordIds: [discordId],
  ...more,
})

/** A policy that strips, an acknowledged guild, generous blast limits: what is held is then held by what the test is about. */
export const STRIPPING: Settings = {
  ...DEFAULT_SETTINGS,
  acknowledged: true,
  blast: { run: 1, day: 1, kicks: 1 },
  policy: {
    unknown_guest: { default: 'strip', byGroup: new Map(), byState: new Map() },
    linked_no_perm: { default: 'strip', byGroup: new Map(), byState: new Map() },
    role_drift: { default: 'strip', byGroup: new Map(), byState: new Map() },
    missing_roles: 'report',
  },
}

export function makeSmallWorld(identities: readonly Identity[]): SmallWorld {
  const steps: string[] = []
  const notices: string[] = []
  const discord = new SmallDiscord(steps)
  const source = memoryDirectory(
    'memory',
    { names: { groups: ['Pilots', 'Directors', 'Top'], states: ['Member'], reservedNames: [] }, identities },
    () => 0,
  )
  let ids = 0
  return {
    steps,
    notices,
    discord,
    source,
    book: new SmallBook(steps),
    now: () => 1_000_000,
    newId: () => `00000000-0000-7000-8000-${String(++ids).padStart(12, '0')}`,
    digestOf,
    settingsDigest: () => 'sha256:settings',
    roster: (guildId) => (guildId === GUILD ? discord.roster() : null),
    directory: (): Directory => source,
    looker: discord.looker,
    enforcer: discord.enforcer,
    notice: (message) => void notices.push(message),
  }
}

export const findingOf = (plan: StoredPlan | undefined, memberId: Id): Finding | undefined =>
  plan?.findings.find((finding) => finding.memberId === memberId)
