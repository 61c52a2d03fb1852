import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Interaction } from '#src/sandbox/interaction.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import { type Door, openDoor } from './door.ts'
import { offences } from './listening.ts'

// `/stop` at the door: nothing that it does not need may keep it waiting.

const ANN = '200000000000000001'
const BEN = '200000000000000002'
const CALLBACK = 'POST /interactions/{interaction_id}/{interaction_token}/callback'
/** More than the door has under way at once. */
const FLOOD = 1_000

let sandbox: Sandbox
let against: readonly string[]
let guild: Guild
let door: Door

beforeEach(async () => {
  sandbox = await startSandbox({ limits: false })
  against = offences(sandbox)
  guild = sandbox.addGuild({
    name: 'Example',
    roles: [{ name: 'Moderators', permissions: ['MANAGE_ROLES'] }],
    members: [
      { id: ANN, username: 'ann', roles: ['Moderators'] },
      { id: BEN, username: 'ben' },
    ],
  })
  door = await openDoor(sandbox)
})

afterEach(async () => {
  await door.close()
  await sandbox.close()
  expect(sandbox.mishaps).toEqual([])
  expect(against).toEqual([])
})

const ask = (as: string, command = 'stop') => guild.command({ as, command, force: true })
const answerTo = async (asked: Interaction) =>
  (await asked.until()).current()?.embeds[0] as { title: string; description: string } | undefined

describe('a halt', () => {
  it('is carried out and answered while the database says nothing, and written down when it does', async () => {
    const silence = Promise.withResolvers<void>()
    door.ledger.silence = silence.promise
    expect((await answerTo(await ask(ANN)))?.title).toBe('Stopped')
    expect([door.stage.stopped.length, door.ledger.opened.length]).toEqual([1, 0])
    silence.resolve()
    await door.interactions.settled()
    expect(door.ledger.opened).toMatchObject([{ command: 'stop', actor: `discord:${ANN}`, counted: false }])
    expect(door.ledger.closed).toMatchObject([{ outcome: 'accepted', why: null }])
  })

  it('is carried out where it cannot be written down at all, and the operator reads of that', async () => {
    door.ledger.down = new Error('no database')
    expect((await answerTo(await ask(ANN)))?.title).toBe('Stopped')
    await door.interactions.settled()
    expect(door.stage.stopped).toHaveLength(1)
    expect(door.lines.join('')).toContain('no database')
  })

  it('is not carried out for whoever may not, and that is written down', async () => {
    expect((await answerTo(await ask(BEN)))?.description).toContain('"Manage Roles"')
    await door.interactions.settled()
    expect(door.stage.stopped).toEqual([])
    expect(door.ledger.closed).toMatchObject([{ outcome: 'refused', why: expect.stringContaining('Manage Roles') }])
  })

  it('that fails says so, and is written down as failed', async () => {
    door.stage.failing = new Error('row 17')
    const asked = await ask(ANN)
    expect((await answerTo(asked))?.title).toBe('It went wrong')
    await door.interactions.settled()
    expect(door.ledger.closed).toMatchObject([{ outcome: 'accepted', why: `It failed (${asked.id}).` }])
  })

  it('does not wait until the roles of the server are known: the bits that came with it will do', async () => {
    door.known = false
    expect((await answerTo(await ask(ANN)))?.title).toBe('Stopped')
    expect((await answerTo(await ask(BEN)))?.description).toContain('only just connected')
    expect((await answerTo(await ask(ANN, 'easy')))?.description).toContain('only just connected')
    expect(door.stage.stopped).toHaveLength(1)
  })

  it('is carried out although Discord does not take the word that an answer comes', async () => {
    sandbox.faults.refuse(1, 'unknownInteraction', CALLBACK)
    await ask(ANN)
    await expect.poll(() => door.stage.stopped.length).toBe(1)
    await door.interactions.settled()
  })

  it('is not dropped where so much is under way that everything else is', async () => {
    const first = await ask(ANN, 'easy')
    await first.until()
    const { payload } = first.terms
    const release = sandbox.faults.stall(CALLBACK)
    for (let at = 0; at < FLOOD; at++)
      door.interactions.take({ ...payload, id: String(900_000_000_000_000_000n + BigInt(at)) } as never)
    door.interactions.take({ ...payload, id: '900000000000099999' } as never)
    expect(door.lines.join('')).toContain('dropped: too many are under way')
    await ask(ANN)
    await expect.poll(() => door.stage.stopped.length).toBe(1)
    release()
    await door.interactions.settled()
  }, 30_000)
})

describe('a door that is only open for a halt', () => {
  const WHY = 'This bot is only here for one command.'

  beforeEach(async () => {
    await door.close()
    door = await openDoor(sandbox, [], WHY)
  })

  it('lets a halt through, for whoever may halt', async () => {
    expect((await answerTo(await ask(ANN)))?.title).toBe('Stopped')
    expect((await answerTo(await ask(BEN)))?.title).toBe('Not done')
    expect(door.stage.stopped).toHaveLength(1)
  })

  it('refuses everything else with why, whoever asks, and writes that down', async () => {
    for (const [as, command] of [
      [ANN, 'easy'],
      [guild.ownerId, 'try hard'],
    ] as const)
      expect(await answerTo(await ask(as, command))).toMatchObject({ title: 'Not done', description: WHY })
    expect(door.stage.asked).toEqual([])
    expect(door.ledger.closed).toMatchObject([
      { outcome: 'refused', why: WHY, refusedBy: 'standby' },
      { outcome: 'refused', why: WHY, refusedBy: 'standby' },
    ])
  })
})
