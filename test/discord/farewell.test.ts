import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { connect } from '#src/discord/gateway.ts'
import { startSandbox } from '#src/sandbox/sandbox.ts'
import { hearing } from './listening.ts'

const SCRIPT = fileURLToPath(new URL('./one-login.ts', import.meta.url))

it('a bot that is stopped while its connection is lost does not come back by itself, and its process ends', async () => {
  const sandbox = await startSandbox()
  const child = spawn(process.execPath, [SCRIPT, sandbox.token, sandbox.url], { stdio: ['ignore', 'pipe', 'inherit'] })
  const written: string[] = []
  child.stdout.on('data', (piece: Buffer) => void written.push(piece.toString()))
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(15_000) })
  try {
    await expect.poll(() => written.join(''), { timeout: 10_000 }).toBe('in')
    sandbox.faults.disconnect({ how: 4000 })
    const [code] = await ended
    expect([code, written.join('')]).toEqual([0, 'in out'])
    expect(sandbox.gateway.count('connected')).toBe(1)
  } finally {
    child.kill('SIGKILL')
    await sandbox.close()
  }
}, 20_000)

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

it('a bot that is stopped while Discord has not even picked up lets go of the line', async () => {
  const silent = createServer()
  const port = await portOf(silent)
  const limits = { total: 1_000, remaining: 1_000, reset_after: 0, max_concurrency: 1 }
  const pointer = createHttpServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ url: `ws://127.0.0.1:${port}`, shards: 1, session_start_limit: limits }))
  })
  const url = `http://127.0.0.1:${await portOf(pointer)}/api`
  const stop = new AbortController()
  const { options } = hearing({ url, token: 'any' }, { signal: stop.signal })
  const connecting = connect(options).catch((fault: unknown) => fault)
  const [socket] = await once(silent, 'connection', { signal: AbortSignal.timeout(5_000) })
  stop.abort()
  await Promise.all([once(socket.resume(), 'close', { signal: AbortSignal.timeout(5_000) }), connecting])
  expect(await connecting).toMatchObject({ kind: 'disconnected' })
  silent.close()
  pointer.close()
})
