import { Refusal } from '#src/core/refusal.ts'
import type { Asked, Command, CommandWorld, Reply } from '#src/discord/command.ts'
import { mustBeRunId } from './run-id.ts'
import { many } from './wording.ts'

/** `/acknowledge first-run`: a human has read a sound report and lifts the lock under which nothing is ever taken. */
export const acknowledge: Command = {
  name: 'acknowledge',
  description: 'Lift a lock that only a human may lift',
  needs: 'Administrator',
  subcommands: [
    {
      name: 'first-run',
      description: 'Let runs act in this server, after you have read a report of it',
      options: [
        {
          name: 'run',
          description: 'The id of the report that you read, as /audit run showed it',
          type: 'string',
          required: true,
          maxLength: 36,
        },
      ],
    },
  ],
  answer: liftFirstRun,
}

async function liftFirstRun(asked: Asked, world: CommandWorld): Promise<Reply> {
  if (!asked.permissions.has('Administrator') && !asked.isOwner) {
    throw new Refusal('Only an Administrator or the owner of the server lifts the first-run lock. Nothing was changed.')
  }
  const run = await world.acknowledgeFirstRun(
    asked.guildId,
    mustBeRunId(asked.options.run),
    asked.memberId,
    asked.interactionId,
  )
  const found = await world.atStake(asked.guildId, run.id)
  return {
    tone: 'good',
    title: 'The first-run lock is lifted',
    text: [
      `You named run \`${run.id}\`, which found ${many(found, 'member')} out of order and changed nothing.`,
      'From now on `/audit run action:strip` takes away what the policy says, within the other gates. Nothing acts by itself: realtime and schedule stay disarmed.',
    ].join('\n\n'),
  }
}
