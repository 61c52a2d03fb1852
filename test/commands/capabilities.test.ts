import { describe, expect, it } from 'vitest'
import { COMMANDS } from '#commands/index.ts'
import { CAPABILITIES, type Needed, WITH_MANAGE_ROLES } from '#src/core/capability.ts'
import type { Changes, Command, Subcommand } from '#src/discord/command.ts'
import { mayDo, neededFor } from '#src/discord/rights.ts'
import { BEN, GUILD, PILOTS } from './small-world.ts'

/** Every command there is, with what it needs. A new one is added here by hand, or the first test fails. */
const TABLE: Readonly<Record<string, readonly [Needed, Changes | 'something']>> = {
  'audit run': ['run', 'by action'],
  'audit status': ['read', 'nothing'],
  'audit findings': ['read', 'nothing'],
  'audit runs': ['read', 'nothing'],
  'audit diff': ['read', 'nothing'],
  'audit grantors': ['read', 'nothing'],
  'audit as-of': ['read', 'nothing'],
  'audit resume': ['run', 'something'],
  'audit abandon': ['run', 'something'],
  explain: ['read', 'nothing'],
  'identity status': ['read', 'nothing'],
  'identity show': ['read', 'nothing'],
  'identity diff': ['read', 'nothing'],
  doctor: ['read', 'nothing'],
  'acknowledge first-run': ['administrator', 'something'],
  'acknowledge source': ['acknowledge', 'on confirm'],
  'acknowledge plan': ['acknowledge', 'something'],
  'arm schedule': ['administrator', 'something'],
  'arm realtime': ['administrator', 'something'],
  'arm off': ['administrator', 'to safety'],
  'schedule set': ['schedule', 'something'],
  'schedule show': ['schedule', 'nothing'],
  'schedule clear': ['schedule', 'something'],
  stop: ['stop', 'to safety'],
  undo: ['undo', 'something'],
  'protect member': ['protect', 'something'],
  'protect role': ['protect', 'something'],
  'protect lift': ['protect', 'something'],
  'protect list': ['protect', 'nothing'],
  'override set': ['override', 'something'],
  'override lift': ['override', 'something'],
  'override list': ['override', 'nothing'],
  'identity link': ['link', 'something'],
  'identity unlink': ['link', 'something'],
  'bots add': ['bots', 'something'],
  'bots remove': ['bots', 'something'],
  'bots list': ['bots', 'nothing'],
  'roles map': ['roles', 'on confirm'],
  'roles unmap': ['roles', 'on confirm'],
  'roles except': ['roles', 'on confirm'],
  'roles list': ['roles', 'nothing'],
  'roles release': ['roles', 'something'],
  'policy show': ['policy', 'nothing'],
  'policy preview': ['policy', 'nothing'],
  'policy set': ['policy', 'on confirm'],
  'capability grant': ['administrator', 'something'],
  'capability revoke': ['administrator', 'something'],
  'capability list': ['administrator', 'nothing'],
  'notices channel': ['notices', 'something'],
  'notices off': ['notices', 'something'],
  'notices subscribe': ['run', 'something'],
  'notices unsubscribe': ['run', 'something'],
  'notices show': ['notices', 'nothing'],
  'sinks status': ['read', 'nothing'],
  'history member': ['read', 'nothing'],
  'history role': ['read', 'nothing'],
  'history moderator': ['read', 'nothing'],
  'history settings': ['read', 'nothing'],
  'history invocations': ['read', 'nothing'],
}

/** What is pressed under an answer or a notice, with what that needs. */
const PRESSES: Readonly<Record<string, Needed>> = {
  'audit:page': 'read',
  'audit:runs': 'read',
  'audit:diff': 'read',
  'history:member': 'read',
  'history:settings': 'read',
  'history:invocations': 'read',
  'acknowledge:plan': 'acknowledge',
  'acknowledge:really': 'acknowledge',
  'acknowledge:source': 'acknowledge',
  'policy:yes': 'policy',
  'policy:show': 'policy',
  'roles:yes': 'roles',
  'roles:list': 'roles',
  'protect:list': 'protect',
  'override:list': 'override',
  'bots:list': 'bots',
}

interface Use {
  readonly name: string
  readonly command: Command
  readonly sub: Subcommand | null
}

const everyUse: readonly Use[] = COMMANDS.flatMap((command): readonly Use[] =>
  command.subcommands
    ? command.subcommands.map((sub) => ({ name: `${command.name} ${sub.name}`, command, sub }))
    : [{ name: command.name, command, sub: null }],
)

const needOf = ({ command, sub }: Use): Needed => neededFor(command, sub?.name ?? null)

const pressNeed = (id: string): Needed => {
  const [name, rest] = id.split(':') as [string, string]
  const command: Command = COMMANDS.find((one) => one.name === name)!
  return command.pressNeeds?.(rest) ?? neededFor(command, null)
}

/** Somebody without any permission, one of whose roles was granted this. */
const mayWith = (needed: Needed, granted: Needed | null) =>
  mayDo(
    needed,
    { guildId: GUILD, memberId: BEN, roleIds: [PILOTS], permissions: new Set(), isOwner: false },
    {
      ownerOf: () => null,
      grantsOf: async () => new Map(granted === null || granted === 'administrator' ? [] : [[granted, [PILOTS]]]),
    },
  )

describe('each command stands behind its own capability', () => {
  it('as the table says, and no command is missing from it', () => {
    const found = everyUse.map((use) => [use.name, [needOf(use), (use.sub ?? use.command).changes ?? 'something']])
    expect(Object.fromEntries(found)).toEqual(TABLE)
  })

  it.each(Object.entries(PRESSES))('and so does the button %s', (id, needed) => {
    expect(pressNeed(`${id}:x`)).toBe(needed)
  })

  it('so that no capability reaches what stands behind another', async () => {
    for (const granted of CAPABILITIES) {
      const reached: string[] = []
      for (const use of everyUse) if (await mayWith(needOf(use), granted)) reached.push(use.name)
      const own = Object.keys(TABLE).filter((name) => TABLE[name]![0] === granted)
      expect([granted, reached]).toEqual([granted, own])
      expect(own.length).toBeGreaterThan(0)
    }
  })

  it('and no capability arms, lifts the first-run lock, or grants', async () => {
    const kept = everyUse.filter((use) => needOf(use) === 'administrator').map(({ name }) => name)
    expect(kept).toEqual([
      'acknowledge first-run',
      'arm schedule',
      'arm realtime',
      'arm off',
      'capability grant',
      'capability revoke',
      'capability list',
    ])
    for (const granted of CAPABILITIES) expect(await mayWith('administrator', granted)).toBe(false)
  })

  it('and Manage Roles alone gives no more than to look, to run, to undo and to stop', () => {
    expect([...WITH_MANAGE_ROLES]).toEqual(['run', 'read', 'undo', 'stop'])
  })

  it('and only runs count against anybody’s quota', () => {
    const counted = everyUse.filter(({ command, sub }) => command.counts?.(sub?.name ?? null)).map(({ name }) => name)
    expect(counted).toEqual(['audit run'])
  })

  it('and a member is explained from the menu of that member too', () => {
    const entries = COMMANDS.filter(({ memberMenu }) => memberMenu !== undefined)
    expect(entries.map(({ name, memberMenu }) => [name, memberMenu])).toEqual([['explain', 'Explain access']])
  })
})
