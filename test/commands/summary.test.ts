import { describe, expect, it } from 'vitest'
import { FOLDED_KINDS, type Folded, foldedReply } from '#commands/summary-fold.ts'
import { summaryReply } from '#commands/summary-words.ts'
import type { FoundAlike } from '#src/core/found.ts'
import type { News } from '#src/core/notice.ts'
import { ANN, alikeOf, BEN, DIGEST, EVE, HOUR, mustFit, NOW, RUN, runOf, waitingRun, wholeOf } from './small-world.ts'

const said = (news: News, found: readonly FoundAlike[] = []) => mustFit(summaryReply(news, NOW, found))

const folded = (changes: Partial<Folded> = {}): Folded => ({
  kind: 'run.completed',
  at: NOW,
  runId: RUN,
  outcomes: {},
  note: null,
  ...changes,
})

const NOTE = `rolecall/0123456789abcdef/100000000000000001\n1042\n${'A'.repeat(43)}=\n\n— rolecall/0123456789abcdef/100000000000000001 ${'B'.repeat(90)}==\n`

describe('the message that a run leaves', () => {
  it('reads well', () => {
    const run = runOf({ action: 'strip', outcomes: { done: 2, refused: 1 } })
    const found = [
      alikeOf(3, { gates: [] }),
      alikeOf(2, { gates: ['protected_member'], effectiveAction: 'report' }),
      alikeOf(20, { category: 'unknown_guest', differs: false, policyAction: 'report', effectiveAction: 'report' }),
    ]
    const reply = said({ kind: 'run_ended', run, atStake: 5, grantors: [BEN, EVE] }, found)
    expect(reply.buttons).toBe(undefined)
    expect(wholeOf(reply)).toMatchInlineSnapshot(`
      "Audit: 5 members out of order, 2 role changes made
      240 members looked at. 2 role changes made and seen to be made at Discord.
      Asked for
      by <@200000000000000001>: \`strip\`, take the roles that were not earned
      Found
      **5** out of order:
      • **5** hold roles that were not earned
      **235** others:
      • **215** hold exactly what they have earned
      • **20** guests hold nothing that the identity database decides
      • **2** bots, left alone
      Member list verified 3 s ago, identities read 60 s ago.
      What follows for these 5
      **3** were to be changed
      **2** held back
      Role changes
      **2** done, and seen to be done
      **1** refused by Discord, or left alone (\`/audit status\` says why)
      Held back
      **2** × the member, or a role they hold, is protected
      Roles out of order were given by
      <@200000000000000002> <@200000000000000003>
      Read more
      \`/audit findings run:0198c0de-0000-7000-8000-000000000001\` names each member. \`/audit runs\` lists what went before.
      run 0198c0de-0000-7000-8000-000000000001"
    `)
  })

  it('of one by schedule says so, and of one at the console who sat there', () => {
    const ended = (changes: Parameters<typeof runOf>[0]) =>
      wholeOf(said({ kind: 'run_ended', run: runOf(changes), atStake: 0, grantors: [] }))
    expect(ended({ trigger: 'schedule', actor: 'system:schedule' })).toContain('by schedule: `report`')
    expect(ended({ trigger: 'cli', actor: 'cli:@everyone 👩‍🚀' })).toContain(
      'by @\u200beveryone 👩‍🚀 (console): `report`',
    )
    expect(ended({ trigger: 'realtime', purpose: 'group', actor: 'system:realtime' })).toContain('by nobody: the bot')
  })

  it.each([
    ['live', 'Live acts: 4 role changes made', '/undo gives back what it took'],
    ['undo', 'Undo: 4 role changes made', 'run 0198c0de'],
    ['retry', 'Kicks tried again: 4 role changes made', 'run 0198c0de'],
  ] as const)('that looked at nobody (%s) claims nothing about anybody', (purpose, title, footer) => {
    const reply = said({
      kind: 'run_ended',
      run: runOf({ purpose, outcomes: { done: 4 } }),
      atStake: 0,
      grantors: [],
    })
    expect(reply.title).toBe(title)
    expect(reply.footer).toContain(footer)
    expect(wholeOf(reply)).not.toMatch(/in order|looked at/)
  })
})

