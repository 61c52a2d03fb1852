import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Columns } from '#src/roster/columns.ts'
import { MAX_GHOSTS, MAX_ROLE_BITS } from '#src/roster/role-bits.ts'

const EVERYONE = '1000'

/** So many roles of the guild, each known. */
function rolesFor(columns: Columns, count: number): readonly string[] {
  const roleIds = Array.from({ length: count }, (_, index) => String(2_000 + index))
  for (const roleId of roleIds) columns.know(roleId)
  return roleIds
}

/** Who holds the role according to the bits, read as the core reads them. */
function holdersByBits(columns: Columns, roleId: string): number {
  const bit = columns.roleIds.indexOf(roleId)
  if (bit < 0) return 0
  const word = columns.words[bit >>> 5]!
  let holders = 0
  for (let row = 0; row < columns.count; row++) holders += (word[row]! >>> (bit & 31)) & 1
  return holders
}

describe('the columns', () => {
  it('hold more than 256 roles of one member, each in a bit of its own', () => {
    const columns = new Columns(EVERYONE)
    const roleIds = rolesFor(columns, 300)
    const row = columns.insert('3', false, roleIds)
    expect(columns.words.length).toBe(10)
    expect(columns.rolesOf(row)).toEqual(roleIds)
    expect(new Set(columns.roleIds).size).toBe(300)
    columns.replace(row, roleIds.slice(299))
    expect(columns.rolesOf(row)).toEqual([roleIds[299]])
  })

  it('take in a role beyond the 256th while members are there already', () => {
    const columns = new Columns(EVERYONE)
    const roleIds = rolesFor(columns, 256)
    const row = columns.insert('3', false, roleIds)
    columns.know('9000')
    expect(columns.replace(row, ['9000', '2000'])).toMatchObject({ added: ['9000'] })
    expect(columns.rolesOf(row)).toEqual(['2000', '9000'])
  })

  it('never keep @everyone, which some servers list', () => {
    const columns = new Columns(EVERYONE)
    rolesFor(columns, 2)
    const row = columns.insert('3', false, [EVERYONE, '2000'])
    expect(columns.rolesOf(row)).toEqual(['2000'])
    expect(columns.roleIds).not.toContain(EVERYONE)
  })

  it('give the governed roles the lowest bits and lose nobody over it', () => {
    const columns = new Columns(EVERYONE)
    const roleIds = rolesFor(columns, 250)
    const governed = roleIds.slice(180, 240)
    columns.insert('3', false, [roleIds[0]!, roleIds[200]!, roleIds[249]!])
    columns.insert('4', false, roleIds)
    columns.prefer(governed)
    expect(new Set(columns.roleIds.slice(0, 60))).toEqual(new Set(governed))
    expect(new Set(columns.rolesOf(columns.rowOf('3')))).toEqual(new Set([roleIds[0], roleIds[200], roleIds[249]]))
    expect(new Set(columns.rolesOf(columns.rowOf('4')))).toEqual(new Set(roleIds))
    expect(columns.holders(roleIds[200]!)).toBe(2)
  })

  it('let go of the id of a deleted role at the next fill, and give its bit to another', () => {
    const columns = new Columns(EVERYONE)
    rolesFor(columns, 32)
    columns.beginFill()
    columns.insert('3', false, ['2000', '666'])
    expect(columns.words.length).toBe(2)
    columns.endFill()
    expect(columns.rolesOf(0)).toEqual(['2000', '666'])
    columns.beginFill()
    columns.endFill()
    expect(columns.rolesOf(0)).toEqual(['2000'])
    expect(columns.words.length).toBe(1)
    columns.know('9000')
    expect(columns.holders('9000')).toBe(0)
    expect(holdersByBits(columns, '9000')).toBe(0)
  })

  it('call an id of a deleted role no difference', () => {
    const columns = new Columns(EVERYONE)
    rolesFor(columns, 2)
    columns.insert('3', false, ['2000', '666'])
    expect(columns.shownRolesOf(0)).toEqual(['2000'])
    expect(columns.replace(0, ['2000', '667'])).toEqual({ added: [], removed: [] })
    expect(columns.rolesOf(0)).toEqual(['2000', '667'])
  })

  it('say who carried a role before its creation was announced', () => {
    const columns = new Columns(EVERYONE)
    columns.insert('3', false, ['700'])
    columns.insert('4', false, [])
    expect(columns.know('700')).toEqual(['3'])
    expect(columns.know('700')).toEqual([])
  })

  it('keep no more ids of deleted roles than the bound, whatever members carry', () => {
    const columns = new Columns(EVERYONE)
    rolesFor(columns, 2)
    for (let id = 1; id <= 500; id++) columns.insert(String(id), false, ['2000', String(5_000 + id)])
    expect(columns.roleIds.length).toBe(2 + MAX_GHOSTS)
    expect(columns.holders('2000')).toBe(500)
  })

  it('keep no more roles than the bound', () => {
    const columns = new Columns(EVERYONE)
    rolesFor(columns, MAX_ROLE_BITS + 10)
    expect(columns.roleIds.length).toBe(MAX_ROLE_BITS)
  })

  it('change nothing where one of the ids is none', () => {
    const columns = new Columns(EVERYONE)
    rolesFor(columns, 2)
    expect(columns.insert('3', false, ['2000', { id: '2001' }])).toBe(-1)
    expect(columns.insert('someone', false, ['2000'])).toBe(-1)
    expect(columns.count).toBe(0)
    const row = columns.insert('3', false, ['2000'])
    expect(columns.replace(row, ['2001', null])).toBeNull()
    expect(columns.rolesOf(row)).toEqual(['2000'])
    expect(columns.holders('2000')).toBe(1)
  })

  it('take at most 64 bytes a member at a million members with 256 roles, and no more than they say', async () => {
    const before = await arrayBytes()
    const columns = millionMembers()
    const taken = (await arrayBytes()) - before
    expect(columns.bytes / MILLION).toBeLessThanOrEqual(64)
    expect(taken).toBeGreaterThan(columns.bytes * 0.99)
    expect(taken).toBeLessThan(columns.bytes * 1.01)
  })

  it('take at most 64 bytes a member at whatever size they have grown to', () => {
    const columns = new Columns(EVERYONE)
    rolesFor(columns, 256)
    for (let member = 1; member <= 150_000; member++) {
      columns.insert(String(80_000_000_000_000_000 + member * 4_194_304), false, [])
      if (member > 65_536 && member % 50 === 0) expect(columns.bytes / member).toBeLessThanOrEqual(64)
    }
  })
})

