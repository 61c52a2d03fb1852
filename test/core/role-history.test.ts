import { expect, it } from 'vitest'
import { type HeldEvidence, heldAt, scopesOf, type Unwatched } from '#src/core/role-history.ts'

const added = (at: number): HeldEvidence => ({ operation: 'added', at })
const removed = (at: number): HeldEvidence => ({ operation: 'removed', at })
const now = (held: boolean) => ({ held, at: 100 })
const START: readonly Unwatched[] = [{ from: null, to: 0 }]
const NIGHT: readonly Unwatched[] = [...START, { from: 40, to: 60 }]

it.each([
  ['what both sides agree on', 50, added(10), removed(80), null, NIGHT, 'held'],
  ['what both sides agree on, of nobody', 50, removed(10), added(80), null, NIGHT, 'not_held'],
  ['what is so now, where nothing came after', 50, added(10), null, now(true), START, 'held'],
  ['how it was reckoned back, before the first line', 5, null, added(10), now(true), START, 'not_held'],
  ['how it is now, where nothing ever changed', 5, null, null, now(true), START, 'held'],
  ['a change in the night, seen from before it', 30, added(10), null, now(false), NIGHT, 'held'],
  ['a change in the night, seen from after it', 70, added(10), null, now(false), NIGHT, 'not_held'],
  ['nothing in the night itself', 50, added(10), null, now(false), NIGHT, 'unknown'],
  ['nothing of the time before anybody watched', -10, null, null, now(true), START, 'unknown'],
  ['nothing where the list is in doubt now', 50, null, null, null, START, 'unknown'],
  ['what was last seen, though the list is in doubt now', 30, added(10), null, null, NIGHT, 'held'],
] as const)('%s is told', (_, at, before, after, present, unwatched, held) => {
  expect(heldAt(at, before, after, present, unwatched)).toBe(held)
})

it('a role is filed under the first of what earns it', () => {
  const byGroup = new Map([
    ['Pilots', ['1']],
    ['Fleet', ['1', '2']],
  ])
  const scopes = scopesOf({ byGroup, byState: new Map([['Member', ['2', '3']]]) })
  expect([...scopes].toSorted()).toEqual([
    ['1', 'group:Fleet'],
    ['2', 'group:Fleet'],
    ['3', 'state:Member'],
  ])
})
