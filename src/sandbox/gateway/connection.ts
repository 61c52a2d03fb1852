import type { WebSocket } from 'ws'
import type { SandboxClock } from '../clock.ts'

/** Discord's documented limit: 120 sends a minute a connection, then 4008. */
const SENDS = 120
const SENDS_WINDOW = 60_000

/** One WebSocket. Knows frames and its send limit; what they mean is the gateway's. */
export class Connection {
  readonly socket: WebSocket
  /** True where nobody is on the other end any more, though the socket is open: no acknowledgement, no event. */
  dead = false
  readonly #clock: SandboxClock
  #windowStart: number
  #sent = 0

  constructor(socket: WebSocket, clock: SandboxClock) {
    this.socket = socket
    this.#clock = clock
    this.#windowStart = clock.now()
  }

  /** Resolves when the socket took the frame: who sends a burst awaits it, and so goes as fast as the other side reads. */
  write(text: string): Promise<void> {
    if (this.dead || this.socket.readyState !== this.socket.OPEN) return Promise.resolve()
    return new Promise((resolve) => this.socket.send(text, () => resolve()))
  }

  op(op: number, d: unknown): void {
    void this.write(JSON.stringify({ t: null, s: null, op, d }))
  }

  close(code: number, reason = ''): void {
    this.socket.close(code, reason)
  }

  /** Counts one send of the client; false once it is over the limit. */
  takes(): boolean {
    const now = this.#clock.now()
    if (now - this.#windowStart >= SENDS_WINDOW) {
      this.#windowStart = now
      this.#sent = 0
    }
    this.#sent += 1
    return this.#sent <= SENDS
  }
}
