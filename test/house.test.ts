// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text that is planted holds placeholders.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { circles, importsOf, type Source } from './walls/imports.ts'
import { trespasses } from './walls/table.ts'
import { blank } from './walls/text.ts'
import { faultsIn } from './walls/words.ts'

const root = join(import.meta.dirname, '..')

function sourcesUnder(...folders: readonly string[]): readonly Source[] {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => posix.join(folder, name)),
    )
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

describe('the house as it stands', () => {
  const bot = sourcesUnder('src', 'commands')

  it('is really read: it has a core and a loop', () => {
    const paths = bot.map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(['src/core/model.ts', 'src/loop/world.ts', 'src/discord/command.ts']))
  })

  it('has rooms that know only whom the table lets them know', () => {
    expect(bot.flatMap(trespasses)).toEqual([])
  })

  it('imports no file that is not there', () => {
    const missing = bot.flatMap((source) =>
      importsOf(source).flatMap(({ file, line }) =>
        file === null || existsSync(join(root, file)) ? [] : `${source.path}:${line} ${file}`,
      ),
    )
    expect(missing).toEqual([])
  })

  it('has no two files that import each other in a circle', () => {
    expect(circles(bot)).toEqual([])
  })

  it('keeps every rule about what is written in a file', () => {
    // The walls and this page name what they forbid.
    const rest = sourcesUnder('test').filter(
      ({ path }) => path !== 'test/house.test.ts' && !path.startsWith('test/walls/'),
    )
    expect([...bot, ...rest].flatMap(faultsIn)).toEqual([])
  })
})

describe('a planted import is found', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['a library in the core', 'src/core/decide.ts', "import { z } from 'zod'"],
    ["one of Node's modules in the core", 'src/core/decide.ts', "import { createHash } from 'node:crypto'"],
    ['a type of another room in the core', 'src/core/decide.ts', "import type { World } from '#src/loop/world.ts'"],
    ['another room by way of folders', 'src/core/decide.ts', "export { pino } from '../telemetry/log.ts'"],
    ['an edge that knows an edge', 'src/roster/fill.ts', "import { rest } from '#src/discord/rest.ts'"],
    ['an identity that opens runs', 'src/identity/native.ts', "import { runs } from '#src/store/runs.ts'"],
    ['a loop that logs by a library', 'src/loop/queue.ts', "import pino from 'pino'"],
    [
      'a loop that asks an edge while it runs',
      'src/loop/queue.ts',
      "const { db } = await import('#src/store/database.ts')",
    ],
    ['a command that reaches the store', 'commands/audit.ts', "import { db } from '#src/store/database.ts'"],
    ['a command that reaches the gateway', 'commands/audit.ts', "import { gateway } from '#src/discord/gateway.ts'"],
    ['a sandbox that borrows from the bot', 'src/sandbox/rest.ts', "import type { Member } from '#src/core/model.ts'"],
    ['a type named in passing', 'src/sandbox/rest.ts', "let m: import('#src/core/model.ts').Member"],
    ['a worker of another room', 'src/trail/seal.ts', "new Worker(new URL('../store/engine.ts', import.meta.url))"],
    ['a configuration that knows the store', 'src/config.ts', "import '#src/store/database.ts'"],
    ['an import over several lines', 'src/core/a.ts', "import {\n  a,\n  type B,\n} from\n  '#src/loop/world.ts'"],
    ['an import whose name is computed', 'src/store/a.ts', 'await import(`./${name}.ts`)'],
    ['an import without its ending', 'src/store/a.ts', "import { a } from './b'"],
    ['a file in no room', 'src/extras/a.ts', ''],
    ['a file beside the rooms', 'src/start.ts', ''],
  ]
  for (const [what, path, text] of rows) it(what, () => expect(trespasses({ path, text })).toHaveLength(1))

  it('and what the table allows is let through', () => {
    const allowed: readonly Source[] = [
      {
        path: 'src/core/decide.ts',
        text: "import { rank } from './rank.ts'\nimport type { Id } from '#src/core/model.ts'",
      },
      {
        path: 'src/store/database.ts',
        text: "import postgres from 'postgres'\nimport { log } from '#src/telemetry/log.ts'",
      },
      { path: 'src/identity/native.ts', text: "import { people } from '#src/store/schema/people.ts'" },
      { path: 'src/trail/append.ts', text: "import type { Database } from '#src/store/handle.ts'" },
      {
        path: 'commands/audit.ts',
        text: "import type { Command } from '#src/discord/command.ts'\nimport { page } from './page.ts'",
      },
      { path: 'src/sinks/modules.ts', text: 'const sink = await import(address)' },
      { path: 'src/main.ts', text: "import '#src/store/database.ts'\nimport { commands } from '#commands/index.ts'" },
      { path: 'src/core/words.ts', text: "// from 'zod'\nconst told = `import('zod') from \"zod\"`" },
    ]
    expect(allowed.flatMap(trespasses)).toEqual([])
  })

  it('a circle of three is told once, by its path', () => {
    const ring = ['a', 'b', 'c'].map((name, i) => ({
      path: `src/core/${name}.ts`,
      text: `import { type X, x } from './${'bca'[i]}.ts'`,
    }))
    expect(circles(ring)).toEqual(['src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts'])
  })

  it('a part that names the type of its whole makes no circle', () => {
    const pair = [
      { path: 'src/sandbox/guild.ts', text: "import { Members } from './members.ts'" },
      { path: 'src/sandbox/members.ts', text: "import type { Guild } from './guild.ts'" },
    ]
    expect(circles(pair)).toEqual([])
  })
})

