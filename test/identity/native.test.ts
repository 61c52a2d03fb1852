import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { expect, it } from 'vitest'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import { DEFAULT_SETTINGS } from '#src/core/policy.ts'
import { checkTruth } from '#src/core/truth.ts'
import { nativeDirectory } from '#src/identity/native.ts'
import type { Repeat } from '#src/identity/repeat.ts'
import { openDatabase } from '#src/store/database.ts'
import type { Db } from '#src/store/handle.ts'
import { cloneEngineFolder, withDatabases, withServer } from '../database.ts'
import { openProxy } from '../severed.ts'
import { newGuild } from '../store/book.ts'
import { afterAnswer, listening } from './asked.ts'
import { AT } from './contract.ts'
import { fill } from './fill.ts'
import { crowd, people, person } from './sample.ts'

/** A repetition that happens when the test says so. */
class Turns {
  #deed: (() => Promise<void>) | null = null
  readonly repeat: Repeat = (deed) => {
    this.#deed = deed
    return () => {
      this.#deed = null
    }
  }

  get going(): boolean {
    return this.#deed !== null
  }

  async next(): Promise<void> {
    await this.#deed?.()
  }
}

withDatabases('the native directory', (database) => {
  it('is suspect before anybody was imported, so that nobody is judged by it', async () => {
    const reading = await nativeDirectory(database.opened.db, newGuild(), () => AT).snapshot()
    expect(checkTruth(reading, null, DEFAULT_SETTINGS.truth)).toEqual({
      suspect: true,
      why: ['no_identities', 'no_groups', 'no_access'],
    })
  })

  it('keeps the people of two guilds apart, whatever their ids', async () => {
    const { db } = database.opened
    const [here, there] = [newGuild(), newGuild()]
    await fill(db, here, people([person('1', { username: 'here', discordIds: ['11'], groups: ['Pilots'] })]))
    await fill(db, there, people([person('1', { username: 'there', discordIds: ['11'] }), person('2')]))
    await fill(db, there, people([person('1', { username: 'there still', discordIds: ['11'] })]))
    const { claims, vitals } = await nativeDirectory(db, here, () => AT).find(['11'])
    expect(claims.get('11')?.map(({ username }) => username)).toEqual(['here'])
    expect(vitals).toMatchObject({ identities: 1, linked: 1 })
    expect(vitals.perGroup.get('Pilots')).toBe(1)
  })

  it('counts in one transaction that only reads and sees one moment, and then needs one question by itself for each look', async () => {
    const { db, asked } = listening(database.opened.db)
    const guildId = newGuild()
    await fill(database.opened.db, guildId, people([person('1', { discordIds: ['11'] })]))
    const directory = nativeDirectory(db, guildId, () => AT)
    const moment = { isolationLevel: 'repeatable read', accessMode: 'read only' }
    await directory.find(['11'])
    await directory.find(['12'])
    expect([asked.alone.length, asked.transactions]).toEqual([2, [moment]])
    await directory.snapshot()
    expect([asked.alone.length, asked.transactions]).toEqual([2, [moment, moment]])
  })

  it('notices at its next look that another process imported, as a change to everybody, and says it once', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const turns = new Turns()
    const directory = nativeDirectory(db, guildId, () => AT, turns.repeat)
    const heard: unknown[] = []
    directory.watch((changed) => heard.push(changed))
    await turns.next()
    await fill(db, newGuild(), people([person('1')]))
    await turns.next()
    expect(heard).toEqual([])
    await fill(db, guildId, people([person('1')]))
    await turns.next()
    await turns.next()
    expect(heard).toEqual(['all'])
  })

  it('tells everybody where an import of its own hides one that another process made just before', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const turns = new Turns()
    const directory = nativeDirectory(db, guildId, () => AT, turns.repeat)
    const heard: unknown[] = []
    directory.watch((changed) => heard.push(changed))
    await turns.next()
    await fill(db, guildId, people([person('1', { discordIds: ['11'] })]))
    const own = await fill(db, guildId, people([person('1', { discordIds: ['11', '12'] })]))
    directory.noticeImport(own!)
    await turns.next()
    expect(heard).toEqual(['all'])
  })

  it('notices at its next look that somebody changed the tables by hand, and says it once', async () => {
    const { db, sql } = database.opened
    const guildId = newGuild()
    const turns = new Turns()
    const directory = nativeDirectory(db, guildId, () => AT, turns.repeat)
    const heard: unknown[] = []
    await fill(db, guildId, people([person('1', { discordIds: ['11'] })]))
    directory.watch((changed) => heard.push(changed))
    await turns.next()
    await sql`update identity_people set access = false where guild_id = ${guildId}`
    await turns.next()
    await turns.next()
    expect(heard).toEqual(['all'])
  })

  it('tells everybody where an import of its own hides what somebody changed by hand just before', async () => {
    const { db, sql } = database.opened
    const guildId = newGuild()
    const turns = new Turns()
    const directory = nativeDirectory(db, guildId, () => AT, turns.repeat)
    const heard: unknown[] = []
    await fill(db, guildId, people([person('1', { discordIds: ['11'] }), person('2')]))
    directory.watch((changed) => heard.push(changed))
    await turns.next()
    await sql`update identity_people set access = false where guild_id = ${guildId} and id = '2'`
    const own = await fill(db, guildId, people([person('1', { discordIds: ['12'] }), person('2', { access: false })]))
    directory.noticeImport(own!)
    await turns.next()
    expect(heard).toEqual(['all'])
  })

  it('notices imports also where the database cannot tell one version from another', async () => {
    const { db, sql } = database.opened
    const guildId = newGuild()
    const turns = new Turns()
    const directory = nativeDirectory(db, guildId, () => AT, turns.repeat)
    const heard: unknown[] = []
    await sql`alter table identity_people disable trigger identity_deleted`
    try {
      directory.watch((changed) => heard.push(changed))
      await turns.next()
      await fill(db, guildId, people([person('1')]))
      await turns.next()
      await turns.next()
      expect(heard).toEqual(['all'])
    } finally {
      await sql`alter table identity_people enable always trigger identity_deleted`
    }
  })

  it('sees every import in its order, even where the clock stepped back between two', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const turns = new Turns()
    const directory = nativeDirectory(db, guildId, () => AT, turns.repeat)
    const heard: unknown[] = []
    await fill(db, guildId, people([person('1')]), { at: AT })
    directory.watch((changed) => heard.push(changed))
    await turns.next()
    await fill(db, guildId, people([person('2')]), { at: AT - 3_600_000 })
    await turns.next()
    expect(heard).toEqual(['all'])
  })

  it('looks only while somebody watches, and misses nothing that came between two watchings', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const turns = new Turns()
    const directory = nativeDirectory(db, guildId, () => AT, turns.repeat)
    directory.watch(() => {})()
    expect(turns.going).toBe(false)
    const stop = directory.watch(() => {})
    await turns.next()
    stop()
    await fill(db, guildId, people([person('1')]))
    const heard: unknown[] = []
    directory.watch((changed) => heard.push(changed))
    await turns.next()
    expect(heard).toEqual(['all'])
  })

  it('says nothing at a look that fails, and sees at the next what it missed', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const turns = new Turns()
    const line = { cut: false }
    const directory = nativeDirectory(cuttable(db, line), guildId, () => AT, turns.repeat)
    const heard: unknown[] = []
    directory.watch((changed) => heard.push(changed))
    await turns.next()
    line.cut = true
    await turns.next()
    await fill(db, guildId, people([person('1')]))
    line.cut = false
    await turns.next()
    expect(heard).toEqual(['all'])
  })

  it.each([
    ['table', 'rename to identity_links_away', 'alter table identity_links_away rename to identity_links', '42P01'],
    ['column', 'rename discord_id to away', 'alter table identity_links rename away to discord_id', '42703'],
  ])(
    'cannot be reached where a %s is not as it should be, and never answers with emptiness',
    async (_what, harm, mend, code) => {
      const { db } = database.opened
      const guildId = newGuild()
      await fill(db, guildId, people([person('1', { discordIds: ['11'] })]))
      const directory = nativeDirectory(db, guildId, () => AT)
      expect((await directory.find(['11'])).claims.get('11')).toHaveLength(1)
      await db.execute(sql.raw(`alter table identity_links ${harm}`))
      try {
        await expect(directory.find(['11'])).rejects.toThrow(DirectoryUnreachable)
        await expect(directory.find([])).rejects.toThrow(DirectoryUnreachable)
        await expect(directory.snapshot()).rejects.toThrow(`could not be read (${code})`)
      } finally {
        await db.execute(sql.raw(mend))
      }
      expect((await directory.find(['11'])).claims.get('11')).toHaveLength(1)
    },
  )
})