const MILLION = 1_000_000

/** Its size was not announced, so that it grew all the way. */
function millionMembers(): Columns {
  const columns = new Columns(EVERYONE)
  const roleIds = rolesFor(columns, 256)
  for (let member = 0; member < MILLION; member++) {
    columns.insert(String(80_000_000_000_000_000 + member * 4_194_304), false, [roleIds[member & 255]!])
  }
  expect(columns.count).toBe(MILLION)
  expect(columns.words.length).toBe(8)
  return columns
}

/** The bytes of all typed arrays alive. The engine frees the others behind our back: they are gone when the number stands still. */
async function arrayBytes(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  let bytes = Number.POSITIVE_INFINITY
  for (let still = 0; still < 5; await setImmediate()) {
    collect()
    const now = process.memoryUsage().arrayBuffers
    still = now === bytes ? still + 1 : 0
    bytes = now
  }
  return bytes
}

const roleIds = Array.from({ length: 40 }, (_, index) => String(2_000 + index))
const ghosts = ['666', '667']
const anyStep = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('hold' as const),
      id: fc.integer({ min: 1, max: 15 }).map(String),
      bot: fc.boolean(),
      roles: fc.array(fc.constantFrom(...roleIds, ...ghosts, EVERYONE), { maxLength: 8 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('leave' as const), id: fc.integer({ min: 1, max: 15 }).map(String) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('prefer' as const), roles: fc.uniqueArray(fc.constantFrom(...roleIds)) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), role: fc.constantFrom(...roleIds) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('know' as const), role: fc.constantFrom(...roleIds) }) },
)
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never
type Model = Map<string, { bot: boolean; roles: Set<string> }>

function apply(columns: Columns, model: Model, step: Step): void {
  if (step.kind === 'hold') hold(columns, model, step)
  else if (step.kind === 'prefer') columns.prefer(step.roles)
  else if (step.kind === 'know') columns.know(step.role)
  else if (step.kind === 'forget') {
    columns.forget(step.role)
    for (const { roles } of model.values()) roles.delete(step.role)
  } else if (model.delete(step.id)) columns.remove(columns.rowOf(step.id))
}

function hold(columns: Columns, model: Model, { id, bot, roles }: Extract<Step, { kind: 'hold' }>): void {
  const row = columns.rowOf(id)
  expect(row >= 0).toBe(model.has(id))
  if (row < 0) columns.insert(id, bot, roles)
  else {
    columns.replace(row, roles)
    columns.setBot(row, bot)
  }
  model.set(id, { bot, roles: new Set(roles.filter((role) => role !== EVERYONE)) })
}

describe('the columns beside a plain map', () => {
  it('say the same of every member, row, bit and count, whatever happens', () => {
    const property = fc.property(fc.array(anyStep, { maxLength: 120 }), (steps) => {
      const columns = new Columns(EVERYONE)
      const model: Model = new Map()
      for (const roleId of roleIds.slice(0, 35)) columns.know(roleId)
      for (const step of steps) apply(columns, model, step)
      expect(columns.count).toBe(model.size)
      for (const [id, { bot, roles }] of model) {
        const row = columns.rowOf(id)
        expect(columns.idAt(row)).toBe(id)
        expect(new Set(columns.rolesOf(row))).toEqual(roles)
        expect(columns.flags[row]).toBe(bot ? 1 : 0)
      }
      for (const roleId of [...roleIds, ...ghosts]) {
        const holders = [...model.values()].filter(({ roles }) => roles.has(roleId)).length
        expect(columns.holders(roleId)).toBe(holders)
        expect(holdersByBits(columns, roleId)).toBe(holders)
      }
    })
    fc.assert(property, { numRuns: 500 })
  })
})
