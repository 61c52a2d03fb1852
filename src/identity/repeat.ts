/** Runs a deed again and again, never twice at once, until the returned function is called. */
export type Repeat = (deed: () => Promise<void>) => () => void

/** Calls `act` once after so many milliseconds; the answer calls it off. */
export type After = (milliseconds: number, act: () => void) => () => void

/** By the machine's own time. Keeps no program alive. */
const afterwards: After = (milliseconds, act) => {
  const timer = setTimeout(act, milliseconds)
  timer.unref()
  return () => clearTimeout(timer)
}

/** At once, and then each time so many milliseconds after the deed was over. The deed never rejects. */
export const every =
  (milliseconds: number, after: After = afterwards): Repeat =>
  (deed) => {
    let callOff = () => {}
    let stopped = false
    const again = () => {
      if (!stopped) callOff = after(milliseconds, () => void deed().finally(again))
    }
    void deed().finally(again)
    return () => {
      stopped = true
      callOff()
    }
  }
