import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openDatabase } from '#src/store/database.ts'
import { anyPlace, cloneEngineFolder } from '../database.ts'
import { bookOf } from '../store/book.ts'
import { Typed } from './counter.ts'

const HOLD = join(import.meta.dirname, '../store/hold-folder.ts')
const FAULT = new URL('../../src/console/fault.ts', import.meta.url).href
/** Discord's permission bit. */
const KICK_MEMBERS = 1n << 1n
const SECRET = 'hunter2-and-more'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

describe('the console', { timeout: 120_000 }, () => {
  it('where the bot has the data folder, says to give the command in Discord or to stop the bot', async () => {
    const { folder, remove } = cloneEngineFolder()
    undo.push(remove)
    const bot = spawn(process.execPath, [HOLD, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(bot, 'exit')
    undo.push(() => bot.kill('SIGKILL') && ended)
    await once(bot.stdout, 'data')
    const typed = new Typed(['audit', 'status'], { DATA_DIR: folder })
    expect(await typed.ended).toBe(2)
    expect(typed.err).toMatch(/in use by another rolecall.* give this command in Discord, or stop the bot first\.\n$/)
    expect(typed.out).toBe('')
  })

  it('asks which server is meant where there are several', async () => {
    const { place, drop } = await anyPlace()
    undo.push(drop)
    const database = await openDatabase({ ...place, log: () => {} })
    for (const id of ['11', '12']) await bookOf(database.db).rememberGuild(id, 'Example', Date.now())
    await database.close()
    const where = place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }
    const typed = new Typed(['audit', 'status'], where)
    expect(await typed.ended).toBe(2)
    expect(typed.err).toContain('The bot has seen several servers; say with --guild which one is meant: 11, 12.')
  })

  it.each([
    ['explain --member 12', '--member 12 is not the id of a member.'],
    ['explain --member @pim', '--member @pim is not the id of a member.'],
    ['notices channel --channel 5', '--channel 5 is not the id of a channel.'],
    ['audit run --role Pilots', '--role Pilots is not the id of a role.'],
    ['audit findings --run nonsense', '--run nonsense is not the id of a run.'],
    ['acknowledge first-run --run nonsense', '--run nonsense is not the id of a run.'],
    [
      'audit status --guild 123456789012345678901234567890',
      '--guild 123456789012345678901234567890 is not the id of a server.',
    ],
    ['settings show --guild example', '--guild example is not the id of a server.'],
    ['identity import people.json --guild -1', '--guild -1 is not the id of a server.'],
    ['invite --application 12', '--application 12 is not an application’s id.'],
  ])('answers %j with one sentence that says what to type, and ends with 2', async (words, sentence) => {
    const typed = new Typed(words.split(' '), {})
    expect(await typed.ended).toBe(2)
    expect(typed.err).toMatch(/^[^\n{]+\.\n$/)
    expect(typed.err).toContain(sentence)
    expect(typed.out).toBe('')
  })

  it('prints an invite that asks for Kick Members only where that is wanted', async () => {
    const permissionsOf = async (...more: readonly string[]): Promise<bigint> => {
      const typed = new Typed(['invite', '--application', '81384788765712384', ...more], {})
      expect(await typed.ended).toBe(0)
      return BigInt(new URL(typed.out.trim()).searchParams.get('permissions') ?? '')
    }
    const plain = await permissionsOf()
    expect((await permissionsOf('--kick')) ^ plain).toBe(KICK_MEMBERS)
  })

  it('repeats nothing that steers the terminal, whatever is typed', async () => {
    const typed = new Typed(['audit', 'findings', '--run', 'last', '--category', '\u001b[2J\u202edrift'], {})
    expect(await typed.ended).toBe(2)
    expect(typed.err).toContain('is none of: identity_conflict, unknown_guest')
    for (const mark of ['\u001b', '\u202e']) expect(typed.err).not.toContain(mark)
  })

  it('shows settings as JSON that steers no terminal and can be applied as it is', async () => {
    const { place, drop } = await anyPlace()
    undo.push(drop)
    const odd = 'Pilots\u202e\u009b2J\u2028 \u{1f680}'
    const database = await openDatabase({ ...place, log: () => {} })
    const book = bookOf(database.db)
    await book.rememberGuild('11', 'Example', Date.now())
    await book.saveSettings('11', { roleExceptions: [odd] }, { actor: 'cli:test', reason: null, at: Date.now() })
    await database.close()
    const where = place.url === undefined ? { DATA_DIR: place.dataDir } : { DATABASE_URL: place.url }
    const typed = new Typed(['settings', 'show'], where)
    expect(await typed.ended).toBe(0)
    expect(typed.out).toContain('Pilots\\u202e\\u009b2J\\u2028 \u{1f680}')
    expect(JSON.parse(typed.out).roleExceptions).toEqual([odd])
  })

  it('shows a fault of its own with the lines to report, and no secret among them', async () => {
    const script = `import { tellFault } from ${JSON.stringify(FAULT)}
      tellFault(new Error('no way to postgres://joe:${SECRET}@db/x \\u001b[2J'))`
    const told = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { PATH: process.env.PATH, DATABASE_URL: `postgres://joe:${SECRET}@db/x` },
    })
    let said = ''
    told.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    await once(told, 'close')
    expect(said).toMatch(/^Something went wrong inside rolecall[\s\S]*no way to[\s\S]* {4}at /)
    expect(said).not.toContain(SECRET)
    expect(said).not.toContain('\u001b')
  })
})
