import { expect, it } from 'vitest'
import { carried, contextNow, correlationNow, inContext, inOwnContext } from '#src/telemetry/context.ts'
import { makeLog } from '#src/telemetry/log.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

it('goes along with the work, over every wait, and two at once are not mixed up', async () => {
  const seen = async (correlation: string) =>
    inContext({ correlation }, async () => {
      await turn()
      const first = correlationNow()
      await turn()
      return [first, correlationNow()]
    })
  expect(await Promise.all([seen('a'), seen('b')])).toEqual([
    ['a', 'a'],
    ['b', 'b'],
  ])
  expect(contextNow()).toBeNull()
})

it('is that of whoever handed the work over, whoever begins it', () => {
  const work = inContext({ correlation: 'a' }, () => carried(() => correlationNow()))
  expect(inContext({ correlation: 'b' }, work)).toBe('a')
})

it('is made where there is none, and kept where there is one', () => {
  const made = inOwnContext('live', 'system:realtime', contextNow)
  expect(made).toEqual({ correlation: expect.stringMatching(/^live:[0-9a-f-]{36}$/), actor: 'system:realtime' })
  expect(inContext({ correlation: 'a' }, () => inOwnContext('live', 'system:realtime', correlationNow))).toBe('a')
})

it('stands in each line of the log', () => {
  const lines: string[] = []
  const log = makeLog({ level: 'info', secrets: [], destination: { write: (line) => void lines.push(line) } })
  inContext({ correlation: 'a', actor: 'discord:1', command: '/audit' }, () => log.info({ run: 'r1' }, 'done'))
  log.info({}, 'nothing set this off')
  const [inside, outside] = lines.map((line) => JSON.parse(line))
  expect(inside).toMatchObject({ correlation: 'a', actor: 'discord:1', command: '/audit', run: 'r1', msg: 'done' })
  expect(outside).not.toHaveProperty('correlation')
})
