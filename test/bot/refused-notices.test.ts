import { expect, test } from 'vitest'
import { Announcer } from '#src/bot/announcer.ts'
import { ProgressPost } from '#src/bot/progress-post.ts'
import type { Notice } from '#src/core/notice.ts'
import { DiscordFault, type FaultKind } from '#src/discord/faults.ts'
import { makeLog } from '#src/telemetry/log.ts'

// What Discord refuses counts towards its ban of the address, and the bot stops acting in every server long before that.

const [GUILD, CHANNEL, EVE, ZOE] = ['1000', '900', '50', '51']
const MINUTE = 60_000
const NOTICE: Notice = { kind: 'sighted', source: 'native', since: 0 }
const log = makeLog({ level: 'silent', secrets: [] })

/** A channel and two subscribers; `refusing` says what is answered where. */
function town() {
  const sent: string[] = []
  const refusing = new Map<string, FaultKind>()
  let elapsed = 0
  const take = async (place: string) => {
    sent.push(place)
    const kind = refusing.get(place)
    if (kind) throw new DiscordFault(kind, 'No.')
    return { messageId: '1' }
  }
  const announcer = new Announcer({
    book: {
      arrangements: async () => ({ schedule: null, channelId: CHANNEL }),
      subscribers: async () => [EVE, ZOE],
    },
    poster: { post: (channelId) => take(channelId), direct: (memberId) => take(memberId) },
    words: async () => ({ tone: 'good', title: 'Sighted', text: 'It is sound again.' }),
    isToldElsewhere: () => false,
    mayHear: async () => true,
    now: () => 0,
    elapsed: () => elapsed,
    log,
  })
  const tell = async () => {
    sent.length = 0
    announcer.tell(GUILD, NOTICE)
    await new Promise((resolve) => setImmediate(resolve))
    return [...sent]
  }
  const pass = (milliseconds: number) => {
    elapsed += milliseconds
  }
  return { refusing, tell, pass }
}

test('a channel that refuses a notice and a person who takes none are left in peace for a while', async () => {
  const { refusing, tell, pass } = town()
  refusing.set(CHANNEL, 'refused').set(EVE, 'refused')
  expect(await tell()).toEqual([CHANNEL, EVE, ZOE])
  expect(await tell()).toEqual([ZOE])
  pass(5 * MINUTE)
  refusing.delete(CHANNEL)
  expect(await tell()).toEqual([CHANNEL, ZOE])
  expect(await tell()).toEqual([CHANNEL, ZOE])
  pass(55 * MINUTE)
  expect(await tell()).toEqual([CHANNEL, EVE, ZOE])
})

test('what did not come through for another reason is tried with the next notice', async () => {
  const { refusing, tell } = town()
  refusing.set(CHANNEL, 'outage')
  expect(await tell()).toEqual([CHANNEL, EVE, ZOE])
  expect(await tell()).toEqual([CHANNEL, EVE, ZOE])
})

test.each([
  ['refused', 1],
  ['network', 3],
] as const)('a progress message that may not be edited since that is %s is edited %i times', async (kind, times) => {
  let edits = 0
  let elapsed = 0
  const poster = {
    post: async () => ({ messageId: '1' }),
    edit: async () => {
      edits += 1
      throw new DiscordFault(kind, 'No.')
    },
  }
  const post = new ProgressPost(
    poster,
    CHANNEL,
    () => ({ tone: 'plain', title: '', text: '' }),
    () => elapsed,
  )
  for (let shown = 0; shown < 4; shown += 1) {
    post.show({ stage: 'acting', done: shown, total: 4, leftMs: null })
    await new Promise((resolve) => setImmediate(resolve))
    elapsed += 10_000
  }
  expect(edits).toBe(times)
})
