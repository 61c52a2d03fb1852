import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toId } from '#src/core/ids.ts'
import type { Id } from '#src/core/model.ts'
import { identitiesOf, type PeopleColumns } from '#src/core/people.ts'
import { LinkedDirectory } from '#src/identity/linked.ts'
import { withLinks } from '#src/identity/linked-people.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import { NOBODY } from '#src/identity/people.ts'
import { gathered } from '../core/gathered.ts'
import { AT, keepsTheContract } from './contract.ts'
import { ODD, people, person } from './sample.ts'

// A source over which links by hand are laid: it answers as the source does, and a link is one claim more.

/** Links that a test makes and takes away. */
class Made {
  readonly links = new Map<Id, string>()
  broken = false

  async of(discordIds: readonly Id[]) {
    const all = await this.all()
    return new Map([...all].filter(([id]) => discordIds.includes(id)))
  }

  async all() {
    if (this.broken) throw new Error('the tables are gone')
    return new Map(this.links)
  }
}

const never = () => () => {}

describe('a source where a link by hand names nobody whom it knows', () => {
  keepsTheContract(async () => {
    const source = memoryDirectory('snapshot', NOBODY, () => AT)
    const made = new Made()
    for (const id of ['77', '11', '9007199254740993', '5000000000000000001']) made.links.set(id, 'nobody')
    return {
      directory: new LinkedDirectory(source, made, never),
      fill: async (next) => source.replace(next),
      lose: async () => {
        made.broken = true
        return async () => {
          made.broken = false
        }
      },
      close: async () => {},
    }
  }, ODD)
})

const ann = person('1', { discordIds: ['11'], groups: ['Pilots'] })
const bob = person('2', { username: 'bob' })

function town() {
  const source = memoryDirectory('snapshot', people([ann, bob]), () => AT)
  const made = new Made()
  let look = async () => {}
  const repeat = (deed: () => Promise<void>) => {
    look = deed
    return () => {
      look = async () => {}
    }
  }
  return { source, made, directory: new LinkedDirectory(source, made, repeat), round: () => look() }
}

const idsIn = (claims: ReadonlyMap<Id, readonly { id: string }[]>, id: Id) => claims.get(id)?.map((one) => one.id)

describe('a link by hand', () => {
  it('is a claim on the account, which is then among those of the identity', async () => {
    const { made, directory } = town()
    expect((await directory.find(['22'])).claims.get('22')).toEqual([])
    made.links.set('22', '2')
    expect((await directory.find(['22', '11'])).claims).toEqual(
      new Map([
        ['22', [{ ...bob, discordIds: ['22'] }]],
        ['11', [ann]],
      ]),
    )
    expect([...identitiesOf((await directory.snapshot()).people)]).toEqual([ann, { ...bob, discordIds: ['22'] }])
    made.links.delete('22')
    expect((await directory.find(['22'])).claims.get('22')).toEqual([])
  })

  it('beside a claim of the source makes two, and takes the place of none', async () => {
    const { made, directory } = town()
    made.links.set('11', '2')
    expect(idsIn((await directory.find(['11'])).claims, '11')).toEqual(['1', '2'])
    const { people: all } = await directory.snapshot()
    expect([...identitiesOf(all)].filter(({ discordIds }) => discordIds.includes('11'))).toHaveLength(2)
  })

  it('says nothing new where the source says the same by now', async () => {
    const { made, directory } = town()
    made.links.set('11', '1')
    expect((await directory.find(['11'])).claims.get('11')).toEqual([ann])
    expect([...identitiesOf((await directory.snapshot()).people)]).toEqual([ann, bob])
  })

  it('to somebody who is gone from the source claims nothing, until they are back', async () => {
    const { source, made, directory } = town()
    made.links.set('22', '2')
    source.replace(people([ann]))
    expect((await directory.find(['22'])).claims.get('22')).toEqual([])
    expect([...identitiesOf((await directory.snapshot()).people)]).toEqual([ann])
    source.replace(people([ann, bob]))
    expect(idsIn((await directory.find(['22'])).claims, '22')).toEqual(['2'])
  })

  it('changes nothing in the counts by which a sick source is known, nor in who is asked for by name', async () => {
    const { made, directory } = town()
    const before = await directory.find([])
    made.links.set('22', '2')
    const { vitals, identities } = await directory.find(['22'], ['1', '2'])
    expect(vitals).toEqual(before.vitals)
    expect((await directory.snapshot()).vitals).toEqual(before.vitals)
    expect([...identities.values()]).toEqual([ann, bob])
  })

  it('is told to whoever watches, when it is made and when it goes', () => {
    const { source, directory } = town()
    const heard: unknown[] = []
    const stop = directory.watch((changed) => heard.push(changed))
    directory.relinked('22')
    source.replace(people([bob]))
    expect(heard).toEqual([['22'], ['11']])
    stop()
    directory.relinked('22')
    source.replace(people([ann, bob]))
    expect(heard).toHaveLength(2)
  })
})

