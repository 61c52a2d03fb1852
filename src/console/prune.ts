import { findOld, type Old, type Pruning, prune } from '#src/bot/prune.ts'
import { configFromEnvironment } from '#src/config.ts'
import { KINDS, type Kind } from '#src/store/retention.ts'
import { openKey } from '#src/trail/key.ts'
import { err, out } from './lines.ts'
import { withStore } from './open.ts'
import { count, nameOf } from './trail-words.ts'

const WORDS: Readonly<Record<Kind, readonly [string, string]>> = {
  runs: ['run', 'runs'],
  findings: ['finding', 'findings'],
  intents: ['act', 'acts'],
  invocations: ['invocation', 'invocations'],
  grants: ['grant of a role', 'grants of roles'],
  orders: ['order of a console', 'orders of a console'],
  approvals: ['approval', 'approvals'],
  keys: ['key of a request', 'keys of requests'],
}

/** `rolecall prune`: what the bot does once a day. Without `yes` it says what would go. */
export function pruneNow({ yes }: { readonly yes: boolean }): Promise<number> {
  const config = configFromEnvironment()
  return withStore(config, async ({ db, append, now, actor }) => {
    const key = await openKey(config.trailKeyFile)
    const pruning: Pruning = { db, append, key, days: config.retentionDays, now: now() }
    const { days } = pruning
    out(days === null ? FOR_EVER : `Kept are ${days} days (RUN_RETENTION_DAYS).`)
    if (yes) return await letGo(pruning, actor)
    const old = await findOld(pruning)
    tellOld(old, 'would go')
    if (!isNothing(old)) out('Nothing was removed. To remove it, run it again with --yes.')
    return 0
  })
}

const FOR_EVER = 'Everything is kept for ever (RUN_RETENTION_DAYS=0), but keys of requests, which last a week.'
const INTERRUPTED = 130
const NOT_ALL = 1

async function letGo(pruning: Pruning, actor: Parameters<typeof prune>[1]['actor']): Promise<number> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  let faults = 0
  const onFault = (chain: string, { message }: Error) => {
    faults += 1
    err(`${nameOf(chain)}: no line was removed. ${message} \`rolecall trail verify\` says more.`)
  }
  const old = await prune(pruning, { actor, signal: stop.signal, onProgress: everySecond(), onFault })
  tellOld(old, 'went')
  if (stop.signal.aborted) err('Stopped. What is left goes the next time.')
  if (stop.signal.aborted) return INTERRUPTED
  return faults > 0 ? NOT_ALL : 0
}

const SAY_EVERY_MS = 1_000

/** Whoever waits sees that it goes on; what takes no time says nothing. */
function everySecond(): (words: string) => void {
  let last = Date.now()
  return (words) => {
    if (Date.now() - last < SAY_EVERY_MS) return
    last = Date.now()
    err(`${words} …`)
  }
}

const isNothing = ({ rows, cuts }: Old): boolean =>
  cuts.length === 0 && [...rows.values()].every((counts) => KINDS.every((kind) => counts[kind] === 0))

function tellOld(old: Old, verb: string): void {
  if (isNothing(old)) out('Nothing is older than it is kept.')
  for (const [guildId, counts] of old.rows) {
    const parts = KINDS.filter((kind) => counts[kind] > 0).map(
      (kind) => `${count(counts[kind])} ${WORDS[kind][counts[kind] === 1 ? 0 : 1]}`,
    )
    if (parts.length > 0) out(`Server ${guildId}: ${parts.join(', ')} ${verb}.`)
  }
  for (const { chain, upTo, lines } of old.cuts)
    out(
      `${nameOf(chain)}: ${count(lines)} ${lines === 1 ? 'line' : 'lines'} of the record ${verb}, up to number ${count(upTo)}, under a signed checkpoint over them.`,
    )
}
