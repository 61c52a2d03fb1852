import { expect, test } from 'vitest'
import { makeReactions } from '#src/bot/reactions.ts'
import type { RosterChange } from '#src/roster/change.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { BOT, GUILD, makeSmallWorld, PILOTS } from '../loop/small-world.ts'

/** What each change of a roster sets off. */
function follow(...changes: readonly RosterChange[]): readonly string[] {
  const steps: string[] = []
  const say = (what: string) => void steps.push(what)
  const react = makeReactions({
    live: {
      see: (_guildId, memberId, cause, given = []) => say(`look ${memberId} ${cause} ${given.join('+')}`),
      resume: () => say('resume'),
    },
    groups: { rolesChanged: () => say('compare roles') },
    history: { watch: () => {}, see: () => {}, miss: () => {} },
    world: makeSmallWorld([]),
    log: makeLog({ level: 'silent', secrets: [] }),
    onLive: () => say('live'),
  })
  for (const change of changes) react(GUILD, change)
  return steps
}

const member = { kind: 'member', memberId: '3', added: [PILOTS], removed: [], joined: false, origin: 'event' } as const

test('a member whose roles changed is looked at, with what they were given', () => {
  expect(follow(member, { ...member, joined: true })).toEqual([`look 3 role_change ${PILOTS}`, `look 3 join ${PILOTS}`])
})

test('what a refill finds was given when nobody saw it', () => {
  expect(follow({ ...member, origin: 'refill' })).toEqual(['look 3 refill '])
})

test('an edit of roles is compared, and so is a change of the bot’s own roles', () => {
  expect(follow({ kind: 'roles_changed' })).toEqual(['compare roles'])
  expect(follow({ ...member, memberId: BOT })).toContain('compare roles')
})

test('a roster that is live again takes up what was put off', () => {
  const change = { kind: 'state', from: 'suspect', to: 'live', why: '' } as const
  expect(follow(change)).toEqual(['resume', 'compare roles', 'live'])
  expect(follow({ ...change, from: 'live', to: 'suspect' })).toEqual([])
})
