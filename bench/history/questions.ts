import type { Db } from '#src/store/handle.ts'
import { heldThen } from '#src/store/held-then.ts'
import { findInvocationHistory } from '#src/store/invocation-history.ts'
import { findRoleHistory } from '#src/store/role-history.ts'
import { findSettingsHistory } from '#src/store/settings-history.ts'
import { FIRST, GUILD, MEMBERS, MODERATORS, memberId, ROLES, roleId } from './past.ts'

// What people ask about the past, each with somebody or something else every time.

const PAGE = 8
/** How far somebody leafs who does not find it at once. */
const PAGES = 5
const DAY_MS = 86_400_000
const DAYS = 170

export interface Question {
  readonly name: string
  /** Answers how many lines it found. `pick` gives a whole number below its argument. */
  readonly ask: (db: Db, pick: (below: number) => number) => Promise<number>
}

const found = async (page: Promise<{ readonly lines: readonly unknown[] }>): Promise<number> =>
  (await page).lines.length

type Pick = Parameters<Question['ask']>[1]

const pageOf = (pick: Pick) => ({ offset: pick(PAGES) * PAGE, limit: PAGE })
const daysOf = (pick: Pick) => {
  const since = FIRST + pick(DAYS) * DAY_MS
  return { since, until: since + 7 * DAY_MS }
}

const roles = (name: string, filter: (pick: Pick) => Parameters<typeof findRoleHistory>[2]): Question => ({
  name,
  ask: (db, pick) => found(findRoleHistory(db, GUILD, filter(pick), pageOf(pick))),
})

export const QUESTIONS: readonly Question[] = [
  roles('history member', (pick) => ({ memberId: memberId(pick(MEMBERS)) })),
  roles('history member, one role', (pick) => ({ memberId: memberId(pick(MEMBERS)), roleId: roleId(pick(ROLES)) })),
  roles('history role', (pick) => ({ roleId: roleId(pick(ROLES)) })),
  roles('history role, what was added in a week', (pick) => ({
    ...{ roleId: roleId(pick(ROLES)), operation: 'added' },
    ...daysOf(pick),
  })),
  roles('history moderator', (pick) => ({ moderatorId: memberId(pick(MODERATORS)) })),
  roles('history moderator, a week', (pick) => ({ moderatorId: memberId(pick(MODERATORS)), ...daysOf(pick) })),
  roles('history moderator, one role', (pick) => ({
    ...{ moderatorId: memberId(pick(MODERATORS)), roleId: roleId(pick(ROLES)) },
  })),
  roles('history moderator, the beginning of a scope', (pick) => ({
    ...{ moderatorId: memberId(pick(MODERATORS)), scope: `group:${pick(ROLES)}` },
  })),
  {
    name: 'history settings',
    ask: (db, pick) => found(findSettingsHistory(db, GUILD, {}, pageOf(pick))),
  },
  {
    name: 'history settings, of a kind',
    ask: (db, pick) => {
      const kind = (['policy', 'roles', 'arming', 'overrides'] as const)[pick(4)]!
      return found(findSettingsHistory(db, GUILD, { kind, memberId: memberId(pick(MODERATORS)) }, pageOf(pick)))
    },
  },
  {
    name: 'history invocations, refused',
    ask: (db, pick) => {
      const filter = { outcome: 'refused', memberId: memberId(pick(MODERATORS)) } as const
      return found(findInvocationHistory(db, GUILD, filter, pageOf(pick)))
    },
  },
  {
    name: 'audit as-of',
    ask: async (db, pick) => {
      const governed = Array.from({ length: ROLES }, (_, nth) => roleId(nth))
      const at = FIRST + pick(DAYS) * DAY_MS
      const then = await heldThen(db, { guildId: GUILD, memberId: memberId(pick(MEMBERS)), at, governed, now: null })
      return then.roles.length
    },
  },
]