describe('other summaries', () => {
  it('of a plan that waits name the command, as there is no button', () => {
    const run = waitingRun()
    const reply = said({ kind: 'plan_waits', run, blast: run.blast!, digest: DIGEST })
    expect(reply.buttons).toBe(undefined)
    expect(reply.text).toContain(`If it is right, give \`/acknowledge plan run:${RUN} digest:${DIGEST}\``)
    expect(reply.text).toContain(`/audit findings run:${RUN}`)
  })

  it('of a checkpoint hold the whole note', () => {
    const reply = said({ kind: 'checkpoint', size: 1_042, note: NOTE })
    expect(reply.text).toContain(`\`\`\`\n${NOTE}\`\`\``)
    expect(wholeOf(reply)).toMatchInlineSnapshot(`
      "The record, 1,042 lines long, signed
      Whoever keeps these five lines can show later whether anything before them was altered:

      \`\`\`
      rolecall/0123456789abcdef/100000000000000001
      1042
      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

      — rolecall/0123456789abcdef/100000000000000001 BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB==
      \`\`\`

      Put them into a file (their last line ends with a line break) and give \`rolecall trail verify trail.jsonl --key … --checkpoint FILE\` with an export of the record.
      "
    `)
  })

  const rows: readonly (readonly [News, readonly string[]])[] = [
    [
      { kind: 'source_accepted', source: 'view `x` @here', actor: `discord:${ANN}` },
      [`<@${ANN}> looked at the numbers`, 'ˋxˋ', '@\u200bhere'],
    ],
    [{ kind: 'record_damaged', detail: 'Line 7 was changed.' }, ['Line 7 was changed.', 'not signed any more']],
    [
      { kind: 'gap_accepted', written: 40, left: 12, actor: 'cli:anna' },
      ['40 lines were written', 'number 12', 'anna (console)'],
    ],
    [{ kind: 'sighted', source: 'native', since: NOW - HOUR }, ['sound again, after 60 min']],
  ]
  it.each(rows)('say what happened and what to do: %j', (news, words) => {
    for (const word of words) expect(wholeOf(said(news))).toContain(word)
  })
})

describe('many happenings in one message', () => {
  it('read well', () => {
    const all = [
      ...Array.from({ length: 30 }, (_, index) => folded({ at: NOW + index, outcomes: { done: 2 } })),
      folded({ kind: 'run.held', runId: 'held-and-ended' }),
      folded({ kind: 'run.held', runId: 'still-held' }),
      folded({ kind: 'run.completed', runId: 'held-and-ended', outcomes: { done: 1, unknown: 1 } }),
      folded({ kind: 'trail.checkpointed', runId: null, note: 'an older one' }),
      folded({ kind: 'trail.checkpointed', runId: null, note: NOTE }),
      folded({ kind: 'guild.sighted', runId: null }),
      folded({ kind: 'guild.blinded', runId: null, at: NOW + HOUR }),
    ]
    expect(wholeOf(mustFit(foldedReply(all)))).toMatchInlineSnapshot(`
      "37 happenings, told together
      Much happened from <t:1795348800:f> to <t:1795352400:f>, or could not be told until now, so it is counted here and not told one by one. Nothing of it is lost: \`/audit runs\` lists the runs with their details, \`/audit status\` how the server stands.

      **Blind at the end of this:** nobody loses anything until the identity source is sound again.
      What happened
      **31** runs completed
      **2** runs held: their plans were too large
      **2** checkpoints of the record
      **1** time no longer blind
      **1** time blind: the identity source was not to be trusted
      Changes that these runs made
      **61** done, and seen to be done
      **1** not known; look by hand
      Held, and not ended since
      \`still-held\`
      The newest signed head of the record
      \`\`\`
      rolecall/0123456789abcdef/100000000000000001
      1042
      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

      — rolecall/0123456789abcdef/100000000000000001 BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB==
      \`\`\`
      "
    `)
  })

  it('fit however many there are, of every kind', () => {
    const all = FOLDED_KINDS.flatMap((kind) =>
      Array.from({ length: 100 }, (_, index) =>
        folded({ kind, runId: `${RUN}-${index}`, outcomes: { done: 1_000_000 } }),
      ),
    )
    const reply = mustFit(foldedReply([...all, ...all.filter(({ kind }) => kind === 'run.held')]))
    expect(reply.title).toBe(`${(FOLDED_KINDS.length * 100 + 100).toLocaleString('en')} happenings, told together`)
    expect(wholeOf(reply)).toContain('and 92 more')
  })
})
