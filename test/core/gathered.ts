import { GatheredPeople } from '#src/core/gathered-people.ts'
import { readIdBytes } from '#src/core/ids.ts'
import type { Identity } from '#src/core/model.ts'
import { flagsOf, type PeopleColumns } from '#src/core/people.ts'
import type { Span } from '#src/core/text-column.ts'

/** A text in the midst of other bytes, as it lies in what a server sends. */
export function spanOf(text: string): Span {
  const bytes = new TextEncoder().encode(`<${text}>`)
  return { bytes, from: 1, to: bytes.length - 1 }
}

/** One thing that a table says of somebody. */
export type Told = (people: GatheredPeople) => void

/** People with ids of their own, told of in tables; `arrange` says in which order what else they are is told. */
export function gathered(
  identities: readonly Identity[],
  arrange: (told: readonly Told[]) => readonly Told[] = (told) => told,
): PeopleColumns {
  const people = new GatheredPeople()
  for (const one of identities) {
    people.add(spanOf(one.id), flagsOf(one))
    people.name(spanOf(one.username))
  }
  const groups = [...new Set(identities.flatMap((one) => one.groups))]
  const states = [...new Set(identities.flatMap(({ state }) => state ?? []))]
  const told = identities.flatMap((one): Told[] => {
    const row = () => people.rowOf(spanOf(one.id))
    return [
      ...(one.state === null ? [] : [() => void people.setState(row(), states.indexOf(one.state!))]),
      ...one.groups.map((group) => () => people.join(row(), groups.indexOf(group))),
      ...one.discordIds.map((id) => () => {
        const halves = { high: 0, low: 0 }
        if (readIdBytes(spanOf(id), halves)) people.link(row(), halves.high, halves.low)
      }),
    ]
  })
  for (const tell of arrange(told)) tell(people)
  const steps = people.columns({ groups, states })
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
