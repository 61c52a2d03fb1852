import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { Refusal } from '#src/core/refusal.ts'
import { digestOfPeople } from '#src/identity/digest.ts'
import { applyImport, storedPeople } from '#src/identity/import.ts'
import type { People } from '#src/identity/people.ts'
import { planImport } from '#src/identity/plan.ts'
import { openDatabase } from '#src/store/database.ts'
import type { Db } from '#src/store/handle.ts'
import { cloneEngineFolder, withDatabases, withServer } from '../database.ts'
import { AT, linesOf, newGuild, typesOf } from '../store/book.ts'
import { fill, orderFor } from './fill.ts'
import { account, crowd, ODD, people, person } from './sample.ts'
import { somebodyWaits } from './waiting.ts'

/** The embedded engine is started three times, once after a death; on a busy machine each takes seconds. */
const THREE_STARTS = 120_000

withDatabases('an import', (database) => {
  const stored = (guildId: string) => storedPeople(database.opened.db, guildId)
  const digest = async (guildId: string) => digestOfPeople(await stored(guildId))

  it('stores exactly what it brings, odd names and accounts too, whatever was there before', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    await fill(db, guildId, people(crowd(40), { accounts: new Map([['p1', [account('1')]]]) }))
    await fill(db, guildId, ODD)
    expect(await digest(guildId)).toBe(digestOfPeople(ODD))
    await fill(db, guildId, people(crowd(2_500)))
    expect(await digest(guildId)).toBe(digestOfPeople(people(crowd(2_500))))
  })

  it('says whose verdict may turn, and on what it follows', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const first = await fill(db, guildId, people([person('1', { discordIds: ['11'] })]))
    expect(first).toMatchObject({ before: '', changed: 'all' })
    const second = await fill(db, guildId, people([person('1', { discordIds: ['12'] })]))
    expect(second?.before).toBe(first?.after)
    expect(second?.after).not.toBe(first?.after)
    expect(new Set(second?.changed)).toEqual(new Set(['11', '12']))
  })

  it('leaves the rows of everybody who did not change alone', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const places = async () => {
      const rows = await db.execute<{ id: string; place: string }>(
        sql`select id, ctid::text as place from identity_people where guild_id = ${guildId}`,
      )
      return new Map(rows.map(({ id, place }) => [id, place]))
    }
    await fill(db, guildId, people(crowd(20)))
    const before = await places()
    await fill(db, guildId, people(crowd(20).map((one) => (one.id === 'p3' ? { ...one, state: null } : one))))
    const after = await places()
    expect([...after].filter(([id, place]) => before.get(id) !== place).map(([id]) => id)).toEqual(['p3'])
  })

  it('writes one line with who, how many and by which digests, and keeps what people typed apart from it', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    await fill(db, guildId, people(crowd(3)), { actor: 'cli:ann', reason: 'monthly export' })
    const [line, ...others] = await linesOf(db, guildId)
    expect(others).toEqual([])
    expect(line).toMatchObject({ type: 'identity.imported', actor: 'cli:ann', at: AT })
    expect(line?.subject).toMatch(/^import:[0-9a-f-]{36}$/)
    expect(line?.data).toMatchObject({
      counts: { added: 3, changed: 0, dropped: 0, after: { people: 3, withAccess: 3, linked: 3 } },
      afterDigest: digestOfPeople(people(crowd(3))),
    })
    expect(JSON.stringify(line?.data)).not.toMatch(/monthly|person p/)
  })

  it('writes nothing where nothing would change', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    await fill(db, guildId, ODD)
    expect(await fill(db, guildId, ODD)).toBeNull()
    expect(await typesOf(db, guildId)).toEqual(['identity.imported'])
    expect(await importsOf(db, guildId)).toBe(1)
  })

  it('is refused where more than a tenth would go, unless a human says that it is meant', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    await fill(db, guildId, people(crowd(20)))
    const dropping = fill(db, guildId, people(crowd(17)), { acceptDrop: false })
    await expect(dropping).rejects.toThrow(/^This would drop 3 of 20 people \(15%\).*--accept-drop\.$/)
    expect((await stored(guildId)).identities).toHaveLength(20)
    await fill(db, guildId, people(crowd(18)), { acceptDrop: false })
    expect((await stored(guildId)).identities).toHaveLength(18)
    await fill(db, guildId, people(crowd(2)), { acceptDrop: true })
    expect((await stored(guildId)).identities).toHaveLength(2)
  })

  it('is refused where the stored people have changed since the difference was shown', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const { beforeDigest } = planImport(await stored(guildId), people(crowd(3)))
    await fill(db, guildId, people([person('1')]))
    const stale = fill(db, guildId, people(crowd(3)), { expectedDigest: beforeDigest })
    await expect(stale).rejects.toThrow(/changed since this difference was shown, so nothing was written/)
    expect((await stored(guildId)).identities.map(({ id }) => id)).toEqual(['1'])
  })

  it('leaves nothing of itself where its line cannot be written', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    await fill(db, guildId, people(crowd(20)))
    const before = await digest(guildId)
    const append = () => Promise.reject(new Error('the record is full'))
    await expect(fill(db, guildId, ODD, { append })).rejects.toThrow('the record is full')
    expect(await digest(guildId)).toBe(before)
    expect(await importsOf(db, guildId)).toBe(1)
  })

  it('leaves nothing of itself where its last row cannot be written', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    await fill(db, guildId, people(crowd(20)))
    const before = await digest(guildId)
    const twice = [account('7'), account('7')]
    const broken = people(crowd(2_500, 10), { accounts: new Map([['p2509', twice]]) })
    const written: number[] = []
    const failing = fill(db, guildId, broken, { onProgress: (done) => written.push(done) })
    await expect(failing).rejects.toThrow()
    expect(written.at(-1)).toBeGreaterThan(1_999)
    expect(await digest(guildId)).toBe(before)
    expect(await typesOf(db, guildId)).toEqual(['identity.imported'])
  })

  it('is refused in one sentence where a text cannot be stored', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const variants: readonly People[] = [
      people([person('1', { username: 'a\0b' })]),
      people([person('1', { username: 'half \ud83d' })]),
      people([person('1')], { accounts: new Map([['1', [account('2', { organisation: '\0' })]]]) }),
      people([], { names: { groups: ['\0'], states: [], reservedNames: [] } }),
    ]
    for (const variant of variants) {
      const refused = fill(db, guildId, variant)
      await expect(refused).rejects.toThrow(Refusal)
      await expect(refused).rejects.toThrow(/cannot be stored \(U\+0000 or half of one\)/)
    }
    expect(await importsOf(db, guildId)).toBe(0)
  })

  it('keeps the accounts of people of whose accounts the source says nothing', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const accounts = new Map([
      ['1', [account('a')]],
      ['2', [account('b')]],
    ])
    await fill(db, guildId, people([person('1'), person('2')], { accounts }))
    await fill(db, guildId, people([person('1', { username: 'renamed' }), person('2')]))
    expect((await stored(guildId)).accounts).toEqual(accounts)
    await fill(db, guildId, people([person('1'), person('2')], { accounts: new Map([['1', []]]) }))
    expect([...((await stored(guildId)).accounts?.keys() ?? [])]).toEqual(['2'])
  })

  it('tells how far it is, up to the last', async () => {
    const { db } = database.opened
    const guildId = newGuild()
    const told: string[] = []
    const onProgress = (done: number, total: number) => told.push(`${done}/${total}`)
    await fill(db, guildId, people(crowd(2_500)), { onProgress })
    await fill(db, guildId, people(crowd(1)), { onProgress })
    expect(told).toEqual(['2000/2500', '2500/2500', '2000/2499', '2499/2499'])
  })
})

