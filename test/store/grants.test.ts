import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import type { Grantor } from '#src/core/notice.ts'
import { grants } from '#src/store/schema/standing.ts'
import type { StandingBook } from '#src/store/standing-book.ts'
import { withDatabases } from '../database.ts'
import { AT, HOUR, linesOf, newGuild } from './book.ts'
import { standingBookOf } from './standing-book.ts'

const ANN: Grantor = { id: '71', by: 'event' }
const BOB: Grantor = { id: '72', by: 'query' }

withDatabases('a role that was given to somebody who had not earned it', (database) => {
  const book = (): StandingBook => standingBookOf(database.opened.db)
  const give = (guildId: string, grantor: Grantor, at = AT, memberId = '4', roleId = '11') =>
    book().noteGrant(guildId, { memberId, roleId, grantor, at })

  it('is noted with its giver, and by nobody where nobody was found', async () => {
    const guildId = newGuild()
    await give(guildId, ANN)
    await give(guildId, null)
    const lines = await linesOf(database.opened.db, guildId)
    expect(lines).toMatchObject([
      { actor: 'discord:71', data: { role: '11', grantor: '71', by: 'event' } },
      { actor: 'system:attribution', data: { role: '11', grantor: null, by: 'none' } },
    ])
    expect(lines[0]).toMatchObject({ type: 'role.granted', subject: 'member:4', at: AT })
    const rows = await database.opened.db.select().from(grants).where(eq(grants.guildId, guildId))
    expect(rows.map(({ id, by }) => [id, by]).toSorted()).toEqual([
      [lines[0]?.id, 'event'],
      [lines[1]?.id, 'none'],
    ])
  })

  it('names the last one who is known to have given it', async () => {
    const guildId = newGuild()
    const last = (since: number, memberId = '4', roleId = '11') => book().lastGrantor(guildId, memberId, roleId, since)
    expect(await last(AT)).toBeNull()
    await give(guildId, BOB, AT)
    await give(guildId, ANN, AT + 2)
    await give(guildId, BOB, AT + 1)
    expect(await last(AT)).toEqual(ANN)
    expect([await last(AT + 2), await last(AT + 3)]).toEqual([ANN, null])
    expect([await last(AT, '5'), await last(AT, '4', '12')]).toEqual([null, null])
    await give(guildId, null, AT + 3)
    expect([await last(AT), await last(AT + 3)]).toEqual([ANN, null])
  })

  it('counts for its giver, the one who gives the most first', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    await give(guildId, ANN, AT, '4')
    await give(guildId, BOB, AT + 1, '4')
    await give(guildId, BOB, AT + 3, '4', '12')
    await give(guildId, BOB, AT + 2, '5')
    await give(guildId, null, AT + 9, '6')
    await give(other, ANN, AT)
    const bob = { grantorId: '72', grants: 3, members: 2, lastAt: AT + 3 }
    const nobody = { grantorId: null, grants: 1, members: 1, lastAt: AT + 9 }
    const ann = { grantorId: '71', grants: 1, members: 1, lastAt: AT }
    expect(await book().grantors(guildId, AT, 10)).toEqual([bob, nobody, ann])
    expect(await book().grantors(guildId, AT, 1)).toEqual([bob])
    expect(await book().grantors(guildId, AT + 1, 10)).toEqual([bob, nobody])
    expect(await book().grantors(newGuild(), AT, 10)).toEqual([])
  })

  it('is forgotten after three months, and not before; its line stays', async () => {
    const guildId = newGuild()
    const kept = 90 * 24 * HOUR
    await give(guildId, ANN)
    await book().sweep(AT + kept)
    expect(await book().grantors(guildId, AT, 10)).toHaveLength(1)
    expect(await book().sweep(AT + kept + 1)).toBeGreaterThan(0)
    expect(await book().grantors(guildId, AT, 10)).toEqual([])
    expect(await linesOf(database.opened.db, guildId)).toHaveLength(1)
  })

  it('is forgotten in batches, so that nobody waits long', async () => {
    const guildId = newGuild()
    await database.opened.sql`
      insert into grants (guild_id, id, at, member_id, role_id, by)
      select ${guildId}, gen_random_uuid(), to_timestamp(0), n::text, '11', 'none' from generate_series(1, 5001) as n`
    expect([await book().sweep(AT), await book().sweep(AT), await book().sweep(AT)]).toEqual([5_000, 1, 0])
  })
})
