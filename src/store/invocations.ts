import { and, asc, eq, gt, ne, or } from 'drizzle-orm'
import type { RefusedBy, UsedQuota } from '#src/core/invocation-history.ts'
import type { Id } from '#src/core/model.ts'
import type { Actor, TrailDraft } from '#src/core/trail.ts'
import type { Ledger } from './ledger.ts'
import { storable } from './schema/columns.ts'
import { invocations } from './schema/runs.ts'
import { read, transact } from './transact.ts'

// Everything that was asked of the bot, once for each interaction, and what became of it.

export interface NewInvocation {
  readonly guildId: Id
  readonly interactionId: string
  readonly at: number
  readonly actor: Actor
  readonly command: string
  readonly subcommand: string | null
  readonly options: Readonly<Record<string, string | number | boolean>>
  /** True for what starts work and so counts against the person's quota. */
  readonly counted: boolean
}

export type InvocationEnd = {
  /** Null where it does not count. */
  readonly quota: UsedQuota | null
} & (
  | { readonly outcome: 'accepted'; readonly runId: string | null }
  /** `why` is the sentence that the person read. */
  | { readonly outcome: 'refused'; readonly why: string; readonly refusedBy: RefusedBy }
  /** `why` names what went wrong on our side, which does not count against their quota. */
  | { readonly outcome: 'failed'; readonly why: string }
)

export interface Quota {
  readonly used: number
  /** Null: the operator has lifted the limit. */
  readonly limit: number | null
  /** When the next one is free, ms since the epoch; null while one is. */
  readonly freeAt: number | null
}

const QUOTA_MS = 24 * 3_600_000
/** An interaction lives for 15 minutes; one that is open for longer was cut off and counts no more. */
const OPEN_MS = 15 * 60_000
/** More than any limit needs to be counted. */
const MAX_COUNTED = 1_000

/** `repeated` where Discord has sent this interaction before; then it is not carried out again. */
export async function openInvocation({ db }: Ledger, asked: NewInvocation): Promise<'opened' | 'repeated'> {
  const options = Object.entries(asked.options).map(([name, value]) => [name, plain(value)])
  const values = { ...asked, options: Object.fromEntries(options), outcome: 'open' }
  const opened = await read(db.insert(invocations).values(values).onConflictDoNothing().returning())
  return opened.length > 0 ? 'opened' : 'repeated'
}

const plain = <T>(value: T): T | string => (typeof value === 'string' ? storable(value) : value)

/** Writes what became of it, once; throws where it is not open. */
export async function closeInvocation(
  ledger: Ledger,
  guildId: Id,
  interactionId: string,
  end: InvocationEnd,
  at: number,
): Promise<void> {
  await transact(ledger.db, async (tx) => {
    const [asked] = await tx
      .update(invocations)
      .set(columnsOf(end))
      .where(
        and(
          eq(invocations.guildId, guildId),
          eq(invocations.interactionId, interactionId),
          eq(invocations.outcome, 'open'),
        ),
      )
      .returning()
    if (!asked) throw new Error(`There is no open invocation ${interactionId} in guild ${guildId}.`)
    await ledger.append(tx, [closedLine(asked, end)], at)
  })
}

function columnsOf({ quota, ...end }: InvocationEnd): Partial<typeof invocations.$inferInsert> {
  const used = { quotaUsed: quota?.used ?? null, quotaLimit: quota?.limit ?? null }
  return end.outcome === 'accepted' ? { ...end, ...used } : { ...end, ...used, why: storable(end.why) }
}

const TYPES = {
  accepted: 'invocation.accepted',
  refused: 'invocation.refused',
  failed: 'invocation.failed',
} as const

/** Options that are words may have been typed by a person, and so may parts of the sentence: they are kept apart. Ids are facts. */
function closedLine(asked: typeof invocations.$inferSelect, end: InvocationEnd): TrailDraft {
  const options = Object.entries(asked.options as NewInvocation['options'])
  const isFact = (value: unknown) => typeof value !== 'string' || /^\d+$/.test(value)
  const facts = Object.fromEntries(options.filter(([, value]) => isFact(value)))
  const words = options.filter(([, value]) => !isFact(value)).map(([name, value]) => [`option.${name}`, String(value)])
  const line = {
    guildId: asked.guildId,
    type: TYPES[end.outcome],
    actor: asked.actor as Actor,
    subject: `invocation:${asked.interactionId}`,
    data: {
      ...{ command: asked.command, subcommand: asked.subcommand, options: facts, counted: asked.counted },
      ...(end.quota && { quota: end.quota }),
      ...(end.outcome === 'refused' && { refusedBy: end.refusedBy }),
    },
  }
  if (end.outcome !== 'accepted') return { ...line, texts: { ...Object.fromEntries(words), why: end.why } }
  const texts: Record<string, string> = Object.fromEntries(words)
  return end.runId === null ? { ...line, texts } : { ...line, texts, run: end.runId }
}

/**
 * How much of the rolling quota of accepted triggers this person has used in this guild. What is being worked on counts too,
 * so that many at once do not slip through; `except` is the interaction that asks.
 */
export async function quota(
  { db }: Ledger,
  guildId: Id,
  actor: Actor,
  now: number,
  limit: number | null,
  except = '',
): Promise<Quota> {
  const { outcome, at } = invocations
  const counts = or(eq(outcome, 'accepted'), and(eq(outcome, 'open'), gt(at, now - OPEN_MS)))
  const own = and(
    eq(invocations.guildId, guildId),
    eq(invocations.actor, actor),
    eq(invocations.counted, true),
    gt(at, now - QUOTA_MS),
    ne(invocations.interactionId, except),
  )
  const used = await read(
    db.select({ at }).from(invocations).where(and(own, counts)).orderBy(asc(at)).limit(MAX_COUNTED),
  )
  const freeing = limit === null ? undefined : used[used.length - limit]
  return { used: used.length, limit, freeAt: freeing ? freeing.at + QUOTA_MS : null }
}
