import { describe, expect, it } from 'vitest'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import { AT } from './contract.ts'
import { people, person } from './sample.ts'

describe('a directory in memory', () => {
  it('throws while it cannot be reached, and never answers with emptiness', async () => {
    const directory = memoryDirectory('snapshot-file', people([person('1', { discordIds: ['11'] })]), () => AT)
    directory.fail('The source is away; wait for it.')
    for (const reading of [directory.find(['11']), directory.snapshot(), directory.accounts('1')])
      await expect(reading).rejects.toThrow(DirectoryUnreachable)
    directory.fail(null)
    expect((await directory.find(['11'])).claims.get('11')).toHaveLength(1)
  })

  it('tells the watchers that everybody may have changed where a group came or went', () => {
    const directory = memoryDirectory('snapshot-file', people([]), () => AT)
    const heard: unknown[] = []
    directory.watch((changed) => heard.push(changed))
    directory.replace(people([], { names: { groups: ['Scouts'], states: [], reservedNames: [] } }))
    expect(heard).toEqual(['all'])
  })

  it('tells every watcher, even behind one that throws', () => {
    const directory = memoryDirectory('snapshot-file', people([]), () => AT)
    const heard: unknown[] = []
    directory.watch(() => {
      throw new Error('deaf')
    })
    directory.watch((changed) => heard.push(changed))
    expect(() => directory.replace(people([person('1', { discordIds: ['11'] })]))).toThrow('deaf')
    expect(heard).toEqual([['11']])
  })

  it('says nothing where nothing changed for anybody', () => {
    const before = people([person('1', { discordIds: ['11'], groups: ['Pilots', 'Directors'] })])
    const directory = memoryDirectory('snapshot-file', before, () => AT)
    const heard: unknown[] = []
    directory.watch((changed) => heard.push(changed))
    directory.replace(people([person('1', { discordIds: ['11'], groups: ['Directors', 'Pilots'] })]))
    expect(heard).toEqual([])
  })
})
