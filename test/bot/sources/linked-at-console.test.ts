import { expect, test, vi } from 'vitest'
import { Typed } from '../../console/counter.ts'
import { withServer } from '../../database.ts'
import { armed, holdToAccount, killLater, linesOf, type Night } from '../night.ts'
import { idOf, MODERATOR, say, shownBy } from '../town.ts'

// Links by hand as an operator types them, on the machine of the bot that acts.

holdToAccount()
vi.setConfig({ testTimeout: 90_000 })

async function type({ environment, guild }: Night, words: string) {
  const typed = new Typed([...words.split(' '), '--guild', guild.id], environment)
  killLater(typed.child)
  const code = await typed.ended
  return { code, said: `${typed.out} ${typed.err}`.replaceAll(/\s+/g, ' ') }
}

const EVE = `--member ${idOf('eve')}`

withServer('a link by hand at the console', () => {
  test('wants a second word, is carried out by the bot that runs, and is taken back', async () => {
    const town = await armed()
    const made = `identity link ${EVE} --identity 1 --reason phones`
    expect(await type(town, made)).toMatchObject({ code: 0, said: expect.stringContaining('Nothing was done') })
    expect(await type(town, `identity show ${EVE}`)).toMatchObject({ said: expect.stringContaining('Nobody there') })
    expect(await type(town, `${made} --yes`)).toMatchObject({
      code: 0,
      said: expect.stringContaining('Linked by hand'),
    })
    expect((await type(town, `identity show ${EVE}`)).said).toContain('by ann (console)')
    expect(shownBy(await say(town.guild, MODERATOR, 'identity show', { member: idOf('eve') })).title).toBe(
      'Known as ann',
    )
    expect(await type(town, `${made} --yes`)).toMatchObject({ code: 2, said: expect.stringContaining('already') })
    const bob = `identity link --member ${idOf('bob')} --reason phones --yes --identity`
    expect(await type(town, `${bob} 1`)).toMatchObject({ code: 2, said: expect.stringContaining('itself names bob') })
    expect(await type(town, 'identity diff --limit 1')).toMatchObject({
      code: 0,
      said: expect.stringContaining('Nobody is missing'),
    })
    const guest = `identity link --member ${idOf('other0')} --reason phones --yes --identity`
    expect(await type(town, `${guest} 77`)).toMatchObject({ code: 1, said: expect.stringContaining('knows nobody') })
    expect(await type(town, `identity unlink ${EVE} --yes`)).toMatchObject({ code: 0 })
    const lines = (await linesOf(town)).filter((line) => line.type.startsWith('link.'))
    expect(lines.map((line) => [line.type, line.actor])).toEqual([
      ['link.made', 'cli:ann'],
      ['link.removed', 'cli:ann'],
    ])
  })

  test('is in the help beside what only the console has', async () => {
    const town = await armed()
    const typed = new Typed(['identity', '--help'], town.environment)
    killLater(typed.child)
    expect(await typed.ended).toBe(0)
    for (const name of ['import', 'install-triggers', 'status', 'show', 'diff', 'link', 'unlink'])
      expect(typed.out).toMatch(new RegExp(`^ +${name} `, 'm'))
  })
})
