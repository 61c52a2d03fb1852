import { describe, expect, it } from 'vitest'
import { noticeReply } from '#commands/notice-words.ts'
import type { Id } from '#src/core/model.ts'
import type { Grantor, Notice } from '#src/core/notice.ts'
import {
  ANN,
  alikeOf,
  BEN,
  buttonsOf,
  DIGEST,
  DIRECTORS,
  EVE,
  HOUR,
  mustFit,
  NOW,
  PILOTS,
  RUN,
  runOf,
  waitingRun,
  wholeOf,
} from './small-world.ts'

const said = (notice: Notice) => mustFit(noticeReply(notice, NOW))

const acted = (changes: Partial<Extract<Notice, { kind: 'acted_live' }>> = {}): Notice => ({
  kind: 'acted_live',
  runId: RUN,
  memberId: BEN,
  removed: [PILOTS],
  added: [],
  outcome: 'done',
  grantors: [{ id: ANN, by: 'event' }],
  ...changes,
})

describe('a role that was taken at once', () => {
  it('is told with the moderator who gave it', () => {
    const reply = said(acted())
    expect(reply.text).toBe(`Took <@&${PILOTS}> from <@${BEN}>: not earned.\n\nGiven by <@${ANN}>.`)
    expect(reply.footer).toContain(`run ${RUN}`)
    expect(reply.tone).toBe('good')
  })

  it.each([
    [[null], 'Who gave it could not be found.'],
    [[], 'Who gave it could not be found.'],
    [
      [
        { id: ANN, by: 'query' },
        { id: ANN, by: 'event' },
      ],
      `Given by <@${ANN}>.`,
    ],
    [[{ id: ANN, by: 'query' }, null], `Given by <@${ANN}>. Who gave the rest could not be found.`],
    [
      [{ id: BEN, by: 'event' }],
      'Discord names the member themselves: by onboarding, by a linked role, or by their own hand.',
    ],
  ] as readonly (readonly [readonly Grantor[], string])[])('never guesses who gave it: %j', (grantors, sentence) => {
    expect(said(acted({ grantors })).text).toContain(`\n\n${sentence}`)
  })

  it.each(['unknown', 'refused', 'failed', 'changed'])('is not said to be taken where it came to be %s', (outcome) => {
    const reply = said(acted({ outcome }))
    expect(reply.tone).toBe('warn')
    expect(reply.text).toContain(`Tried to take <@&${PILOTS}> from <@${BEN}>`)
    expect(reply.text).not.toContain('Took')
    expect(reply.title).not.toContain('was taken')
    expect(reply.text).toContain('What came of it: ')
  })

  it('is told apart from one that was given', () => {
    const reply = said(acted({ removed: [], added: [DIRECTORS], grantors: [] }))
    expect(reply.title).toBe('A role that was earned was given')
    expect(reply.text).toBe(`Gave <@&${DIRECTORS}> to <@${BEN}>: earned.`)
  })
})

describe('a run that nobody asked for', () => {
  const ended = (changes: Parameters<typeof runOf>[0], grantors: readonly Id[] = []) =>
    said({ kind: 'run_ended', run: runOf({ trigger: 'schedule', ...changes }), atStake: 2, grantors })

  it('is told from its beginning to its end', () => {
    expect(ended({ state: 'running' }).title).toBe('Scheduled audit under way')
    const done = ended({ action: 'strip', outcomes: { done: 2 } }, [ANN, EVE])
    expect(done.title).toBe('Scheduled audit: 2 members out of order, 2 role changes made')
    expect(wholeOf(done)).toContain(`Roles out of order were given by\n<@${ANN}> <@${EVE}>`)
    const cut = ended({ state: 'failed', problem: 'The database does not answer.' })
    expect(cut).toMatchObject({ title: 'Scheduled audit: The audit could not be made', tone: 'bad' })
  })

  it('says what was found and what held it, as the answer to a run does', () => {
    const run = runOf({ trigger: 'schedule', action: 'strip' })
    const held = { effectiveAction: 'report', gates: ['unattended_not_armed'] } as const
    const notice = { kind: 'run_ended', run, atStake: 2, grantors: [] } as const
    const whole = wholeOf(mustFit(noticeReply(notice, NOW, [alikeOf(2, held)])))
    expect(whole).toContain('• **2** hold roles that were not earned')
    expect(whole).toContain('Held back\n**2** × acting unattended is not armed here')
  })

  it('waits where its plan is too large, with the button that asks about it', () => {
    const run = waitingRun({ purpose: 'group', trigger: 'realtime' })
    const reply = said({ kind: 'plan_waits', run, blast: run.blast!, digest: DIGEST })
    expect(reply.title).toBe('Review of one change: the plan is too large and waits')
    expect(reply.text).toContain('takes roles from 214 members, but at most 23 of 238')
    expect(reply.text).toContain(`/acknowledge plan run:${RUN} digest:${DIGEST}`)
    expect(buttonsOf(reply)).toEqual([`audit:page:${RUN}:all:0`, `acknowledge:plan:${RUN}:${'ab'.repeat(8)}`])
  })
})

