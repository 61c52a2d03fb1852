import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer } from '../peer.ts'

// A collector in a process of its own: it reads what it is sent and keeps the ids, as much as one must to say that all have come.

/** `open` answers with the address, `count` with the number of different events that came. */
export type CollectorQuestion = { readonly kind: 'open' } | { readonly kind: 'count' }

const EVENT_ID = /"cloudevents\.event_id","value":\{"stringValue":"([^"]+)"/g

const ids = new Set<string>()
const server = createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    for (const [, id] of Buffer.concat(pieces).toString().matchAll(EVENT_ID)) ids.add(id!)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
})

answer(async ({ kind }: CollectorQuestion) => {
  if (kind === 'count') return ids.size
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`
})
