import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { makeLedger } from '#src/bot/ledger.ts'
import type { Book } from '#src/store/book.ts'
import type { InvocationEnd } from '#src/store/invocations.ts'
import { trailTexts } from '#src/store/schema/trail.ts'
import { withDatabases } from '../database.ts'
import { AT, bookOf, HOUR, linesOf, MINUTE, newGuild } from './book.ts'

let lastInteraction = 1
const asked = (guildId: string, at = AT, counted = true) =>
  ({
    guildId,
    interactionId: String(++lastInteraction),
    at,
    actor: 'discord:7',
    command: 'audit',
    subcommand: 'run',
    options: { action: 'strip', member: '42', limit: 3, reason: 'they were rude' },
    counted,
  }) as const

const endOf = (outcome: 'accepted' | 'refused' | 'failed'): InvocationEnd => {
  if (outcome === 'accepted') return { outcome, runId: null, quota: null }
  const no = { why: 'No.', quota: null }
  return outcome === 'refused' ? { ...no, outcome, refusedBy: 'command' } : { ...no, outcome }
}

withDatabases('an invocation', (database) => {
  const book = (): Book => bookOf(database.opened.db)
  const trigger = async (
    guildId: string,
    at: number,
    outcome: 'accepted' | 'refused' | 'failed' = 'accepted',
    counted = true,
  ) => {
    const one = asked(guildId, at, counted)
    await book().openInvocation(one)
    const end = endOf(outcome)
    await book().closeInvocation(guildId, one.interactionId, end, at)
  }

  it('that comes twice is carried out once', async () => {
    const one = asked(newGuild())
    expect(await book().openInvocation(one)).toBe('opened')
    expect(await book().openInvocation(one)).toBe('repeated')
    const many = asked(newGuild())
    const answers = await Promise.all(Array.from({ length: 8 }, () => book().openInvocation(many)))
    expect(answers.filter((answer) => answer === 'opened')).toHaveLength(1)
  })

  it('that is refused has a line with who and what, and why not beside it', async () => {
    const one = asked(newGuild())
    await book().openInvocation(one)
    const end = {
      outcome: 'refused',
      why: 'A run is under way.',
      refusedBy: 'quota',
      quota: { used: 5, limit: 5 },
    } as const
    await book().closeInvocation(one.guildId, one.interactionId, end, AT)
    const [line, ...more] = await linesOf(database.opened.db, one.guildId)
    expect(more).toEqual([])
    expect(line).toMatchObject({
      type: 'invocation.refused',
      actor: 'discord:7',
      subject: `invocation:${one.interactionId}`,
      data: {
        ...{ command: 'audit', subcommand: 'run', options: { member: '42', limit: 3 } },
        ...{ refusedBy: 'quota', quota: { used: 5, limit: 5 } },
      },
    })
    expect(JSON.stringify(line)).not.toMatch(/rude|under way/)
    const texts = await database.opened.db.select().from(trailTexts).where(eq(trailTexts.lineId, line!.id))
    expect(Object.fromEntries(texts.map(({ name, text }) => [name, text]))).toEqual({
      why: 'A run is under way.',
      'option.action': 'strip',
      'option.reason': 'they were rude',
    })
  })

  it('that failed on our side is recorded as that, with what it is known by in the log', async () => {
    const one = asked(newGuild())
    const ledger = makeLedger(book(), 5)
    await book().openInvocation(one)
    const { guildId, interactionId } = one
    const closed = { guildId, interactionId, actor: 'discord:7', outcome: 'accepted', at: AT } as const
    const why = `It failed (${interactionId}).`
    await ledger.close({ ...closed, why, refusedBy: null, quota: { used: 2, limit: 5 } })
    const [line, ...more] = await linesOf(database.opened.db, guildId)
    expect(more).toEqual([])
    expect(line).toMatchObject({ type: 'invocation.failed', subject: `invocation:${interactionId}` })
    const [row] = await database.opened.sql`
      select outcome, why from invocations where guild_id = ${guildId} and interaction_id = ${interactionId}`
    expect(row).toEqual({ outcome: 'failed', why: `It failed (${interactionId}).` })
  })

  it('that is accepted names its run, and is closed once', async () => {
    const one = asked(newGuild())
    await book().openInvocation(one)
    const end = { outcome: 'accepted', runId: 'run-1', quota: { used: 1, limit: 5 } } as const
    await book().closeInvocation(one.guildId, one.interactionId, end, AT)
    await expect(book().closeInvocation(one.guildId, one.interactionId, end, AT)).rejects.toThrow('no open invocation')
    expect(await linesOf(database.opened.db, one.guildId)).toMatchObject([
      { type: 'invocation.accepted', run: 'run-1', data: { quota: { used: 1, limit: 5 } } },
    ])
  })

  it('counts against a quota that rolls: the fifth uses it up, and it is free again a day after the first', async () => {
    const guildId = newGuild()
    const quota = (now: number, limit: number | null = 5) => book().quota(guildId, 'discord:7', now, limit)
    expect(await quota(AT)).toEqual({ used: 0, limit: 5, freeAt: null })
    for (const nth of [0, 1, 2, 3]) await trigger(guildId, AT + nth * HOUR)
    expect(await quota(AT + 4 * HOUR)).toEqual({ used: 4, limit: 5, freeAt: null })
    await trigger(guildId, AT + 4 * HOUR)
    expect(await quota(AT + 4 * HOUR)).toEqual({ used: 5, limit: 5, freeAt: AT + 24 * HOUR })
    expect(await quota(AT + 24 * HOUR - 1)).toMatchObject({ used: 5 })
    expect(await quota(AT + 24 * HOUR)).toEqual({ used: 4, limit: 5, freeAt: null })
    expect(await quota(AT + 4 * HOUR, null)).toEqual({ used: 5, limit: null, freeAt: null })
  })

  it('counts only for this person in this guild, and only where it started work', async () => {
    const [guildId, other] = [newGuild(), newGuild()]
    await trigger(guildId, AT, 'refused')
    await trigger(guildId, AT, 'failed')
    await trigger(guildId, AT, 'accepted', false)
    await trigger(other, AT)
    expect((await book().quota(guildId, 'discord:7', AT, 5)).used).toBe(0)
    expect((await book().quota(other, 'discord:8', AT, 5)).used).toBe(0)
    expect((await book().quota(other, 'discord:7', AT, 5)).used).toBe(1)
  })

  it('counts while it is being worked on, but not for itself, and not when it was cut off', async () => {
    const one = asked(newGuild())
    await book().openInvocation(one)
    const used = async (now: number, except?: string) =>
      (await book().quota(one.guildId, 'discord:7', now, 5, except)).used
    expect([await used(AT), await used(AT, one.interactionId), await used(AT + 16 * MINUTE)]).toEqual([1, 0, 0])
  })
})
