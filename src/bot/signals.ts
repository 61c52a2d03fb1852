/** npm hands a signal on to its child that a terminal, or systemd, has sent to the child as well: what comes again within this time is the same one. */
const SAME_SIGNAL_MS = 1_000

/** Calls `first` at the first of these signals, and `again` when somebody sends one more and does not want to wait any longer. */
export function onSignals(
  signals: readonly NodeJS.Signals[],
  first: (signal: NodeJS.Signals) => void,
  again: () => void,
): void {
  let heardAt: number | null = null
  const hear = (signal: NodeJS.Signals) => {
    if (heardAt === null) {
      heardAt = performance.now()
      first(signal)
    } else if (performance.now() - heardAt > SAME_SIGNAL_MS) again()
  }
  for (const signal of signals) process.on(signal, hear)
}
