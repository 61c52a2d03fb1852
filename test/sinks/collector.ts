import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createRawServer, type Socket } from 'node:net'
import type { OutEvent } from '#src/sinks/sink.ts'

// Whoever takes events over HTTP, on this machine, and gives each answer that there is.

export interface Got {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type AnswerTo = (response: ServerResponse, got: Got) => void

/** The answer of a collector or a receiver that takes all. */
export const taken: AnswerTo = (response) => json(response, 200, {})

export const rejects =
  (count: number | string, errorMessage?: string): AnswerTo =>
  (response) =>
    json(response, 200, { partialSuccess: { rejectedLogRecords: count, ...(errorMessage && { errorMessage }) } })

export const says =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): AnswerTo =>
  (response) => {
    response.writeHead(status, headers).end(body)
  }

/** Never answers. */
export const hangs: AnswerTo = () => {}

/** Promises more than it sends, and cuts the connection. */
export const half =
  (status = 200): AnswerTo =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': '100' })
    response.write('{"partialSuccess":', () => response.destroy())
  }

/** Cuts the connection when it has heard the question. */
export const hangsUp: AnswerTo = (response) => response.destroy()

const json = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export interface Collector {
  readonly port: number
  readonly url: string
  readonly got: readonly Got[]
  /** Answers so from now on; several are given in turn, and the last to all that follow. */
  answer(...answers: readonly AnswerTo[]): void
  close(): Promise<void>
}

/** With a certificate it speaks TLS alone. */
export async function openCollector(tls?: { readonly cert: Buffer; readonly key: Buffer }): Promise<Collector> {
  const got: Got[] = []
  let answers: readonly AnswerTo[] = [taken]
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    void read(request).then((body) => {
      const one = { path: request.url ?? '', headers: request.headers, body }
      got.push(one)
      const [next, ...rest] = answers
      if (rest.length > 0) answers = rest
      next?.(response, one)
    })
  }
  const server = tls ? createTlsServer(tls, answer) : createServer(answer)
  const port = await listening(server)
  return {
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    got,
    answer: (...given) => {
      answers = given
    },
    close: () => {
      server.closeAllConnections()
      return closed(server)
    },
  }
}

/** Answers each connection with these bytes and hangs up, whatever it hears: no HTTP, unless the bytes are. */
export async function openRawPort(bytes: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createRawServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.once('data', () => socket.end(bytes))
  })
  const port = await listening(server)
  return {
    port,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return closed(server)
    },
  }
}

/** A port that nobody listens at. */
export async function deadPort(): Promise<number> {
  const { port, close } = await openRawPort('')
  await close()
  return port
}

async function read(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

type Server = ReturnType<typeof createRawServer>

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })

const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))

export const GUILD = '112233445566778899'

/** An event as the relay makes them, the one with this number in its chain. */
export function eventOf(number: number, more: Partial<OutEvent> = {}): OutEvent {
  return {
    specversion: '1.0',
    id: `0198c2a4-0000-7000-8000-${String(number).padStart(12, '0')}`,
    source: `rolecall://0123456789abcdef/${GUILD}`,
    type: 'app.rolecall.action.settled.v1',
    subject: 'member:200000000000000003',
    time: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, number)).toISOString(),
    datacontenttype: 'application/json',
    sequence: String(number).padStart(20, '0'),
    authtype: 'system',
    authid: 'system:realtime',
    correlationid: '0198c2a4-0000-7000-8000-00000000ffff',
    data: { outcome: 'done', roles: ['300000000000000001'], count: 2, share: 0.5, exact: true, reason: null },
    ...more,
  }
}

export const eventsOf = (count: number, from = 1): readonly OutEvent[] =>
  Array.from({ length: count }, (_, index) => eventOf(from + index))

/** Told of nothing and with a clock that stands. */
export const surroundings = {
  version: '1.2.3',
  scrub: (text: string) => text,
  now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
}
