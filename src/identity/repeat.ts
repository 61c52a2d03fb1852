/** Runs a deed again and again, never twice at once, until the returned function is called. */
export type Repeat = (deed: () => Promise<void>) => () => void

/** At once, and then each time so many milliseconds after the deed was over. The deed never rejects. Keeps no program alive. */
export const every =
  (milliseconds: number): Repeat =>
  (deed) => {
    let timer: NodeJS.Timeout | undefined
    let stopped = false
    const again = () => {
      if (stopped) return
      timer = setTimeout(() => void deed().finally(again), milliseconds)
      timer.unref()
    }
    void deed().finally(again)
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }
