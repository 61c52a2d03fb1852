import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

// A collector that now and then fails, and keeps count of what it was given.

/** What came of one chain. */
export interface Came {
  /** The numbers of its lines in the order in which each came for the first time, with their ids. */
  readonly first: Map<number, string>
  /** How often a line came that had come before. */
  again: number
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue: string }
}

interface Request {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly { readonly attributes: readonly Attribute[] }[] }[]
  }[]
}

export class KeptCount {
  readonly came = new Map<string, Came>()
  /** Whether it takes everything from now on. */
  isSound = false
  readonly #server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => this.#hear(Buffer.concat(pieces).toString(), response))
  })

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/logs`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** Of a hundred requests five are turned away, four are refused for good, three are taken and never answered, and ten take their time. */
  #hear(body: string, response: ServerResponse): void {
    const chance = this.isSound ? 1 : Math.random()
    if (chance < 0.05) return void response.writeHead(503).end()
    if (chance < 0.09) return void response.writeHead(400).end()
    this.#count(JSON.parse(body))
    if (chance < 0.12) return void response.destroy()
    const answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    if (chance < 0.22) setTimeout(answer, 50)
    else answer()
  }

  #count({ resourceLogs }: Request): void {
    const records = resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
    for (const { attributes } of records) {
      const read = (name: string) => attributes.find(({ key }) => key === name)!.value.stringValue
      const came = this.#of(read('cloudevents.event_source').split('/').at(-1)!)
      const number = Number(read('rolecall.sequence'))
      if (came.first.has(number)) came.again++
      else came.first.set(number, read('cloudevents.event_id'))
    }
  }

  #of(chain: string): Came {
    const known = this.came.get(chain)
    if (known) return known
    const made: Came = { first: new Map(), again: 0 }
    this.came.set(chain, made)
    return made
  }
}
