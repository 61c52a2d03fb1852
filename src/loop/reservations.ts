import { type LiveBlast, measureLiveBlast, populationOf } from '#src/core/live-blast.ts'
import type { Id, Settings } from '#src/core/model.ts'
import { momentAgo } from './ago.ts'
import { knownGuild } from './facts.ts'
import { OneByOne } from './one-by-one.ts'
import type { LiveStanding, World } from './world.ts'

// The blast radius of live acts. Many looks come to an act at once, so each member is counted from the moment at which it is decided that they may.

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Of one guild. */
class Door {
  /** Members who were let through, or are about to be, and whose act has not ended. */
  readonly inHand = new Set<Id>()
  /** Members of whom it is asked at this moment how things stand. Whoever counts for a run counts them as well: their own answer may not show that run. */
  readonly asking = new Set<Id>()
  /** How many were let through until now. */
  letThrough = 0
  /** How many wait to be let through one by one, or are. */
  inLine = 0

  letIn(memberId: Id): void {
    this.asking.delete(memberId)
    this.inHand.add(memberId)
    this.letThrough++
  }

  letGo(memberId: Id): void {
    this.asking.delete(memberId)
    this.inHand.delete(memberId)
  }
}

interface Doors {
  readonly ofGuilds: Map<Id, Door>
  readonly oneByOne: OneByOne
}

const ofWorlds = new WeakMap<World, Doors>()

function doorsOf(world: World): Doors {
  const doors = ofWorlds.get(world) ?? { ofGuilds: new Map(), oneByOne: new OneByOne() }
  ofWorlds.set(world, doors)
  return doors
}

function doorOf(world: World, guildId: Id): Door {
  const { ofGuilds } = doorsOf(world)
  const door = ofGuilds.get(guildId) ?? new Door()
  ofGuilds.set(guildId, door)
  return door
}

/** How things stand for a live act, and who was in hand when that was asked. */
export interface Standing extends LiveStanding {
  /** By the world's `elapsed`. */
  readonly askedAt: number
  /** The member among them. */
  readonly inHand: ReadonlySet<Id>
  /** How many had been let through by then. */
  readonly letThrough: number
}

/**
 * Asks everything that a live act on this member must know; `takenSince`: from when on it is counted how often roles were taken from them. From this moment
 * until `release` the member is counted by whoever plans a run.
 */
export async function askStanding(world: World, guildId: Id, memberId: Id, takenSince: number): Promise<Standing> {
  const door = doorOf(world, guildId)
  const asked = { askedAt: world.elapsed(), inHand: new Set(door.inHand).add(memberId), letThrough: door.letThrough }
  door.asking.add(memberId)
  const since = { hourSince: momentAgo(world, HOUR_MS), daySince: momentAgo(world, DAY_MS) }
  const question = { takenSince, ...since, inHand: [...asked.inHand] }
  return { ...(await world.book.liveStanding(guildId, memberId, question)), ...asked }
}

/**
 * Lets the member through unless that were one too many. Who was let through is counted until `release`, and from the intent on by the book. What was asked
 * counts only where nobody else was let through since, or may be at this moment; and where somebody has been released since, only to let through:
 * they are counted still, though they may have done nothing. Else it is asked anew, of one member after the other.
 */
export async function reserve(
  world: World,
  guildId: Id,
  memberId: Id,
  settings: Settings,
  asked: Standing,
): Promise<LiveBlast> {
  const door = doorOf(world, guildId)
  if (door.letThrough === asked.letThrough && door.inLine === 0) {
    const blast = measure(world, guildId, settings, asked, asked.inHand.size)
    const allAreThere = [...asked.inHand].every((id) => id === memberId || door.inHand.has(id))
    if (!blast.over) door.letIn(memberId)
    if (!blast.over || allAreThere) return blast
  }
  return reserveInLine(world, guildId, memberId, settings)
}

async function reserveInLine(world: World, guildId: Id, memberId: Id, settings: Settings): Promise<LiveBlast> {
  const door = doorOf(world, guildId)
  door.inLine++
  try {
    return await doorsOf(world).oneByOne.do(guildId, async () => {
      const blast = await blastOf(world, guildId, settings, new Set(door.inHand).add(memberId))
      if (!blast.over) door.letIn(memberId)
      return blast
    })
  } finally {
    door.inLine--
  }
}

/** The member is in hand no more, and nothing is asked of them; whatever came of it. */
export function release(world: World, guildId: Id, memberId: Id): void {
  doorOf(world, guildId).letGo(memberId)
}

/** What live acts come to with those who are in hand or about to be, and with `more`, were all of them to lose something; beside what they may. */
export function liveBlast(world: World, guildId: Id, settings: Settings, more: readonly Id[]): Promise<LiveBlast> {
  return blastOf(world, guildId, settings, new Set([...countedFor(world, guildId), ...more]))
}

async function blastOf(world: World, guildId: Id, settings: Settings, counted: ReadonlySet<Id>): Promise<LiveBlast> {
  const members = [...counted]
  const [lastHour, lastDay] = await Promise.all([
    world.book.liveAffectedSince(guildId, momentAgo(world, HOUR_MS), members),
    world.book.unattendedSince(guildId, momentAgo(world, DAY_MS), null, members),
  ])
  return measure(world, guildId, settings, { lastHour, lastDay: lastDay.affected }, members.length)
}

function measure(
  world: World,
  guildId: Id,
  settings: Settings,
  { lastHour, lastDay }: Pick<LiveStanding, 'lastHour' | 'lastDay'>,
  inHand: number,
): LiveBlast {
  const { roster, guild } = knownGuild(world, guildId)
  const affected = { lastHour: lastHour + inHand, lastDay: lastDay + inHand }
  return measureLiveBlast(affected, populationOf(roster.columns, guild.botUserId, settings), settings)
}

/** What nobody asked for in the last 24 hours: what was taken, what runs at work mean to take, and who is let through or about to be; without the run named. */
export async function unattendedToday(
  world: World,
  guildId: Id,
  exceptRunId: string,
): Promise<{ readonly affected: number; readonly kicks: number }> {
  const members = countedFor(world, guildId)
  const day = await world.book.unattendedSince(guildId, momentAgo(world, DAY_MS), exceptRunId, members)
  return { affected: day.affected + members.length, kicks: day.kicks }
}

function countedFor(world: World, guildId: Id): readonly Id[] {
  const { inHand, asking } = doorOf(world, guildId)
  return [...new Set([...inHand, ...asking])]
}
