import { createHash } from 'node:crypto'
import type { Finding } from '#src/core/model.ts'
import { compareIds } from '#src/core/order.ts'
import { peopleOf } from '#src/core/people.ts'
import { makeClaimColumns, walk } from '#src/core/walk.ts'
import { fillRoster } from '../guild/ours.ts'
import { fillCache } from '../guild/theirs.ts'
import { Town, type TownPlan } from '../guild/town.ts'
import { answer } from '../peer.ts'
import { INVOCATION, identitiesOf, scopeOf, settingsOf } from './orders.ts'
import { makePlainClaims, plainFindings } from './plain-rules.ts'

// The process in which one side decides about everybody. Its argument is whose side it is: a bot of either kind has no other's objects beside it.

export type DeciderQuestion =
  | ({ readonly ask: 'open' } & TownPlan)
  /** So many times, one after the other; in milliseconds each. */
  | { readonly ask: 'decide'; readonly times: number }

export interface Opened {
  /** What it takes to lay out who claims whom, in milliseconds. */
  readonly preparedMs: number
  readonly findings: number
  /** Of the findings, sorted. */
  readonly digest: string
  /** Rows by the way that the walk took; null where nothing is walked. */
  readonly walked: { readonly narrow: number; readonly wide: number } | null
}

interface Decided {
  readonly findings: readonly Finding[]
  readonly walked?: Opened['walked']
}

/** Lays out the claims, and answers what then decides. */
type Prepare = () => () => Decided

function prepareOurs(town: Town): Prepare {
  const people = peopleOf(identitiesOf(town))
  const roster = fillRoster(town)
  const scope = scopeOf(town, roster)
  return () => {
    const claims = makeClaimColumns(roster.columns, people, scope)
    return () => walk(roster.columns, claims, scope)
  }
}

function prepareTheirs(town: Town): Prepare {
  const identities = identitiesOf(town)
  const guild = fillCache(town)
  guild.client.user = guild.members.cache.get(town.botUserId)!.user as NonNullable<typeof guild.client.user>
  const orders = { settings: settingsOf(town), invocation: INVOCATION }
  return () => {
    const known = makePlainClaims(guild, [...town.groups, ...town.states], identities)
    return () => ({ findings: plainFindings(guild, known, orders) })
  }
}

let decide: () => Decided

function open(plan: TownPlan): Opened {
  const prepare = (process.argv[2] === 'ours' ? prepareOurs : prepareTheirs)(new Town(plan))
  globalThis.gc!()
  const { value, ms } = timed(prepare)
  decide = value
  const { findings, walked = null } = decide()
  const text = JSON.stringify(findings.toSorted((a, b) => compareIds(a.memberId, b.memberId)))
  const digest = createHash('sha256').update(text).digest('hex')
  return { preparedMs: ms, findings: findings.length, digest, walked }
}

function timed<T>(act: () => T): { readonly value: T; readonly ms: number } {
  const began = performance.now()
  const value = act()
  return { value, ms: performance.now() - began }
}

answer(async (question: DeciderQuestion) => {
  if (question.ask === 'open') return open(question)
  return Array.from({ length: question.times }, () => timed(decide).ms)
})
