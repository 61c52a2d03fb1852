import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { type ImportOptions, identityImport } from '#src/console/identity.ts'
import { type SettingsOptions, type SettingsWorld, settingsApply, settingsShow } from '#src/console/settings.ts'
import type { Id, LinkedAccount } from '#src/core/model.ts'
import { storedPeople } from '#src/identity/import.ts'
import type { People } from '#src/identity/people.ts'
import { withDatabases } from '../database.ts'
import { AT, append, bookOf, linesOf, newGuild, typesOf } from '../store/book.ts'
import { account, crowd, people, person } from './sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolecall-import-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

withDatabases('rolecall identity import', (database) => {
  const asked = (guildIds: readonly Id[]) => new Asked(database.opened.db, guildIds)
  const stored = async (guildId: Id) => (await storedPeople(database.opened.db, guildId)).identities.length

  it('shows the difference, writes nothing, and says how to apply it', async () => {
    const guildId = newGuild()
    const ask = asked([guildId])
    const path = fileOf(people([numbered(42, { username: 'ann', discordIds: ['3'] })]))
    expect(await ask.import(path)).toBe(0)
    expect(ask.out).toContain('Added: 1 person\n  ann (42): Member; no groups; 1 Discord id\n')
    expect(ask.out).toContain('Nothing was written. To apply this, run it again with --yes.')
    expect(ask.err).toBe('')
    expect(await stored(guildId)).toBe(0)
    expect(await typesOf(database.opened.db, guildId)).toEqual([])
  })

  it('applies with --yes, says what it did, and writes down who did it', async () => {
    const guildId = newGuild()
    const ask = asked([guildId])
    const linked = new Map([['42', [account('1', { main: true })]]])
    expect(await ask.import(fileOf(people([numbered(42)], { accounts: linked })), { yes: true })).toBe(0)
    expect(ask.out).toContain('Applied: 1 added, 0 changed, 0 dropped; 1 person is stored now.')
    expect((await storedPeople(database.opened.db, guildId)).accounts).toEqual(linked)
    expect(await linesOf(database.opened.db, guildId)).toMatchObject([{ type: 'identity.imported', actor: 'cli:ann' }])
  })

  it('says that nothing would change, and writes no line', async () => {
    const guildId = newGuild()
    const path = fileOf(people([numbered(42)]))
    await asked([guildId]).import(path, { yes: true })
    const again = asked([guildId])
    expect(await again.import(path, { yes: true })).toBe(0)
    expect(again.out).toContain('Nothing would change: 1 person as stored.')
    expect(await typesOf(database.opened.db, guildId)).toEqual(['identity.imported'])
  })

  it('refuses to drop more than a tenth with the numbers and the switch, and drops with the switch', async () => {
    const guildId = newGuild()
    const all = crowd(20).map((one, at) => ({ ...one, id: String(at + 1) }))
    await asked([guildId]).import(fileOf(people(all)), { yes: true })
    const fewer = fileOf(people(all.slice(0, 12)))
    const refused = asked([guildId])
    expect(await refused.import(fewer, { yes: true })).toBe(2)
    expect(refused.err).toMatch(/^This would drop 8 of 20 people \(40%\).*--accept-drop\.\n$/)
    expect(await stored(guildId)).toBe(20)
    expect(await asked([guildId]).import(fewer, { yes: true, acceptDrop: true })).toBe(0)
    expect(await stored(guildId)).toBe(12)
  })

  it('says in one sentence what is wrong with a file, with exit code 2 and nothing written', async () => {
    const guildId = newGuild()
    const rows: readonly (readonly [string, RegExp])[] = [
      [join(folder, 'absent.json'), /absent\.json is not there\. Check the path\./],
      [folder, /is not a file\. Name the file to read\./],
      [hugeFile(), /has 65 MiB; at most 64 are read\./],
      [written(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), /is not UTF-8 text\./],
      [written(''), /\.json is empty\./],
      [written('{"format": "rolecall-identity/1",\n"gro'), /\.json is not JSON: at its end \(line 2, column 5\)/],
      [written('[]'), /must hold one JSON object/],
      [written('{"format": "people/9"}'), /format/],
      [fileOf(people([numbered(1), numbered(1)])), /\.json, line 1: identities\[1\]\.id: this identity is already at/],
      [
        fileOf(people([numbered(1, { groups: ['Ghosts'] })])),
        /identities\[0\]\.groups\[0\]: the list of groups lacks "Ghosts"/,
      ],
      [fileOf(people([numbered(1, { username: 'a\0b' })])), /identities\[0\]\.username: holds a NUL/],
    ]
    for (const [path, sentence] of rows) {
      const ask = asked([guildId])
      expect([await ask.import(path, { yes: true }), ask.err]).toEqual([2, expect.stringMatching(sentence)])
      expect(ask.err.trimEnd().split('\n')).toHaveLength(1)
      expect(ask.err).not.toMatch(/ {4}at |Error/)
    }
    expect(await stored(guildId)).toBe(0)
  })

  it('asks which server is meant where there is not exactly one', async () => {
    const path = fileOf(people([numbered(42)]))
    const [none, several] = [asked([]), asked(['11', '12'])]
    expect(await none.import(path)).toBe(2)
    expect(none.err).toContain('The bot has seen no server yet, so --guild must say which one is meant')
    expect(await several.import(path)).toBe(2)
    expect(several.err).toContain('say with --guild which one is meant: 11, 12.')
  })

  it('imports for a guild that the bot has yet to join, and says so where it knows others', async () => {
    const guildId = newGuild()
    const ask = asked(['11'])
    expect(await ask.import(fileOf(people([numbered(42)])), { yes: true, guild: guildId })).toBe(0)
    expect(ask.err).toContain(`the bot has not seen server ${guildId} yet`)
    expect(await stored(guildId)).toBe(1)
  })

  it('says now and then how far it is where it takes long', async () => {
    const guildId = newGuild()
    const ask = asked([guildId])
    ask.hasten(3_000)
    const many = crowd(2_500).map((one, at) => ({ ...one, id: String(at + 1) }))
    await ask.import(fileOf(people(many)), { yes: true })
    expect(ask.err).toContain('Writing: 2,000 of 2,500 people\n')
  })
})

