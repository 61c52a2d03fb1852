import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Address } from '#src/identity/server/settings.ts'

/** What becomes of an answer once so many bytes of it have come through. */
export interface Trick {
  /** Bytes of the answer that still pass. */
  readonly after: number
  /** `cut`: closed in good order. `reset`: torn. `stall`: nothing passes any more, and nobody is told. Bytes: said instead of the rest, then `cut`. */
  readonly act: 'cut' | 'reset' | 'stall' | Buffer
  /** Only the first message of all connections. */
  readonly once?: boolean
}

/** A way to a database's server that does as the test says. */
export interface Way {
  readonly address: Address
  /** Connections that go through it at this moment, and how many there were in all. */
  readonly open: number
  readonly made: number
  /** Bytes that the server has said since the marker was heard last. */
  readonly answered: number
  /** Tricks that have been played so far. */
  readonly played: number
  /** Plays a trick on the answer to the first message that holds the marker; each connection counts for itself. */
  play(marker: string, trick: Trick): void
  /** No more tricks; what stalls still does. */
  rest(): void
  /** Breaks every connection. */
  sever(): void
}

/** Opens a way on this machine in front of the server at `address`; it is closed when the test is finished. */
export async function openWay(address: Address): Promise<Way> {
  const state = { marker: null as string | null, trick: null as Trick | null, answered: 0, made: 0, played: 0 }
  const pairs = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(address.port, address.host)
    state.made++
    pairs.add(near)
    near.on('close', () => pairs.delete(near))
    let left: number | null = null
    let trick: Trick | null = null
    near.on('data', (bytes: Buffer) => {
      if (state.marker !== null && bytes.includes(state.marker)) {
        trick = state.trick!
        left = trick.after
        state.answered = 0
        if (trick.once) state.marker = null
        if (left === 0) play(near, far, trick, state)
      }
      far.write(bytes)
    })
    far.on('data', (bytes: Buffer) => {
      state.answered += bytes.length
      if (left === null) return near.write(bytes)
      const passing = bytes.subarray(0, left)
      left -= passing.length
      near.write(passing)
      if (left === 0) play(near, far, trick!, state)
      return true
    })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => {})
      one.on('close', () => other.destroy())
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const sever = () => {
    for (const near of pairs) near.destroy()
  }
  onTestFinished(() => {
    server.close()
    sever()
  })
  return {
    address: { ...address, host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    get open() {
      return pairs.size
    },
    get made() {
      return state.made
    },
    get answered() {
      return state.answered
    },
    get played() {
      return state.played
    },
    play: (marker, trick) => Object.assign(state, { marker, trick }),
    rest: () => Object.assign(state, { marker: null, trick: null }),
    sever,
  }
}

function play(near: Socket, far: Socket, { act }: Trick, state: { played: number }): void {
  state.played++
  far.removeAllListeners('data')
  far.resume()
  if (act === 'stall') return
  if (act === 'reset') near.resetAndDestroy()
  else if (act === 'cut') near.end()
  else near.end(act)
}
