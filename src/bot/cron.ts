import { createTask, validateDetailed } from 'node-cron'
import type { ScheduleArrangement } from '#src/core/arrangements.ts'
import { Refusal } from '#src/core/refusal.ts'

// What cron expressions mean, in their own time zone. node-cron reads them; when to look is decided by the loop.

/** The next moment of this schedule after now, ms since the epoch; null where it never comes, or cannot be read. */
export function nextAfter({
  expression,
  timeZone,
}: Pick<ScheduleArrangement, 'expression' | 'timeZone'>): number | null {
  try {
    const task = createTask(expression, () => {}, { timezone: timeZone })
    const [next] = task.getNextRuns(1)
    void task.destroy()
    return next?.getTime() ?? null
  } catch {
    return null
  }
}

const EXAMPLES =
  'Five fields, minute first: `0 4 * * *` is every day at four, `0 */6 * * *` every six hours, `30 3 * * 1` Mondays at half past three.'

/** Throws `Refusal` with what is wrong with it. */
export function checkSchedule({ expression, timeZone }: ScheduleArrangement): void {
  if (!isTimeZone(timeZone))
    throw new Refusal(
      'That is not a time zone. Name one as in `Europe/Oslo`, `America/New_York` or `UTC`. Nothing was changed.',
    )
  const { valid, errors } = validateDetailed(expression)
  const fields = errors.map(({ field }) => field).filter((field) => field !== 'expression')
  const wrong = [...new Set(fields)]
  if (!valid)
    throw new Refusal(
      `That is not a schedule${wrong.length > 0 ? ` (look at: ${wrong.join(', ')})` : ''}. ${EXAMPLES} Nothing was changed.`,
    )
  if (nextAfter({ expression, timeZone }) === null)
    throw new Refusal(`That schedule names a day that never comes. ${EXAMPLES} Nothing was changed.`)
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
