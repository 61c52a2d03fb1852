import type { Guild } from '../guild.ts'
import type { MemberRecord } from '../members.ts'
import type { Json } from '../payloads.ts'
import type { Id } from '../snowflake.ts'

/** Discord's own numbers: members a chunk, ids a request, bytes a nonce, and the most a name search answers. */
const CHUNK = 1000
const MOST_IDS = 100
const NONCE_BYTES = 32
const MOST_FOUND = 100

/** What op 8 asks, read from what came. */
export type MembersRequest =
  | { readonly kind: 'everyone'; readonly guildId: Id; readonly nonce?: string }
  | {
      readonly kind: 'named'
      readonly guildId: Id
      readonly query: string
      readonly limit: number
      readonly nonce?: string
    }
  | { readonly kind: 'ids'; readonly guildId: Id; readonly ids: readonly Id[]; readonly nonce?: string }

/** Null where the payload is not one that Discord understands. */
export function readMembersRequest(d: unknown): MembersRequest | null {
  const { guild_id, query, limit, user_ids, nonce } = (d ?? {}) as Record<string, unknown>
  if (typeof guild_id !== 'string') return null
  const base = { guildId: guild_id, ...(goodNonce(nonce) ? { nonce } : {}) }
  if (user_ids !== undefined) {
    const ids = (Array.isArray(user_ids) ? user_ids : [user_ids]).map(String)
    return ids.length > MOST_IDS ? null : { ...base, kind: 'ids', ids }
  }
  if (typeof query !== 'string') return null
  if (query === '' && Number(limit ?? 0) === 0) return { ...base, kind: 'everyone' }
  return { ...base, kind: 'named', query, limit: Math.min(Number(limit) || MOST_FOUND, MOST_FOUND) }
}

/** A nonce that is too long is left out without a word. */
function goodNonce(nonce: unknown): nonce is string {
  return typeof nonce === 'string' && Buffer.byteLength(nonce) <= NONCE_BYTES
}

/** A chunk to send, written out, and the way to write it again for a resume without keeping it. */
export interface Chunk {
  readonly index: number
  readonly count: number
  readonly text: string
  readonly again: () => string
}

/** The chunks that answer a request, made one after the other, so that each shows the members as they are when it is sent. */
export function* chunksFor(guild: Guild, request: MembersRequest): Generator<Chunk> {
  if (request.kind === 'everyone') yield* everyone(guild, request)
  else yield { index: 0, count: 1, text: some(guild, request), again: () => some(guild, request) }
}

function* everyone(guild: Guild, { nonce }: MembersRequest): Generator<Chunk> {
  const count = Math.max(1, Math.ceil(guild.memberCount / CHUNK))
  let { version } = guild.members
  let walk = guild.members.walk()
  let after = '0'
  for (let index = 0; index < count; index += 1) {
    if (guild.members.version !== version) {
      version = guild.members.version
      walk = guild.members.walk(after)
    }
    const members = take(walk, index === count - 1 ? Number.POSITIVE_INFINITY : CHUNK)
    const extra = { chunk_index: index, chunk_count: count, nonce }
    const start = after
    const { length } = members
    after = members.at(-1)?.id ?? after
    const again = () => chunkText(guild, guild.members.page(start, length), extra)
    yield { index, count, text: chunkText(guild, members, extra), again }
  }
}

function some(guild: Guild, request: Exclude<MembersRequest, { kind: 'everyone' }>): string {
  const extra = { chunk_index: 0, chunk_count: 1, nonce: request.nonce }
  if (request.kind === 'named') return chunkText(guild, named(guild, request.query, request.limit), extra)
  const found = request.ids.flatMap((id) => guild.members.get(id) ?? [])
  const missing = request.ids.filter((id) => !guild.members.get(id))
  return chunkText(guild, found, { ...extra, not_found: missing })
}

function named(guild: Guild, query: string, limit: number): MemberRecord[] {
  const start = query.toLowerCase()
  const found: MemberRecord[] = []
  for (const member of guild.members.walk()) {
    if (found.length >= limit) break
    if ((member.nick ?? member.username).toLowerCase().startsWith(start)) found.push(member)
  }
  return found
}

function chunkText(guild: Guild, members: readonly MemberRecord[], rest: Json): string {
  const people = members.map((member) => guild.memberText(member)).join(',')
  return `{"guild_id":"${guild.id}","members":[${people}],${JSON.stringify(rest).slice(1)}`
}

function take(walk: Generator<MemberRecord>, count: number): MemberRecord[] {
  const taken: MemberRecord[] = []
  while (taken.length < count) {
    const { value, done } = walk.next()
    if (done) break
    taken.push(value)
  }
  return taken
}
