import type { Arrangements } from '#src/core/arrangements.ts'
import type { Id } from '#src/core/model.ts'
import { NotThere, Refusal } from '#src/core/refusal.ts'
import { slotKeyOf } from '#src/core/schedule.ts'
import type { By, Reply } from '#src/discord/command.ts'
import { DiscordFault } from '#src/discord/faults.ts'
import type { Poster } from '#src/discord/poster.ts'
import type { SettingCommands } from '#src/discord/world/settings.ts'
import { refuseWhatWasStopped } from '#src/loop/at-work.ts'
import type { Change } from '#src/store/ledger.ts'
import type { CommandWorldParts } from './command-parts.ts'
import { checkSchedule, nextAfter } from './cron.ts'

const HERE: Reply = {
  tone: 'plain',
  title: 'Notices go here',
  text: 'From now on this channel is told what the bot does by itself, and what keeps it from its work.',
}

/** A channel that cannot be written to is found out when it is chosen, and not when it is needed. */
async function beginIn(poster: Poster, channelId: Id): Promise<void> {
  try {
    await poster.post(channelId, HERE)
  } catch (error) {
    if (!(error instanceof DiscordFault)) throw error
    const Kind = error.kind === 'missing' ? NotThere : Refusal
    throw new Kind(`${error.message} Nothing was changed.`)
  }
}

/** What is set, granted and arranged in a guild; each change is recorded with who made it and why. */
export function settingCommands({ world, book, poster }: CommandWorldParts): SettingCommands {
  const change = (by: By): Change => ({ actor: by.actor, cause: by.cause, reason: by.reason, at: world.now() })
  const arrange = async (guildId: Id, wanted: Partial<Arrangements>, by: By): Promise<Arrangements> => {
    if (wanted.schedule) checkSchedule(wanted.schedule)
    if (wanted.channelId) await beginIn(poster, wanted.channelId)
    // What was armed was this schedule: another one that is set later must be armed anew.
    if (wanted.schedule === null) await book.setArmed(guildId, { schedule: false }, change(by))
    const arranged = await book.arrange(guildId, wanted, change(by))
    const nextAt = wanted.schedule ? nextAfter(wanted.schedule) : null
    // Whoever reads the answer is to see when the new schedule is due, and not the old one.
    if (wanted.schedule && nextAt !== null)
      await book.setSlot(guildId, { expression: slotKeyOf(wanted.schedule), nextAt })
    return arranged
  }
  const arm = async (guildId: Id, what: 'schedule' | 'realtime', by: By): Promise<void> => {
    refuseWhatWasStopped(by)
    await book.setArmed(guildId, { [what]: true }, change(by))
    if (!by.stoppedSince()) return
    // A stop that came while this was written may have disarmed before it.
    await book.setArmed(guildId, { [what]: false }, change(by))
    refuseWhatWasStopped(by)
  }
  return {
    arm,
    disarm: async (guildId, what, by) => void (await book.setArmed(guildId, { [what]: false }, change(by))),
    settings: (guildId) => book.settings(guildId),
    changeSettings: (guildId, edit, by) => book.changeSettings(guildId, edit, change(by)),
    arrangements: (guildId) => book.arrangements(guildId),
    arrange,
    capabilities: (guildId) => book.capabilities(guildId),
    grantCapability: (guildId, capability, roleId, by) => book.grantCapability(guildId, capability, roleId, change(by)),
    revokeCapability: (guildId, capability, roleId, by) =>
      book.revokeCapability(guildId, capability, roleId, change(by)),
    subscribed: (guildId, memberId) => book.subscribed(guildId, memberId),
    subscribe: (guildId, memberId, wanted, by) => book.subscribe(guildId, memberId, wanted, change(by)),
    release: (guildId, what, by) => book.release(guildId, what, change(by)),
  }
}
