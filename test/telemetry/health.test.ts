import { expect, test } from 'vitest'
import { HealthFault, type Readiness, startHealth } from '#src/telemetry/health.ts'

const HOST = '127.0.0.1'
const metrics = async () => ({ type: 'text/plain', body: 'rolecall_ready 1\n' })
const READY: Readiness = { ready: true, why: [] }

test('the process answers, and readiness follows what the bot says', async () => {
  let state: Readiness = { ready: false, why: ['the member list of one server is not live'] }
  const health = await startHealth({ host: HOST, port: 0, readiness: async () => state, metrics })
  const at = (path: string) => fetch(`http://${HOST}:${health.port}${path}`)
  expect((await at('/healthz')).status).toBe(200)
  const notYet = await at('/readyz')
  expect(notYet.status).toBe(503)
  expect(await notYet.json()).toEqual(state)
  state = READY
  expect((await at('/readyz')).status).toBe(200)
  expect(await (await at('/metrics')).text()).toBe('rolecall_ready 1\n')
  await health.close()
})

test('a port in use is said in a sentence that says what to do', async () => {
  const first = await startHealth({ host: HOST, port: 0, readiness: async () => READY, metrics })
  const second = startHealth({ host: HOST, port: first.port, readiness: async () => READY, metrics })
  await expect(second).rejects.toThrow(HealthFault)
  await expect(second).rejects.toThrow(/in use.*HEALTH_PORT/s)
  await first.close()
})
