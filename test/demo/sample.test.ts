import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planOf } from '#src/console/replay.ts'
import type { Finding, Plan } from '#src/core/model.ts'
import { DemoFault } from '#src/demo/fault.ts'
import { MODERATOR, NEWCOMER, OWNER, SAMPLE_SETTINGS } from '#src/demo/sample.ts'
import { openStage, PEOPLE_FILE, type Stage } from '#src/demo/stage.ts'
import { readIdentityFile } from '#src/snapshot/identity-file.ts'
import { readSnapshot } from '#src/snapshot/read.ts'
import { makeBase } from './showing.ts'

const base = makeBase()
let stage: Stage
let plan: Plan

beforeAll(async () => {
  stage = await openStage(base.path)
  plan = planOf(readSnapshot(JSON.stringify(snapshot())).snapshot)
})
afterAll(async () => {
  await stage.close()
  base.remove()
})

const peopleFile = (): string => readFileSync(join(base.path, PEOPLE_FILE), 'utf8')

/** The sample as `rolecall snapshot` would write it. */
function snapshot(): unknown {
  const { format: _, ...identity } = JSON.parse(peopleFile())
  const { guild, sandbox } = stage
  return {
    format: 'rolecall-snapshot/1',
    takenAt: '2026-11-22T12:00:00Z',
    guild: {
      id: guild.id,
      name: guild.name,
      ownerId: guild.ownerId,
      botUserId: sandbox.botUserId,
      roles: [...guild.roles.values()].map(({ id, name, position, managed }) => ({ id, name, position, managed })),
      members: [...guild.members.walk()].map(({ id, username, bot, roles }) => ({
        user: { id, username, bot },
        nick: null,
        roles,
        joined_at: null,
      })),
    },
    identity: {
      ...identity,
      identities: identity.identities.map(({ accounts: _accounts, ...person }: { accounts: unknown }) => person),
    },
    settings: { ...SAMPLE_SETTINGS, acknowledged: true },
    invocation: { trigger: 'slash', action: 'strip', mayDestroy: true },
  }
}

const findingOf = (name: string): Finding | undefined =>
  plan.findings.find(({ memberId }) => memberId === stage.memberId(name))
const holding = (gate: string): readonly string[] =>
  plan.findings.filter(({ gates }) => gates.includes(gate as never)).map(({ memberId }) => stage.member(memberId))

describe('the sample server', () => {
  it('has exactly 500 members, the bot among them, each with a name of their own', () => {
    expect(stage.guild.memberCount).toBe(500)
    expect(stage.usernames).toHaveLength(500)
    expect(stage.guild.bot.username).toBe('rolecall')
  })

  it('has an identity file that the import takes, each person and each account once', () => {
    const { identities } = readIdentityFile(peopleFile())
    expect(identities).toHaveLength(442)
    expect(new Set(identities.map(({ id }) => id)).size).toBe(442)
    expect(new Set(identities.map(({ username }) => username)).size).toBe(442)
    const linked = identities.flatMap(({ discordIds }) => discordIds)
    expect(new Set(linked).size).toBe(442)
    expect(linked.every((id) => stage.guild.member(id))).toBe(true)
  })

  it('has drifted in every way that the story tells of', () => {
    expect(plan.counts).toEqual({
      members: 500,
      bot_filtered: 1,
      identity_conflict: 0,
      unknown_guest: 57,
      linked_no_perm: 5,
      role_drift: 11,
      missing_roles: 3,
      in_order: 423,
    })
    expect(plan.findings.reduce((sum, { removeRoles }) => sum + removeRoles.length, 0)).toBe(21)
    expect(plan.blast.over).toBe(false)
  })

  it('holds back the owner, and one whose role ranks above the bot’s', () => {
    expect(holding('guild_owner')).toEqual([OWNER])
    expect(holding('out_of_reach')).toHaveLength(1)
    expect(holding('out_of_reach')).not.toContain(OWNER)
  })

  it('has a moderator and a newcomer who are in order', () => {
    expect(findingOf(MODERATOR)).toBeUndefined()
    expect(findingOf(NEWCOMER)).toBeUndefined()
  })
})

describe('who may hand out what', () => {
  it.each([
    [OWNER, 'Directors', true],
    [MODERATOR, 'Capitals', true],
    [MODERATOR, 'Directors', false],
    [NEWCOMER, 'Pilots', false],
  ])('%s and %s: %s', (name, role, may) => expect(stage.mayHandOut(name, stage.roleId(role))).toBe(may))

  it('a name or role that is not there is answered with what to do', () => {
    expect(() => stage.memberId('@nobody')).toThrow(DemoFault)
    expect(() => stage.roleId('Nonsense')).toThrow('There are: Movie Night')
  })
})
