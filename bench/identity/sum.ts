import { identitiesOf, type PeopleColumns } from '#src/core/people.ts'

/** What everybody comes to, whoever read them and in whatever form. */
export interface Sum {
  readonly people: number
  readonly memberships: number
  /** Of who is in which group. */
  readonly groups: number
  /** Of the Discord ids. */
  readonly links: string
  readonly letters: number
}

/** Adds up; groups come by their names, which end in a number, or by that number. */
export class Adder {
  #people = 0
  #memberships = 0
  #groups = 0
  #links = 0n
  #letters = 0

  person(username: string): void {
    this.#people++
    this.#letters += username.length
  }

  membership(personId: number, group: string): void {
    this.#memberships++
    this.#groups += personId * Number(group.slice(group.lastIndexOf(' ') + 1))
  }

  link(personId: number, discordId: bigint): void {
    this.#links += discordId * BigInt(personId)
  }

  get sum(): Sum {
    return {
      ...{ people: this.#people, memberships: this.#memberships, groups: this.#groups },
      ...{ links: String(this.#links), letters: this.#letters },
    }
  }
}

export function sumOfColumns(people: PeopleColumns): Sum {
  const adder = new Adder()
  for (const { id, username, groups, discordIds } of identitiesOf(people)) {
    adder.person(username)
    for (const group of groups) adder.membership(Number(id), group)
    for (const discordId of discordIds) adder.link(Number(id), BigInt(discordId))
  }
  return adder.sum
}
