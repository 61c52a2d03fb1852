import type { Run } from '#src/core/run.ts'
import {
  type Asked,
  byOf,
  type Command,
  type CommandWorld,
  type Offer,
  type Reply,
  type Typing,
} from '#src/discord/command.ts'
import { approveByDigest, approveByPress, askAboutPlan } from './acknowledge-plan.ts'
import { acceptByPress, askAboutSource } from './acknowledge-source.ts'
import { noSuchCommand, oldButton } from './given.ts'
import { runOffers } from './offers.ts'
import { reasonOption } from './reason-option.ts'
import { mustBeRunId, runOption } from './run-id.ts'
import { isWhole, many } from './wording.ts'

/** `/acknowledge`: what only a human decides: that the bot may act here at all, that the source is right, that a large plan is meant. */
export const acknowledge: Command = {
  name: 'acknowledge',
  description: 'Say that something is right which only a human can judge',
  needs: 'acknowledge',
  subcommands: [
    {
      name: 'first-run',
      description: 'Let runs act in this server, after you have read a report of it',
      needs: 'administrator',
      options: [runOption('The report that you read'), reasonOption],
    },
    {
      name: 'source',
      description: 'Take what the identity source says now for true; shows the numbers first',
      changes: 'on confirm',
      options: [],
    },
    {
      name: 'plan',
      description: 'Let a run that waits carry out its plan',
      options: [
        runOption('The run that waits'),
        {
          name: 'digest',
          description: 'The digest of its plan, as the answer of the run shows it',
          type: 'string',
          required: true,
          maxLength: 80,
        },
        reasonOption,
      ],
    },
  ],
  answer,
  press: (asked, rest, world) => press(asked, rest, world),
  complete,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  switch (asked.subcommand) {
    case 'first-run':
      return liftFirstRun(asked, world)
    case 'source':
      return askAboutSource(asked, world)
    case 'plan':
      return approveByDigest(asked, world)
    default:
      throw noSuchCommand()
  }
}

async function press(asked: Asked, rest: string, world: CommandWorld): Promise<Reply> {
  const [what, ...more] = rest.split(':')
  switch (what) {
    case 'plan':
      return askAboutPlan(asked, more, world)
    case 'really':
      return approveByPress(asked, more, world)
    case 'source':
      return acceptByPress(asked, more[0] ?? '', world)
    default:
      throw oldButton()
  }
}

async function liftFirstRun(asked: Asked, world: CommandWorld): Promise<Reply> {
  const run = await world.acknowledgeFirstRun(asked.guildId, mustBeRunId(asked.options.run), byOf(asked))
  const found = await world.atStake(asked.guildId, run.id)
  return {
    tone: 'good',
    title: 'The first-run lock is lifted',
    text: [
      `You named run \`${run.id}\`, which found ${many(found, 'member')} out of order and changed nothing.`,
      'From now on `/audit run action:strip` takes away what the policy says, within the other gates. Nothing acts by itself until an Administrator arms it with `/arm`.',
    ].join('\n\n'),
  }
}

/** An undo reports too, and a report of one member says nothing of the others. */
const isWholeReport = (run: Run): boolean =>
  run.purpose === 'audit' && run.action === 'report' && run.state === 'completed' && isWhole(run)

/** For the lock the reports that were completed, for a plan the runs that wait. */
async function complete(typing: Typing, world: CommandWorld): Promise<readonly Offer[]> {
  if (typing.option !== 'run') return []
  return typing.subcommand === 'plan'
    ? runOffers(typing, world, ({ state }) => state === 'awaiting_approval')
    : runOffers(typing, world, isWholeReport)
}