withServer('an import on a server', (url) => {
  it('waits for another into the same guild, and then finds that its difference is an old one', async () => {
    const [one, two] = [await open(url()), await open(url())]
    try {
      const guildId = newGuild()
      const orders = [await orderFor(one.db, guildId), await orderFor(two.db, guildId)] as const
      const results = await Promise.allSettled([
        applyImport(one.db, guildId, people(crowd(50)), orders[0]),
        applyImport(two.db, guildId, people(crowd(60)), orders[1]),
      ])
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(await importsOf(one.db, guildId)).toBe(1)
    } finally {
      await one.close()
      await two.close()
    }
  })

  it('waits for somebody who changes people by hand, and then finds that its difference is an old one', async () => {
    const [one, two] = [await open(url()), await open(url())]
    try {
      const guildId = newGuild()
      await fill(one.db, guildId, people(crowd(20)))
      const order = await orderFor(one.db, guildId)
      let importing: Promise<unknown> = Promise.resolve()
      await two.sql.begin(async (tx) => {
        await tx`update identity_people set access = false where guild_id = ${guildId} and id = 'p3'`
        importing = applyImport(one.db, guildId, people(crowd(21)), order).catch((error) => error)
        await somebodyWaits(tx)
      })
      expect(await importing).toMatchObject({
        message: expect.stringMatching(/changed since this difference was shown/),
      })
      expect((await storedPeople(one.db, guildId)).identities).toHaveLength(20)
    } finally {
      await one.close()
      await two.close()
    }
  })

  it('leaves nothing of itself where its process is killed in the middle', async () => {
    const { db, close } = await open(url())
    try {
      const guildId = newGuild()
      await fill(db, guildId, people(crowd(20)))
      await importAndKill(guildId, '.', url())
      expect(digestOfPeople(await storedPeople(db, guildId))).toBe(digestOfPeople(people(crowd(20))))
      await fill(db, guildId, people(crowd(21)))
      expect((await storedPeople(db, guildId)).identities).toHaveLength(21)
    } finally {
      await close()
    }
  })
})

it(
  'leaves nothing of itself where its process is killed in the middle, on the embedded engine',
  async () => {
    const { folder, remove } = cloneEngineFolder()
    try {
      const before = await openDatabase({ dataDir: folder, log: () => {} })
      await fill(before.db, '1000', people(crowd(20)))
      await before.close()
      await importAndKill('1000', folder)
      const after = await openDatabase({ dataDir: folder, log: () => {} })
      expect(digestOfPeople(await storedPeople(after.db, '1000'))).toBe(digestOfPeople(people(crowd(20))))
      await fill(after.db, '1000', people(crowd(21)))
      await after.close()
    } finally {
      remove()
    }
  },
  THREE_STARTS,
)

const open = (url: string) => openDatabase({ url, dataDir: '.', log: () => {} })

async function importsOf(db: Db, guildId: string): Promise<number> {
  const [row] = await db.execute<{ n: number }>(
    sql`select count(*)::int as n from identity_imports where guild_id = ${guildId}`,
  )
  return row?.n ?? -1
}

/** Imports in a process of its own, and kills that process when all is written and nothing is committed. */
async function importAndKill(...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'killed-import.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  try {
    const [said] = await Promise.race([once(child.stdout, 'data'), exited])
    expect(String(said)).toBe('written\n')
  } finally {
    child.kill('SIGKILL')
    await exited
  }
}
