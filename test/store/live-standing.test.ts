import { expect, it } from 'vitest'
import type { Act, Outcome, Run } from '#src/core/run.ts'
import type { Book } from '#src/store/book.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, HOUR, MINUTE, newGuild } from './book.ts'
import { contextOf, gives, kicks, runningRun, takes, takesAll } from './making-runs.ts'

const LIVE = { purpose: 'live', trigger: 'realtime', actor: 'system:realtime' } as const

withDatabases('what a live act must know', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  const did = async (run: Run, act: Act, outcome: Outcome = 'done', at = AT) => {
    const intent = await book().intend(act, contextOf(run, { at }))
    await book().settle(intent, outcome, null, at)
  }
  const standing = (guildId: string, memberId = '42', more: { inHand?: readonly string[]; takenSince?: number } = {}) =>
    book().liveStanding(guildId, memberId, { takenSince: AT, hourSince: AT, daySince: AT, inHand: [], ...more })

  it('is nothing where nothing ever was', async () => {
    expect(await standing(newGuild())).toEqual({
      contested: new Set(),
      timesTaken: new Map(),
      timesGiven: new Map(),
      quarantines: new Map(),
      lastHour: 0,
      lastDay: 0,
    })
  })

  it('is how often each role was taken from this member, alone or with others', async () => {
    const guildId = newGuild()
    const run = await runningRun(book(), guildId)
    await did(run, takes(guildId, '42', '9'))
    await did(run, takesAll(guildId, '42', ['8', '9']), 'done', AT + MINUTE)
    await did(run, takesAll(guildId, '42', ['8', '7']))
    await did(run, takes(guildId, '42', '9'), 'unknown')
    await did(run, gives(guildId, '42', '9'))
    await did(run, takes(guildId, '43', '9'))
    await did(run, kicks(guildId, '42'))
    const times = async (takenSince: number, of = guildId) => (await standing(of, '42', { takenSince })).timesTaken
    expect(await times(AT)).toEqual(
      new Map([
        ['9', 2],
        ['8', 2],
        ['7', 1],
      ]),
    )
    expect((await times(AT + 1)).get('9')).toBe(1)
    expect(await times(AT, newGuild())).toEqual(new Map())
  })

  it('is how often each role was given to this member', async () => {
    const guildId = newGuild()
    const run = await runningRun(book(), guildId)
    await did(run, gives(guildId, '42', '9'))
    await did(run, gives(guildId, '42', '9'), 'done', AT + MINUTE)
    await did(run, gives(guildId, '42', '8'), 'failed')
    await did(run, takes(guildId, '42', '9'))
    await did(run, gives(guildId, '43', '9'))
    expect((await standing(guildId)).timesGiven).toEqual(new Map([['9', 2]]))
  })

  it('is what of this member is contested, and what of the guild is in quarantine', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    for (const [member, role] of [
      ['42', '9'],
      ['43', '8'],
    ] as const)
      await book().contest(guildId, member, role, { what: 'comes_back', grantorId: null, times: 3, at: AT })
    await book().quarantine(guildId, '9', 'Discord says "no".', null, AT + 5)
    await book().quarantine(guildId, 'kick', 'No.', null, AT)
    await book().quarantine(other, '8', 'No.', null, AT)
    expect(await standing(guildId)).toMatchObject({
      contested: new Set(['9']),
      quarantines: await book().quarantines(guildId),
    })
    expect((await standing(guildId)).quarantines.get('9')).toEqual({
      what: '9',
      detail: 'Discord says "no".',
      at: AT + 5,
    })
  })

  it('is whom live acts and all that nobody asked for took something from, without those in hand', async () => {
    const guildId = newGuild()
    const live = await runningRun(book(), guildId, LIVE)
    for (const id of ['1', '2', '3']) await did(live, takes(guildId, id))
    const scheduled = await runningRun(book(), guildId, {
      purpose: 'group',
      trigger: 'schedule',
      actor: 'system:schedule',
    })
    await did(scheduled, takes(guildId, '9'))
    for (const inHand of [[], ['2'], ['2', '3', '7'], ['9']]) {
      const { lastHour, lastDay } = await standing(guildId, '42', { inHand })
      expect(lastHour).toBe(await book().liveAffectedSince(guildId, AT, inHand))
      expect(lastDay).toBe((await book().unattendedSince(guildId, AT, null, inHand)).affected)
    }
    const question = { takenSince: AT, hourSince: AT + 1, daySince: AT, inHand: [] }
    expect(await book().liveStanding(guildId, '42', question)).toMatchObject({ lastHour: 0, lastDay: 4 })
    expect(await book().liveStanding(guildId, '42', { ...question, daySince: AT + HOUR })).toMatchObject({ lastDay: 0 })
  })
})
