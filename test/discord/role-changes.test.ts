import { describe, expect, it } from 'vitest'
import { readRoleChange } from '#src/discord/role-changes.ts'

const ENTRY = {
  id: '175928847299117063',
  action_type: 25,
  user_id: '200000000000000001',
  target_id: '200000000000000002',
  reason: 'welcome',
  changes: [
    { key: '$add', new_value: [{ id: '11', name: 'Pilots' }] },
    { key: '$remove', new_value: [{ id: '12', name: 'Guests' }] },
    { key: 'nick', new_value: 'Ann' },
  ],
}

describe('an entry of the audit log', () => {
  it('tells who gave and took which roles of whom, and when', () => {
    expect(readRoleChange(ENTRY)).toEqual({
      entryId: '175928847299117063',
      executorId: '200000000000000001',
      memberId: '200000000000000002',
      added: ['11'],
      removed: ['12'],
      reason: 'welcome',
      // Discord's own example of what an id tells.
      at: Date.UTC(2016, 3, 30, 11, 18, 25, 796),
    })
  })

  it('may name nobody who did it, and give no reason', () => {
    const { reason: _, ...entry } = ENTRY
    expect(readRoleChange({ ...entry, user_id: null })).toMatchObject({ executorId: null, reason: null })
  })

  it('is cut to the length of a reason of Discord', () => {
    expect(readRoleChange({ ...ENTRY, reason: 'x'.repeat(5_000) })?.reason).toHaveLength(512)
  })

  const given = (new_value: unknown) => ({ ...ENTRY, changes: [{ key: '$add', new_value }] })

  it.each([
    ['another action', { ...ENTRY, action_type: 24 }],
    ['nobody it was done to', { ...ENTRY, target_id: null }],
    ['an id that is none', { ...ENTRY, id: 'yesterday' }],
    ['no changes', { ...ENTRY, changes: undefined }],
    ['changes of other things only', { ...ENTRY, changes: [{ key: 'nick', new_value: 'Ann' }] }],
    ['roles that are no list', given({ id: '11' })],
    ['a role without an id beside a good one', given([{ id: '11' }, { name: 'Guests' }])],
    ['an empty place among the roles', given([null])],
    ['more roles than a server can have', given(Array.from({ length: 251 }, (_, id) => ({ id: String(id) })))],
    ['a change that is none', { ...ENTRY, changes: [null] }],
    ['a list', [ENTRY]],
    ['a word', 'entry'],
    ['nothing', null],
  ])('is not understood where it has %s', (_what, raw) => {
    expect(readRoleChange(raw)).toBeNull()
  })
})
