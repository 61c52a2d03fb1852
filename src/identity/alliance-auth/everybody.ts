import { DirectoryUnreachable } from '#src/core/directory.ts'
import { GatheredPeople } from '#src/core/gathered-people.ts'
import { type Halves, readIdBytes } from '#src/core/ids.ts'
import { ACCESS, ACTIVE, type PeopleColumns, SUPERUSER } from '#src/core/people.ts'
import { rowLimit, tooMany } from '../limits.ts'
import type { Fields, Session } from '../server/server.ts'
import { inSteps } from '../steps.ts'
import { type Access, type Known, nameOf } from './names.ts'

// Everybody, table by table: a server takes several times as long to join them and to gather the groups of each as it takes to send all rows.

export async function readEverybody(session: Session, known: Known, most: number): Promise<PeopleColumns> {
  const people = new GatheredPeople()
  const { users } = known.access
  await session.each(`select id, ${bit('is_active')}, ${bit('is_superuser')}, username from auth_user`, (fields) => {
    if (people.count === most) throw tooMany(most)
    const own = users.size > 0 && users.has(fields.text(0) ?? '') ? ACCESS : 0
    people.add(fields.utf8(0)!, (fields.number(1) && ACTIVE) | (fields.number(2) && SUPERUSER) | own)
    people.name(fields.utf8(3))
  })
  /** What is said of somebody who is not there says nothing of anybody. */
  const ofEach = (question: string, tell: (row: number, fields: Fields) => void) => {
    const count = rowLimit(most)
    return session.each(question, (fields) => {
      count()
      const row = people.rowOf(fields.utf8(0)!)
      if (row >= 0) tell(row, fields)
    })
  }
  const states = new Numbered(known.states, 'state')
  await ofEach(`select user_id, state_id from authentication_userprofile where state_id is not null`, (row, fields) => {
    if (!people.setState(row, states.of(fields.number(1)))) throw twoStates(fields.text(0)!)
  })
  const groups = new Numbered(known.groups, 'group')
  await ofEach('select user_id, group_id from auth_user_groups', (row, fields) =>
    people.join(row, groups.of(fields.number(1))),
  )
  const account: Halves = { high: 0, low: 0 }
  await ofEach('select user_id, uid from discord_discorduser where uid is not null', (row, fields) => {
    if (readIdBytes(fields.utf8(1)!, account)) people.link(row, account.high, account.low)
  })
  const grant = grantedBy(known.access, groups.ids, states.ids)
  return await inSteps(people.columns({ groups: groups.names, states: states.names, grant }))
}

const bit = (column: string): string => `case when ${column} then 1 else 0 end`

/** Names by their ids, as the source counts them. */
class Numbered {
  readonly ids: readonly string[]
  readonly names: readonly string[]
  readonly #known: ReadonlyMap<string, string>
  readonly #what: 'group' | 'state'
  readonly #numbers: ReadonlyMap<number, number>

  constructor(known: ReadonlyMap<string, string>, what: 'group' | 'state') {
    this.ids = [...known.keys()]
    this.names = [...known.values()]
    this.#known = known
    this.#what = what
    this.#numbers = new Map(this.ids.map((id, number) => [Number(id), number]))
  }

  /** Throws where there is none of this id. */
  of(id: number): number {
    const number = this.#numbers.get(id)
    if (number !== undefined) return number
    nameOf(this.#known, String(id), this.#what)
    return -1
  }
}

function grantedBy(access: Access, groupIds: readonly string[], stateIds: readonly string[]) {
  return (state: number | null, groups: readonly number[]): boolean =>
    (state !== null && access.states.has(stateIds[state]!)) ||
    groups.some((group) => access.groups.has(groupIds[group]!))
}

const twoStates = (userId: string): DirectoryUnreachable =>
  new DirectoryUnreachable(
    `The identity database of Alliance Auth gives the user ${userId} two states, and it cannot be told which holds. Nobody is judged until each user has one row in authentication_userprofile.`,
  )
