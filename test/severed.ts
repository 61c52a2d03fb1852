import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a database that can fail as networks do. */
export interface Severable {
  /** The database's address by this way. */
  readonly url: string
  /** Connections that go through it at this moment. */
  readonly open: number
  /** Breaks every connection, and refuses new ones until `restore`. */
  sever(): void
  /** Lets nothing through in either direction, on open connections and new ones; nobody is told, and nothing is lost. */
  hang(): void
  /** All is well again: what hung goes on, what was severed can be opened anew once this resolves. */
  restore(): Promise<void>
  close(): Promise<void>
}

interface Pair {
  readonly near: Socket
  readonly far: Socket
}

/** A TCP proxy on this machine in front of the server at `url`, for tests of what becomes of work whose database is gone. */
export async function openProxy(url: string): Promise<Severable> {
  const { hostname, port } = new URL(url)
  const pairs = new Set<Pair>()
  let hung = false
  const server = createServer((near) => {
    join(near, connect({ host: hostname, port: Number(port || 5432) }), pairs, hung)
  })
  const listen = (place: number) => once(server.listen(place, '127.0.0.1'), 'listening')
  await listen(0)
  const { port: place } = server.address() as AddressInfo
  // Where nobody listens the system itself refuses, as it does for a server that is down.
  const sever = () => {
    server.close()
    for (const { near } of [...pairs]) near.destroy()
  }
  return {
    url: withPlace(url, place),
    get open() {
      return pairs.size
    },
    sever,
    hang: () => {
      hung = true
      for (const pair of pairs) hold(pair)
    },
    restore: async () => {
      hung = false
      for (const { near, far } of pairs) {
        near.resume()
        far.resume()
      }
      if (!server.listening) await listen(place)
    },
    close: async () => {
      if (server.listening) sever()
    },
  }
}

function hold({ near, far }: Pair): void {
  near.pause()
  far.pause()
}

/** Whatever one end says the other hears; where one goes, both go. */
function join(near: Socket, far: Socket, pairs: Set<Pair>, held: boolean): void {
  const pair = { near, far }
  pairs.add(pair)
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on('data', (bytes) => to.write(bytes))
    from.on('error', () => {})
    from.on('close', () => {
      to.destroy()
      pairs.delete(pair)
    })
  }
  if (held) hold(pair)
}

function withPlace(url: string, port: number): string {
  const changed = new URL(url)
  changed.hostname = '127.0.0.1'
  changed.port = String(port)
  return changed.href
}
