import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Looker, makeLooker } from '#src/discord/looker.ts'
import { makeEyes, makeRest } from '#src/discord/rest.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '#src/sandbox/sandbox.ts'

const IDS = Array.from({ length: 17 }, (_, index) => `2000000000000000${10 + index}`)
const [FIRST, SECOND, THIRD, FOURTH] = IDS as [string, string, string, string]
const MEMBER = 'GET /guilds/{guild_id}/members/{user_id}'

let sandbox: Sandbox
let guild: Guild

async function begin(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox(options)
  guild = sandbox.addGuild({ name: 'Example', members: IDS.map((id) => ({ id, username: `m${id}` })) })
}

beforeEach(() => begin())
afterEach(async () => {
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
})

function lookerOf(eyes: number): Looker {
  const access = { token: sandbox.token, apiUrl: sandbox.url }
  const rest = makeRest(access)
  return makeLooker(rest, makeEyes(rest, access, eyes))
}

const look = (looker: Looker, id: string, lane?: 'live' | 'sweep') => looker.member(guild.id, id, lane)

describe('looks at members', () => {
  it('do not wait for each other once it is known what Discord allows', async () => {
    const looker = lookerOf(5)
    await look(looker, FIRST)
    const together = Promise.withResolvers<void>()
    let under = 0
    const wait = () => {
      under++
      if (under === 4) together.resolve()
      return together.promise
    }
    sandbox.faults.before(MEMBER, wait, 4)
    const seen = await Promise.all([FIRST, SECOND, THIRD, FOURTH].map((id) => look(looker, id)))
    expect(seen.map((member) => member?.id)).toEqual([FIRST, SECOND, THIRD, FOURTH])
  })

  it('go first where they are for what happens now', async () => {
    const looker = lookerOf(1)
    const order: (string | undefined)[] = []
    const gate = Promise.withResolvers<void>()
    sandbox.faults.before(MEMBER, () => gate.promise)
    sandbox.onExchange(({ params }) => void order.push(params.user_id))
    const looks = [look(looker, FIRST), look(looker, SECOND), look(looker, THIRD), look(looker, FOURTH, 'live')]
    gate.resolve()
    await Promise.all(looks)
    expect(order).toEqual([FIRST, FOURTH, SECOND, THIRD])
  })

  it('are never more than Discord allows, and none is lost', async () => {
    await sandbox.close()
    await begin({ rateScale: 0.05 })
    const looker = lookerOf(5)
    const seen = await Promise.all(IDS.map((id) => look(looker, id)))
    expect(seen.map((member) => member?.id)).toEqual(IDS)
    expect(sandbox.requests.answered(429)).toBe(0)
    expect(sandbox.requests.count(MEMBER)).toBe(IDS.length)
  })

  it('fail each for itself', async () => {
    const looker = lookerOf(2)
    sandbox.faults.refuse(1, 'missingAccess', MEMBER)
    const [broken, sound] = await Promise.allSettled([look(looker, FIRST), look(looker, SECOND)])
    expect([broken.status, sound.status]).toEqual(['rejected', 'fulfilled'])
  })
})