describe('a planted word is found', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['a core that waits', 'src/core/a.ts', 'const a = await b'],
    ['a core that promises', 'src/core/a.ts', 'export async function a() {}'],
    ['a core with a clock', 'src/core/a.ts', 'const now = Date.now()'],
    ['a core that reads a date', 'src/core/a.ts', 'const now = new Date(text)'],
    ['a core that measures', 'src/core/a.ts', 'performance.mark(a)'],
    ['a core that throws dice', 'src/core/a.ts', 'return Math.random() > 0.5'],
    ['a core that knows its process', 'src/core/a.ts', 'process.exitCode = 1'],
    ['a clock inside a template', 'src/core/a.ts', 'const a = `now: ${Date.now()} and {`'],
    ['the environment read elsewhere', 'src/store/a.ts', 'const url = process.env.DATABASE_URL'],
    ['the environment read in brackets', 'src/cli.ts', "const url = process['env'].DATABASE_URL"],
    ['the environment imported', 'src/main.ts', "import { argv, env } from 'node:process'"],
    ['the environment unpacked', 'src/main.ts', 'const { env } = process'],
    ['a role taken outside the enforcer', 'src/loop/act.ts', 'await rest.delete(Routes.guildMemberRole(g, m, r))'],
    ['a kick outside the enforcer', 'src/discord/looker.ts', 'await rest.delete(\n  Routes.guildMember(g, m))'],
    ['a member patched outside the enforcer', 'commands/audit.ts', 'rest.patch(Routes.guildMember(g, m), { body })'],
    ['a role given by discord.js', 'src/loop/act.ts', 'await member.roles.add(role)'],
    ['a kick by discord.js', 'src/discord/gateway.ts', "await member.kick('gone')"],
    ['a ban by discord.js', 'src/discord/gateway.ts', 'await guild.members.ban(id)'],
    ["a member's address by hand", 'src/store/a.ts', 'fetch(`${api}/guilds/${g}/members/${m}/roles/${r}`)'],
    ['a room for leftovers', 'src/store/utils.ts', ''],
    ['a folder for leftovers', 'src/common/a.ts', ''],
    ['a leftover in a longer name', 'test/store/row-helpers.ts', ''],
    ['a promise to do it later', 'src/store/a.ts', '// TODO: later'],
    ['a known fault left in', 'test/store/a.test.ts', '/* FIXME */'],
    ['a test that runs alone', 'test/store/a.test.ts', "it.only('a', () => {})"],
    ['a test skipped in silence', 'test/store/a.test.ts', "describe.skip('a', () => {})"],
    ['a test that skips itself in silence', 'test/store/a.test.ts', 'if (!server) context.skip()'],
    ['a file too long to read', 'src/store/a.ts', 'a\n'.repeat(351)],
  ]
  for (const [what, path, text] of rows) it(what, () => expect(faultsIn({ path, text })).toHaveLength(1))

  it('and what is only talked about, or in its own place, is let through', () => {
    const allowed: readonly Source[] = [
      { path: 'src/core/a.ts', text: "// never await, no Date.now()\nconst told = 'async process.exit new Date()'" },
      {
        path: 'src/core/b.ts',
        text: 'const divided = a / b // await / Math.random()\nconst found = /await "/.test(text)',
      },
      { path: 'src/core/c.ts', text: 'const told = `a ${ { b: `${c} await` }.b } async`' },
      { path: 'src/config.ts', text: 'readConfig(process.env)' },
      { path: 'src/discord/enforcer.ts', text: 'rest.delete(Routes.guildMemberRole(g, m, r))' },
      { path: 'src/discord/looker.ts', text: 'rest.get(Routes.guildMember(g, m))' },
      { path: 'src/sandbox/guild.ts', text: 'guild.kick(member)' },
      {
        path: 'test/store/a.test.ts',
        text: "context.skip('no server answers')\n// Skipped until Windows has sockets.\nit.skip('a')\n\n\nit.skip('b: skipped, no server')",
      },
    ]
    expect(allowed.flatMap(faultsIn)).toEqual([])
  })

  it('on the line where it stands', () => {
    const [fault] = faultsIn({ path: 'src/core/a.ts', text: '/* a\n b */\nconst a = `\n`\nawait b' })
    expect(fault).toMatch(/^src\/core\/a\.ts:5 await: /)
  })
})

describe('blanked text', () => {
  it('keeps every line and column of every file of the house', () => {
    for (const { text } of sourcesUnder('src', 'commands', 'test')) {
      expect(blank(text).length).toBe(text.length)
      expect(blank(text).split('\n').length).toBe(text.split('\n').length)
    }
  })

  it('hides what quotes hold, however they are nested', () => {
    expect(blank('a("\\"b") + `c${d({ e: `f` })}g` // h')).toBe('a("   ") + ` ${d({ e: ` ` })} `     ')
  })
})
