import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Directory, DirectoryUnreachable, type Reading } from '#src/core/directory.ts'
import type { Id, Identity } from '#src/core/model.ts'
import { identitiesOf } from '#src/core/people.ts'
import { vitalsOf } from '#src/core/truth.ts'
import { mainFirst, NOBODY, type People } from '#src/identity/people.ts'
import { crowd, people, person } from './sample.ts'

/** A directory under test, and the way to put other people behind it. */
export interface Subject {
  readonly directory: Directory
  /** Puts these people in the place of all others, in one moment; whoever watches has been told when this is done. */
  fill(people: People): Promise<void>
  /** What a source of this kind can say of these people, where that is not all. */
  tells?(people: People): People
  /** Keeps it from being read until the returned function is called. */
  lose(): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** `now` of the subject's clock must be `AT`. */
export const AT = Date.parse('2026-11-22T12:00:00Z')

/** What the loop relies on, whichever source stands behind it; `odd` are people whom this source can hold. */
export function keepsTheContract(open: () => Promise<Subject>, odd: People): void {
  let subject: Subject
  beforeAll(async () => {
    subject = await open()
  })
  afterAll(() => subject?.close())

  describe('with odd people in it', () => {
    beforeAll(() => subject.fill(odd))
    const told = () => subject.tells?.(odd) ?? odd

    it('answers for every asked id, with everybody who claims it and an empty list where nobody does', async () => {
      const asked = [...linkedBy(odd.identities), '76', '9007199254740994', '18446744073709551614', '__proto__', '']
      const { claims } = await subject.directory.find(asked)
      expect([...claims.keys()]).toEqual(asked)
      for (const id of asked) expect([id, byId(claims.get(id)!)]).toEqual([id, byId(claimantsOf(id, odd.identities))])
      expect(claims.get('9007199254740993')?.map(({ id }) => id)).toHaveLength(2)
    })

    it('gives each one who is asked for alone as a whole', async () => {
      for (const id of linkedBy(odd.identities)) {
        const { claims } = await subject.directory.find([id])
        expect(byId(claims.get(id)!)).toEqual(byId(claimantsOf(id, odd.identities)))
      }
    })

    it('says the same of a person whether asked for one or for everybody', async () => {
      const { people: everybody, ...reading } = await subject.directory.snapshot()
      expect(byId([...identitiesOf(everybody)])).toEqual(byId(odd.identities))
      const { claims, identities: _none, ...sameReading } = await subject.directory.find(['77'])
      expect(claims.get('77')).toHaveLength(1)
      expect(comparable(sameReading)).toEqual(comparable(reading))
    })

    it('gives the identities that are asked for, of one moment with the accounts, and leaves out whom there is not', async () => {
      const ids = odd.identities.map(({ id }) => id)
      const { identities, claims } = await subject.directory.find(['77'], [...ids, ids[0]!, 'nobody', '999', ''])
      expect(byId([...identities.values()])).toEqual(byId(odd.identities))
      expect([...identities].filter(([id, one]) => id !== one.id)).toEqual([])
      expect(claims.get('77')).toHaveLength(1)
      expect((await subject.directory.find(['77'])).identities.size).toBe(0)
    })

    it('counts what the core counts, names apart that differ in case, blanks or form', async () => {
      const { vitals, names } = await subject.directory.find([])
      expect(vitals).toEqual(vitalsOf(odd.identities, odd.names))
      expect(vitals.perGroup.get('PILOTS ')).toBe(1)
      expect(vitals.perGroup.get('empty')).toBe(0)
      expect(vitals.perGroup.get('__proto__')).toBe(1)
      expect(vitals.withAccess).toBe(odd.identities.filter((one) => one.active && (one.superuser || one.access)).length)
      expect(sortedNames(names)).toEqual(sortedNames(told().names))
    })

    it('is complete, has an access permission, and was read when the clock said so', async () => {
      expect(await subject.directory.find([])).toMatchObject({ complete: true, permissionExists: true, readAt: AT })
      expect(await subject.directory.snapshot()).toMatchObject({ complete: true, permissionExists: true, readAt: AT })
    })

    it('shows the main account first, and none for a stranger', async () => {
      for (const { id } of odd.identities)
        expect(await subject.directory.accounts(id)).toEqual(mainFirst(told().accounts?.get(id) ?? []))
      for (const stranger of ['nobody', '999', '']) expect(await subject.directory.accounts(stranger)).toEqual([])
    })

    it('answers an id that was asked twice once', async () => {
      const { claims } = await subject.directory.find(['77', '77'])
      expect(claims.size).toBe(1)
      expect(claims.get('77')).toHaveLength(1)
    })
  })

  it('answers about more ids than fit in one question', async () => {
    const many = numbered(crowd(2_500))
    await subject.fill(people(many))
    const { claims } = await subject.directory.find([...linkedBy(many), '1'])
    expect(claims.size).toBe(2_501)
    for (const one of many) expect(claims.get(one.discordIds[0]!)?.map(({ id }) => id)).toEqual([one.id])
    const { people: everybody, vitals } = await subject.directory.snapshot()
    expect(byId([...identitiesOf(everybody)])).toEqual(byId(many))
    expect(vitals).toEqual(vitalsOf(many, people(many).names))
  })

  it('tells who changed, and no longer once the watching ended', async () => {
    const two = person('2', { discordIds: ['22'] })
    await subject.fill(people([person('1', { discordIds: ['11'] }), two]))
    const heard: (readonly Id[])[] = []
    const stop = subject.directory.watch((changed) => heard.push(changed === 'all' ? [changed] : changed.toSorted()))
    await subject.fill(people([person('1', { discordIds: ['11'], state: 'Guest' }), two]))
    expect(heard.splice(0)).toEqual([['11']])
    await subject.fill(people([person('1', { discordIds: ['12'], state: 'Guest' }), two]))
    expect(heard.splice(0)).toEqual([['11', '12']])
    await subject.fill(people([person('1', { discordIds: ['12'], state: 'Guest' })]))
    expect(heard.splice(0)).toEqual([['22']])
    await subject.fill(people([person('1', { discordIds: ['12'], state: 'Guest' })]))
    expect(heard.splice(0)).toEqual([])
    stop()
    await subject.fill(people([two]))
    expect(heard).toEqual([])
  })

  it('tells that anybody may have changed where a group nobody is in came or went', async () => {
    await subject.fill(people([person('1', { discordIds: ['11'] })]))
    const heard: unknown[] = []
    const stop = subject.directory.watch((changed) => heard.push(changed))
    await subject.fill(people([person('1', { discordIds: ['11'] })], { names: namesWith('Pilots') }))
    stop()
    expect(heard).toEqual(['all'])
  })

  it('gives each answer of one moment, while other people are put in', async () => {
    const sides = [numbered(crowd(50)), numbered(crowd(50, 50))].map((crew, at) =>
      people(
        crew.map((one) => ({ ...one, groups: [`side ${at}`] })),
        { names: namesWith(`side ${at}`) },
      ),
    )
    const asked = sides.flatMap(({ identities }) => linkedBy(identities))
    const mustBeOfOneSide = ({ names, vitals }: Reading, found: readonly Identity[]) => {
      const side = sides.find((one) => one.names.groups[0] === names.groups[0])!
      expect(vitals).toEqual(vitalsOf(side.identities, side.names))
      expect(byId(found)).toEqual(byId(side.identities))
    }
    await subject.fill(sides[0]!)
    for (const side of [1, 0, 1, 0, 1]) {
      let isDone = false
      const done = subject.fill(sides[side]!).finally(() => {
        isDone = true
      })
      while (!isDone) {
        const found = await subject.directory.find(asked)
        mustBeOfOneSide(found, [...found.claims.values()].flat())
        const all = await subject.directory.snapshot()
        mustBeOfOneSide(all, [...identitiesOf(all.people)])
      }
      await done
    }
  })

  it('throws where it cannot be read, never answers with emptiness, and answers again afterwards', async () => {
    await subject.fill(people([person('1', { discordIds: ['11'] })]))
    expect((await subject.directory.find(['11'])).claims.get('11')).toHaveLength(1)
    const mend = await subject.lose()
    try {
      await expect(subject.directory.find(['11'])).rejects.toThrow(DirectoryUnreachable)
      await expect(subject.directory.find([])).rejects.toThrow(DirectoryUnreachable)
      await expect(subject.directory.snapshot()).rejects.toThrow(DirectoryUnreachable)
    } finally {
      await mend()
    }
    expect((await subject.directory.find(['11'])).claims.get('11')).toHaveLength(1)
  })

  it('answers with nobody where nobody was ever put in: the truth check then says so', async () => {
    await subject.fill(NOBODY)
    const { claims, vitals } = await subject.directory.find(['77'])
    expect(claims.get('77')).toEqual([])
    expect(vitals).toEqual({ identities: 0, linked: 0, withAccess: 0, perGroup: new Map(), perState: new Map() })
    expect((await subject.directory.snapshot()).people.count).toBe(0)
  })
}

const namesWith = (group: string) => ({ groups: [group], states: ['Member', 'Guest'], reservedNames: [] })

const linkedBy = (identities: readonly Identity[]): Id[] => [
  ...new Set(identities.flatMap(({ discordIds }) => discordIds)),
]

const claimantsOf = (id: string, identities: readonly Identity[]): Identity[] =>
  identities.filter(({ discordIds }) => discordIds.includes(id))

/** Some sources have nothing but numbers for ids. */
const numbered = (identities: readonly Identity[]): Identity[] =>
  identities.map((one) => ({ ...one, id: one.id.replace(/^\D+/, '') }))

/** Without the methods of a row of columns, and in one order. */
function plain({ id, username, active, superuser, access, state, groups, discordIds }: Identity): Identity {
  return {
    ...{ id, username, active, superuser, access, state },
    ...{ groups: [...groups].sort(), discordIds: [...discordIds].sort() },
  }
}

function byId(identities: readonly Identity[]): Map<string, Identity> {
  expect(new Set(identities.map(({ id }) => id)).size).toBe(identities.length)
  return new Map(identities.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((one) => [one.id, plain(one)]))
}

function comparable({ names, ...rest }: Reading): unknown {
  return { ...rest, names: sortedNames(names) }
}

function sortedNames({ groups, states, reservedNames }: Reading['names']): unknown {
  return { groups: [...groups].sort(), states: [...states].sort(), reservedNames: [...reservedNames].sort() }
}
