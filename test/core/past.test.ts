import { describe, expect, test } from 'vitest'
import { restOf } from '#src/core/rest.ts'
import type { Act, Outcome, PastAct } from '#src/core/run.ts'
import { Takings } from '#src/core/undo.ts'
import { findingOf, GUILD, member, PILOTS, person, rule, SCOUTS, scopeWith } from './small.ts'

// What was done before, and what follows from it.

const guildId = GUILD.id
const past = (act: Act, outcome: Outcome = 'done'): PastAct => ({ intentId: 'i', act, outcome, at: 0 })
const removed = (memberId: string, roleId: string, outcome?: Outcome) =>
  past({ kind: 'remove_role', guildId, memberId, roleId }, outcome)
const added = (memberId: string, roleId: string, outcome?: Outcome) =>
  past({ kind: 'add_role', guildId, memberId, roleId }, outcome)
const kicked = (memberId: string, outcome?: Outcome) => past({ kind: 'kick', guildId, memberId }, outcome)
const removedAll = (memberId: string, roleIds: readonly string[]) =>
  past({ kind: 'remove_roles', guildId, memberId, roleIds })

describe('what a run took', () => {
  const takenBy = (...acts: readonly PastAct[]) => {
    const takings = new Takings()
    for (const act of acts) takings.add(act)
    return takings.result()
  }

  test('is what was removed, and apart from it what may have been, with the acts by which', () => {
    expect(takenBy(removed('3', PILOTS), removed('3', SCOUTS, 'unknown'), removed('4', PILOTS))).toEqual([
      { memberId: '3', roleIds: [PILOTS, SCOUTS], unsure: new Map([[SCOUTS, ['i']]]), kicked: null },
      { memberId: '4', roleIds: [PILOTS], unsure: new Map(), kicked: null },
    ])
  })

  test('is sure where one of several tries was seen to be done', () => {
    const unsure = ({ unsure: roles }: ReturnType<typeof takenBy>[0]) => [...roles.keys()]
    const [once, after, before] = [
      takenBy(removed('3', PILOTS, 'unknown'), removed('3', PILOTS, 'unknown')),
      takenBy(removed('3', PILOTS, 'unknown'), removed('3', PILOTS)),
      takenBy(removed('3', PILOTS), removed('3', PILOTS, 'unknown')),
    ]
    expect([once, after, before].map(([one]) => unsure(one!))).toEqual([[PILOTS], [], []])
    expect(once[0]!.unsure.get(PILOTS)).toEqual(['i', 'i'])
    expect(takenBy(removed('3', PILOTS, 'unknown'), added('3', PILOTS))).toEqual([])
    const again = takenBy(removed('3', PILOTS), added('3', PILOTS), removed('3', PILOTS, 'unknown'))
    expect(unsure(again[0]!)).toEqual([PILOTS])
  })

  test('is every role of a write of several', () => {
    expect(takenBy(removedAll('3', [PILOTS, SCOUTS]))).toMatchObject([{ roleIds: [PILOTS, SCOUTS] }])
  })

  test('is not what it gave back itself, but what only may have been given back', () => {
    expect(takenBy(removed('3', PILOTS), added('3', PILOTS))).toEqual([])
    expect(takenBy(removed('3', PILOTS), added('3', PILOTS, 'unknown'))).toMatchObject([{ roleIds: [PILOTS] }])
  })

  test('is what it took once more after that', () => {
    expect(takenBy(removed('3', PILOTS), added('3', PILOTS), removed('3', PILOTS))).toMatchObject([
      { roleIds: [PILOTS] },
    ])
  })

  test('names who was kicked', () => {
    expect(takenBy(removed('3', PILOTS), kicked('3'), kicked('4'))).toEqual([
      { memberId: '3', roleIds: [PILOTS], unsure: new Map(), kicked: 'done' },
      { memberId: '4', roleIds: [], unsure: new Map(), kicked: 'done' },
    ])
  })

  test('never calls somebody kicked of whom nobody saw whether they were', () => {
    const [perhaps, later, before] = [
      takenBy(kicked('3', 'unknown')),
      takenBy(kicked('3', 'unknown'), kicked('3')),
      takenBy(kicked('3'), kicked('3', 'unknown')),
    ]
    expect([perhaps, later, before].map(([one]) => one?.kicked)).toEqual(['unknown', 'done', 'done'])
  })

  test('is nothing of what was only given', () => {
    expect(takenBy(added('3', PILOTS))).toEqual([])
  })
})

describe('what is left of a plan', () => {
  const toKick = findingOf(member([PILOTS, SCOUTS]), [], scopeWith({ policy: { unknown_guest: rule('strip_kick') } }))

  test('is all of it where nothing was done', () => {
    expect(restOf(toKick, [])).toEqual(toKick)
  })

  test('is the rest of the roles, and the kick', () => {
    expect(restOf(toKick, [removed('3', PILOTS)])).toMatchObject({
      removeRoles: [SCOUTS],
      kick: true,
      effectiveAction: 'strip_kick',
    })
  })

  test('is nothing where all was done', () => {
    expect(restOf(toKick, [removedAll('3', [PILOTS, SCOUTS]), kicked('3')])).toMatchObject({
      removeRoles: [],
      kick: false,
      effectiveAction: 'report',
    })
  })

  test('holds what only may have been done', () => {
    expect(restOf(toKick, [removed('3', PILOTS, 'unknown')])).toEqual(toKick)
  })

  test('says nothing of what was done with somebody else', () => {
    expect(restOf(toKick, [removed('4', PILOTS)])).toEqual(toKick)
  })

  test('is not shortened by a role that was given, but by one that was given as planned', () => {
    const drifter = findingOf(member([SCOUTS]), [person(['Pilots'])], scopeWith())
    expect(restOf(drifter, [added('3', SCOUTS)])).toEqual(drifter)
    expect(restOf(drifter, [added('3', PILOTS)])).toMatchObject({ removeRoles: [SCOUTS], addRoles: [] })
  })
})
