import { pause } from './clock.ts'
import { inTime } from './in-time.ts'
import type { LineParts } from './line.ts'
import type { OnNotice, PostgresLine } from './postgres-line.ts'
import type { Hearing } from './server.ts'

/** How often the server is asked for a sign of life: nothing is heard of a connection that died without a word. */
const ALIVE_MS = 30_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/** Hears a channel on a line of its own until the signal says that nobody listens any more; opens another whenever one is lost. Never rejects. */
export async function hearNotices(
  parts: LineParts,
  open: (onNotice: OnNotice) => Promise<PostgresLine>,
  channel: string,
  hearing: Hearing,
  signal: AbortSignal,
): Promise<void> {
  let tried = 0
  const ear: Omit<Hearing, 'onNotice'> = {
    onOpen: () => {
      tried = 0
      hearing.onOpen()
    },
    onClose: () => hearing.onClose(),
  }
  const onNotice: OnNotice = (_, payload) => {
    if (!signal.aborted) hearing.onNotice(payload)
  }
  while (!signal.aborted) {
    // Whoever reads people meets the same trouble, and is told.
    await hearOnce(parts, () => open(onNotice), channel, ear, signal).catch(() => {})
    await pause(backOff(tried++, parts.clock.random()), parts.clock, signal)
  }
}

async function hearOnce(
  parts: LineParts,
  open: () => Promise<PostgresLine>,
  channel: string,
  ear: Omit<Hearing, 'onNotice'>,
  signal: AbortSignal,
): Promise<void> {
  const line = await open()
  const ask = (statement: string) => inTime(line, parts, line.ask(statement))
  const over = new AbortController()
  const leave = () => over.abort()
  signal.addEventListener('abort', leave)
  line.hold(NEVER).catch(leave)
  let opened = false
  try {
    await ask(`listen "${channel.replaceAll('"', '""')}"`)
    if (!signal.aborted) ear.onOpen()
    opened = !signal.aborted
    while (!over.signal.aborted) {
      await pause(ALIVE_MS, parts.clock, over.signal)
      if (!over.signal.aborted) await ask('select 1')
    }
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
    if (opened) ear.onClose()
    line.drop(parts.troubles.say('closed'))
  }
}

const NEVER = new Promise<never>(() => {})

/** Doubled each time, and spread over its upper half so that many do not return at once. */
function backOff(tried: number, random: number): number {
  const whole = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tried, 30))
  return Math.round((whole / 2) * (1 + random))
}
