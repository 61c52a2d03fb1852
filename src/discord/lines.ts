import type { Id } from '#src/core/model.ts'
import type { Act } from '#src/core/run.ts'
import { Allowance } from './allowance.ts'
import { Bucket, knownPace, type Told } from './bucket.ts'
import type { Errand, Step } from './errand.ts'
import { Line, type LineRoom } from './line.ts'

/** Lines remembered with what their limits told: more than one process has guilds for (2,500 a shard). Beyond it, empty ones are forgotten. */
const MOST_LINES = 10_000

const KINDS: readonly Act['kind'][] = ['remove_role', 'add_role', 'remove_roles', 'kick']

/** What the lines need of the enforcer. */
export type Sender = Pick<LineRoom, 'now' | 'obstacle' | 'isFresh' | 'ask' | 'send'>

/** The lines at Discord's door: one for each limit in each guild. Across them a member has one write in flight at most. */
export class Lines {
  readonly #lines = new Map<string, { readonly bucket: Bucket; readonly line: Line }>()
  readonly #flying = new Set<string>()
  readonly #allowance: Allowance
  readonly #room: LineRoom
  /** What Discord calls the limit of taking a role and that of giving one: one limit, unless it turns out that they are two. */
  readonly #names = new Map<Act['kind'], string>()

  constructor(sender: Sender, perSecond: number) {
    this.#allowance = new Allowance(perSecond)
    this.#room = {
      ...sender,
      isFlying: ({ member }) => this.#flying.has(member),
      takeOff: (errand) => this.#takeOff(errand),
      land: (errand) => this.#land(errand),
    }
  }

  /** One try, in the line that is the act's. */
  take(errand: Errand): Promise<Step> {
    return this.#open(errand.act).line.take(errand)
  }

  /** Something that concerns all has changed: a stop, a halt. */
  serveAll(): void {
    for (const { line } of this.#lines.values()) line.serve()
  }

  /** Acts of this kind that get through in a second. */
  pace(guildId: Id, kind: Act['kind']): number {
    return this.#lines.get(this.#keyOf(guildId, kind))?.bucket.pace ?? knownPace(kind)
  }

  /** What the headers of an answer tell of the limit that the request counted towards. */
  hear(method: string, url: string, headers: Told): void {
    const [, guildId, role] = MEMBER_ADDRESS.exec(url) ?? []
    const kind = kindOf(method, role !== undefined)
    if (guildId === undefined || kind === null) return
    const name = headers.get('x-ratelimit-bucket')
    if (name) this.#names.set(kind, name)
    this.#lines.get(this.#keyOf(guildId, kind))?.bucket.hear(this.#room.now(), headers)
  }

  #open({ guildId, kind }: Act): { readonly line: Line } {
    const key = this.#keyOf(guildId, kind)
    const found = this.#lines.get(key)
    if (found) return found
    if (this.#lines.size >= MOST_LINES) this.#forget()
    const bucket = new Bucket(kind)
    const opened = { bucket, line: new Line(bucket, this.#allowance, this.#room) }
    this.#lines.set(key, opened)
    return opened
  }

  #keyOf(guildId: Id, kind: Act['kind']): string {
    const [taking, giving] = [this.#names.get('remove_role'), this.#names.get('add_role')]
    const apart = taking !== undefined && giving !== undefined && taking !== giving
    return `${guildId}:${kind === 'add_role' && !apart ? 'remove_role' : kind}`
  }

  #forget(): void {
    for (const [key, { line }] of this.#lines) if (line.isEmpty) this.#lines.delete(key)
  }

  #takeOff(errand: Errand): void {
    this.#flying.add(errand.member)
    for (const line of this.#linesOf(errand.act.guildId)) line.age(errand)
  }

  #land(errand: Errand): void {
    this.#flying.delete(errand.member)
    for (const line of this.#linesOf(errand.act.guildId)) line.serve()
  }

  #linesOf(guildId: Id): readonly Line[] {
    const keys = new Set(KINDS.map((kind) => this.#keyOf(guildId, kind)))
    return [...keys].flatMap((key) => this.#lines.get(key)?.line ?? [])
  }
}

/** The guild, and the role where there is one. */
const MEMBER_ADDRESS = /\/guilds\/(\d+)\/members\/\d+(\/roles\/\d+)?$/

function kindOf(method: string, ofRole: boolean): Act['kind'] | null {
  if (ofRole) return method === 'PUT' ? 'add_role' : 'remove_role'
  if (method === 'PATCH') return 'remove_roles'
  return method === 'DELETE' ? 'kick' : null
}
