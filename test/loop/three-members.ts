import { type Act, EVERYTHING, type Run } from '#src/core/run.ts'
import { type AuditOrder, audit, type Progress } from '#src/loop/audit.ts'
import type { By } from '#src/loop/invoking.ts'
import { Queue } from '#src/loop/queue.ts'
import { DIRECTORS, GUILD, makeSmallWorld, PILOTS, person, type SmallWorld, STRIPPING } from './small-world.ts'

// A story that most tests of runs begin with, and the ways to ask for something in it.

/** Ann (3) has earned Pilots, Bob (4) holds Directors by hand, Eve (5) is known to nobody and holds Pilots. */
export function threeMembers(): SmallWorld {
  const world = makeSmallWorld([person('42', '3', ['Pilots']), person('43', '4')])
  world.discord.put('3', [PILOTS])
  world.discord.put('4', [DIRECTORS])
  world.discord.put('5', [PILOTS])
  world.book.settingsNow = STRIPPING
  return world
}

/** So many guests more who hold Pilots, from the id 10 on. */
export function addGuests(world: SmallWorld, count: number): void {
  for (let id = 10; id < 10 + count; id += 1) world.discord.put(String(id), [PILOTS])
}

export const orderOf = (more: Partial<AuditOrder> = {}): AuditOrder => ({
  guildId: GUILD,
  purpose: 'audit',
  cause: null,
  only: EVERYTHING,
  lane: 'command',
  trigger: 'slash',
  action: 'strip',
  actor: 'discord:1',
  mayDestroy: true,
  reason: null,
  idempotencyKey: 'interaction:1',
  ...more,
})

/** What the clock asks for. */
export const SCHEDULED = {
  trigger: 'schedule',
  actor: 'system:schedule',
  lane: 'sweep',
  idempotencyKey: 'schedule:1',
} as const

export const run = (
  world: SmallWorld,
  more: Partial<AuditOrder> = {},
  onProgress: (progress: Progress) => void = () => {},
): Promise<Run> => audit(world, new Queue(), orderOf(more), { asked: false }, onProgress)

/** A moderator who may take roles and kick. */
export const BY: By = {
  actor: 'discord:7',
  cause: 'interaction:77',
  reason: null,
  mayStrip: true,
  mayKick: true,
  roleIds: null,
  stoppedSince: () => false,
}

/** What was changed at Discord, in order. */
export const changes = (world: SmallWorld): readonly string[] =>
  world.steps.filter((step) => /^(?:remove_role|remove_roles|add_role|kick) /.test(step))

export const rolesOf = (world: SmallWorld, memberId: string): readonly string[] | undefined =>
  world.discord.members.get(memberId)?.roleIds

/** Nothing gets through Discord's door before it is opened. */
export function shutDoor(world: SmallWorld): () => void {
  const door = Promise.withResolvers<void>()
  const { perform } = world.enforcer
  world.enforcer.perform = async (act: Act, how) => {
    await door.promise
    return perform(act, how)
  }
  return () => door.resolve()
}
