import { describe, expect, it } from 'vitest'
import { DEFAULT_INVOCATION, DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { Refusal } from '#src/core/refusal.ts'
import { SnapshotFault } from '#src/snapshot/fault.ts'
import { readSnapshot } from '#src/snapshot/read.ts'
import { EXAMPLE } from './example.ts'

/** The example as JSON that may be written to anywhere. */
// biome-ignore lint/suspicious/noExplicitAny: what is written is wrong on purpose.
type Anything = any

function changed(change: (file: Anything) => void): string {
  const file = structuredClone(EXAMPLE) as Anything
  change(file)
  return JSON.stringify(file)
}

function faultOf(text: string): string {
  try {
    readSnapshot(text)
  } catch (error) {
    if (error instanceof SnapshotFault) return error.message
    throw error
  }
  return 'accepted'
}

const DIGITS = 'must be a string of decimal digits without leading zeros.'
const TIME = 'must be an ISO 8601 time with a zone, such as 2026-11-22T12:00:00Z.'
const ACTION = 'must be "report", "strip" or "strip_kick", or an object of default, by_group and by_state.'

describe('a snapshot file is refused, with the path of the fault,', () => {
  it.each<[string, (file: Anything) => void, string]>([
    [
      'for another format',
      (f) => (f.format = 'rolecall-snapshot/2'),
      'format: must be "rolecall-snapshot/1", not "rolecall-snapshot/2".',
    ],
    ['for no format', (f) => delete f.format, 'format: is missing; it must be "rolecall-snapshot/1".'],
    ['for an unknown key', (f) => (f.extra = 1), 'extra: this key is not known here.'],
    [
      'for an unknown key of a member',
      (f) => (f.guild.members[0].user.avatar = null),
      'guild.members[0].user.avatar: this key is not known here.',
    ],
    ['for an unknown setting', (f) => (f.settings.armed.cli = true), 'settings.armed.cli: this key is not known here.'],
    [
      'for an unknown layer',
      (f) => (f.settings.policy.linked_no_perm.by_role = {}),
      'settings.policy.linked_no_perm.by_role: this key is not known here.',
    ],
    ['for a key that is missing', (f) => delete f.guild.ownerId, 'guild.ownerId: is missing.'],
    ['for a guild that is missing', (f) => delete f.guild, 'guild: is missing.'],
    [
      'for an id that is a number',
      (f) => (f.guild.members[0].roles[0] = 1001),
      'guild.members[0].roles[0]: must be a string.',
    ],
    [
      'for an id with a leading zero',
      (f) => (f.guild.members[0].roles[0] = '01'),
      `guild.members[0].roles[0]: ${DIGITS}`,
    ],
    ['for an id with a sign', (f) => (f.guild.members[0].user.id = '-3'), `guild.members[0].user.id: ${DIGITS}`],
    [
      'for an id with a line break',
      (f) => (f.identity.identities[0].discordIds = ['3\n']),
      `identity.identities[0].discordIds[0]: ${DIGITS}`,
    ],
    ['for an empty id', (f) => (f.identity.identities[0].id = ''), `identity.identities[0].id: ${DIGITS}`],
    ['for digits of another script', (f) => (f.guild.id = '١'), `guild.id: ${DIGITS}`],
    ['for a name that is a number', (f) => (f.guild.name = 7), 'guild.name: must be a string.'],
    [
      'for a position that is no whole number',
      (f) => (f.guild.roles[1].position = 1.5),
      'guild.roles[1].position: must be a whole number.',
    ],
    [
      'for a flag that is a word',
      (f) => (f.guild.roles[1].managed = 'no'),
      'guild.roles[1].managed: must be true or false.',
    ],
    ['for members that are no list', (f) => (f.guild.members = {}), 'guild.members: must be a list.'],
    ['for groups that are an object', (f) => (f.identity.groups = {}), 'identity.groups: must be a list.'],
    ['for settings that are null', (f) => (f.settings = null), 'settings: must be an object.'],
    ['for settings that are a list', (f) => (f.settings = []), 'settings: must be an object.'],
    [
      'for a role map that is a list',
      (f) => (f.settings.roleMap.groups = []),
      'settings.roleMap.groups: must be an object.',
    ],
    [
      'for a role map entry that is one id',
      (f) => (f.settings.roleMap.groups.Pilots = '1001'),
      'settings.roleMap.groups.Pilots: must be a list.',
    ],
    [
      'for a faulty role map id',
      (f) => (f.settings.roleMap.groups = { 'A b': ['x'] }),
      `settings.roleMap.groups["A b"][0]: ${DIGITS}`,
    ],
    [
      'for an unknown action',
      (f) => (f.settings.policy.unknown_guest = 'kick'),
      `settings.policy.unknown_guest: ${ACTION}`,
    ],
    [
      'for an action that is a number',
      (f) => (f.settings.policy.unknown_guest = 3),
      `settings.policy.unknown_guest: ${ACTION}`,
    ],
    [
      'for an unknown action of a group',
      (f) => (f.settings.policy.linked_no_perm.by_group.Directors = 'ban'),
      'settings.policy.linked_no_perm.by_group.Directors: must be "report" or "strip" or "strip_kick".',
    ],
    [
      'for a drift that kicks',
      (f) => (f.settings.policy.role_drift = 'strip_kick'),
      'settings.policy.role_drift: must be "report" or "strip" (role drift never kicks), or an object of default, by_group and by_state.',
    ],
    [
      'for a drift that kicks by default',
      (f) => (f.settings.policy.role_drift = { default: 'strip_kick' }),
      'settings.policy.role_drift.default: must be "report" or "strip": role drift never kicks.',
    ],
    [
      'for a drift that kicks a group',
      (f) => (f.settings.policy.role_drift = { by_group: { Pilots: 'strip_kick' } }),
      'settings.policy.role_drift.by_group.Pilots: must be "report" or "strip": role drift never kicks.',
    ],
    [
      'for a drift that kicks a state',
      (f) => (f.settings.policy.role_drift = { by_state: { Guest: 'strip_kick' } }),
      'settings.policy.role_drift.by_state.Guest: must be "report" or "strip": role drift never kicks.',
    ],
    [
      'for missing roles that are stripped',
      (f) => (f.settings.policy.missing_roles = 'strip'),
      'settings.policy.missing_roles: must be "report" or "grant".',
    ],
    [
      'for an unknown trigger',
      (f) => (f.invocation.trigger = 'cron'),
      'invocation.trigger: must be "slash" or "cli" or "schedule" or "realtime".',
    ],
    [
      'for a ceiling that grants',
      (f) => (f.invocation.action = 'grant'),
      'invocation.action: must be "report" or "strip" or "strip_kick".',
    ],
    [
      'for a negative count',
      (f) => (f.invocation.dayKicks = -1),
      'invocation.dayKicks: must be a whole number from 0 up.',
    ],
    ['for half a kick', (f) => (f.invocation.dayKicks = 0.5), 'invocation.dayKicks: must be a whole number.'],
    ['for a share above 1', (f) => (f.settings.blast.run = 1.01), 'settings.blast.run: must be a number from 0 to 1.'],
    [
      'for a share below 0',
      (f) => (f.settings.truth.maxDrop = -0.1),
      'settings.truth.maxDrop: must be a number from 0 to 1.',
    ],
    ['for a share in words', (f) => (f.settings.blast.day = '10%'), 'settings.blast.day: must be a number.'],
    ['for a time without a zone', (f) => (f.takenAt = '2026-11-22T12:00:00'), `takenAt: ${TIME}`],
    ['for a day that the calendar lacks', (f) => (f.takenAt = '2026-02-29T12:00:00Z'), `takenAt: ${TIME}`],
    ['for a date alone', (f) => (f.guild.members[0].joined_at = '2026-11-22'), `guild.members[0].joined_at: ${TIME}`],
    ['for a time that is a number', (f) => (f.takenAt = 0), 'takenAt: must be a string.'],
    [
      'for an hour that no day has',
      (f) => (f.settings.overrides[0].expiresAt = '2026-11-22T25:00:00Z'),
      `settings.overrides[0].expiresAt: ${TIME}`,
    ],
    [
      'for an override that names no action',
      (f) => delete f.settings.overrides[0].action,
      'settings.overrides[0].action: is missing.',
    ],
    [
      'for an override of nobody',
      (f) => delete f.settings.overrides[0].memberId,
      'settings.overrides[0].memberId: is missing.',
    ],
    [
      'for a baseline without sense',
      (f) => (f.baseline = { perGroup: { Pilots: '3' } }),
      'baseline.perGroup.Pilots: must be a number.',
    ],
    [
      'for a member who comes twice',
      (f) => f.guild.members.push(f.guild.members[0]),
      'guild.members[2].user.id: this member is already at guild.members[0].',
    ],
    [
      'for a role that comes twice',
      (f) => f.guild.roles.push({ ...f.guild.roles[1], name: 'x' }),
      'guild.roles[3].id: this role is already at guild.roles[1].',
    ],
    [
      'for an identity that comes twice',
      (f) => f.identity.identities.push(f.identity.identities[0]),
      'identity.identities[1].id: this identity is already at identity.identities[0].',
    ],
    [
      'for a group that comes twice',
      (f) => f.identity.groups.push('Pilots'),
      'identity.groups[2]: this group is already at identity.groups[0].',
    ],
    [
      'for a state that comes twice',
      (f) => f.identity.states.push('Guest'),
      'identity.states[2]: this state is already at identity.states[1].',
    ],
    [
      'for an override that comes twice',
      (f) => f.settings.overrides.push({ memberId: '4', action: 'report' }),
      'settings.overrides[1].memberId: this member is already at settings.overrides[0].',
    ],
    [
      'for a group that the lists lack',
      (f) => (f.identity.identities[0].groups = ['Pilots', 'Lost']),
      'identity.identities[0].groups[1]: the list of groups lacks "Lost".',
    ],
    [
      'for a state that the lists lack',
      (f) => (f.identity.identities[0].state = 'Lost'),
      'identity.identities[0].state: the list of states lacks "Lost".',
    ],
    [
      'for a state called as every object has',
      (f) => (f.identity.identities[0].state = 'constructor'),
      'identity.identities[0].state: the list of states lacks "constructor".',
    ],
  ])('%s', (_, change, sentence) => {
    expect(faultOf(changed(change))).toBe(sentence)
  })

  const whole = JSON.stringify(EXAMPLE)
  it.each([
    ['empty', '', 'The file is empty.'],
    ['blank', ' \n ', 'The file is empty.'],
    ['cut off', whole.slice(0, 50), /^The file is not JSON/],
    ['no JSON', '{\n  "format": 1 2 }', 'The file is not JSON: at line 2, column 15 there should be a comma or }.'],
    [
      'led by a byte order mark',
      `\ufeff${whole}`,
      'The file begins with a byte order mark; save it as UTF-8 without one.',
    ],
    ['a list', '[]', 'The file must hold one JSON object of the format "rolecall-snapshot/1".'],
    ['null', 'null', 'The file must hold one JSON object of the format "rolecall-snapshot/1".'],
    [
      'a repeated key',
      whole.replace('"name":"Example"', '"name":"a","n\\u0061me":"b"'),
      'guild.name: this key comes twice in one object.',
    ],
    [
      'a repeated name',
      whole.replace('"states":{}', '"states":{"Member":[],"Guest":["1"],"Member":["2"]}'),
      'settings.roleMap.states.Member: this key comes twice in one object.',
    ],
    [
      'a repeated key in a list',
      whole.replace('"managed":true', '"managed":true,"id":"5"'),
      'guild.roles[2].id: this key comes twice in one object.',
    ],
    [
      'an own key __proto__',
      whole.replace('"guild":', '"__proto__":{},"guild":'),
      '__proto__: this key is not known here.',
    ],
  ])('where it is %s', (_, text, sentence) => {
    expect(faultOf(text)).toMatch(sentence)
  })

  it('where it nests without end', () => {
    expect(faultOf('['.repeat(200_000))).toMatch(/^The file is not JSON/)
    expect(faultOf('['.repeat(200_000) + ']'.repeat(200_000))).toMatch(/nests more than 64 deep\.$/)
  })

  it('in a sentence that a terminal can show, however long and odd the names in it', () => {
    const fault = faultOf(changed((f) => (f.identity.identities[0].state = `\u001b[2J\u202e${'x'.repeat(9999)}\n`)))
    expect(fault).toMatch(/^identity\.identities\[0\]\.state: the list of states lacks "\[2Jx+…"\.$/)
    expect(fault.length).toBeLessThan(150)
  })

  it('as what a person asked for and cannot have, not as a fault of ours', () => {
    expect(() => readSnapshot('')).toThrow(Refusal)
  })
})

describe('a snapshot file is read', () => {
  it('as it stands', () => {
    const { snapshot, warnings } = readSnapshot(JSON.stringify(EXAMPLE))
    expect(warnings).toEqual([])
    expect(snapshot.takenAt).toBe(Date.UTC(2026, 10, 22, 12))
    expect(snapshot.guild.botRoleIds).toEqual(['1009'])
    expect(snapshot.members).toEqual([
      { id: '3', bot: false, roleIds: ['1001'] },
      { id: '2', bot: true, roleIds: ['1009'] },
    ])
    expect(snapshot.people.get('3')).toEqual({ username: 'ann', nick: null, joinedAt: Date.UTC(2026, 0, 1) })
    expect(snapshot.settings.policy.linked_no_perm).toEqual({
      default: 'strip',
      byGroup: new Map([['Directors', 'report']]),
      byState: new Map([['Guest', 'report']]),
    })
    expect(snapshot.settings.roleMap.groups).toEqual(new Map([['Pilots', ['1001']]]))
  })

  it('with the safe defaults for whatever is left out', () => {
    const bare = readSnapshot(
      changed((f) => {
        delete f.settings
        delete f.invocation
        delete f.baseline
      }),
    ).snapshot
    expect(bare.settings).toEqual(DEFAULT_SETTINGS)
    expect(bare.invocation).toEqual(DEFAULT_INVOCATION)
    expect(bare.baseline).toBeNull()
    const emptied = readSnapshot(
      changed((f) => {
        f.settings = { policy: { role_drift: {} }, roleMap: {}, armed: {}, blast: {}, truth: {} }
        f.invocation = {}
        f.baseline = {}
      }),
    ).snapshot
    expect(emptied.settings).toEqual(DEFAULT_SETTINGS)
    expect(emptied.invocation).toEqual(DEFAULT_INVOCATION)
    expect(emptied.baseline).toEqual({ linked: 0, withAccess: 0, perGroup: new Map(), perState: new Map() })
  })

  it('with one key set and its neighbours left out', () => {
    const { settings } = readSnapshot(
      changed((f) => {
        f.settings = {
          blast: { run: 0.5 },
          armed: { realtime: true },
          overrides: [{ memberId: '9', action: 'report' }],
        }
      }),
    ).snapshot
    expect(settings.blast).toEqual({ run: 0.5, day: 0.25, kicks: 0.02 })
    expect(settings.armed).toEqual({ schedule: false, realtime: true })
    expect(settings.overrides).toEqual([{ memberId: '9', action: 'report', expiresAt: null, reason: '' }])
  })

  it('with names that JavaScript knows', () => {
    const text = changed((f) => f.identity.groups.push('__proto__', 'constructor')).replace(
      '"groups":{"Pilots":["1001"]}',
      '"groups":{"__proto__":["1001"],"constructor":[]}',
    )
    const { snapshot, warnings } = readSnapshot(text)
    expect(warnings).toEqual([])
    expect([...snapshot.settings.roleMap.groups]).toEqual([
      ['__proto__', ['1001']],
      ['constructor', []],
    ])
  })

  it.each([
    ['2026-11-22T12:00:00Z', 0],
    ['2026-11-22T12:00Z', 0],
    ['2026-11-22T12:00:00.1234567Z', 123],
    ['2026-11-22T13:00:00+01:00', 0],
    ['2026-11-22T13:30:00+0130', 0],
    ['2026-11-21T22:00:00-14', 0],
  ])('with the time %s', (takenAt, milliseconds) => {
    const { snapshot } = readSnapshot(changed((f) => (f.takenAt = takenAt)))
    expect(snapshot.takenAt).toBe(Date.UTC(2026, 10, 22, 12, 0, 0, milliseconds))
  })
})

describe('a warning is given, and the rest is used,', () => {
  it.each<[string, (file: Anything) => void, string]>([
    [
      'for a mapped role that the guild lacks',
      (f) => f.settings.roleMap.groups.Pilots.push('9'),
      'settings.roleMap.groups.Pilots[1]: the guild has no role 9; ignored.',
    ],
    [
      'for a mapped group that the source lacks',
      (f) => (f.settings.roleMap.groups['New ones'] = []),
      'settings.roleMap.groups: the identity source has no group "New ones"; without effect until there is one.',
    ],
    [
      'for a mapped state that the source lacks',
      (f) => (f.settings.roleMap.states.New = []),
      'settings.roleMap.states: the identity source has no state "New"; without effect until there is one.',
    ],
    [
      'for a group that only the policy knows',
      (f) => (f.settings.policy.role_drift = { by_group: { New: 'report' } }),
      'settings.policy.role_drift.by_group: the identity source has no group "New"; without effect until there is one.',
    ],
    [
      'for a state that only the policy knows',
      (f) => (f.settings.policy.linked_no_perm.by_state.New = 'report'),
      'settings.policy.linked_no_perm.by_state: the identity source has no state "New"; without effect until there is one.',
    ],
    [
      'for a group that only the baseline knows',
      (f) => (f.baseline = { perGroup: { Old: 9 } }),
      'baseline.perGroup: the identity source has no group "Old"; it counts as nobody.',
    ],
    [
      'for a state that only the baseline knows',
      (f) => (f.baseline = { perState: { Old: 9 } }),
      'baseline.perState: the identity source has no state "Old"; it counts as nobody.',
    ],
    [
      'for a held role that the guild lacks',
      (f) => f.guild.members[0].roles.push('7777'),
      'guild.members[0].roles: the guild has no role 7777; ignored.',
    ],
    [
      'once for a role that many hold',
      (f) => f.guild.members.map((m: Anything) => m.roles.push('7777')),
      'guild.members[0].roles (and 1 more): the guild has no role 7777; ignored.',
    ],
  ])('%s', (_, change, warning) => {
    expect(readSnapshot(changed(change)).warnings).toEqual([warning])
  })
})
