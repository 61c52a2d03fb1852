import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { expect, it, onTestFinished, vi } from 'vitest'
import { keepPruning } from '#src/bot/pruning.ts'
import { transact } from '#src/store/transact.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { makeCheckpoint } from '#src/trail/checkpoints.ts'
import { openKey } from '#src/trail/key.ts'
import { chainHeads } from '#src/trail/reading.ts'
import { withDatabases } from '../database.ts'
import { HandClock } from '../roster/hand-clock.ts'
import { append, HOUR, linesOf, newGuild } from '../store/book.ts'

// What the bot does by itself once a day.

const DAY = 24 * HOUR

withDatabases('a bot that keeps what it has for a time', (database) => {
  /** A server with a record of long ago, a bot with a clock, and what it says. */
  async function settled(isLeading: { is: boolean }) {
    const { db } = database.opened
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-key-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const [guildId, keyFile, clock, said] = [newGuild(), join(folder, 'trail.key'), new HandClock(), [] as string[]]
    const destination = { write: (line: string) => void said.push(line) }
    const log = makeLog({ level: 'info', secrets: [], destination })
    const at = clock.now() - 200 * DAY
    const write = async () => {
      const line = { guildId, type: 'role.given', actor: 'discord:7', subject: 'member:4' } as const
      await transact(db, (tx) => append(tx, [line, line], at))
      const head = (await chainHeads(db)).find(({ chain }) => chain === guildId)!
      await makeCheckpoint(db, head, await openKey(keyFile), at)
    }
    await db.execute(
      sql`insert into guilds (guild_id, name, first_seen_at, seen_at) values (${guildId}, 'Example', now(), now())`,
    )
    await write()
    const turn = async () => {
      const before = clock.waiting
      await clock.pass(HOUR)
      await vi.waitUntil(() => clock.waiting === before, { timeout: 10_000, interval: 5 })
    }
    const stop = keepPruning({ db, append, clock, log, mayAct: () => isLeading.is }, 180, keyFile)
    onTestFinished(stop)
    const oldest = async () => (await linesOf(db, guildId))[0]!.seq
    return { turn, oldest, said, write, keyFile, guildId }
  }

  it('lets it go once a day, and never where another bot may act', async () => {
    const leading = { is: false }
    const { turn, oldest, said, write, guildId } = await settled(leading)
    await turn()
    expect(await oldest()).toBe(1)
    leading.is = true
    await turn()
    expect(await oldest()).toBe(3)
    expect(said.join('')).toMatch(new RegExp(`"chain":"${guildId}","upTo":2`))
    await write()
    for (let hour = 0; hour < 23; hour++) await turn()
    expect(await oldest()).toBe(3)
    await turn()
    expect(await oldest()).toBeGreaterThan(3)
  })

  it('lets nothing of a chain go that was altered, and says so', async () => {
    const { turn, oldest, said, guildId } = await settled({ is: true })
    const { sql: raw } = database.opened
    await raw.unsafe(
      `alter table trail disable trigger user; update trail set actor = 'cli:eve' where guild_id = '${guildId}' and seq = 1; alter table trail enable trigger user`,
    )
    await turn()
    expect(await oldest()).toBe(1)
    expect(said.join('')).toContain('Old lines of the record were not removed. Line 1 was changed')
  })

  it('removes nothing of the record while there is no key to know its checkpoints by', async () => {
    const { turn, oldest, keyFile } = await settled({ is: true })
    writeFileSync(keyFile, 'broken')
    await turn()
    expect(await oldest()).toBe(1)
  })
})
