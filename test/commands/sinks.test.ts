import { expect, it } from 'vitest'
import { sinks } from '#commands/sinks.ts'
import { give, NOW, SmallCommandWorld } from './small-world.ts'

const SOUND = { name: 'otlp', lag: 0, deliveredAt: NOW, parked: 0, firstParked: [], off: null, trouble: null }

it('says that the record is sent nowhere', async () => {
  expect(await give(sinks, new SmallCommandWorld(), 'status')).toMatchObject({ title: 'The record is sent nowhere' })
})

it('says where all is well', async () => {
  const world = new SmallCommandWorld()
  world.sinksNow = [SOUND]
  const reply = await give(sinks, world, 'status')
  expect(reply).toMatchObject({ tone: 'good', title: 'The record is being sent' })
  expect(reply.text).toBe(`**otlp**: up to date; last taken <t:${NOW / 1_000}:R>.`)
})

it('says what each has refused and why one is off, and draws nothing that the other side wrote', async () => {
  const world = new SmallCommandWorld()
  const line = { guildId: '1', seq: 7, reason: '**@everyone** too large', at: NOW, isWanted: false }
  const off = { since: NOW, why: 'gone' }
  world.sinksNow = [
    {
      ...SOUND,
      lag: 1_200,
      deliveredAt: null,
      off,
      parked: 9,
      firstParked: [line],
      trouble: { since: NOW, what: '`x`' },
    },
  ]
  const { tone, title, text } = await give(sinks, world, 'status')
  expect([tone, title]).toEqual(['warn', 'Not everything is taken'])
  expect(text).toContain('rolecall sinks retry')
  expect(text).toContain('1,200 lines behind; nothing was taken yet.')
  expect(text).toContain('Switched off')
  expect(text).toContain('and 8 more')
  expect(text).not.toContain('@everyone')
  expect(text).not.toContain('`x')
})

it('stays within what Discord takes, however many there are', async () => {
  const world = new SmallCommandWorld()
  const firstParked = Array.from({ length: 5 }, (_, seq) => ({
    guildId: '1',
    seq,
    reason: '*'.repeat(300),
    at: NOW,
    isWanted: false,
  }))
  const trouble = { since: NOW, what: '_'.repeat(300) }
  world.sinksNow = Array.from({ length: 30 }, () => ({
    ...SOUND,
    parked: 99,
    firstParked,
    trouble,
    off: { since: NOW, why: '~'.repeat(300) },
  }))
  const { text } = await give(sinks, world, 'status')
  expect(text).toMatch(/and 2\d more$/)
})
