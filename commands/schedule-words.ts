import type { ScheduleArrangement } from '#src/core/arrangements.ts'
import { oneLine, plainText } from '#src/core/text.ts'

// What a schedule does: when it looks, and whether it then acts. Both are said together, since neither is true alone.

/** When it looks: the expression as it was typed, and its zone. */
export const scheduleWords = ({ expression, timeZone }: ScheduleArrangement): string =>
  `\`${oneLine(expression).replaceAll('`', '')}\` (${plainText(timeZone)})`

const DOES = {
  strip: 'take the roles that were not earned',
  strip_kick: 'take the roles that were not earned, and kick where the policy says so',
} as const

/** What its runs do from now on, and each step that it takes before they do more. */
export function scheduleDoes({ action }: ScheduleArrangement, isArmed: boolean, isLocked: boolean): string {
  const steps = [
    isLocked ? 'An Administrator lifts the first-run lock with `/acknowledge first-run`.' : null,
    action === 'report' ? '`/schedule set` is given again with the same expression and `action:strip`.' : null,
    isArmed ? null : 'An Administrator arms the schedule with `/arm schedule`.',
  ].filter((step) => step !== null)
  const does = action === 'report' ? 'act' : `${DOES[action]} (\`${action}\`), as far as the policy says`
  if (steps.length === 0) return `Scheduled runs act by themselves: they ${does}.`
  const although = isArmed && action === 'report' ? ', although the schedule is armed: its action is `report`' : ''
  return [`Scheduled runs only report${although}. Before they ${does}:`, ...steps.map((step) => `• ${step}`)].join('\n')
}