withDatabases('rolecall settings', (database) => {
  const asked = (guildIds: readonly Id[]) => new Asked(database.opened.db, guildIds)

  it('shows settings that can be edited and applied, and beside them what only a human in Discord decides', async () => {
    const ask = asked([newGuild()])
    expect(await ask.show()).toBe(0)
    const shown = JSON.parse(ask.out)
    expect(shown.policy.missing_roles).toBe('report')
    expect(shown).not.toHaveProperty('acknowledged')
    expect(shown).not.toHaveProperty('armed')
    expect(ask.err).toContain('the first-run lock holds; schedule not armed, realtime not armed.')
    expect(await ask.apply(written(ask.out), { yes: true })).toBe(0)
    expect(ask.out).toContain('Nothing would change.')
  })

  it('shows what would change leaf by leaf, and writes nothing without --yes', async () => {
    const guildId = newGuild()
    const ask = asked([guildId])
    const change = { policy: { unknown_guest: 'strip' }, roleMap: { groups: { Pilots: [] } }, protectedMembers: ['7'] }
    expect(await ask.apply(written(JSON.stringify(change)))).toBe(0)
    expect(ask.out).toContain('  policy.unknown_guest.default\n    "report"\n    -> "strip"\n')
    expect(ask.out).toContain('+ roleMap.groups.Pilots: no roles\n')
    expect(ask.out).toContain('+ protectedMembers "7"\n')
    expect(ask.out).toContain('Nothing was written.')
    expect(await typesOf(database.opened.db, guildId)).toEqual([])
  })

  it('applies with --yes, leaves what the file does not name, and records each change with who made it', async () => {
    const guildId = newGuild()
    await asked([guildId]).apply(written('{"roleExceptions": ["Staff"]}'), { yes: true })
    const ask = asked([guildId])
    expect(await ask.apply(written('{"blast": {"run": 0.2}}'), { yes: true })).toBe(0)
    expect(ask.out).toContain('Applied: blast.')
    const settings = await bookOf(database.opened.db).settings(guildId)
    expect(settings).toMatchObject({ roleExceptions: ['Staff'], blast: { run: 0.2 } })
    const lines = await linesOf(database.opened.db, guildId)
    expect(lines.map(({ subject, actor }) => [subject, actor])).toEqual([
      ['setting:roleExceptions', 'cli:ann'],
      ['setting:blast', 'cli:ann'],
    ])
  })

  it('warns of a group that the source lacks, and applies it all the same: it may come', async () => {
    const guildId = newGuild()
    const ask = asked([guildId])
    const text = '{"policy": {"linked_no_perm": {"default": "strip", "by_group": {"Plots": "report"}}}}'
    expect(await ask.apply(written(text))).toBe(0)
    expect(ask.err).toBe('')
    await ask.import(fileOf(people([numbered(42, { username: 'ann', discordIds: ['3'] })])), { yes: true })
    expect(await ask.apply(written(text), { yes: true })).toBe(0)
    expect(ask.err).toMatch(/^Note: settings\.policy\.linked_no_perm\.by_group: .*no group "Plots"; without effect/m)
    expect(ask.out).toContain('Applied: policy.')
  })

  it('warns of role ids that the server lacks wherever settings name them, and applies them all the same', async () => {
    const guildId = newGuild()
    const ask = asked([guildId])
    const [there, absent] = ['100000000000000001', '199999999999999999']
    const change = {
      protectedRoles: [there, absent],
      roleExceptions: ['Staff', absent],
      roleMap: { groups: { Pilots: [absent] }, states: { Member: [there] } },
    }
    ask.roleIds = new Set([there])
    expect(await ask.apply(written(JSON.stringify(change)), { yes: true })).toBe(0)
    const noted = (place: string) =>
      `Note: settings.${place}: the server has no role ${absent}; without effect until there is one.\n`
    expect(ask.err).toBe(
      [noted('protectedRoles[1]'), noted('roleExceptions[1]'), noted('roleMap.groups.Pilots[0]')].join(''),
    )
    expect(ask.out).toContain('Applied: ')
    const silent = asked([guildId])
    silent.roleIds = null
    expect(await silent.apply(written('{"blast": {"run": 0.2}}'))).toBe(0)
    expect(silent.err).toBe(
      'Note: Discord could not be asked which roles the server has, so role ids are taken as they are.\n',
    )
  })

  it('lifts no lock and arms nothing, whatever the file says', async () => {
    const guildId = newGuild()
    const rows: readonly (readonly [string, RegExp])[] = [
      ['{"acknowledged": true}', /\.json, line 1: acknowledged: no file lifts the first-run lock; a human does, with/],
      ['{"armed": {"realtime": true}}', /no file arms unattended acting/],
      ['{\n"polcy": {}}', /\.json, line 2: polcy: this key is not known here/],
      ['{"policy": {"role_drift": "strip_kick"}}', /role_drift.*role drift never kicks/],
      ['{"blast": {"run": 2}}', /blast\.run.*from 0 to 1/],
      ['3', /one JSON object of settings/],
    ]
    for (const [text, sentence] of rows) {
      const ask = asked([guildId])
      expect([await ask.apply(written(text), { yes: true }), ask.err]).toEqual([2, expect.stringMatching(sentence)])
    }
    expect(await typesOf(database.opened.db, guildId)).toEqual([])
  })
})

