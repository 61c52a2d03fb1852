import fc from 'fast-check'
import postgres from 'postgres'
import { expect, it } from 'vitest'
import type { Found } from '#src/core/directory.ts'
import type { Identity } from '#src/core/model.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import { nativeDirectory } from '#src/identity/native.ts'
import { openDatabase } from '#src/store/database.ts'
import { withDatabases, withServer } from '../database.ts'
import { newGuild } from '../store/book.ts'
import { listening } from './asked.ts'
import { AT } from './contract.ts'
import { fill } from './fill.ts'
import { crowd, people, person } from './sample.ts'
import { somebodyWaits } from './waiting.ts'

// Somebody changes the people behind the bot's back, and the very next look knows: the counts that are kept are never those of other people.

/** What can be done to the tables by hand; `GUILD` is the guild and `OTHER` another. */
const HARMS: readonly string[] = [
  `delete from identity_people where guild_id = 'GUILD'`,
  `delete from identity_people where guild_id = 'GUILD' and id = 'p3'`,
  `update identity_people set access = false where guild_id = 'GUILD'`,
  `update identity_people set state = null where guild_id = 'GUILD' and id = 'p3'`,
  `update identity_people set state = 'unheard of' where guild_id = 'GUILD' and id = 'p3'`,
  `insert into identity_people values ('GUILD', 'late', 'latecomer', true, false, true, 'Member')`,
  `insert into identity_people select 'GUILD', 'many' || n, 'many', true, false, true, null from generate_series(1, 50) as n`,
  `delete from identity_memberships where guild_id = 'GUILD'`,
  `update identity_memberships set group_name = 'Directors' where guild_id = 'GUILD' and person_id = 'p1'`,
  `insert into identity_memberships values ('GUILD', 'p1', 'unheard of')`,
  `delete from identity_links where guild_id = 'GUILD' and person_id < 'p3'`,
  `update identity_links set discord_id = '77' where guild_id = 'GUILD' and person_id in ('p1', 'p2')`,
  `insert into identity_links values ('GUILD', '78', 'p1'), ('OTHER', '78', 'p1')`,
  `insert into identity_groups values ('GUILD', 'new')`,
  `delete from identity_groups where guild_id = 'GUILD' and name = 'Directors'; delete from identity_memberships where group_name = 'Directors'`,
  `update identity_groups set name = 'Captains' where guild_id = 'GUILD' and name = 'Directors'`,
  `insert into identity_states values ('GUILD', 'new')`,
  `update identity_states set name = name || '!' where guild_id = 'GUILD'`,
  `delete from identity_states where guild_id = 'GUILD'`,
  `insert into identity_reserved_names values ('GUILD', 'new')`,
  `delete from identity_reserved_names where guild_id = 'GUILD'`,
  `update identity_reserved_names set name = 'other' where guild_id = 'GUILD'`,
  `update identity_groups set guild_id = 'GUILD' where guild_id = 'OTHER' and name = 'of the other'`,
  `update identity_groups set guild_id = 'OTHER', name = 'taken along' where guild_id = 'GUILD' and name = 'Directors'`,
  `with gone as (delete from identity_links where guild_id = 'GUILD' returning *) select count(*) from gone`,
  `insert into identity_groups values ('GUILD', 'Pilots') on conflict (guild_id, name) do update set name = 'Pilots!'`,
  'truncate identity_people cascade',
  'truncate identity_memberships',
  'truncate identity_links',
  'truncate identity_groups',
  'truncate identity_states',
  'truncate identity_reserved_names',
]

