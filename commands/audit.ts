import { type Action, CATEGORIES, type FindingCategory } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { plainText } from '#src/core/text.ts'
import type { Asked, Command, CommandWorld, Reply } from '#src/discord/command.ts'
import { findingsPage } from './audit-findings.ts'
import { runReply } from './audit-run.ts'
import { statusReply } from './audit-status.ts'
import { mustBeRunId } from './run-id.ts'
import { CATEGORY_WORDS } from './wording.ts'

const FINDING_CATEGORIES = CATEGORIES.filter(
  (category): category is FindingCategory => category !== 'bot_filtered' && category !== 'in_order',
)

/** `/audit`: look at the whole server, see how it stands, read what was found. */
export const audit: Command = {
  name: 'audit',
  description: 'Who holds roles that the identity database does not give them',
  needs: 'ManageRoles',
  subcommands: [
    {
      name: 'run',
      description: 'Look at every member now; reports, unless you choose to act',
      options: [
        {
          name: 'action',
          description: 'What may be done at most (default: report, which changes nothing)',
          type: 'string',
          choices: [
            { name: 'report: only say what is out of order', value: 'report' },
            { name: 'strip: take away roles that were not earned', value: 'strip' },
          ],
        },
        { name: 'reason', description: 'Why, for the record', type: 'string', maxLength: 400 },
      ],
    },
    { name: 'status', description: 'How far the bot can be trusted right now, and the last runs', options: [] },
    {
      name: 'findings',
      description: 'What a run found, page by page',
      options: [
        { name: 'run', description: 'The id of the run', type: 'string', required: true, maxLength: 36 },
        {
          name: 'category',
          description: 'Only this kind of finding',
          type: 'string',
          choices: FINDING_CATEGORIES.map((value) => ({ name: CATEGORY_WORDS[value], value })),
        },
      ],
    },
  ],
  counts: (subcommand) => subcommand === 'run',
  answer,
  press: (asked, rest, world) => press(asked, rest, world),
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  switch (asked.subcommand) {
    case 'run':
      return run(asked, world)
    case 'status':
      return statusReply(await world.status(asked.guildId, asked.memberId), world.now())
    case 'findings':
      return findingsPage(asked.guildId, mustBeRunId(asked.options.run), categoryOf(asked.options.category), 0, world)
    default:
      throw new Refusal('This bot has no such command any more. Discord shows the new ones after a restart of the app.')
  }
}

async function run(asked: Asked, world: CommandWorld): Promise<Reply> {
  const action = actionOf(asked.options.action)
  const reason = typeof asked.options.reason === 'string' ? asked.options.reason : null
  const mayDestroy = asked.isOwner || asked.permissions.has('ManageRoles') || asked.permissions.has('Administrator')
  const { guildId, memberId, interactionId } = asked
  const request = { guildId, memberId, interactionId, action, mayDestroy, reason }
  const ended = await world.audit(request, ({ stage, done, total }) => {
    const text =
      stage === 'acting'
        ? `Carrying out the plan: ${done} of ${total} changes.`
        : 'Reading the identity source and every member.'
    void asked.update({ tone: 'plain', title: 'The audit is running', text })
  })
  const atStake = await world.atStake(guildId, ended.id)
  const gates = await world.gateTally(guildId, ended.id)
  return runReply(ended, { atStake, gates, reason: reason === null ? null : plainText(reason) })
}

/** Options come from outside; what is not a known word is never taken for the more harmful one. */
function actionOf(option: unknown): Extract<Action, 'report' | 'strip'> {
  if (option === undefined || option === 'report') return 'report'
  if (option === 'strip') return 'strip'
  throw new Refusal('The action must be `report` or `strip`. Nothing was changed.')
}

function categoryOf(option: unknown): FindingCategory | null {
  if (option === undefined || option === 'all') return null
  const category = FINDING_CATEGORIES.find((known) => known === option)
  if (!category)
    throw new Refusal(
      `There is no such category. The categories are ${FINDING_CATEGORIES.map((name) => `\`${name}\``).join(', ')}.`,
    )
  return category
}

/** A button's id comes back from Discord, and anybody can send what they like: it is read as strictly as an option. */
async function press(asked: Asked, rest: string, world: CommandWorld): Promise<Reply> {
  const [what, runId, category, offset] = rest.split(':')
  if (what !== 'page' || !/^\d{1,7}$/.test(offset ?? ''))
    throw new Refusal('This button belongs to an older version of the bot. Use `/audit findings` instead.')
  return findingsPage(asked.guildId, mustBeRunId(runId), categoryOf(category), Number(offset), world)
}
