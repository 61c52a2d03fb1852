// A small guild in which one member holds a role without having earned it.

export const EXAMPLE = {
  format: 'rolecall-snapshot/1',
  takenAt: '2026-11-22T12:00:00.000Z',
  guild: {
    id: '1000',
    name: 'Example',
    ownerId: '1',
    botUserId: '2',
    roles: [
      { id: '1000', name: '@everyone', position: 0, managed: false },
      { id: '1001', name: 'Pilots', position: 1, managed: false },
      { id: '1009', name: 'rolecall', position: 2, managed: true },
    ],
    members: [
      {
        user: { id: '3', username: 'ann', bot: false },
        nick: null,
        roles: ['1001'],
        joined_at: '2026-01-01T00:00:00Z',
      },
      {
        user: { id: '2', username: 'rolecall', bot: true },
        nick: null,
        roles: ['1009'],
        joined_at: '2026-01-01T00:00:00Z',
      },
    ],
  },
  identity: {
    groups: ['Pilots', 'Directors'],
    states: ['Member', 'Guest'],
    reservedNames: [],
    identities: [
      {
        id: '42',
        username: 'ann',
        active: true,
        superuser: false,
        access: true,
        state: 'Member',
        groups: [],
        discordIds: ['3'],
      },
    ],
  },
  settings: {
    policy: {
      unknown_guest: 'strip',
      linked_no_perm: { default: 'strip', by_state: { Guest: 'report' }, by_group: { Directors: 'report' } },
      role_drift: 'strip',
      missing_roles: 'report',
    },
    roleMap: { groups: { Pilots: ['1001'] }, states: {} },
    roleExceptions: [],
    protectedMembers: [],
    protectedRoles: [],
    botAccounts: [],
    overrides: [{ memberId: '4', action: 'report', expiresAt: null, reason: 'on leave' }],
    acknowledged: true,
    armed: { schedule: false, realtime: false },
    blast: { run: 0.1, day: 0.25, kicks: 0.02 },
    truth: { maxDrop: 0.1, maxGroupDrop: 0.5 },
  },
  invocation: { trigger: 'cli', action: 'strip_kick', mayDestroy: true, dayAffected: 0, dayKicks: 0, approved: null },
  baseline: null,
} as const