withDatabases('a change behind the back', (database) => {
  /** A directory that has its counts, and what it asks from now on. */
  async function lookedAt(guildId: string) {
    const { db, asked } = listening(database.opened.db)
    const directory = nativeDirectory(db, guildId, () => AT)
    await directory.find([])
    asked.forget()
    return { directory, asked }
  }

  async function twoGuilds() {
    const [guildId, otherId] = [newGuild(), newGuild()]
    const { db, sql } = database.opened
    const names = { groups: ['Pilots', 'Directors'], states: ['Member', 'Guest'], reservedNames: ['Staff'] }
    await fill(db, guildId, people(crowd(7), { names }))
    const others = { ...names, groups: [...names.groups, 'of the other'] }
    await fill(db, otherId, people(crowd(7), { names: others }))
    const harm = (statement: string) =>
      sql.unsafe(statement.replaceAll('GUILD', guildId).replaceAll('OTHER', otherId)).then(() => {})
    return { guildId, otherId, harm }
  }

  it.each(HARMS)('is known at the very next look: %s', async (statement) => {
    const { guildId, harm } = await twoGuilds()
    const { directory, asked } = await lookedAt(guildId)
    const before = await directory.find(['77'])
    expect(asked.transactions).toEqual([])
    await harm(statement)
    const after = await directory.find(['77'])
    expect(asked.transactions).toHaveLength(1)
    expect(countsOf(after)).not.toEqual(countsOf(before))
    expect(countsOf(after)).toEqual(countsOf(await nativeDirectory(database.opened.db, guildId, () => AT).snapshot()))
  })

  it('makes nobody count anew when it was undone, or when it was made in another guild', async () => {
    const { guildId, otherId, harm } = await twoGuilds()
    const { directory, asked } = await lookedAt(guildId)
    const before = await directory.find(['77'])
    await database.opened.sql
      .begin(async (tx) => {
        await tx`delete from identity_people where guild_id = ${guildId}`
        throw new Error('undone')
      })
      .catch(() => {})
    await harm(`delete from identity_people where guild_id = 'OTHER'`)
    expect(await directory.find(['77'])).toEqual(before)
    expect(asked.transactions).toEqual([])
    expect((await nativeDirectory(database.opened.db, otherId, () => AT).find([])).vitals.identities).toBe(0)
  })

  it('is seen as a whole where it is many statements, and makes one new version of it', async () => {
    const { guildId } = await twoGuilds()
    const { sql } = database.opened
    const versions = await sql.begin(async (tx) => {
      const seen: unknown[] = []
      for (const group of ['one', 'two', 'three']) {
        await tx`insert into identity_groups values (${guildId}, ${group})`
        seen.push((await tx`select version from identity_versions where guild_id = ${guildId}`)[0]?.version)
      }
      return seen
    })
    expect(new Set(versions).size).toBe(1)
    expect((await sql`select version from identity_versions where guild_id = ${guildId}`)[0]?.version).toBe(versions[0])
  })

  it('is known at the very next look where it was made part of the way, undone, and made otherwise', async () => {
    const { guildId } = await twoGuilds()
    const { directory } = await lookedAt(guildId)
    const { sql } = database.opened
    await sql.begin(async (tx) => {
      await tx`savepoint here`
      await tx`delete from identity_people where guild_id = ${guildId}`
      await tx`rollback to savepoint here`
      await tx`delete from identity_links where guild_id = ${guildId} and person_id = 'p1'`
    })
    expect((await directory.find([])).vitals).toMatchObject({ identities: 7, linked: 6 })
  })

  it('is known where the triggers were off meanwhile, or another table stands in the place of one', async () => {
    const { guildId, harm } = await twoGuilds()
    const { sql } = database.opened
    const { directory } = await lookedAt(guildId)
    const everybody = async () => (await directory.find([])).vitals.identities
    await harm(`alter table identity_people disable trigger all; delete from identity_people where id = 'p1'`)
    try {
      expect(await everybody()).toBe(6)
      await harm(`delete from identity_people where id = 'p2'`)
      expect(await everybody()).toBe(5)
    } finally {
      await harm(`alter table identity_people enable trigger all`)
      await harm(WATCHED.map((name) => `alter table identity_people enable always trigger ${name};`).join(''))
      await harm(`alter table identity_people enable replica trigger identity_replicated`)
    }
    expect(await everybody()).toBe(5)
    await harm(
      `alter table identity_people disable trigger identity_deleted; delete from identity_people where id = 'p3'; alter table identity_people enable always trigger identity_deleted`,
    )
    expect(await everybody()).toBe(4)
    await sql.unsafe(
      `alter table identity_people rename to elsewhere; create table identity_people (like elsewhere including all)`,
    )
    try {
      expect(await everybody()).toBe(0)
      await harm(`insert into identity_people select * from elsewhere where guild_id = 'GUILD' and id = 'p4'`)
      expect(await everybody()).toBe(1)
    } finally {
      await sql.unsafe('drop table identity_people; alter table elsewhere rename to identity_people')
    }
    expect(await everybody()).toBe(4)
    const { asked, ...again } = await lookedAt(guildId)
    await again.directory.find([])
    expect(asked.transactions).toEqual([])
  })

  it('gives the same answers as people held in memory, whatever is done to them', async () => {
    const { db, sql } = database.opened
    await fc.assert(
      fc.asyncProperty(fc.array(DEED, { minLength: 1, maxLength: 25 }), async (deeds) => {
        const guildId = newGuild()
        const directory = nativeDirectory(db, guildId, () => AT)
        const held = new Held()
        for (const { statement, inMemory } of deeds) {
          await sql.unsafe(statement.replaceAll('GUILD', guildId))
          inMemory(held)
          const asked = ['11', '12', '13', '14']
          expect(await directory.find(asked)).toEqual(await memoryDirectory('native', held.all(), () => AT).find(asked))
        }
      }),
      { numRuns: 20 },
    )
  })
})

