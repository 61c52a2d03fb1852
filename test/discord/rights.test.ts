import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CAPABILITIES, type Capability, WITH_MANAGE_ROLES } from '#src/core/capability.ts'
import type { Command } from '#src/discord/command.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Interaction } from '#src/sandbox/interaction.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { type Door, openDoor } from './door.ts'
import { offences } from './listening.ts'

const ANN = '200000000000000001'
const BEN = '200000000000000002'
const CAT = '200000000000000003'

let sandbox: Sandbox
let against: readonly string[]
let guild: Guild
let door: Door

/** One command for each capability, and one that only Administrators may give. */
const probes = [...CAPABILITIES, 'administrator' as const].map(
  (needs): Command => ({
    name: `probe-${needs}`,
    description: 'Says that it was let through',
    needs,
    answer: async () => ({ tone: 'plain', title: 'Through', text: 'x' }),
  }),
)

beforeEach(async () => {
  sandbox = await startSandbox({ limits: false })
  against = offences(sandbox)
  guild = sandbox.addGuild({
    name: 'Example',
    roles: [
      'Helpers',
      { name: 'Moderators', permissions: ['MANAGE_ROLES'] },
      { name: 'Admins', permissions: ['ADMINISTRATOR'] },
    ],
    members: [
      { id: ANN, username: 'ann', roles: ['Moderators'] },
      { id: BEN, username: 'ben', roles: ['Helpers'] },
      { id: CAT, username: 'cat', roles: ['Admins'] },
    ],
  })
  door = await openDoor(sandbox, probes)
})

afterEach(async () => {
  await door.close()
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
  expect(against).toEqual([])
})

const ask = async (as: string, command: string) => (await guild.command({ as, command, force: true })).until()
const shownBy = (seen: Interaction) => seen.current()?.embeds[0] as { title: string; description: string } | undefined

/** The capabilities whose commands this member may give. */
async function mayOf(as: string): Promise<readonly string[]> {
  const may: string[] = []
  // One after the other: a server may have only so many under way.
  for (const { name, needs } of probes) if (shownBy(await ask(as, name))?.title === 'Through') may.push(needs)
  return may
}

const grant = (...capabilities: readonly Capability[]) => {
  door.grants = new Map(capabilities.map((capability) => [capability, [guild.role('Helpers').id]]))
}

describe('a capability', () => {
  it('is held by nobody without a grant, but for those that come with Manage Roles', async () => {
    expect(await mayOf(BEN)).toEqual([])
    expect(await mayOf(ANN)).toEqual(CAPABILITIES.filter((capability) => WITH_MANAGE_ROLES.has(capability)))
    expect([...WITH_MANAGE_ROLES].sort()).toEqual(['read', 'run', 'stop', 'undo'])
  })

  it.each(CAPABILITIES)('that is granted alone contains no other: %s', async (capability) => {
    grant(capability)
    expect(await mayOf(BEN)).toEqual([capability])
  })

  it('lets its holders do nothing that only Administrators do, though all were granted', async () => {
    grant(...CAPABILITIES)
    expect(await mayOf(BEN)).toEqual([...CAPABILITIES])
    // Not even where somebody wrote it into the database by hand.
    door.grants = new Map([['administrator' as Capability, [guild.role('Helpers').id]]])
    const refused = await ask(BEN, 'probe-administrator')
    expect(shownBy(refused)?.description).toMatch(
      /needs the permission "Administrator".*no capability stands in for it/,
    )
  })

  it('is granted to roles, and everybody having it is not one of them', async () => {
    door.grants = new Map([['policy', [guild.id, guild.role('Moderators').id]]])
    expect(await mayOf(BEN)).toEqual([])
    door.twist = (raw) => ({ ...raw, member: { ...raw.member, roles: [guild.id] } }) as never
    expect(await mayOf(BEN)).toEqual([])
  })

  it('is not needed by the owner and by Administrators, who do everything, also where grants cannot be read', async () => {
    door.grants = new Error('no database')
    for (const as of [guild.ownerId, CAT]) expect(await mayOf(as)).toEqual([...CAPABILITIES, 'administrator'])
    expect(await mayOf(ANN)).toEqual(CAPABILITIES.filter((capability) => WITH_MANAGE_ROLES.has(capability)))
    expect(shownBy(await ask(BEN, 'probe-policy'))).toMatchObject({ title: 'It went wrong' })
  })

  it('that lacks is named, with who can grant it', async () => {
    expect(shownBy(await ask(BEN, 'probe-policy'))).toMatchObject({
      title: 'Not done',
      description: expect.stringMatching(
        /^\/probe-policy needs the capability "policy".*Administrator.*\/capability grant/,
      ),
    })
    expect(shownBy(await ask(BEN, 'probe-undo'))?.description).toMatch(/"Manage Roles".*or the capability "undo"/)
  })
})

describe('a subcommand', () => {
  it('needs what it says in place of what its command needs', async () => {
    grant('undo')
    expect(shownBy(await ask(BEN, 'try other'))?.title).toBe('Hard')
    expect(shownBy(await ask(BEN, 'try hard'))?.description).toContain('"run"')
    grant('run')
    expect(shownBy(await ask(BEN, 'try other'))?.description).toContain('"undo"')
  })
})

describe('a button', () => {
  it('needs what it says in place of what its command needs', async () => {
    grant('policy')
    const asked = await ask(BEN, 'rules')
    const pressed = await asked.press('rules:approve')
    await pressed.until(({ followUps }) => followUps.length === 1)
    expect(pressed.followUps[0]?.seen.embeds).toMatchObject([
      { description: expect.stringMatching(/^This button needs the capability "acknowledge"/) },
    ])
    grant('acknowledge')
    const again = await asked.press('rules:approve')
    await again.until((one) => JSON.stringify(one.current()).includes('Pressed approve'))
  })
})

it('/stop goes through although the server has as many commands under way as it may', async () => {
  const gate = Promise.withResolvers<void>()
  door.stage.gate = gate.promise
  for (let time = 0; time < 10; time++) await guild.command({ as: ANN, command: 'try hard' })
  await expect.poll(() => door.stage.asked.length).toBe(10)
  expect(shownBy(await ask(ANN, 'easy'))?.title).toBe('Not done')
  expect(shownBy(await ask(ANN, 'stop'))?.title).toBe('Stopped')
  gate.resolve()
})
