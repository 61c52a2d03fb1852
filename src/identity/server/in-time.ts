import type { Line, LineParts } from './line.ts'

/** How much longer than the server itself we wait, so that where it stops a question it is the server who says so. */
const GRACE_MS = 2_000

export const waitMs = ({ limits }: LineParts): number => limits.questionMs + GRACE_MS

export const silent = (parts: LineParts): Error => parts.troubles.say('silent', { seconds: waitMs(parts) / 1_000 })

/** Drops the line where what is asked on it takes longer than a question may, so that the asking ends with that. */
export async function inTime<T>(line: Line, parts: LineParts, asking: Promise<T>): Promise<T> {
  const callOff = parts.clock.after(waitMs(parts), () => line.drop(silent(parts)))
  try {
    return await line.hold(asking)
  } finally {
    callOff()
  }
}
