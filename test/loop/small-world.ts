import type { Directory } from '#src/core/directory.ts'
import type { Finding, Id, Identity, Settings } from '#src/core/model.ts'
import type { Notice } from '#src/core/notice.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import type { StoredPlan, World } from '#src/loop/world.ts'
import { digestInSteps, digestOf } from '#src/snapshot/digest.ts'
import { SmallBook } from './small-book.ts'
import { GUILD, SmallDiscord } from './small-discord.ts'

// A world small enough to be read: one guild, its members, its identity source and a book, all in memory, with every step written down.

export { SmallBook, type WrittenAct } from './small-book.ts'
export { BOT, DIRECTORS, GUILD, OWNER, PILOTS, SmallDiscord, TOP } from './small-discord.ts'

/** Time as the world tells it: it passes when told to, and the clock on the wall may jump without it. */
export class SmallClock {
  now = 1_000_000
  elapsed = 0

  pass(ms: number): void {
    this.now += ms
    this.elapsed += ms
  }

  /** The clock on the wall is set to another time, and none has passed. */
  jump(ms: number): void {
    this.now += ms
  }
}

export interface SmallWorld extends World {
  readonly steps: string[]
  readonly notices: string[]
  /** What the moderators were told. */
  readonly told: Notice[]
  readonly clock: SmallClock
  readonly discord: SmallDiscord
  readonly book: SmallBook
  readonly source: ReturnType<typeof memoryDirectory>
  mayAct: () => boolean
  bulkStrip: boolean
  deadlineMs: number
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

/** The same, and guests whom nobody knows are sent away. */
export const KICKING: Settings = {
  ...STRIPPING,
  policy: { ...STRIPPING.policy, unknown_guest: { default: 'strip_kick', byGroup: new Map(), byState: new Map() } },
}

/** The names that the identity source of a small world knows. */
export const NAMES = { groups: ['Pilots', 'Directors', 'Top'], states: ['Member'], reservedNames: [] }

export function makeSmallWorld(identities: readonly Identity[]): SmallWorld {
  const steps: string[] = []
  const notices: string[] = []
  const told: Notice[] = []
  const clock = new SmallClock()
  const discord = new SmallDiscord(steps)
  const source = memoryDirectory('memory', { names: NAMES, identities }, () => 0)
  let ids = 0
  return {
    steps,
    notices,
    told,
    clock,
    discord,
    source,
    book: new SmallBook(steps),
    now: () => clock.now,
    elapsed: () => clock.elapsed,
    discordNow: () => clock.now + discord.clockAheadMs,
    newId: () => `00000000-0000-7000-8000-${String(++ids).padStart(12, '0')}`,
    digestOf,
    digestInSteps,
    settingsDigest: () => 'sha256:settings',
    roster: (guildId) => (guildId === GUILD ? discord.roster() : null),
    directory: (): Directory => source,
    looker: discord.looker,
    enforcer: discord.enforcer,
    mayAct: () => true,
    mayStill: () => true,
    bulkStrip: false,
    deadlineMs: 3_600_000,
    tell: (_guildId, notice) => void told.push(notice),
    notice: (message) => void notices.push(message),
  }
}

export const findingOf = (plan: StoredPlan | undefined, memberId: Id): Finding | undefined =>
  plan?.findings.find((finding) => finding.memberId === memberId)
