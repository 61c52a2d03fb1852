import { CATEGORIES, type FindingCategory } from '#src/core/model.ts'
import type { Run, RunState } from '#src/core/run.ts'
import type { Asked, Command, CommandWorld, Offer, Reply, Typing } from '#src/discord/command.ts'
import { abandonRun, resumeRun, startRun } from './audit-act.ts'
import { asOfReply } from './audit-as-of.ts'
import { diffPage } from './audit-diff.ts'
import { findingsPage } from './audit-findings.ts'
import { grantorsReply } from './audit-grantors.ts'
import { runsPage } from './audit-runs.ts'
import { statusReply } from './audit-status.ts'
import { mustBeOffset, noSuchCommand, oldButton, wordIn } from './given.ts'
import { momentOption } from './moment-option.ts'
import { runOffers } from './offers.ts'
import { reasonOption } from './reason-option.ts'
import { mustBeRunId, runOption } from './run-id.ts'
import { CATEGORY_WORDS } from './wording.ts'

const FINDING_CATEGORIES = CATEGORIES.filter(
  (category): category is FindingCategory => category !== 'bot_filtered' && category !== 'in_order',
)

/** `/audit`: look at the whole server, see how it stands, read what was found and done. */
export const audit: Command = {
  name: 'audit',
  description: 'Who holds roles that the identity database does not give them',
  needs: 'read',
  subcommands: [
    {
      name: 'run',
      description: 'Look at every member now; reports, unless you choose to act',
      needs: 'run',
      changes: 'by action',
      options: [
        {
          name: 'action',
          description: 'What may be done at most (default: report, which changes nothing)',
          type: 'string',
          choices: [
            { name: 'report: only say what is out of order', value: 'report' },
            { name: 'strip: take away roles that were not earned', value: 'strip' },
            { name: 'strip_kick: the same, and kick where the policy says so', value: 'strip_kick' },
          ],
        },
        { name: 'member', description: 'Only this member', type: 'user' },
        { name: 'role', description: 'Only this role', type: 'role' },
        reasonOption,
      ],
    },
    {
      name: 'status',
      description: 'How far the bot can be trusted right now, and the last runs',
      changes: 'nothing',
      options: [],
    },
    {
      name: 'findings',
      description: 'What a run found, page by page',
      changes: 'nothing',
      options: [
        runOption('Which run'),
        {
          name: 'category',
          description: 'Only this kind of finding',
          type: 'string',
          choices: FINDING_CATEGORIES.map((value) => ({ name: CATEGORY_WORDS[value], value })),
        },
      ],
    },
    { name: 'runs', description: 'What was looked at and done here, newest first', changes: 'nothing', options: [] },
    {
      name: 'diff',
      description: 'What is different now from what a run found',
      changes: 'nothing',
      options: [runOption('Which run')],
    },
    {
      name: 'grantors',
      description: 'Who keeps giving roles that were not earned',
      changes: 'nothing',
      options: [{ name: 'days', description: 'How far back (default: 30 days)', type: 'integer' }],
    },
    {
      name: 'as-of',
      description: 'What somebody held at a moment that has passed, and by what verdict',
      changes: 'nothing',
      options: [
        { name: 'member', description: 'Whose roles', type: 'user', required: true },
        momentOption('at', 'When: 2026-01-31, 2026-01-31 18:00 (UTC), or 7d for seven days ago', true),
      ],
    },
    {
      name: 'resume',
      description: 'Go on with a run that was cut short, by its own plan',
      needs: 'run',
      options: [runOption('Which run'), reasonOption],
    },
    {
      name: 'abandon',
      description: 'Give up a run that waits or was cut short',
      needs: 'run',
      options: [runOption('Which run'), reasonOption],
    },
  ],
  counts: (subcommand) => subcommand === 'run',
  answer,
  press: (asked, rest, world) => press(asked, rest, world),
  complete,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  switch (asked.subcommand) {
    case 'run':
      return startRun(asked, world)
    case 'status':
      return statusReply(await world.status(asked.guildId, asked.actor), world.now())
    case 'findings':
      return findingsPage(asked.guildId, mustBeRunId(asked.options.run), categoryIn(asked), 0, world)
    case 'runs':
      return runsPage(asked.guildId, 0, world)
    case 'diff':
      return diffPage(asked.guildId, mustBeRunId(asked.options.run), 0, world)
    case 'as-of':
      return asOfReply(asked, world)
    case 'grantors':
      return grantorsReply(asked, world)
    case 'resume':
      return resumeRun(asked, world)
    case 'abandon':
      return abandonRun(asked, world)
    default:
      throw noSuchCommand()
  }
}

const categoryIn = (asked: Asked): FindingCategory | null => wordIn(asked, 'category', FINDING_CATEGORIES)

async function press({ guildId }: Asked, rest: string, world: CommandWorld): Promise<Reply> {
  const [what, ...more] = rest.split(':')
  if (what === 'runs') return runsPage(guildId, mustBeOffset(more[0]), world)
  if (what === 'diff') return diffPage(guildId, mustBeRunId(more[0]), mustBeOffset(more[1]), world)
  if (what !== 'page') throw oldButton()
  const [runId, category, offset] = more
  return findingsPage(guildId, mustBeRunId(runId), pressedCategory(category), mustBeOffset(offset), world)
}

function pressedCategory(written: string | undefined): FindingCategory | null {
  if (written === 'all') return null
  const category = FINDING_CATEGORIES.find((known) => known === written)
  if (category === undefined) throw oldButton()
  return category
}

/** Runs that can still be given up, and those that can go on; what any other subcommand names may be any run. */
const OFFERED: Readonly<Record<string, readonly RunState[]>> = {
  resume: ['interrupted'],
  abandon: ['awaiting_approval', 'interrupted'],
}

async function complete(typing: Typing, world: CommandWorld): Promise<readonly Offer[]> {
  if (typing.option !== 'run') return []
  const states = OFFERED[typing.subcommand ?? '']
  return runOffers(typing, world, ({ state }: Run) => states?.includes(state) ?? true)
}
