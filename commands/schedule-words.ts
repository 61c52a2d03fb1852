import type { ScheduleArrangement } from '#src/core/arrangements.ts'
import { oneLine, plainText } from '#src/core/text.ts'
import { ACTION_WORDS } from './wording.ts'

/** A schedule in a line: the expression as it was typed, its zone, and what its runs may do at most. */
export const scheduleWords = ({ expression, timeZone, action }: ScheduleArrangement): string =>
  `\`${oneLine(expression).replaceAll('`', '')}\` (${plainText(timeZone)}), at most \`${action}\`: ${ACTION_WORDS[action]}`
