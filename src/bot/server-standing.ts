import type { Id } from '#src/core/model.ts'
import type { Book } from '#src/store/book.ts'
import type { GuildPosts } from './posts.ts'

/** How a server stands, as far as whoever starts the bot wants to know it at a glance. */
export interface ServerStanding {
  readonly name: string
  readonly members: number
  /** Nobody has lifted the first-run lock. */
  readonly locked: boolean
  readonly blind: boolean
  readonly armed: { readonly schedule: boolean; readonly realtime: boolean }
  /** When the next scheduled look is due, in milliseconds since the epoch; null where there is none. */
  readonly nextLookAt: number | null
}

/** Null as long as not all of its members are known. */
export async function serverStanding(posts: GuildPosts, book: Book, guildId: Id): Promise<ServerStanding | null> {
  const roster = posts.keeper(guildId)?.roster
  if (roster?.state !== 'live') return null
  const { acknowledged, armed } = await book.settings(guildId)
  return {
    name: roster.guild()?.name ?? guildId,
    members: roster.columns.count,
    locked: !acknowledged,
    blind: (await book.blindness(guildId)) !== null,
    armed,
    nextLookAt: (await book.slot(guildId))?.nextAt ?? null,
  }
}