describe('what else moderators are told', () => {
  const rows: readonly (readonly [string, Notice, string, readonly string[]])[] = [
    [
      'live acts that were too many',
      { kind: 'live_held', affected: 34, limit: 30 },
      'Too much at once: the rest is only reported',
      ['34 members', '30 are the most', '`/audit grantors days:1`', '`/audit run action:strip`'],
    ],
    [
      'a source that fell',
      { kind: 'blind', source: 'native', truth: { suspect: true, why: ['dropped:group:@here'] }, problem: null },
      'Blind: nobody loses anything',
      ['failed its health check', 'takes nothing from anybody', 'This ends by itself.', '`/acknowledge source`'],
    ],
    [
      'a source that is silent',
      { kind: 'blind', source: 'native', truth: null, problem: 'It does not answer at db:5432.' },
      'Blind: nobody loses anything',
      ['It does not answer at db', 'This ends by itself.'],
    ],
    [
      'a source that is sound again',
      { kind: 'sighted', source: 'native', since: NOW - HOUR },
      'No longer blind',
      ['after 60 min', 'acts again as before'],
    ],
    [
      'a role that Discord refuses',
      { kind: 'quarantined', what: PILOTS, detail: 'Missing Permissions (50013).' },
      'Discord refuses a role',
      [`<@&${PILOTS}>`, '50013', 'does not try again by itself', 'move its role above', '`/roles release`'],
    ],
    [
      'kicks that Discord refuses',
      { kind: 'quarantined', what: 'kick', detail: 'Missing Permissions (50013).' },
      'Discord refuses kicks',
      ['"Kick Members"', '`/roles release kicks:True`'],
    ],
    [
      'a role that is tried again',
      { kind: 'released', what: PILOTS, actor: `discord:${ANN}` },
      'A role is tried again',
      [`<@${ANN}> released <@&${PILOTS}>`],
    ],
    [
      'kicks that are tried again',
      { kind: 'released', what: 'kick', actor: 'cli:ops' },
      'Kicks are tried again',
      ['ops (console)'],
    ],
    [
      'a rival',
      {
        kind: 'contested',
        memberId: BEN,
        roleId: PILOTS,
        what: 'comes_back',
        times: 3,
        grantor: { id: EVE, by: 'event' },
      },
      'Something keeps giving a role back',
      [
        '3 times within ten minutes',
        `It is given by <@${EVE}>.`,
        'leaves this role on this member alone',
        '`/roles except`',
      ],
    ],
    [
      'a rival whom nobody knows',
      { kind: 'contested', memberId: BEN, roleId: PILOTS, what: 'comes_back', times: 3, grantor: null },
      'Something keeps giving a role back',
      ['Who gives it could not be found.'],
    ],
    [
      'a rival that takes',
      { kind: 'contested', memberId: BEN, roleId: PILOTS, what: 'goes_away', times: 3, grantor: null },
      'Something keeps taking a role away',
      ['gave <@&', '3 times within ten minutes', 'keep the other from taking', 'leaves this role on this member alone'],
    ],
    [
      'a stop',
      {
        kind: 'stopped',
        actor: `discord:${ANN}`,
        runs: Array.from({ length: 60 }, () => ({ id: RUN, purpose: 'live' as const })),
      },
      'Everything was stopped',
      [`<@${ANN}> gave \`/stop\``, 'An Administrator arms again', `\`${RUN}\` (live acts)`, 'and 52 more'],
    ],
    [
      'nothing armed',
      { kind: 'nothing_armed' },
      'The policy takes roles, and nothing is armed',
      ['only reported', '`/arm realtime`'],
    ],
    [
      'a kick that came to nothing',
      { kind: 'kick_given_up', memberId: BEN, tries: 5, detail: 'Discord answered 500.' },
      'A kick was given up',
      [`<@${BEN}>`, 'failed 5 times', 'Discord answered 500.', '`/explain`'],
    ],
  ]

  it.each(rows)('%s', (_what, notice, title, parts) => {
    const reply = said(notice)
    expect(reply.title).toBe(title)
    for (const part of parts) expect(wholeOf(reply)).toContain(part)
    expect(wholeOf(reply)).not.toMatch(/@(?:here|everyone)/)
  })

  it('does not offer to accept a source that only has to be mended', () => {
    for (const truth of [{ suspect: true, why: ['no_identities'] }, null]) {
      const reply = said({ kind: 'blind', source: 'native', truth, problem: null })
      expect(reply.text).not.toContain('/acknowledge')
    }
  })

  it('stays short of Discord’s limits however many reasons there are', () => {
    const why = Array.from({ length: 500 }, (_, at) => `dropped:group:${'_'.repeat(150)}${at}`)
    said({ kind: 'blind', source: 'native', truth: { suspect: true, why }, problem: null })
    said({
      kind: 'run_ended',
      run: runOf({ truth: { suspect: true, why } }),
      atStake: 2,
      grantors: Array.from({ length: 300 }, () => ANN),
    })
  })
})
