import { afterEach, beforeEach, expect, it } from 'vitest'
import { COMMANDS } from '#commands/index.ts'
import { registerCommands } from '#src/discord/registration.ts'
import { makeRest } from '#src/discord/rest.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { offences } from '../discord/listening.ts'

let sandbox: Sandbox
let against: readonly string[]

beforeEach(async () => {
  sandbox = await startSandbox()
  against = offences(sandbox)
})

afterEach(async () => {
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
  expect(against).toEqual([])
})

it('every command is taken by Discord as it describes them, and told again only where one changed', async () => {
  const rest = makeRest({ token: sandbox.token, apiUrl: sandbox.url })
  expect(await registerCommands(rest, sandbox.applicationId, COMMANDS)).toBe('written')
  expect(await registerCommands(rest, sandbox.applicationId, COMMANDS)).toBe('unchanged')
})