describe('somebody to whom an account is linked by hand', () => {
  it('is noticed when they change, come or go, though the source knows nothing of the account', async () => {
    const { source, made, directory, round } = town()
    made.links.set('22', '2').set('33', '2').set('44', '4')
    const heard: unknown[] = []
    const stop = directory.watch((changed) => heard.push(changed))
    const heardOf = async (...next: Parameters<typeof people>[0]) => {
      source.replace(people(next))
      await round()
      return heard.splice(0)
    }
    expect(await heardOf(ann, bob)).toEqual([])
    const grown = { ...bob, groups: ['Directors', 'Pilots'] }
    expect(await heardOf(ann, grown)).toEqual([['22', '33']])
    expect(await heardOf(ann, { ...grown, groups: ['Pilots', 'Directors'] })).toEqual([])
    expect(await heardOf(ann, { ...grown, active: false })).toEqual([['22', '33']])
    expect(await heardOf(ann)).toEqual([['22', '33']])
    expect(await heardOf(ann, person('4'))).toEqual([['44']])
    stop()
    expect(await heardOf(ann, bob)).toEqual([])
  })

  it('is noticed by links that another process made or took away', async () => {
    const { made, directory, round } = town()
    const heard: unknown[] = []
    directory.watch((changed) => heard.push(changed))
    for (const deed of [() => made.links.set('22', '2'), () => made.links.set('22', '1'), () => made.links.clear()]) {
      await round()
      deed()
    }
    await round()
    expect(heard).toEqual([['22'], ['22'], ['22']])
  })

  it('is noticed by the next look where one could not be made', async () => {
    const { source, made, directory, round } = town()
    made.links.set('22', '2')
    const heard: unknown[] = []
    directory.watch((changed) => heard.push(changed))
    await round()
    source.replace(people([ann, { ...bob, state: 'Guest' }]))
    source.fail('It is away.')
    await round()
    source.fail(null)
    made.broken = true
    await round()
    expect(heard).toEqual([])
    made.broken = false
    await round()
    expect(heard).toEqual([['22']])
  })
})

const linkList = (all: PeopleColumns, row: number): Id[] => {
  const ids: Id[] = []
  for (let at = all.firstLink[row]!; at < all.firstLink[row + 1]!; at++)
    ids.push(toId(all.linkHigh[at]!, all.linkLow[at]!))
  return ids
}

describe('links by hand among everybody', () => {
  it('stand in the columns as in the people, behind the accounts that the source tells, and move nobody else’s', async () => {
    const account = fc.integer({ min: 1, max: 30 }).map(String)
    const everybody = fc.array(fc.uniqueArray(account, { maxLength: 3 }), { maxLength: 12 })
    const links = fc.array(fc.tuple(account, fc.integer({ min: 0, max: 14 }).map(String)), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(everybody, links, async (accounts, made) => {
        const identities = accounts.map((discordIds, at) => person(String(at), { discordIds }))
        const all = await withLinks(gathered(identities), new Map(made))
        for (const [row, { id, discordIds }] of identities.entries()) {
          const added = [...new Map(made)].flatMap(([discordId, to]) => (to === id ? discordId : []))
          const wanted = [...discordIds, ...added.filter((one) => !discordIds.includes(one))]
          expect(linkList(all, row)).toEqual(wanted)
          expect(all.identityAt(row).discordIds).toEqual(wanted)
        }
      }),
    )
  })
})
