import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RoleHistoryFilter } from '#src/core/history.ts'
import { findRoleHistory, roleHistoryQuery } from '#src/store/role-history.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, HOUR, linesOf, MINUTE, newGuild } from './book.ts'

const GUILD = '990000000000000001'
const LINES = 40_000
const PAGE = { offset: 0, limit: 8 }

const change = { memberId: '42', roleId: '7', operation: 'added', scope: 'group:Pilots', why: 'seen' } as const

withDatabases('the history of roles', (database) => {
  const db = () => database.opened.db

  it('is written in the order of the changes, each with who is known to have made it', async () => {
    const guildId = newGuild()
    const by = { memberId: '9', entryId: '77' }
    const book = bookOf(db())
    const changes = [
      { ...change, seenAt: AT, by },
      { ...change, operation: 'removed', seenAt: AT + 1_000, why: 'leave', by: null } as const,
    ]
    await book.noteRoleChanges(guildId, changes, AT + MINUTE)
    const lines = await linesOf(db(), guildId)
    expect(lines.map(({ type, actor, cause, subject }) => [type, actor, cause, subject])).toEqual([
      ['role.added', 'discord:9', 'audit_log:77', 'member:42'],
      ['role.removed', 'system:roster', null, 'member:42'],
    ])
    const { lines: read, more } = await findRoleHistory(db(), guildId, { memberId: '42' }, PAGE)
    expect(read.map(({ at, operation, actor, why }) => [at, operation, actor, why])).toEqual([
      [AT + 1_000, 'removed', null, 'leave'],
      [AT, 'added', 'discord:9', 'seen'],
    ])
    expect(more).toBe(false)
  })

  it('finds the beginning of a scope whatever stands in it, and nothing of another server', async () => {
    const guildId = newGuild()
    const scopes = ['group:A', 'group:A_b', 'group:A%', 'group:B', 'state:A', 'group:é']
    const changes = scopes.map((scope, nth) => ({ ...change, scope, memberId: String(nth), seenAt: AT, by: null }))
    await bookOf(db()).noteRoleChanges(guildId, changes, AT)
    const found = async (scope: string) =>
      (await findRoleHistory(db(), guildId, { scope }, PAGE)).lines.map((line) => line.scope).toReversed()
    expect(await found('group:A')).toEqual(['group:A', 'group:A_b', 'group:A%'])
    expect(await found('group:A%')).toEqual(['group:A%'])
    expect(await found('state:')).toEqual(['state:A'])
    expect(await found('group:é')).toEqual(['group:é'])
    expect((await findRoleHistory(db(), newGuild(), {}, PAGE)).lines).toEqual([])
  })

  describe('of many lines', () => {
    beforeAll(async () => {
      await db().execute(sql`
        insert into trail (guild_id, seq, id, at, type, actor, subject, data, prev_hash, hash)
        select ${GUILD}, n, gen_random_uuid(), to_timestamp(1700000000 + n),
          (array['role.added', 'role.removed', 'finding.seen', 'action.settled'])[1 + n % 4],
          'discord:' || n % 40, 'member:' || n % 2000,
          jsonb_build_object('role', (n % 60)::text, 'scope', (array['group:', 'state:'])[1 + n % 2] || n % 60, 'why', 'seen'), '', ''
        from generate_series(1, ${LINES}) n`)
      await db().execute(sql`analyze trail`)
    })

    const plans: readonly (readonly [string, RoleHistoryFilter, RegExp])[] = [
      ['of a member', { memberId: '77' }, /role_history_of_member/],
      ['of a member and a role', { memberId: '77', roleId: '17' }, /role_history_of_(?:member|role)/],
      ['of a role', { roleId: '17' }, /role_history_of_role/],
      ['of a role since a moment', { roleId: '17', since: Date.now() - HOUR }, /role_history_of_role/],
      ['of a moderator', { moderatorId: '17' }, /role_history_of_actor/],
      ['in a scope', { scope: 'group:14' }, /role_history_in_(?:scope|time)/],
      ['in a stretch of time', { since: 1_700_010_000_000, until: 1_700_010_050_000 }, /role_history_in_time/],
      ['of what was added', { operation: 'added' }, /role_history_in_time/],
    ]
    it.each(plans)('%s are found by an index, and none is read that is not asked for', async (_, filter, index) => {
      const query = roleHistoryQuery(db(), GUILD, filter, PAGE).getSQL()
      const rows = await db().execute<Record<string, string>>(sql`explain (analyze, timing off) ${query}`)
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).toMatch(index)
      expect(plan).not.toMatch(/Seq Scan/)
      // A page and a bit: nothing is sorted that holds more than what is shown.
      const read = [...plan.matchAll(/Scan.*rows=(\d+)(?:\.\d+)? loops=1\)/g)].map(([, rows]) => Number(rows))
      expect(Math.max(...read)).toBeLessThanOrEqual(400)
    })
  })
})
