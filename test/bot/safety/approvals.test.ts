import { expect, test, vi } from 'vitest'
import type { Interaction } from '#src/sandbox/interaction.ts'
import { withServer } from '../../database.ts'
import { HOUR, type Hosted, hosted, strip, untilPosted } from '../hosted.ts'
import {
  actsOf,
  holdToAccount,
  lastRun,
  linesOf,
  type Night,
  OUT_OF_ORDER,
  removalsAsked,
  stripped,
  untilRecorded,
} from '../night.ts'
import { idOf, MODERATOR, OWNER, type Shown, say, shownBy } from '../town.ts'

// A plan that touches more than the server allows at once: it waits for a human who has seen that very plan.

holdToAccount()
vi.setConfig({ testTimeout: 60_000 })

const USUAL = { run: 0.1, day: 0.25, kicks: 0.02 }
const OTHER_DIGEST = `sha256:${'0'.repeat(64)}`

/** A run of a moderator's that waits. */
async function waiting(): Promise<{ town: Hosted; runId: string; digest: string }> {
  const town = await hosted({ blast: USUAL })
  const shown = await strip(town)
  expect(shown.title).toBe('The plan is too large and waits')
  expect([stripped(town), removalsAsked(town)]).toEqual([[], 0])
  return { town, runId: shown.runId!, digest: /digest:(sha256:[0-9a-f]{64})/.exec(shown.whole)![1]! }
}

const approve = async ({ guild }: Night, run: string, digest: string): Promise<Shown> =>
  shownBy(await say(guild, OWNER, 'acknowledge plan', { run, digest }))

const DONE = '8 members out of order, 8 role changes made'

withServer('a plan that waits', () => {
  test('is carried out to the letter once it is named by its digest', async () => {
    const { town, runId, digest } = await waiting()
    expect((await approve(town, runId, digest)).title).toBe(DONE)
    expect(await lastRun(town)).toMatchObject({ id: runId, state: 'completed', outcomes: { done: 8 } })
    expect([stripped(town), removalsAsked(town)]).toEqual([OUT_OF_ORDER, 8])
  })

  test('is not approved by the digest of another one', async () => {
    const { town, runId } = await waiting()
    const shown = await approve(town, runId, OTHER_DIGEST)
    expect([shown.title, shown.text]).toEqual(['Not done', expect.stringContaining('not the plan that was named')])
    expect(await lastRun(town)).toMatchObject({ state: 'awaiting_approval' })
    expect(removalsAsked(town)).toBe(0)
  })

  test('is not approved a day later', async () => {
    const { town, runId, digest } = await waiting()
    town.clock.jump(25 * HOUR)
    const shown = await approve(town, runId, digest)
    expect([shown.title, shown.text]).toEqual(['Not done', expect.stringContaining('more than a day old')])
    expect(removalsAsked(town)).toBe(0)
  })

  test('leaves out whoever has changed since, and lists them', async () => {
    const { town, runId, digest } = await waiting()
    town.guild.take(idOf('other20'), 'Directors', { by: idOf(MODERATOR) })
    town.guild.give(idOf('other21'), 'Pilots', { by: idOf(MODERATOR) })
    const shown = await approve(town, runId, digest)
    expect(shown.title).toBe('8 members out of order, 6 role changes made')
    expect(shown.whole).toContain('**2** changed since the plan, left alone')
    expect(await actsOf(town, runId)).toHaveLength(6)
    const ended = (await linesOf(town)).find(({ type, run }) => type === 'run.completed' && run === runId)
    expect(ended?.data.changed).toEqual({ count: 2, memberIds: [idOf('other20'), idOf('other21')] })
    expect(town.guild.holds(idOf('other21'), 'Directors')).toBe(true)
  })

  test('that was approved is not asked for again on the same day, and is on the next', async () => {
    const { town, runId, digest } = await waiting()
    await approve(town, runId, digest)
    const drift = () => {
      for (const name of OUT_OF_ORDER)
        town.guild.give(idOf(name), name === 'eve' ? 'Pilots' : 'Directors', { by: idOf(MODERATOR) })
    }
    drift()
    expect((await strip(town)).title).toBe(DONE)
    drift()
    town.clock.jump(25 * HOUR)
    await say(town.guild, OWNER, 'audit run')
    expect((await strip(town)).title).toBe('The plan is too large and waits')
    expect([stripped(town), removalsAsked(town)]).toEqual([[], 16])
  })

  test('is approved by the button on the post in the channel, by those who may, in two presses', async () => {
    const { town, runId } = await waiting()
    const post = await untilPosted(town, 'the plan is too large and waits')
    const shownTo = async (pressed: Interaction) =>
      shownBy(await pressed.until((one) => one.current()?.embeds.length === 1))
    const press = (name: string) =>
      town.guild.press({ as: idOf(name), post, customId: buttonOf(JSON.stringify(post.seen), 'plan') })
    for (const name of ['eve', MODERATOR]) expect((await shownTo(await press(name))).title).toBe('Not done')
    const pressed = await press(OWNER)
    const question = await shownTo(pressed)
    expect([question.title, removalsAsked(town)]).toEqual(['Really?', 0])
    await pressed.press(buttonOf(question.whole, 'really'))
    await town.sandbox.until(() => removalsAsked(town) === 8)
    expect([stripped(town), JSON.stringify(post.seen)]).toEqual([OUT_OF_ORDER, expect.stringContaining('waits')])
    await untilRecorded(town, (lines) => lines.some(({ type, run }) => type === 'run.completed' && run === runId))
  })

  test('that is given up is approved no more', async () => {
    const { town, runId, digest } = await waiting()
    await say(town.guild, MODERATOR, 'audit abandon', { run: runId })
    expect((await approve(town, runId, digest)).text).toContain('was given up')
    expect(removalsAsked(town)).toBe(0)
  })
})

const buttonOf = (seen: string, kind: 'plan' | 'really'): string =>
  new RegExp(`acknowledge:${kind}:[0-9a-f-]+:[0-9a-f]{16}`).exec(seen)![0]
