import { describe, expect, test, vi } from 'vitest'
import type { Guild } from '#src/sandbox/guild.ts'
import { withServer } from '../../database.ts'
import { HOUR, type Hosted, hosted, MINUTE, strip } from '../hosted.ts'
import {
  beginStrip,
  holdToAccount,
  IN_HAND,
  lastRun,
  type NightPlan,
  OUT_OF_ORDER,
  REMOVAL,
  removalsAsked,
  settings,
  shut,
  stripped,
} from '../night.ts'
import { idOf, MODERATOR, OWNER, type Shown, say, shownBy, withBook } from '../town.ts'
import { KICK, mayKick } from './armed-town.ts'

// A capability lets somebody ask. What is then done is no more than their own permissions in the server allow, whenever it is done.

holdToAccount()
vi.setConfig({ testTimeout: 60_000 })

const HELPER = 'other0'
const YEAR = 365 * 24 * HOUR
const USUAL = { run: 0.1, day: 0.25, kicks: 0.02 }
const KICKING = { unknown_guest: 'strip_kick', linked_no_perm: 'strip', role_drift: 'strip', missing_roles: 'report' }

/** As if they had come a year ago: whoever came while it was decided to kick them is not kicked. */
function beHereForLong(guild: Guild, username: string, ...roles: readonly string[]): void {
  const id = idOf(username)
  guild.leave(id, { silent: true })
  guild.join({ username, id, roles, joinedAt: Date.now() - YEAR }, { silent: true })
}

/** The helper has a role that has no permission at all, and moderators may hand out roles and kick nobody. */
function town(capability: string, plan: NightPlan = {}): Promise<Hosted> {
  const before = (guild: Guild) => {
    guild.createRole({ name: 'Helper' })
    guild.give(idOf(HELPER), 'Helper', { silent: true })
    mayKick(guild)
    beHereForLong(guild, 'eve', 'Pilots')
  }
  return hosted({ ...plan, before }).then(async (made) => {
    for (const role of ['Helper', 'Moderator'])
      await say(made.guild, OWNER, 'capability grant', { role: made.guild.role(role).id, capability })
    return made
  })
}

/** A server may show a command to whomever it likes. */
async function ask({ guild }: Hosted, as: string, command: string, options: Record<string, string>): Promise<Shown> {
  const asked = await guild.command({ as: idOf(as), command, options, force: true })
  return shownBy(await asked.until((one) => !/running|being carried out|^undefined$/.test(shownBy(one).title), 20_000))
}

const kicksAsked = ({ sandbox }: Hosted): number => sandbox.requests.count(KICK)

async function kicking(plan: NightPlan = {}): Promise<Hosted> {
  const made = await town('acknowledge', plan)
  await settings(made.place, made.guild, { policy: KICKING })
  return made
}

/** Until a kick that was to be tried again was, or is given up. */
const untilNothingWaits = ({ place }: Hosted): Promise<unknown> =>
  vi.waitUntil(() => withBook(place, async ({ sql }) => (await sql`select 1 from retries`).length === 0), {
    timeout: 25_000,
    interval: 50,
  })

const digestIn = ({ whole }: Shown): string => /digest:(sha256:[0-9a-f]{64})/.exec(whole)![1]!

withServer('somebody who was let ask', () => {
  describe('and who may not hand out roles', () => {
    test('gets a report of a run that was to take some', async () => {
      const made = await town('run')
      const shown = await ask(made, HELPER, 'audit run', { action: 'strip' })
      expect([shown.title, shown.whole]).toEqual(['8 members out of order', expect.stringContaining('Manage Roles')])
      expect([stripped(made), removalsAsked(made)]).toEqual([[], 0])
    })

    test('lets nobody’s run go on', async () => {
      const made = await town('run')
      const door = shut(made, REMOVAL, { after: 2, count: IN_HAND })
      await beginStrip(made)
      await door.reached
      await say(made.guild, MODERATOR, 'stop')
      door.open()
      await made.sandbox.until(() => removalsAsked(made) === 2 + IN_HAND)
      const { id: run } = await lastRun(made)
      const shown = await ask(made, HELPER, 'audit resume', { run })
      expect([shown.title, shown.text]).toEqual([
        'Not done',
        expect.stringContaining('needs the permission Manage Roles'),
      ])
      expect(removalsAsked(made)).toBe(2 + IN_HAND)
    })

    test('approves nobody’s plan', async () => {
      const made = await town('acknowledge', { blast: USUAL })
      const waits = await strip(made)
      const plan = { run: waits.runId!, digest: digestIn(waits) }
      const shown = await ask(made, HELPER, 'acknowledge plan', plan)
      expect([shown.title, shown.text]).toEqual([
        'Not done',
        expect.stringContaining('needs the permission Manage Roles'),
      ])
      expect([stripped(made), removalsAsked(made)]).toEqual([[], 0])
      expect(await lastRun(made)).toMatchObject({ state: 'awaiting_approval' })
      await ask(made, MODERATOR, 'acknowledge plan', plan)
      expect(stripped(made)).toEqual(OUT_OF_ORDER)
    })
  })

  describe('and who may kick nobody', () => {
    test('gets a report of a run that was to kick', async () => {
      const made = await kicking()
      const shown = await ask(made, MODERATOR, 'audit run', { action: 'strip_kick', member: idOf('eve') })
      expect(shown.whole).toContain('Kick Members')
      expect([kicksAsked(made), removalsAsked(made)]).toEqual([0, 0])
    })

    test('approves no plan that kicks', async () => {
      const made = await kicking({ blast: USUAL })
      const waits = await ask(made, OWNER, 'audit run', { action: 'strip_kick' })
      const plan = { run: waits.runId!, digest: digestIn(waits) }
      const shown = await ask(made, MODERATOR, 'acknowledge plan', plan)
      expect([shown.title, shown.text]).toEqual(['Not done', expect.stringContaining('Manage Roles and Kick Members')])
      expect([kicksAsked(made), removalsAsked(made)]).toEqual([0, 0])
    })
  })

  describe('and whose kick failed', () => {
    for (const [how, permissions, kicks] of [
      ['has it tried again as long as they may kick', ['MANAGE_ROLES', 'KICK_MEMBERS'], 2],
      ['has it tried no more once they may not', ['MANAGE_ROLES'], 1],
    ] as const)
      test(how, async () => {
        const made = await kicking()
        made.rights.mayBeKicked(idOf('eve'))
        made.guild.editRole('Moderator', { permissions: ['MANAGE_ROLES', 'KICK_MEMBERS'] })
        made.sandbox.faults.lie(1, KICK)
        await ask(made, MODERATOR, 'audit run', { action: 'strip_kick', member: idOf('eve') })
        expect(kicksAsked(made)).toBe(1)
        made.guild.editRole('Moderator', { permissions })
        made.clock.jump(6 * MINUTE)
        await untilNothingWaits(made)
        expect([kicksAsked(made), made.guild.member(idOf('eve')) === undefined]).toEqual([kicks, kicks === 2])
      })
  })
})
