import { type LiveBlast, measureLiveBlast, populationOf } from '#src/core/live-blast.ts'
import type { Id, Settings } from '#src/core/model.ts'
import { momentAgo } from './ago.ts'
import { knownGuild } from './facts.ts'
import { OneByOne } from './one-by-one.ts'
import type { World } from './world.ts'

// The blast radius of live acts. Many looks come to an act at once, so each member is counted from the moment at which it is decided that they may.

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

interface Door {
  /** By guild, members who were let through, or are about to be, and whose act has not ended. */
  readonly inHand: Map<Id, Set<Id>>
  readonly asking: OneByOne
}

const ofWorlds = new WeakMap<World, Door>()

function doorOf(world: World): Door {
  const door = ofWorlds.get(world) ?? { inHand: new Map(), asking: new OneByOne() }
  ofWorlds.set(world, door)
  return door
}

/** Lets the member through unless that were one too many. Who was let through is counted until `release`, and from the intent on by the book. */
export function reserve(world: World, guildId: Id, memberId: Id, settings: Settings): Promise<LiveBlast> {
  const { inHand, asking } = doorOf(world)
  return asking.do(guildId, async () => {
    const members = inHand.get(guildId) ?? new Set()
    inHand.set(guildId, members.add(memberId))
    let blast: LiveBlast | null = null
    try {
      blast = await liveBlast(world, guildId, settings)
      return blast
    } finally {
      if (!blast || blast.over) release(world, guildId, memberId)
    }
  })
}

export function release(world: World, guildId: Id, memberId: Id): void {
  const { inHand } = doorOf(world)
  const members = inHand.get(guildId)
  members?.delete(memberId)
  if (members?.size === 0) inHand.delete(guildId)
}

/** What live acts come to with those who are in hand, and with `more`, were all of them to lose something; beside what they may. */
export async function liveBlast(
  world: World,
  guildId: Id,
  settings: Settings,
  more: readonly Id[] = [],
): Promise<LiveBlast> {
  const members = [...new Set([...membersInHand(world, guildId), ...more])]
  const [lastHour, lastDay] = await Promise.all([
    world.book.liveAffectedSince(guildId, momentAgo(world, HOUR_MS), members),
    world.book.unattendedSince(guildId, momentAgo(world, DAY_MS), null, members),
  ])
  const affected = { lastHour: lastHour + members.length, lastDay: lastDay.affected + members.length }
  const { roster, guild } = knownGuild(world, guildId)
  return measureLiveBlast(affected, populationOf(roster.columns, guild.botUserId, settings), settings)
}

/** What nobody asked for in the last 24 hours: what was taken, what runs at work mean to take, and who is let through; without the run named. */
export async function unattendedToday(
  world: World,
  guildId: Id,
  exceptRunId: string,
): Promise<{ readonly affected: number; readonly kicks: number }> {
  const members = membersInHand(world, guildId)
  const day = await world.book.unattendedSince(guildId, momentAgo(world, DAY_MS), exceptRunId, members)
  return { affected: day.affected + members.length, kicks: day.kicks }
}

const membersInHand = (world: World, guildId: Id): readonly Id[] => [...(doorOf(world).inHand.get(guildId) ?? [])]
