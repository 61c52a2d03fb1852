import { expect, it, onTestFinished } from 'vitest'
import type { Session } from '#src/identity/server/server.ts'
import { openAt, withEach } from './servers.ts'

const ROWS = 50_000
const WIDTH = 1_000
/** The system gives 64 KiB at a time, and TLS a quarter of that. */
const MOST_BETWEEN_TURNS = 256 * 1_024
const MIB = 1_048_576

withEach('a long answer', (place, dialect) => {
  const question =
    dialect === 'postgres'
      ? `select i, repeat('x', ${WIDTH}) from generate_series(1, ${ROWS}) i`
      : `select seq, repeat('x', ${WIDTH}) from seq_1_to_${ROWS}`

  function read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const server = openAt(place().address)
    onTestFinished(() => server.close())
    return server.read(work)
  }

  it('lets others have their turn between any two pieces of it', async () => {
    let turns = 0
    let isOver = false
    const turn = () => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    turn()
    let [bytes, most, last] = [0, 0, 0]
    await read((session) =>
      session.each(question, (row) => {
        if (turns !== last) bytes = 0
        last = turns
        bytes += row.text(1)!.length
        most = Math.max(most, bytes)
      }),
    )
    isOver = true
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(MOST_BETWEEN_TURNS)
  })

  it('of 50 MB is never held, however slow the one who reads it is', async () => {
    const held = () => {
      const { heapUsed, external } = process.memoryUsage()
      return (heapUsed + external) / MIB
    }
    const before = held()
    let count = 0
    let most = 0
    let sum = 0
    await read((session) =>
      session.each(question, (row) => {
        // Slower than any server: what it sends must wait at its end.
        for (let i = 0; i < 2_000; i++) sum += i
        sum += row.number(0)
        if (++count % 1_000 === 0) most = Math.max(most, held() - before)
      }),
    )
    expect([count, sum > 0]).toEqual([ROWS, true])
    expect(most).toBeLessThan(25)
  })
})
