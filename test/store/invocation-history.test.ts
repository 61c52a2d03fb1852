import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import type { InvocationFilter } from '#src/core/invocation-history.ts'
import { findInvocationHistory, invocationHistoryQuery } from '#src/store/invocation-history.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, newGuild } from './book.ts'
import { rowsRead } from './plans.ts'

const GUILD = '990000000000000003'
const ROWS = 40_000
const PAGE = { offset: 0, limit: 6 }

const asked = {
  command: 'audit',
  subcommand: 'run',
  options: { action: 'strip' },
  counted: true,
  actor: 'discord:7',
} as const

withDatabases('the history of invocations', (database) => {
  const db = () => database.opened.db
  const find = async (guildId: string, filter: InvocationFilter = {}, page = PAGE) =>
    findInvocationHistory(db(), guildId, filter, page)

  it('has what was refused too, by what, and how much of the quota was used', async () => {
    const guildId = newGuild()
    const book = bookOf(db())
    await book.openInvocation({ ...asked, guildId, interactionId: '1', at: AT })
    await book.closeInvocation(guildId, '1', { outcome: 'accepted', runId: null, quota: { used: 5, limit: 5 } }, AT + 1)
    await book.openInvocation({ ...asked, guildId, interactionId: '2', at: AT + 2 })
    const refused = { outcome: 'refused', why: 'Enough.', refusedBy: 'quota', quota: { used: 5, limit: 5 } } as const
    await book.closeInvocation(guildId, '2', refused, AT + 3)
    await book.openInvocation({ ...asked, guildId, interactionId: '3', command: 'stop', at: AT + 4, actor: 'cli:ann' })
    const { lines, more } = await find(guildId)
    expect(more).toBe(false)
    expect(lines).toEqual([
      {
        ...{ at: AT + 4, actor: 'cli:ann', command: 'stop', subcommand: 'run', options: { action: 'strip' } },
        ...{ outcome: 'open', why: null, refusedBy: null, quota: null },
      },
      {
        ...{ at: AT + 2, actor: 'discord:7', command: 'audit', subcommand: 'run', options: { action: 'strip' } },
        ...refused,
      },
      {
        ...{ at: AT, actor: 'discord:7', command: 'audit', subcommand: 'run', options: { action: 'strip' } },
        ...{ outcome: 'accepted', why: null, refusedBy: null, quota: { used: 5, limit: 5 } },
      },
    ])
    const moments = async (filter: InvocationFilter) => (await find(guildId, filter)).lines.map(({ at }) => at - AT)
    expect(await moments({ memberId: '7' })).toEqual([2, 0])
    expect(await moments({ outcome: 'refused' })).toEqual([2])
    expect(await moments({ command: 'stop' })).toEqual([4])
    expect(await moments({ since: AT + 1, until: AT + 3 })).toEqual([2])
    expect((await find(guildId, {}, { offset: 1, limit: 1 })).more).toBe(true)
    expect((await find(newGuild())).lines).toEqual([])
  })

  describe('of many', () => {
    beforeAll(async () => {
      await db().execute(sql`
        insert into invocations (guild_id, interaction_id, at, actor, command, subcommand, options, outcome, counted)
        select ${GUILD}, n, to_timestamp(1700000000 + n), 'discord:' || n % 40,
          (array['audit', 'stop', 'explain'])[1 + n % 3], null, '{}',
          case when n % 50 = 0 then 'refused' else 'accepted' end, false
        from generate_series(1, ${ROWS}) n`)
      await db().execute(sql`analyze invocations`)
    })

    const plans: readonly (readonly [string, InvocationFilter])[] = [
      ['of everybody', {}],
      ['of one person', { memberId: '17' }],
      ['of a command', { command: 'stop' }],
      ['of those that were refused', { outcome: 'refused' }],
      ['in a stretch of time', { since: 1_700_010_000_000, until: 1_700_010_050_000 }],
    ]
    it.each(plans)('%s are found by an index, and none is read that is not asked for', async (_, filter) => {
      const read = await rowsRead(db(), invocationHistoryQuery(db(), GUILD, filter, PAGE).getSQL())
      expect(read.plan).toMatch(/invocations_/)
      expect(read.plan).not.toMatch(/Seq Scan/)
      expect(read.most).toBeLessThanOrEqual(400)
    })
  })
})