withServer('a change behind the back, on a server', (url) => {
  const own = (options: Record<string, string> = {}) =>
    postgres(url(), { max: 1, onnotice: () => {}, connection: options })

  it('is known where it was replicated: with the statement, and without', async () => {
    const { db, close } = await openDatabase({ url: url(), dataDir: '.', log: () => {} })
    const replica = own({ session_replication_role: 'replica' })
    try {
      const guildId = newGuild()
      await fill(db, guildId, people(crowd(7)))
      const directory = nativeDirectory(db, guildId, () => AT)
      await directory.find([])
      await replica`delete from identity_people where guild_id = ${guildId} and id = 'p1'`
      expect((await directory.find([])).vitals.identities).toBe(6)
      await replica`truncate identity_links`
      expect((await directory.find([])).vitals.linked).toBe(0)
      const version = async () =>
        (await replica`select version from identity_versions where guild_id = ${guildId}`)[0]?.version
      for (const change of [
        `insert into identity_groups values ('${guildId}', 'new')`,
        `update identity_groups set name = 'newer' where guild_id = '${guildId}' and name = 'new'`,
        `delete from identity_groups where guild_id = '${guildId}' and name = 'newer'`,
      ]) {
        const before = await version()
        // What a subscription brings comes row by row, and no trigger for statements fires.
        await replica.unsafe(`alter table identity_groups ${WATCHED.map((name) => `disable trigger ${name}`).join()}`)
        await replica.unsafe(change)
        await replica.unsafe(
          `alter table identity_groups ${WATCHED.map((name) => `enable always trigger ${name}`).join()}`,
        )
        expect(await version()).not.toBe(before)
      }
    } finally {
      await replica.end()
      await close()
    }
  })

  it('is known of whoever may change people and nothing else, in whichever schema they are', async () => {
    const owner = own()
    const editor = own()
    const role = `editor_${crypto.randomUUID().replaceAll('-', '')}`
    await owner.unsafe(`create schema rolecall; create role ${role}`)
    const ours = new URL(url())
    ours.searchParams.set('search_path', 'rolecall')
    const { db, close } = await openDatabase({ url: ours.href, dataDir: '.', log: () => {} })
    try {
      const guildId = newGuild()
      await fill(db, guildId, people([person('1')]))
      const directory = nativeDirectory(db, guildId, () => AT)
      expect((await directory.find([])).vitals.withAccess).toBe(1)
      await owner.unsafe(
        `grant usage on schema rolecall to ${role}; grant select, update on rolecall.identity_people to ${role}`,
      )
      await editor.unsafe(`set role ${role}; create temporary table identity_versions (guild_id text, version uuid)`)
      await editor`update rolecall.identity_people set access = false`
      expect((await directory.find([])).vitals.withAccess).toBe(0)
    } finally {
      await editor.end()
      await close()
      await owner.unsafe(`drop owned by ${role}; drop role ${role}`)
      await owner.end()
    }
  })

  it('keeps others waiting and harms none of them, though two change the same people crosswise', async () => {
    const [one, two] = [own(), own()]
    const { db, close } = await openDatabase({ url: url(), dataDir: '.', log: () => {} })
    try {
      const guildId = newGuild()
      await fill(db, guildId, people(crowd(7)))
      const rename = (sql: postgres.ISql, id: string) =>
        sql`update identity_people set username = username || '!' where guild_id = ${guildId} and id = ${id}`
      let other = Promise.resolve()
      await one.begin(async (tx) => {
        await rename(tx, 'p1')
        other = rename(two, 'p2').then(() => {})
        await somebodyWaits(tx)
        await rename(tx, 'p2')
      })
      await other
      const [row] = await one`select username from identity_people where guild_id = ${guildId} and id = 'p2'`
      expect(row?.username).toBe('person p2!!')
    } finally {
      await Promise.all([one.end(), two.end(), close()])
    }
  })
})

