import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Directory, Reading } from '#src/core/directory.ts'
import type { Identity } from '#src/core/model.ts'
import { identitiesOf } from '#src/core/people.ts'
import { vitalsOf } from '#src/core/truth.ts'
import type { People } from '#src/identity/people.ts'
import { account, crowd, ODD, people, person } from './sample.ts'

/** A directory under test, and the way to put other people behind it. */
export interface Subject {
  readonly directory: Directory
  fill(people: People): Promise<void>
  close(): Promise<void>
}

/** What the loop relies on, whichever source stands behind it. `now` of the subject's clock must be `AT`. */
export const AT = Date.parse('2026-11-22T12:00:00Z')

export function keepsTheContract(open: () => Promise<Subject>): void {
  let subject: Subject
  beforeAll(async () => {
    subject = await open()
  })
  afterAll(() => subject?.close())

  describe('with odd people in it', () => {
    beforeAll(() => subject.fill(ODD))

    it('answers for every asked id, with an empty list where nobody claims it', async () => {
      const { claims } = await subject.directory.find(['77', '76', '9007199254740994', '__proto__'])
      expect([...claims.keys()]).toEqual(['77', '76', '9007199254740994', '__proto__'])
      expect(claims.get('77')?.map(({ id }) => id)).toEqual(['7'])
      expect([...claims.values()].slice(1)).toEqual([[], [], []])
    })

    it('gives whole people: every group, every Discord id, the access permission alone', async () => {
      for (const identity of ODD.identities)
        for (const discordId of identity.discordIds) {
          const { claims } = await subject.directory.find([discordId])
          const found = claims.get(discordId)?.find(({ id }) => id === identity.id)
          expect(found && plain(found)).toEqual(plain(identity))
        }
    })

    it('names both where two people claim one id, and tells ids apart that a double cannot', async () => {
      const { claims } = await subject.directory.find(['9007199254740993', '9007199254740992'])
      expect(
        claims
          .get('9007199254740993')
          ?.map(({ id }) => id)
          .sort(),
      ).toEqual(['43', '44'])
      expect(claims.get('9007199254740992')?.map(({ id }) => id)).toEqual(['44'])
    })

    it('says the same of a person whether asked for one or for everybody', async () => {
      const { people: everybody, ...reading } = await subject.directory.snapshot()
      expect(byId([...identitiesOf(everybody)])).toEqual(byId(ODD.identities))
      const { claims, ...sameReading } = await subject.directory.find(['77'])
      expect(claims.size).toBe(1)
      expect(comparable(sameReading)).toEqual(comparable(reading))
    })

    it('counts what the core counts, names apart that differ in case, blanks or form', async () => {
      const { vitals, names } = await subject.directory.find([])
      expect(vitals).toEqual(vitalsOf(ODD.identities, ODD.names))
      expect(vitals.perGroup.get('PILOTS ')).toBe(1)
      expect(vitals.perGroup.get('empty')).toBe(0)
      expect(vitals.perGroup.get('__proto__')).toBe(1)
      expect(vitals.withAccess).toBe(6)
      expect({ groups: [...names.groups].sort(), states: [...names.states].sort() }).toEqual({
        groups: [...ODD.names.groups].sort(),
        states: [...ODD.names.states].sort(),
      })
      expect([...names.reservedNames].sort()).toEqual([...ODD.names.reservedNames].sort())
    })

    it('is complete, has an access permission, and was read when the clock said so', async () => {
      expect(await subject.directory.find([])).toMatchObject({ complete: true, permissionExists: true, readAt: AT })
      expect(await subject.directory.snapshot()).toMatchObject({ complete: true, permissionExists: true, readAt: AT })
    })

    it('shows the main account first, and none for a stranger', async () => {
      expect((await subject.directory.accounts('42')).map(({ id }) => id)).toEqual(['10', '2', '3'])
      expect(await subject.directory.accounts('__proto__')).toEqual([
        account('9000000000000000001', { organisation: null, parentOrganisation: 'Alliance' }),
      ])
      expect(await subject.directory.accounts('nobody')).toEqual([])
    })

    it('answers an id that was asked twice once', async () => {
      const { claims } = await subject.directory.find(['77', '77'])
      expect(claims.size).toBe(1)
      expect(claims.get('77')).toHaveLength(1)
    })
  })

  it('answers about more ids than fit in one question', async () => {
    const many = crowd(2_500)
    await subject.fill(people(many))
    const asked = many.flatMap(({ discordIds }) => discordIds)
    const { claims } = await subject.directory.find([...asked, '1'])
    expect(claims.size).toBe(2_501)
    for (const one of many) expect(claims.get(one.discordIds[0] ?? '')?.map(({ id }) => id)).toEqual([one.id])
    const { people: everybody, vitals } = await subject.directory.snapshot()
    expect(byId([...identitiesOf(everybody)])).toEqual(byId(many))
    expect(vitals).toEqual(vitalsOf(many, people(many).names))
  })

  it('tells who changed, and no longer once the watching ended', async () => {
    await subject.fill(people([person('1', { discordIds: ['11'] }), person('2', { discordIds: ['22'] })]))
    const heard: unknown[] = []
    const stop = subject.directory.watch((changed) => heard.push(changed))
    await subject.fill(people([person('1', { discordIds: ['11', '12'] }), person('2', { discordIds: ['22'] })]))
    expect(heard).toEqual([['11', '12']])
    stop()
    await subject.fill(people([person('2', { discordIds: ['22'] })]))
    expect(heard).toHaveLength(1)
  })

  it('answers with nobody where nobody was ever put in: the truth check then says so', async () => {
    await subject.fill({ names: { groups: [], states: [], reservedNames: [] }, identities: [] })
    const { claims, vitals } = await subject.directory.find(['77'])
    expect(claims.get('77')).toEqual([])
    expect(vitals).toEqual({ identities: 0, linked: 0, withAccess: 0, perGroup: new Map(), perState: new Map() })
    expect((await subject.directory.snapshot()).people.count).toBe(0)
  })
}

function plain(identity: Identity): Identity {
  return { ...identity, groups: [...identity.groups].sort(), discordIds: [...identity.discordIds].sort() }
}

function byId(identities: readonly Identity[]): Map<string, Identity> {
  return new Map(identities.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((one) => [one.id, plain(one)]))
}

function comparable({ names, ...rest }: Reading): unknown {
  return { ...rest, names: Object.values(names).map((list) => [...list].sort()) }
}
