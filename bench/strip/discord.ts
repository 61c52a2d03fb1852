import { setTimeout as pause } from 'node:timers/promises'
import { startSandbox } from '#src/sandbox/sandbox.ts'
import { type Person, Town, type TownPlan } from '../guild/town.ts'
import { answer } from '../peer.ts'
import { City } from './city.ts'
import { strippable, toPlan, unearnedBy } from './guild.ts'
import { Side } from './side.ts'

// The process of Discord itself: a sandbox for each bot that is compared, all with the same server, so that the same happens to each of them.

export type DiscordQuestion =
  | ({ readonly ask: 'open'; readonly sides: number } & DiscordPlan)
  /** Somebody gives a role by hand to the person of this number. In ms until its removal arrives. */
  | { readonly ask: 'give'; readonly side: number; readonly person: number }
  /** A large server invites the bot, and while its members are listed roles are given as above, one every so often. */
  | ({ readonly ask: 'burst'; readonly side: number; readonly person: number } & BurstPlan)
  | { readonly ask: 'count'; readonly side: number }

export interface DiscordPlan {
  readonly town: TownPlan
  /** How much Discord's windows are shortened; null: nothing is refused for its rate. */
  readonly rateScale: number | null
  /** So many people hold a role that they have not earned before any bot comes. */
  readonly astray: number
}

export interface BurstPlan {
  readonly members: number
  readonly everyMs: number
}

export interface Address {
  readonly apiUrl: string
  readonly token: string
}

export interface Bursted {
  readonly waits: readonly number[]
  /** From the question to the last chunk. */
  readonly burstMs: number
}

export interface Counted {
  readonly removals: number
  /** Requests that were refused for their rate. */
  readonly refused: number
}

/** Windows that are over at once, for what is not to be limited: a list may then be asked for again at any time. */
const NO_WINDOW = 0.0001
const SEED_OF_CITY = 2

const sides: Side[] = []
let plan: DiscordPlan
let town: Town
let people: readonly Person[]
let city: City | null = null

async function open(count: number): Promise<readonly Address[]> {
  town = new Town(plan.town)
  people = strippable(town)
  for (let nth = 0; nth < count; nth++) sides.push(await openSide())
  return sides.map(({ sandbox: { url, token } }) => ({ apiUrl: url, token }))
}

async function openSide(): Promise<Side> {
  const { rateScale, astray } = plan
  const sandbox = await startSandbox({ now: preciseNow, limits: rateScale !== null, rateScale: rateScale ?? NO_WINDOW })
  const guild = sandbox.addGuild(toPlan(town))
  for (const person of people.slice(0, astray)) guild.give(person.id, unearnedBy(person, town), { silent: true })
  return new Side(sandbox, guild)
}

/** Milliseconds with their fractions: a removal takes only a few. */
const preciseNow = (): number => performance.timeOrigin + performance.now()

/** The person of this number, counted from those who are in order. */
function give(side: Side, number: number): Promise<number> {
  const person = people[plan.astray + number]
  if (!person) throw new Error(`there are no more than ${people.length - plan.astray} people to give a role to`)
  return side.give(person.id, unearnedBy(person, town))
}

async function burst(side: Side, first: number, { members, everyMs }: BurstPlan): Promise<Bursted> {
  city ??= new City(members, SEED_OF_CITY, plan.town.governed)
  const { asked, sent } = city.invite(side.sandbox)
  await asked
  const from = performance.now()
  let burstMs: number | null = null
  void sent.then(() => {
    burstMs = performance.now() - from
  })
  const waits: Promise<number>[] = []
  while (burstMs === null) {
    waits.push(give(side, first + waits.length))
    await pause(everyMs)
  }
  const seen = await Promise.all(waits)
  city.leave(side.sandbox)
  return { waits: seen, burstMs }
}

answer(async (question: DiscordQuestion) => {
  switch (question.ask) {
    case 'open':
      plan = question
      return open(question.sides)
    case 'give':
      return give(sides[question.side]!, question.person)
    case 'burst':
      return burst(sides[question.side]!, question.person, question)
    case 'count':
      return sides[question.side]!.count() satisfies Counted
  }
})