const WATCHED = ['in_turn', 'inserted', 'updated', 'deleted', 'truncated'].map((name) => `identity_${name}`)

const countsOf = ({ names, vitals }: Pick<Found, 'names' | 'vitals'>) => ({ names, vitals })

/** People as the deeds leave them. */
class Held {
  readonly groups = new Set<string>()
  readonly states = new Set<string>()
  readonly people = new Map<string, Identity>()

  change(id: string, to: (one: Identity) => Partial<Identity>): void {
    const one = this.people.get(id)
    if (one) this.people.set(id, { ...one, ...to(one) })
  }

  all() {
    const names = { groups: [...this.groups].sort(), states: [...this.states].sort(), reservedNames: [] }
    return { names, identities: [...this.people.values()].sort((a, b) => (a.id < b.id ? -1 : 1)) }
  }
}

interface Deed {
  readonly statement: string
  inMemory(held: Held): void
}

const ID = fc.constantFrom('a', 'b', 'c', 'd')
const NAME = fc.constantFrom('X', 'Y', 'Z')
const DISCORD_ID = fc.constantFrom('11', '12', '13')
const FLAGS = fc.record({ active: fc.boolean(), superuser: fc.boolean(), access: fc.boolean() })

const withOne = (list: readonly string[], one: string) => [...new Set([...list, one])].sort()
const without = (list: readonly string[], one: string) => list.filter((each) => each !== one)

const DEED: fc.Arbitrary<Deed> = fc.oneof(
  fc.tuple(ID, FLAGS, fc.option(NAME)).map(([id, flags, state]) => ({
    statement: `insert into identity_people values ('GUILD', '${id}', 'person ${id}', ${flags.active}, ${flags.superuser}, ${flags.access}, ${state === null ? 'null' : `'${state}'`})
      on conflict (guild_id, id) do update set active = excluded.active, superuser = excluded.superuser, access = excluded.access, state = excluded.state`,
    inMemory: (held: Held) => held.people.set(id, { ...person(id), ...held.people.get(id), ...flags, state }),
  })),
  ID.map((id) => ({
    statement: `delete from identity_people where guild_id = 'GUILD' and id = '${id}'`,
    inMemory: (held: Held) => held.people.delete(id),
  })),
  fc.tuple(ID, NAME).map(([id, name]) => ({
    statement: `insert into identity_memberships select guild_id, id, '${name}' from identity_people where guild_id = 'GUILD' and id = '${id}' on conflict do nothing`,
    inMemory: (held: Held) => held.change(id, ({ groups }) => ({ groups: withOne(groups, name) })),
  })),
  fc.tuple(ID, NAME).map(([id, name]) => ({
    statement: `delete from identity_memberships where guild_id = 'GUILD' and person_id = '${id}' and group_name = '${name}'`,
    inMemory: (held: Held) => held.change(id, ({ groups }) => ({ groups: without(groups, name) })),
  })),
  fc.tuple(ID, DISCORD_ID).map(([id, discordId]) => ({
    statement: `insert into identity_links select guild_id, '${discordId}', id from identity_people where guild_id = 'GUILD' and id = '${id}' on conflict do nothing`,
    inMemory: (held: Held) => held.change(id, ({ discordIds }) => ({ discordIds: withOne(discordIds, discordId) })),
  })),
  DISCORD_ID.map((discordId) => ({
    statement: `delete from identity_links where guild_id = 'GUILD' and discord_id = '${discordId}'`,
    inMemory: (held: Held) => {
      for (const id of held.people.keys())
        held.change(id, ({ discordIds }) => ({ discordIds: without(discordIds, discordId) }))
    },
  })),
  fc.tuple(fc.constantFrom('groups' as const, 'states' as const), NAME).map(([kind, name]) => ({
    statement: `insert into identity_${kind} values ('GUILD', '${name}') on conflict do nothing`,
    inMemory: (held: Held) => held[kind].add(name),
  })),
  fc.tuple(fc.constantFrom('groups' as const, 'states' as const), NAME).map(([kind, name]) => ({
    statement: `delete from identity_${kind} where guild_id = 'GUILD' and name = '${name}'`,
    inMemory: (held: Held) => held[kind].delete(name),
  })),
)