it('cannot be reached behind an embedded engine that was closed', async () => {
  const { folder, remove } = cloneEngineFolder()
  const closed = await openDatabase({ dataDir: folder, log: () => {} })
  await closed.close()
  try {
    await expectUnreachable(closed.db)
  } finally {
    remove()
  }
})

it('cannot be reached where no server answers, and says so without the address or the password', async () => {
  const nobody = createServer().listen(0, '127.0.0.1')
  await once(nobody, 'listening')
  const { port } = nobody.address() as AddressInfo
  nobody.close()
  await once(nobody, 'close')
  const client = postgres(`postgres://bot:hunter2@127.0.0.1:${port}/rolecall`, { connect_timeout: 5 })
  await expectUnreachable(drizzle(client))
  await client.end()
})

withServer('the native directory on a server', (url) => {
  it('asks again by another connection where the one that it asked by is lost before the answer', async () => {
    const way = await openProxy(url())
    const { db, close } = await open(way.url)
    try {
      const guildId = newGuild()
      await fill(db, guildId, people([person('1', { discordIds: ['11'] })]))
      const directory = nativeDirectory(db, guildId, () => AT)
      await directory.find(['11'])
      way.hang()
      const finding = directory.find(['11'])
      way.sever()
      await way.restore()
      expect((await finding).claims.get('11')).toHaveLength(1)
    } finally {
      await close()
      await way.close()
    }
  })

  it('answers of one moment while an import is made beside it', async () => {
    const [reading, writing] = [await open(url()), await open(url())]
    try {
      const guildId = newGuild()
      await fill(writing.db, guildId, people(crowd(30)))
      const interrupted = afterAnswer(2, reading.db, () => fill(writing.db, guildId, people(crowd(5, 100))))
      const { people: read, vitals } = await nativeDirectory(interrupted, guildId, () => AT).snapshot()
      expect([vitals.identities, read.count]).toEqual([30, 30])
      expect((await nativeDirectory(reading.db, guildId, () => AT).snapshot()).people.count).toBe(5)
    } finally {
      await reading.close()
      await writing.close()
    }
  })
})

const open = (url: string) => openDatabase({ url, dataDir: '.', log: () => {} })

async function expectUnreachable(db: Db): Promise<void> {
  const directory = nativeDirectory(db, '1000', () => AT)
  for (const read of [() => directory.find(['11']), () => directory.snapshot(), () => directory.accounts('1')]) {
    const error = await read().then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(DirectoryUnreachable)
    expect(String(error)).toMatch(/could not be read \([A-Z_]+\)\. Nobody is judged/)
    expect(String(error)).not.toMatch(/postgres|hunter2|127\.0\.0\.1|select/)
  }
}

/** The same database over a line that can be cut. */
function cuttable(db: Db, line: { cut: boolean }): Db {
  const execute: Db['execute'] = (query) => {
    if (line.cut) return Promise.reject(Object.assign(new Error('cut'), { code: 'ECONNRESET' })) as never
    return db.execute(query)
  }
  return Object.assign(Object.create(db), { execute }) as Db
}
