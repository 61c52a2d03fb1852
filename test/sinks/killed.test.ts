import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { findCursors } from '#src/sinks/cursors.ts'
import { findHeads } from '#src/sinks/lines.ts'
import { openDatabase } from '#src/store/database.ts'
import type { Db } from '#src/store/handle.ts'
import { parkedLines } from '#src/store/schema/sinks.ts'
import { withServer } from '../database.ts'
import { linesOf } from '../store/book.ts'
import { KeptCount } from './kept-count.ts'
import { write } from './relaying.ts'

// A process that relays is killed again and again, at any moment, while lines are written and the collector fails now and then.

/** How often; `npm run kills` says a thousand. */
const KILLS = Number(process.env.ROLECALL_KILLS ?? 25)
const CHILD = join(import.meta.dirname, 'relay-until-killed.ts')
const GUILDS = ['1001', '1002']
const CHAINS = [...GUILDS, 'installation']
/** After this time at most, counted from its beginning, a process is killed: some before they have done anything, some in the middle. */
const LONGEST_LIFE_MS = 150

/** A thousand take their time. */
const SAY_EVERY = 100

class Relaying {
  readonly #child: ChildProcess

  constructor(url: string, collector: string) {
    this.#child = spawn(process.execPath, [CHILD, url, collector], { stdio: ['pipe', 'pipe', 'inherit'] })
  }

  async begin(): Promise<void> {
    this.#child.stdin!.write('go\n')
    await once(this.#child.stdout!, 'data')
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}

/** Writes lines until it is told to end. */
async function writeOn(db: Db, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const chain = CHAINS[Math.floor(Math.random() * CHAINS.length)]!
    const texts = Math.random() < 0.2 ? { texts: { reason: 'so it is' } } : {}
    await write(db, chain === 'installation' ? null : chain, 1 + Math.floor(Math.random() * 20), texts)
    await pause(Math.random() * 40)
  }
}

async function killAgainAndAgain(url: string, collector: string): Promise<void> {
  // The next one loads its code while this one works.
  let next = new Relaying(url, collector)
  for (let kills = 0; kills < KILLS; kills++) {
    const child = next
    next = new Relaying(url, collector)
    const begun = child.begin()
    if (Math.random() > 0.1) await begun
    else begun.catch(() => {})
    await pause(Math.random() * LONGEST_LIFE_MS)
    await child.kill()
    if ((kills + 1) % SAY_EVERY === 0) console.log(`killed ${kills + 1} times`)
  }
  await next.begin()
  onTestFinished(() => next.kill())
}

const behind = async (db: Db): Promise<number> => {
  const cursors = await findCursors(db, 'collector')
  return [...(await findHeads(db))].reduce((lines, [chain, head]) => lines + head - (cursors.get(chain) ?? 0), 0)
}

withServer('a relay that is killed again and again', (url) => {
  it(
    `loses nothing, leaves no gap and keeps the order (${KILLS} times)`,
    async () => {
      const database = await openDatabase({ url: url(), dataDir: tmpdir(), log: () => {} })
      onTestFinished(() => database.close())
      const { db } = database
      const count = new KeptCount()
      const collector = await count.open()
      onTestFinished(() => count.close())
      let over = false
      const writing = writeOn(db, () => over)
      await killAgainAndAgain(url(), collector)
      over = true
      await writing
      count.isSound = true
      await expect.poll(() => behind(db), { timeout: 60_000 }).toBe(0)
      const parked = await db.select().from(parkedLines)
      let lines = 0
      let again = 0
      for (const chain of CHAINS) {
        const written = await linesOf(db, chain)
        const came = count.came.get(chain)!
        const refused = new Set(parked.filter(({ guildId }) => guildId === chain).map(({ seq }) => seq))
        const wanted = written.filter(({ seq }) => !refused.has(seq)).map(({ seq, id }) => [seq, id])
        // What was refused for good may have come as well: at a try whose answer was lost.
        expect([...came.first].filter(([seq]) => !refused.has(seq))).toEqual(wanted)
        lines += written.length
        again += came.again
      }
      expect(lines).toBeGreaterThan(KILLS * 10)
      console.log(
        `${KILLS} kills: ${lines} lines, 0 lost, 0 gaps; ${parked.length} parked, ${again} came more than once`,
      )
    },
    // Of two processes on a machine that is busy with much else one is there within seconds.
    60_000 + KILLS * 10_000,
  )
})
