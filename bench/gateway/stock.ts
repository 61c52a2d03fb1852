import { GUILD_ID, Town } from '../guild/town.ts'
import { guildText, nonceText, openChunkTexts, personText } from '../guild/wire.ts'
import { frameOf, headOf } from './frames.ts'

// What the gateway of these rows sends, written out before anybody asks, so that it is never the one who is waited for.

/** As much as a socket is given at once. */
const BATCH_BYTES = 262_144

/** Everything that one guild's gateway has to say. */
export class Stock {
  readonly town: Town
  readonly guild: string
  readonly #chunks: readonly Buffer[]

  constructor(members: number, seed: number, governed: number) {
    this.town = new Town({ members, seed, governed })
    this.guild = guildText(this.town)
    this.#chunks = Array.from(openChunkTexts(this.town), (text) => Buffer.from(text))
  }

  /** The frames that answer op 8; only the nonce was not known before. */
  *chunks(nonce: string, nextSeq: () => number): Generator<readonly Buffer[]> {
    const tail = Buffer.from(`${nonceText(nonce)}}`)
    for (const chunk of this.#chunks) {
      const open = Buffer.from(dispatchHead('GUILD_MEMBERS_CHUNK', nextSeq()))
      yield [headOf(open.length + chunk.length + tail.length), open, chunk, tail]
    }
  }

  /** So many member updates after the first `told`, in batches for the socket. */
  updates(told: number, count: number, nextSeq: () => number): readonly (readonly Buffer[])[] {
    const batches: Buffer[][] = []
    let batch: Buffer[] = []
    let bytes = 0
    for (let at = 0; at < count; at++) {
      const frame = frameOf(dispatch('GUILD_MEMBER_UPDATE', nextSeq(), this.#updateAt(told + at)))
      batch.push(frame)
      bytes += frame.length
      if (bytes < BATCH_BYTES && at < count - 1) continue
      batches.push([Buffer.concat(batch)])
      batch = []
      bytes = 0
    }
    return batches
  }

  /** Member after member, each is given a role, and in the next round of the guild loses it again. Not the bot, who is the first. */
  #updateAt(at: number): string {
    const others = this.town.size - 1
    const person = this.town.personAt(1 + (at % others))
    const given = Math.floor(at / others) % 2 === 0
    const extra = this.town.governedRoleIds.find((id) => !person.roles.includes(id))!
    return `${personText(person, given ? [...person.roles, extra] : person.roles).slice(0, -1)},"guild_id":"${GUILD_ID}"}`
  }
}

export function dispatch(t: string, seq: number, body: string): string {
  return `${dispatchHead(t, seq)}${body}}`
}

function dispatchHead(t: string, seq: number): string {
  return `{"t":"${t}","s":${seq},"op":0,"d":`
}
