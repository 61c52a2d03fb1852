import { expect, test, vi } from 'vitest'
import { idOf, OWNER, say, shownBy, store } from '../town.ts'
import {
  type ArmedTown,
  armedTown,
  citizens,
  countWrongfulRemovals,
  holds,
  KICK,
  mayKick,
  REMOVAL,
  recorded,
  storyOf,
} from './armed-town.ts'

// Before somebody is kicked their roles are taken, and then they are looked at once more: much may have come about in between.

countWrongfulRemovals()
vi.setConfig({ testTimeout: 60_000 })

/** Eve holds Pilots and is known to nobody: she is to be kicked. */
const town = (): Promise<ArmedTown> =>
  armedTown({
    policy: { unknown_guest: 'strip_kick', linked_no_perm: 'strip_kick' },
    before: (guild) => {
      mayKick(guild)
      guild.createRole({ name: 'High', position: 50 })
    },
  })

const kickRun = async ({ guild }: ArmedTown) =>
  shownBy(await say(guild, OWNER, 'audit run', { action: 'strip_kick', member: idOf('eve') }))

function linkEve({ place, guild }: ArmedTown, access: boolean): Promise<void> {
  const [ann] = citizens.identities
  const eve = { ...ann!, id: '77', username: 'eve', access, groups: [], discordIds: [idOf('eve')] }
  return store(place, guild, { ...citizens, identities: [...citizens.identities, eve] })
}

const DEEDS: readonly (readonly [string, (town: ArmedTown) => unknown])[] = [
  ['links their account', (town) => linkEve(town, true)],
  ['links their account, and is not let in by it', (town) => linkEve(town, false)],
  ['is protected', ({ guild }) => say(guild, OWNER, 'protect member', { member: idOf('eve') })],
  ['gets a role above the bot’s own', ({ guild }) => guild.give(idOf('eve'), 'High', { by: idOf(OWNER) })],
  ['gets back the role that was taken', ({ sandbox, guild }) => giveBack(sandbox, guild)],
]

/** As another bot does: before anybody looks again. */
function giveBack(sandbox: ArmedTown['sandbox'], guild: ArmedTown['guild']): void {
  const isLook = ({ method, params }: { method: string; params: Readonly<Record<string, string>> }) =>
    method === 'GET' && params.user_id === idOf('eve') && !guild.holds(idOf('eve'), 'Pilots')
  sandbox.faults.before(isLook, () => guild.give(idOf('eve'), 'Pilots', { by: idOf(OWNER), silent: true }))
}

test('somebody whom nobody knows loses their roles and is kicked by a run that is asked to', async () => {
  const made = await town()
  made.rights.mayBeKicked(idOf('eve'))
  await kickRun(made)
  expect(made.guild.member(idOf('eve'))).toBeUndefined()
  expect(storyOf(await recorded(made), 'eve').filter((line) => line.endsWith(' done'))).toHaveLength(2)
})

for (const [what, deed] of DEEDS)
  test(`somebody who ${what} between the loss of their roles and the kick stays`, async () => {
    const made = await town()
    made.sandbox.faults.before(REMOVAL, async () => void (await deed(made)))
    await kickRun(made)
    expect(made.sandbox.requests.count(REMOVAL)).toBe(1)
    expect([made.sandbox.requests.count(KICK), made.guild.member(idOf('eve'))]).toEqual([0, expect.anything()])
    expect(storyOf(await recorded(made), 'eve')).toEqual(['action.intended', 'action.settled done'])
    expect(holds(made, 'eve', 'Pilots')).toBe(what.startsWith('gets back'))
  })
