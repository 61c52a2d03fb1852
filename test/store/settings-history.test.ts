import { eq, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Settings } from '#src/core/model.ts'
import type { SettingsFilter } from '#src/core/settings-history.ts'
import type { Book } from '#src/store/book.ts'
import { eraseTexts } from '#src/store/erasing.ts'
import { trailTexts } from '#src/store/schema/trail.ts'
import { findSettingsHistory, settingsHistoryQuery } from '#src/store/settings-history.ts'
import { withDatabases } from '../database.ts'
import { AT, append, bookOf, HOUR, linesOf, newGuild } from './book.ts'
import { planOf, runningRun } from './making-runs.ts'
import { rowsRead } from './plans.ts'
import { BY } from './standing-book.ts'

const PAGE = { offset: 0, limit: 5 }

type Make = (book: Book, guildId: string) => Promise<unknown>

interface Row {
  readonly what: string
  readonly make: Make
  readonly type: string
  readonly changes: readonly object[]
}

const edit =
  (change: (settings: Settings) => Partial<Settings>): Make =>
  (book, guildId) =>
    book.changeSettings(guildId, change, BY)

const stripDrift = ({ policy }: Settings) => ({
  policy: { ...policy, role_drift: { ...policy.role_drift, default: 'strip' as const } },
})

const lastRun = async (book: Book, guildId: string) => {
  const run = await runningRun(book, guildId)
  await book.storePlan(planOf(run, []))
  await book.moveRun(guildId, run.id, 'awaiting_approval', AT)
  return (await book.run(guildId, run.id))!
}

const vitals = (linked: number) => ({
  identities: 9,
  linked,
  withAccess: 3,
  perGroup: new Map([['Pilots', 2]]),
  perState: new Map(),
})
const leave = { memberId: '4', action: 'report', expiresAt: null, reason: 'on leave' } as const

/** Each thing that people set, with what its line names as different. */
const ROWS: readonly Row[] = [
  {
    what: 'the policy',
    make: edit(stripDrift),
    type: 'setting.changed',
    changes: [{ field: 'policy.role_drift.default', before: 'report', after: 'strip' }],
  },
  {
    what: 'who is protected',
    make: edit(() => ({ protectedMembers: ['5'] })),
    type: 'setting.changed',
    changes: [{ field: 'protectedMembers', after: '5' }],
  },
  {
    what: 'exceptions',
    make: edit(() => ({ roleExceptions: ['Event'] })),
    type: 'setting.changed',
    changes: [{ field: 'roleExceptions', after: 'Event' }],
  },
  {
    what: 'what earns a role',
    make: edit(({ roleMap }) => ({ roleMap: { ...roleMap, groups: new Map([['Corp. Pilots', ['11', '12']]]) } })),
    type: 'setting.changed',
    changes: [
      { field: 'roleMap.groups."Corp. Pilots"', after: '11' },
      { field: 'roleMap.groups."Corp. Pilots"', after: '12' },
    ],
  },
  {
    what: 'bots',
    make: edit(() => ({ botAccounts: ['6'] })),
    type: 'setting.changed',
    changes: [{ field: 'botAccounts', after: '6' }],
  },
  {
    what: 'arming',
    make: async (book, guildId) => {
      await book.acknowledge(guildId, await lastRun(book, guildId), BY)
      await book.setArmed(guildId, { realtime: true }, BY)
    },
    type: 'setting.changed',
    changes: [{ field: 'armed.realtime', before: false, after: true }],
  },
  {
    what: 'an override',
    make: (book, guildId) => book.setOverride(guildId, leave, BY),
    type: 'override.set',
    changes: [
      { field: 'override.action', after: 'report' },
      { field: 'override.expiresAt', after: null },
    ],
  },
  {
    what: 'an override that is lifted',
    make: async (book, guildId) => {
      await book.setOverride(guildId, leave, BY)
      await book.liftOverride(guildId, '4', BY)
    },
    type: 'override.lifted',
    changes: [
      { field: 'override.action', before: 'report' },
      { field: 'override.expiresAt', before: null },
    ],
  },
  {
    what: 'the channel of the notices',
    make: (book, guildId) => book.arrange(guildId, { channelId: '77' }, BY),
    type: 'arrangement.changed',
    changes: [{ field: 'channelId', after: '77' }],
  },
  {
    what: 'a capability',
    make: (book, guildId) => book.grantCapability(guildId, 'undo', '9', BY),
    type: 'capability.granted',
    changes: [{ field: 'capabilities.undo', after: '9' }],
  },
  {
    what: 'a capability that is revoked',
    make: async (book, guildId) => {
      await book.grantCapability(guildId, 'undo', '9', BY)
      await book.revokeCapability(guildId, 'undo', '9', BY)
    },
    type: 'capability.revoked',
    changes: [{ field: 'capabilities.undo', before: '9' }],
  },
  {
    what: 'a link by hand',
    make: (book, guildId) =>
      book.linkByHand(guildId, { discordId: '4', identityId: 'A', source: 'native', reason: 'known' }, BY),
    type: 'link.made',
    changes: [
      { field: 'link.identityId', after: 'A' },
      { field: 'link.source', after: 'native' },
    ],
  },
  {
    what: 'the first-run lock',
    make: async (book, guildId) => book.acknowledge(guildId, await lastRun(book, guildId), BY),
    type: 'first_run.acknowledged',
    changes: [{ field: 'acknowledged', before: false, after: true }],
  },
  {
    what: 'the approval of a plan',
    make: async (book, guildId) => {
      const { id, planDigest } = await lastRun(book, guildId)
      await book.approve(guildId, { ...BY, runId: id, digest: planDigest!, expiresAt: AT + HOUR })
    },
    type: 'plan.approved',
    changes: [
      { field: 'approved.planDigest', after: expect.stringContaining('sha256:') },
      { field: 'approved.expiresAt', after: AT + HOUR },
    ],
  },
  {
    what: 'an accepted reading of the source',
    make: async (book, guildId) => {
      await book.accept(guildId, 'native', vitals(5), AT)
      await book.acceptByHuman(guildId, 'native', vitals(4), BY)
    },
    type: 'truth.accepted',
    changes: [{ field: 'accepted.linked', before: 5, after: 4 }],
  },
]

