import { expect, test } from 'vitest'
import type { Settings } from '#src/core/model.ts'
import { previewPolicy } from '#src/loop/preview.ts'
import { DIRECTORS, GUILD, KICKING, NAMES, PILOTS, type SmallWorld, STRIPPING } from './small-world.ts'
import { addGuests, changes, threeMembers } from './three-members.ts'

/** Now, and with the edit. */
const both = (counted: { readonly now: number; readonly then: number }) => [counted.now, counted.then]

const preview = (world: SmallWorld, edit: (settings: Settings) => Partial<Settings>) =>
  previewPolicy(world, GUILD, edit)

test('an edit is tried on the live guild beside what holds, and nothing is stored', async () => {
  const world = threeMembers()
  const shown = await preview(world, () => ({ policy: KICKING.policy }))
  // The owner is a guest too, whom no gate lets anybody kick.
  expect(both(shown.wouldStrip)).toEqual([2, 2])
  expect(both(shown.wouldKick)).toEqual([0, 1])
  expect(shown).toMatchObject({ harsher: { total: 1, memberIds: ['5'] }, milder: { total: 0, memberIds: [] } })
  expect(world.book.settingsNow).toEqual(STRIPPING)
  expect(world.book.plans).toEqual([])
  expect(world.book.accepted).toBe(0)
  expect(changes(world)).toEqual([])
})

test('an edit that lets people be is shown as milder', async () => {
  const world = threeMembers()
  const shown = await preview(world, () => ({ protectedMembers: ['4'] }))
  expect(both(shown.wouldStrip)).toEqual([2, 1])
  expect(shown).toMatchObject({ harsher: { total: 0 }, milder: { total: 1, memberIds: ['4'] } })
})

test('an edit that gives is counted by those who would get something', async () => {
  const world = threeMembers()
  world.discord.put('3', [])
  const shown = await preview(world, ({ policy }) => ({ policy: { ...policy, missing_roles: 'grant' } }))
  expect(both(shown.wouldGive)).toEqual([0, 1])
})

test('before the first acknowledgement it is shown what would come to pass after it', async () => {
  const world = threeMembers()
  world.book.settingsNow = { ...STRIPPING, acknowledged: false }
  expect(both((await preview(world, () => ({}))).wouldStrip)).toEqual([2, 2])
})

test('an edit that would take more than any run may is shown in full', async () => {
  const world = threeMembers()
  addGuests(world, 30)
  world.book.settingsNow = { ...STRIPPING, blast: { run: 0.1, day: 0.1, kicks: 0.1 } }
  const shown = await preview(world, ({ roleMap }) => ({ roleMap: { ...roleMap, groups: new Map([['Pilots', []]]) } }))
  expect(both(shown.wouldStrip)).toEqual([32, 1])
  expect([shown.milder.total, shown.milder.memberIds.length]).toEqual([31, 20])
})

test('by a source that is suspect nothing can be tried', async () => {
  const world = threeMembers()
  world.source.replace({ names: NAMES, identities: [] })
  await expect(preview(world, () => ({}))).rejects.toThrow(/truth check/)
})

test('why a source is suspect is said without the marks that its groups are named with', async () => {
  const world = threeMembers()
  const fallen = '[everybody](https://example.org) @everyone'
  world.book.baselineNow = { linked: 2, withAccess: 2, perGroup: new Map([[fallen, 50]]), perState: new Map() }
  await expect(preview(world, () => ({}))).rejects.toThrow(String.raw`group \[everybody\]\(https\:/`)
})

test('more roles of one member are harsher as well', async () => {
  const world = threeMembers()
  world.discord.put('5', [PILOTS, DIRECTORS])
  world.book.settingsNow = { ...STRIPPING, roleExceptions: ['Directors'] }
  expect((await preview(world, () => ({ roleExceptions: [] }))).harsher.memberIds).toEqual(['4', '5'])
})
