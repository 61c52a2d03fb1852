import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '#src/store/handle.ts'

// The record of one server as years leave it, by rule: mostly changes of roles and what runs say, and few changes of settings.

export const GUILD = '990000000000000001'
export const MEMBERS = 20_000
export const ROLES = 64
export const MODERATORS = 40
const MEMBER = 200_000_000_000_000_000n
const ROLE = 700_000_000_000_000_000n
/** Half a year, as long as the record is kept unless somebody says otherwise. */
const DAYS = 180
const LAST = Date.parse('2026-06-30T00:00:00Z')
export const FIRST = LAST - DAYS * 86_400_000

export const memberId = (nth: number): string => String(MEMBER + BigInt(nth))
export const roleId = (nth: number): string => String(ROLE + BigInt(nth))

/** Lines written in one statement. */
const AT_ONCE = 100_000

/** Nobody verifies this record, so that its lines are not chained. */
export async function fillPast(db: Db, lines: number, progress: (words: string) => void): Promise<void> {
  await db.execute(watched())
  for (let from = 2; from <= lines; from += AT_ONCE) {
    progress(`writing lines up to ${Math.min(lines, from + AT_ONCE - 1).toLocaleString('en')}`)
    await db.execute(written(from, Math.min(lines, from + AT_ONCE - 1), lines))
  }
  await db.execute(asked(lines / 10))
  await db.execute(sql`analyze`)
}

const watched = (): SQL => sql`
  insert into trail (guild_id, seq, id, at, type, actor, subject, data, prev_hash, hash)
  values (${GUILD}, 1, gen_random_uuid(), to_timestamp(${FIRST / 1_000}), 'guild.watched', 'system:roster', ${`guild:${GUILD}`}, '{}', '', '')`

/** Some numbers that have nothing to do with each other: without that the planner would see an order that no server has. */
const some = (most: number, salt: number): SQL => sql`(abs(hashint8extended(n, ${salt})) % ${most})`

const KIND = sql`case when ${some(1_000, 1)} < 5 then 'setting.changed' when ${some(1_000, 1)} < 10 then 'override.set'
  when ${some(1_000, 1)} < 200 then 'finding.seen' when ${some(1_000, 1)} < 400 then 'action.intended'
  when ${some(1_000, 1)} < 700 then 'role.added' else 'role.removed' end`

const written = (from: number, to: number, lines: number): SQL => sql`
  insert into trail (guild_id, seq, id, at, type, actor, subject, data, prev_hash, hash)
  select ${GUILD}, n, gen_random_uuid(), to_timestamp(${FIRST / 1_000}::float8 + n::float8 * ${((LAST - FIRST) / 1_000 / lines).toString()}::float8), type,
    case when ${some(4, 2)} = 0 then 'system:realtime' else 'discord:' || (${String(MEMBER)}::int8 + ${some(MODERATORS, 3)}) end,
    case when type = 'setting.changed' then (array['setting:policy', 'setting:roleMap', 'setting:armed'])[1 + ${some(3, 4)}]
      else 'member:' || (${String(MEMBER)}::int8 + ${some(MEMBERS, 5)}) end,
    case when type like 'role.%' then jsonb_build_object('role', (${String(ROLE)}::int8 + ${some(ROLES, 6)})::text,
        'scope', (array['group:', 'state:'])[1 + ${some(2, 7)}] || ${some(ROLES, 6)}, 'why', 'seen', 'by', 'audit_log')
      else '{"changes": [{"field": "policy.role_drift.default", "before": "report", "after": "strip"}], "excessRoles": []}' end,
    '', ''
  from (select n, ${KIND} as type from generate_series(${from}::int8, ${to}::int8) n) lines`

const asked = (invocations: number): SQL => sql`
  insert into invocations (guild_id, interaction_id, at, actor, command, subcommand, options, outcome, counted)
  select ${GUILD}, n, to_timestamp(${FIRST / 1_000}::float8 + n), 'discord:' || (${String(MEMBER)}::int8 + ${some(MODERATORS, 3)}),
    (array['audit', 'explain', 'history'])[1 + ${some(3, 4)}], null, '{}', case when ${some(20, 5)} = 0 then 'refused' else 'accepted' end, false
  from generate_series(1, ${Math.floor(invocations)}::int8) n`