/** Somebody at a console, and what they read there. */
class Asked {
  out = ''
  err = ''
  /** Null: Discord does not answer. */
  roleIds: ReadonlySet<Id> | null = new Set()
  readonly #world: SettingsWorld
  #now = AT
  #step = 0

  constructor(db: SettingsWorld['db'], guildIds: readonly Id[]) {
    this.#world = {
      db,
      append,
      book: bookOf(db),
      out: (line) => {
        this.out += `${line}\n`
      },
      err: (line) => {
        this.err += `${line}\n`
      },
      now: () => {
        this.#now += this.#step
        return this.#now
      },
      actor: 'cli:ann',
      guildIds,
      namesOf: async (guildId) => (await storedPeople(db, guildId)).names,
      roleIdsOf: async () => this.roleIds,
    }
  }

  /** From now on the clock moves by so many milliseconds whenever somebody looks at it. */
  hasten(step: number): void {
    this.#step = step
  }

  import(path: string, options: Partial<ImportOptions> = {}): Promise<number> {
    return identityImport(path, { yes: false, acceptDrop: false, ...options }, this.#world)
  }

  show(options: SettingsOptions = {}): Promise<number> {
    return settingsShow(options, this.#world)
  }

  apply(path: string, options: SettingsOptions = {}): Promise<number> {
    return settingsApply(path, options, this.#world)
  }
}

function numbered(id: number, changes: Parameters<typeof person>[1] = {}) {
  return person(String(id), changes)
}

let files = 0
function written(content: string | Buffer): string {
  const path = join(folder, `${++files}.json`)
  writeFileSync(path, content)
  return path
}

function hugeFile(): string {
  const path = written('{}')
  truncateSync(path, 65 * 1024 * 1024)
  return path
}

function fileOf({ names, identities, accounts }: People): string {
  const withAccounts = identities.map((one) => ({ ...one, accounts: accounts?.get(one.id) ?? ([] as LinkedAccount[]) }))
  return written(JSON.stringify({ format: 'rolecall-identity/1', ...names, identities: withAccounts }))
}
