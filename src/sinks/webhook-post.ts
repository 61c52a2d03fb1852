import { type IncomingMessage, Agent as OpenAgent, request as openRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { LONGEST_ANSWER } from './answer.ts'

export interface Posted {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly contentType: string | undefined
  /** As much of it as is ever read. */
  readonly body: string
}

/** A connection that nothing was sent over for so long is closed, before the other side does it in the very moment of the next request. */
const IDLE_MS = 4_000

/** Sends to one address, over connections that are kept; it follows nobody who sends on. */
export class Poster {
  readonly #url: URL
  readonly #agent: OpenAgent
  readonly #request: typeof openRequest

  /** `lookup`: who says to which addresses the name leads; the machine where left out. */
  constructor(url: URL, lookup?: LookupFunction) {
    this.#url = url
    const isTls = url.protocol === 'https:'
    const options = { keepAlive: true, timeout: IDLE_MS, ...(lookup && { lookup }) }
    this.#agent = isTls ? new TlsAgent(options) : new OpenAgent(options)
    this.#request = isTls ? tlsRequest : openRequest
  }

  /** Rejects with what Node says where no answer comes. Once its head is there it counts, whatever becomes of the rest. */
  async post(body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Posted> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const bytes = Buffer.from(body)
    const request = this.#request(this.#url, {
      method: 'POST',
      agent: this.#agent,
      signal,
      headers: { ...headers, 'content-length': bytes.length },
    })
    // An answer that wants to speak another protocol ends in a close, without an answer and without an error.
    const closed = () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))
    request.on('response', resolve).on('error', reject).on('close', closed).end(bytes)
    const answer = await promise
    const read = await startOf(answer)
    return {
      status: answer.statusCode ?? 0,
      retryAfter: answer.headers['retry-after'],
      contentType: answer.headers['content-type'],
      body: read,
    }
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** Read to its end where that is near, so that the connection can be used again; else the connection is given up. */
async function startOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  try {
    for await (const piece of answer) {
      pieces.push(piece)
      length += piece.length
      if (length > LONGEST_ANSWER) break
    }
  } catch {
    // Cut in the middle, or too slow: what it means was said in its head.
  }
  return Buffer.concat(pieces).toString()
}