withDatabases('the history of what was set', (database) => {
  it.each(ROWS)('tells of $what field by field, by whom, and why', async ({ make, type, changes }) => {
    const guildId = newGuild()
    await make(bookOf(database.opened.db), guildId)
    const line = (await linesOf(database.opened.db, guildId)).at(-1)!
    expect(line).toMatchObject({ type, actor: 'discord:7', cause: 'interaction:5', data: { changes } })
    expect(JSON.stringify(line)).not.toContain('Monday')
    const texts = await database.opened.db.select().from(trailTexts).where(eq(trailTexts.lineId, line.id))
    expect(texts).toContainEqual(expect.objectContaining({ name: 'reason', text: 'as agreed on Monday' }))
  })

  it('tells of a stop why, with what it disarmed', async () => {
    const book = bookOf(database.opened.db)
    const guildId = newGuild()
    await book.saveSettings(guildId, { armed: { realtime: true } }, BY)
    await book.stop(guildId, BY)
    const [, disarmed, stopped] = await linesOf(database.opened.db, guildId)
    expect(disarmed).toMatchObject({ data: { changes: [{ field: 'armed.realtime', before: true, after: false }] } })
    const texts = await database.opened.db.select().from(trailTexts).where(eq(trailTexts.lineId, stopped!.id))
    expect(texts).toMatchObject([{ name: 'reason', text: 'as agreed on Monday' }])
  })

  it('keeps the words of an override that another takes the place of, apart from the line', async () => {
    const book = bookOf(database.opened.db)
    const guildId = newGuild()
    await book.setOverride(guildId, leave, BY)
    await book.setOverride(guildId, { ...leave, reason: 'back again' }, BY)
    const line = (await linesOf(database.opened.db, guildId)).at(-1)!
    const texts = await database.opened.db.select().from(trailTexts).where(eq(trailTexts.lineId, line.id))
    expect(Object.fromEntries(texts.map(({ name, text }) => [name, text]))).toMatchObject({
      overrideBefore: 'on leave',
      override: 'back again',
    })
  })

  it('is read back, the newest first, and a reason that was erased is said to be', async () => {
    const book = bookOf(database.opened.db)
    const guildId = newGuild()
    await book.changeSettings(guildId, stripDrift, BY)
    await book.setOverride(guildId, leave, { ...BY, at: AT + 1 })
    await book.grantCapability(guildId, 'undo', '9', { ...BY, at: AT + 2, actor: 'discord:8', reason: null })
    const { db } = database.opened
    await eraseTexts({ db, append, copies: false }, guildId, leave.memberId, { actor: 'cli:ann', at: AT + 3 })
    const find = (filter: SettingsFilter) => findSettingsHistory(db, guildId, filter, PAGE)
    const { lines, more } = await find({})
    expect(more).toBe(false)
    expect(lines).toEqual([
      {
        ...{ at: AT + 2, type: 'capability.granted', subject: 'role:9', actor: 'discord:8', reason: null, leftOut: 0 },
        changes: [{ field: 'capabilities.undo', after: '9' }],
      },
      {
        ...{
          at: AT + 1,
          type: 'override.set',
          subject: 'member:4',
          actor: 'discord:7',
          reason: '(erased)',
          leftOut: 0,
        },
        changes: [
          { field: 'override.action', after: 'report' },
          { field: 'override.expiresAt', after: null },
        ],
      },
      {
        ...{ at: AT, type: 'setting.changed', subject: 'setting:policy', actor: 'discord:7', leftOut: 0 },
        ...{ reason: 'as agreed on Monday' },
        changes: [{ field: 'policy.role_drift.default', before: 'report', after: 'strip' }],
      },
    ])
    const moments = async (filter: SettingsFilter) => (await find(filter)).lines.map(({ at }) => at - AT)
    expect(await moments({ kind: 'policy' })).toEqual([0])
    expect(await moments({ kind: 'capabilities' })).toEqual([2])
    expect(await moments({ kind: 'acknowledgements' })).toEqual([])
    expect(await moments({ memberId: '8' })).toEqual([2])
    expect(await moments({ since: AT + 1, until: AT + 1 })).toEqual([1])
  })

  it('tells of older lines, which hold the whole on either side alone', async () => {
    const guildId = newGuild()
    const line = { guildId, type: 'setting.changed', actor: 'cli:ann', subject: 'setting:botAccounts' } as const
    await bookOf(database.opened.db).append([{ ...line, data: { before: ['1'], after: ['1', '2'] } }], AT)
    const { lines } = await findSettingsHistory(database.opened.db, guildId, {}, PAGE)
    expect(lines).toMatchObject([{ changes: [{ field: 'botAccounts', after: '2' }], reason: null }])
  })

  describe('of many lines', () => {
    const GUILD = '990000000000000002'
    beforeAll(async () => {
      await database.opened.db.execute(sql`
        insert into trail (guild_id, seq, id, at, type, actor, subject, data, prev_hash, hash)
        select ${GUILD}, n, gen_random_uuid(), to_timestamp(1700000000 + n),
          case when n % 100 < 90 then 'finding.seen' else (array['finding.seen', 'action.settled', 'override.set', 'setting.changed', 'capability.granted'])[1 + n % 5] end,
          'discord:' || n % 40, 'setting:' || (array['policy', 'botAccounts'])[1 + n % 2], '{"changes": []}', '', ''
        from generate_series(1, 40000) n`)
      await database.opened.db.execute(sql`analyze trail`)
    })

    const plans: readonly (readonly [string, SettingsFilter, RegExp])[] = [
      ['all of them', {}, /settings_history_in_time/],
      ['those of the policy', { kind: 'policy' }, /settings_history_of_kind/],
      ['those of overrides', { kind: 'overrides' }, /settings_history_of_kind/],
      ['those by one person', { memberId: '17' }, /settings_history_(?:of_actor|in_time)/],
      [
        'those in a stretch of time',
        { since: 1_700_010_000_000, until: 1_700_010_050_000 },
        /settings_history_in_time/,
      ],
    ]
    it.each(plans)('%s are found by an index, and none is read that is not asked for', async (_, filter, index) => {
      const { db } = database.opened
      const { plan, most } = await rowsRead(db, settingsHistoryQuery(db, GUILD, filter, PAGE).getSQL())
      expect(plan).toMatch(index)
      expect(plan).not.toMatch(/Seq Scan/)
      expect(most).toBeLessThanOrEqual(400)
    })
  })
})
