import { eq, sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterEach, expect, it } from 'vitest'
import { startSandbox } from '#src/sandbox/sandbox.ts'
import { type Database, openDatabase } from '#src/store/database.ts'
import { removeOld } from '#src/store/retention.ts'
import { trail, trailTexts } from '#src/store/schema/trail.ts'
import { transact } from '#src/store/transact.ts'
import { TrailCheck } from '#src/trail/check.ts'
import { makeCheckpoint } from '#src/trail/checkpoints.ts'
import { exportChain } from '#src/trail/export.ts'
import { decideCut, findCuts, removeCut } from '#src/trail/prune.ts'
import { chainHeads } from '#src/trail/reading.ts'
import { Program } from '../bot/program.ts'
import { addGuild } from '../bot/town.ts'
import { withServer } from '../database.ts'
import { KEY } from '../trail/forge.ts'
import { LONG_AGO as AT, append, bookOf, linesOf, newGuild } from './book.ts'

// A server where one role owns the tables, and the bot is another.

const PASSWORD = 'hunter2-and-more'
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

withServer('a database whose tables are not the bot’s', (url) => {
  /** The addresses of an owner and of a bot, in the database of this test alone. */
  async function twoRoles() {
    const name = `rolecall_${crypto.randomUUID().slice(0, 8)}`
    const [owner, bot] = [`${name}_owner`, `${name}_bot`]
    const root = postgres(url(), { max: 1, onnotice: () => {} })
    await root.unsafe(
      `create role ${owner} login password '${PASSWORD}'; create role ${bot} login password '${PASSWORD}'`,
    )
    await root.unsafe(`create schema ${name} authorization ${owner}`)
    for (const role of [owner, bot]) await root.unsafe(`alter role ${role} set search_path = ${name}`)
    undo.push(async () => {
      await root.unsafe(`drop schema ${name} cascade; drop owned by ${owner}, ${bot}; drop role ${owner}, ${bot}`)
      await root.end()
    })
    const as = (role: string) => {
      const address = new URL(url())
      ;[address.username, address.password] = [role, PASSWORD]
      return address.href
    }
    return { root, name, owner, bot, ownerUrl: as(owner), botUrl: as(bot) }
  }

  const open = async (botUrl: string, ownerUrl?: string): Promise<Database & { readonly said: string[] }> => {
    const said: string[] = []
    const log = (line: string) => void said.push(line)
    const at = { url: botUrl, dataDir: '/nowhere', log, ...(ownerUrl && { migrateUrl: ownerUrl }) }
    const database = await openDatabase(at)
    undo.push(() => database.close())
    return Object.assign(database, { said })
  }

  const faultOf = (opening: Promise<unknown>): Promise<string> =>
    opening.then(
      () => 'opened',
      (error: Error) => {
        expect(error.name, error.message).toBe('StoreFault')
        expect(error.message).not.toContain(PASSWORD)
        return error.message
      },
    )

  it('lets the bot work, change nothing of what was recorded, and remove lines only under a checkpoint', async () => {
    const { botUrl, ownerUrl } = await twoRoles()
    const { db, said } = await open(botUrl, ownerUrl)
    expect(said.join()).toMatch(/^Brought the database up to this version/)
    const guildId = newGuild()
    await bookOf(db).rememberGuild(guildId, 'Example', AT)
    const line = {
      guildId,
      type: 'role.given',
      actor: 'discord:7',
      subject: 'member:4',
      texts: { reason: 'x' },
    } as const
    await transact(db, (tx) => append(tx, [line, line], AT))
    for (const statement of [
      'update trail set actor = actor',
      'delete from trail',
      'truncate trail',
      'alter table trail disable trigger user',
      'drop trigger trail_cut on trail',
      'update trail_checkpoints set note = note',
      'delete from trail_heads',
      'update trail_texts set text = text',
      'delete from trail_truncations',
      "insert into rolecall_migrations values ('x', 'y')",
    ])
      await expect(db.execute(sql.raw(statement)), statement).rejects.toMatchObject({ cause: { code: '42501' } })
    for (const head of await chainHeads(db)) await makeCheckpoint(db, head, KEY, AT)
    await expect(db.execute(sql`select trail_truncate(${guildId}, 9)`)).rejects.toMatchObject({
      cause: { code: '23001' },
    })
    const [cut] = (await findCuts(db, KEY, AT)).filter(({ chain }) => chain === guildId)
    await decideCut(db, append, cut!, 'cli:ann', AT)
    expect(await removeCut(db, guildId, () => {}, new AbortController().signal)).toBe(cut!.upTo)
    expect((await linesOf(db, guildId)).map(({ type }) => type)).toEqual(['trail.truncated'])
    const head = (await chainHeads(db)).find(({ chain }) => chain === guildId)!
    const check = new TrailCheck(KEY)
    for await (const one of exportChain(db, head, KEY)) check.take(Buffer.from(one))
    expect(check.end()).toMatchObject([{ removal: { upTo: cut!.upTo } }])
    await transact(db, (tx) => append(tx, [line], AT))
    await db.delete(trailTexts).where(eq(trailTexts.guildId, guildId))
    const retention = { before: AT, now: AT }
    await removeOld({ db, append, copies: false }, guildId, retention, 'cli:ann', new AbortController().signal)
    expect(await db.$count(trail, eq(trail.guildId, guildId))).toBe(2)
  })

  it('is one on which a bot starts, leads, signs and ends', async () => {
    const { botUrl, ownerUrl } = await twoRoles()
    const sandbox = await startSandbox({ rateScale: 0.02 })
    undo.push(() => sandbox.close())
    addGuild(sandbox)
    const at = { DATABASE_URL: botUrl, MIGRATE_DATABASE_URL: ownerUrl }
    const program = new Program({ ...at, DISCORD_TOKEN: sandbox.token, DISCORD_API_URL: sandbox.url })
    undo.push(() => program.clear())
    await program.connected()
    expect(await program.end('SIGTERM'), program.said).toBe(0)
    expect(program.said).not.toMatch(/"level":50|42501|hunter2/)
    const { db } = await open(botUrl)
    expect((await chainHeads(db)).length).toBeGreaterThan(0)
  })

  it('needs its owner only where tables are missing, and says so there', async () => {
    const { botUrl, ownerUrl, root, name } = await twoRoles()
    expect(await faultOf(open(botUrl))).toContain('may not create tables in')
    await open(botUrl, ownerUrl)
    expect((await open(botUrl)).said).toEqual([])
    await root.unsafe(
      `delete from ${name}.rolecall_migrations where tag = (select max(tag) from ${name}.rolecall_migrations)`,
    )
    expect(await faultOf(open(botUrl))).toMatch(
      /the tables belong to the user rolecall_\w+_owner, not to the one in DATABASE_URL/,
    )
  })

  it('is refused where both are one, where the owner owns nothing, where they lead elsewhere, and where nobody is let in', async () => {
    const { botUrl, ownerUrl, root, owner, bot, name } = await twoRoles()
    expect(await faultOf(open(ownerUrl, ownerUrl))).toContain(`Both addresses name the user ${owner}`)
    const nowhere = new URL(ownerUrl)
    nowhere.pathname = '/nowhere'
    expect(await faultOf(open(botUrl, nowhere.href))).toContain(
      'The database named in MIGRATE_DATABASE_URL does not exist',
    )
    await open(ownerUrl)
    const [other] = [`${name}_other`]
    await root.unsafe(`create schema ${other} authorization ${bot}; alter role ${bot} set search_path = ${other}`)
    expect(await faultOf(open(botUrl, ownerUrl))).toContain('lead to different databases or schemas')
    await root.unsafe(`drop schema ${other} cascade; alter role ${bot} set search_path = ${name}`)
    await root.unsafe(
      `reassign owned by ${owner} to ${bot}; alter schema ${name} owner to ${owner}; grant usage on schema ${name} to ${bot}`,
    )
    expect(await faultOf(open(botUrl, ownerUrl))).toMatch(/does not own the tables/)
  })

  it('warns where the bot is so mighty that the rights mean nothing', async () => {
    const { botUrl, ownerUrl, root, bot, owner } = await twoRoles()
    await root.unsafe(`grant ${owner} to ${bot}`)
    expect((await open(botUrl, ownerUrl)).said.join('\n')).toContain(
      'Warning: the user in DATABASE_URL could still remove',
    )
  })
})
