import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Command } from '#src/discord/command.ts'
import { registerCommands, toWritten } from '#src/discord/registration.ts'
import { makeRest } from '#src/discord/rest.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '#src/sandbox/sandbox.ts'
import { Stage, tryCommands } from './asking-world.ts'
import { offences } from './listening.ts'

const MANAGE_ROLES = String(1n << 28n)
const ADMINISTRATOR = String(1n << 3n)
const PUT = 'PUT /applications/{application_id}/commands'
const commands = tryCommands(new Stage())

let sandbox: Sandbox
let against: readonly string[]

async function begin(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox(options)
  against = offences(sandbox)
}

beforeEach(() => begin())
afterEach(async () => {
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
  expect(against).toEqual([])
})

const register = (list = commands) =>
  registerCommands(makeRest({ token: sandbox.token, apiUrl: sandbox.url }), sandbox.applicationId, list)

describe('the slash commands at Discord', () => {
  it('are told once, and again only where they changed', async () => {
    expect(await register()).toBe('written')
    expect(await register()).toBe('unchanged')
    expect(await register([...commands].reverse())).toBe('unchanged')
    expect(sandbox.requests.count(PUT)).toBe(1)
    expect(await register(commands.map((command) => ({ ...command, needs: 'administrator' as const })))).toBe('written')
    expect(await register(commands.slice(1))).toBe('written')
    expect(sandbox.requests.count(PUT)).toBe(3)
  })

  it('are for servers only, and shown to those who hold what they need', () => {
    const shownTo = (needs: Partial<Command>) =>
      toWritten({ ...commands[1]!, ...needs }).map((written) => written.default_member_permissions)
    const sub = (needs?: 'policy' | 'administrator') => ({
      name: 'a',
      description: 'b',
      options: [],
      ...(needs && { needs }),
    })
    expect(shownTo({ needs: 'policy' })).toEqual([MANAGE_ROLES])
    expect(shownTo({ needs: 'administrator', subcommands: [sub(), sub('administrator')] })).toEqual([ADMINISTRATOR])
    expect(shownTo({ needs: 'administrator', subcommands: [sub(), sub('policy')] })).toEqual([MANAGE_ROLES])
    expect(shownTo({ needs: 'policy', subcommands: [sub('administrator')] })).toEqual([ADMINISTRATOR])
    expect(toWritten(commands[0]!)).toMatchObject([
      { type: 1, contexts: [0], integration_types: [0] },
      { type: 2, contexts: [0], integration_types: [0], default_member_permissions: MANAGE_ROLES },
    ])
  })

  it('stand in the menu of a member too, under a name of their own and with nothing else', async () => {
    await register()
    const [entry, ...others] = sandbox.commands.list(null).filter(({ type }) => type === 2)
    expect([entry?.name, entry?.description, entry?.options, others]).toEqual(['Look closer', '', undefined, []])
  })

  it('are told again where only what is offered while typing changed', async () => {
    await register()
    const silent = commands.map((command) => ({
      ...command,
      ...(command.options && { options: command.options.map((option) => ({ ...option, autocomplete: false })) }),
    }))
    expect(await register(silent)).toBe('written')
  })

  it('that a server takes without naming them are registered all the same', async () => {
    await sandbox.close()
    await begin({ slips: { commandsWithoutIds: true } })
    expect(await register()).toBe('written')
    expect(await register()).toBe('unchanged')
    // The description of Discord has ids there, which is what this server leaves out.
    expect(against.every((offence) => offence.includes('answer 200'))).toBe(true)
    against = []
  })

  it('that cannot be told are a fault in a sentence', async () => {
    sandbox.faults.serverErrors(10, 500)
    await expect(register()).rejects.toMatchObject({
      kind: 'outage',
      message: expect.stringContaining('registering the slash commands'),
    })
  })
})
