import type { Guild } from '#src/sandbox/guild.ts'
import type { Crowd, MemberRecord } from '#src/sandbox/members.ts'
import { memberText } from '#src/sandbox/payloads.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'
import { GUILD_ID, Town } from '../guild/town.ts'
import { toCrowd, toPlan } from './guild.ts'

// A large server that a bot is invited to while it serves another: the burst of its member list goes over the same connection.

/** On the same shard as the other. */
const CITY_ID = String(BigInt(GUILD_ID) + 1n)

/** What is seen of the burst from Discord's side. */
export interface Burst {
  /** Resolves when the bot asks for the list, and when the last of it was handed to the socket. */
  readonly asked: Promise<void>
  readonly sent: Promise<void>
}

/** Everybody is written out beforehand: the sandbox, which is otherwise quick enough, must not be the one who is waited for. */
export class City {
  readonly #town: Town
  readonly #crowd: Crowd
  readonly #texts: ReadonlyMap<string, string>

  constructor(members: number, seed: number, governed: number) {
    this.#town = new Town({ members, seed, governed, sound: true })
    const crowd = toCrowd(this.#town)
    const records = Array.from({ length: crowd.size }, (_, index) => crowd.at(index))
    this.#crowd = { ...crowd, at: (index) => records[index]! }
    this.#texts = new Map(records.map((record) => [record.id, memberText(record, record.roles)]))
  }

  /** The bot of this sandbox is invited. */
  invite(sandbox: Sandbox): Burst {
    const burst = watch(sandbox)
    const guild: Guild = sandbox.addGuild({ ...toPlan(this.#town), id: CITY_ID, name: 'City', members: this.#crowd })
    const written = guild.memberText.bind(guild)
    guild.memberText = (record: MemberRecord) => this.#texts.get(record.id) ?? written(record)
    return burst
  }

  leave(sandbox: Sandbox): void {
    sandbox.removeGuild(CITY_ID)
  }
}

function watch({ gateway }: Sandbox): Burst {
  const asked = Promise.withResolvers<void>()
  const sent = Promise.withResolvers<void>()
  const stop = gateway.on(({ kind, detail }) => {
    if (kind === 'members asked' && (detail.request as { guildId: string }).guildId === CITY_ID) asked.resolve()
    if (kind !== 'chunk' || detail.guildId !== CITY_ID || Number(detail.index) + 1 < Number(detail.count)) return
    stop()
    sent.resolve()
  })
  return { asked: asked.promise, sent: sent.promise }
}
