import type { KeyObject } from 'node:crypto'
import { Refusal } from '#src/core/refusal.ts'
import type { TrailDraft } from '#src/core/trail.ts'
import type { Clock } from '#src/roster/clock.ts'
import type { Db } from '#src/store/handle.ts'
import { INSTALLATION } from '#src/store/schema/trail.ts'
import { transact } from '#src/store/transact.ts'
import type { Log } from '#src/telemetry/log.ts'
import type { Append } from '#src/trail/append.ts'
import { TrailFault } from '#src/trail/check.ts'
import { dueChains, isSignedByAnother, makeCheckpoint } from '#src/trail/checkpoints.ts'
import { openKey, publicBytes } from '#src/trail/key.ts'
import { dailyHeads, damageLine } from '#src/trail/told.ts'
import { every } from './ticker.ts'

const EVERY_MS = 60_000
/** Chains in one turn; those that are left come in the next. */
const AT_ONCE = 100

export interface SigningParts {
  readonly db: Db
  readonly append: Append
  readonly clock: Clock
  readonly log: Log
}

/** Signs the record as it grows, until the returned function is called. Where there is no key the bot works on, unsigned, and says so. */
export async function keepSigning(parts: SigningParts, keyFile: string): Promise<() => Promise<void>> {
  const { db, clock, log } = parts
  const key = await keyOrNull(keyFile, log)
  if (key === null) return async () => {}
  if (await isSignedByAnother(db, key)) await tellOfKey(parts, key)
  /** A chain that was altered is told of once; what is altered stays so. */
  const told = new Set<string>()
  return every({ clock, log }, EVERY_MS, 'signing the record', async () => {
    for (const head of await dueChains(db, clock.now(), AT_ONCE)) {
      try {
        if (!told.has(head.chain)) await makeCheckpoint(db, head, key, clock.now())
      } catch (error) {
        if (!(error instanceof TrailFault)) throw error
        told.add(head.chain)
        await tellOfDamage(parts, head.chain, error.message)
      }
    }
    const heads = await dailyHeads(db, clock.now(), AT_ONCE)
    if (heads.length > 0) await write(parts, heads)
  })
}

/** Whoever verifies with the old key must learn of the new one from the record itself, and an operator who has changed none from the log. */
async function tellOfKey({ db, append, clock, log }: SigningParts, key: KeyObject): Promise<void> {
  const publicKey = publicBytes(key).toString('base64')
  const line = {
    guildId: null,
    type: 'trail.key_changed',
    actor: 'system:start',
    subject: 'setting:trail_key',
  } as const
  const at = clock.now()
  const [{ seq, hash } = { seq: 0, hash: '' }] = await transact(db, (tx) =>
    append(tx, [{ ...line, data: { publicKey } }], at),
  )
  await makeCheckpoint(db, { chain: INSTALLATION, seq, hash }, key, at)
  log.warn(
    { publicKey },
    'The record is signed with another key from now on than until now. What was signed before is verified with the old public key. Publish the new one (`rolecall trail key`); where nobody has changed or moved the key file, find out who did.',
  )
}

async function tellOfDamage(parts: SigningParts, chain: string, detail: string): Promise<void> {
  parts.log.error(
    { chain },
    `The record was altered behind the bot's back, and is not signed any more. ${detail} Look at who can write in the database; \`rolecall trail verify\` says more.`,
  )
  const line = await damageLine(parts.db, chain, detail)
  if (line !== null) await write(parts, [line])
}

async function write({ db, append, clock }: SigningParts, lines: readonly TrailDraft[]): Promise<void> {
  await transact(db, (tx) => append(tx, lines, clock.now()))
}

async function keyOrNull(keyFile: string, log: Log): Promise<KeyObject | null> {
  try {
    return await openKey(keyFile)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    log.error({}, `The record is not signed. ${error.message}`)
    return null
  }
}
