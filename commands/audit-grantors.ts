import { Refusal } from '#src/core/refusal.ts'
import type { Asked, CommandWorld, GrantorCount, Reply } from '#src/discord/command.ts'
import { many, memberMention, timeMention } from './wording.ts'

const DAY_MS = 86_400_000
const USUAL_DAYS = 30
/** As long as anybody remembers why. */
const MOST_DAYS = 365
/** Grantors shown: those who matter come first. */
const MOST_SHOWN = 15

/** The answer to `/audit grantors`: who keeps giving roles that were not earned. */
export async function grantorsReply(asked: Asked, world: CommandWorld): Promise<Reply> {
  const days = daysOf(asked.options.days)
  const counts = await world.grantors(asked.guildId, world.now() - days * DAY_MS, MOST_SHOWN)
  return {
    tone: 'plain',
    title: `Who gave roles that were not earned, in the last ${days === 1 ? 'day' : many(days, 'day')}`,
    text: counts.map(lineOf).join('\n') || 'Nobody was seen to give one.',
    footer: `Counted is what the bot saw while it was connected; at most ${MOST_SHOWN} are shown, the most first.`,
  }
}

function daysOf(option: unknown): number {
  const days = option ?? USUAL_DAYS
  if (Number.isInteger(days) && Number(days) >= 1 && Number(days) <= MOST_DAYS) return Number(days)
  throw new Refusal(`\`days\` must be a whole number from 1 to ${MOST_DAYS}.`)
}

function lineOf({ grantorId, grants, members, lastAt }: GrantorCount): string {
  const who = grantorId === null ? 'Nobody that could be found' : memberMention(grantorId)
  return `**${who}** gave ${many(grants, 'role')} to ${many(members, 'member')}, last ${timeMention(lastAt)}`
}
