import type { Option } from '#src/discord/command.ts'

/** Discord's audit log takes 512 characters, of which the bot's own words need some. */
const LONGEST_REASON = 400

/** Why somebody does something; it goes into the record, and into Discord's audit log where something is done there. */
export const reasonOption: Option = {
  name: 'reason',
  description: 'Why, for the record',
  type: 'string',
  maxLength: LONGEST_REASON,
}
