import type { REST } from '@discordjs/rest'
import type { APIInteraction } from 'discord.js'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { type Context, inContext } from '#src/telemetry/context.ts'
import type { Log } from '#src/telemetry/log.ts'
import { type After, Answer, realAfter } from './answer.ts'
import { type Answerable, isAnswerable, isTyping, type Request, toRequest, turnsPage } from './asking.ts'
import type { Command, CommandWorld, Reply } from './command.ts'
import { carryOut, neededOf } from './invocation.ts'
import type { Ledger } from './ledger.ts'
import { Offering } from './offering.ts'
import { Recent } from './recent.ts'
import { failureReply, IN_SERVERS_ONLY, refusalReply, unknownCommand } from './replies.ts'
import { type RightsWorld, toAsker } from './rights.ts'

export interface InteractionsOptions extends RightsWorld {
  /** Sends the answers; they go by the interaction's own token. */
  readonly rest: REST
  readonly commands: readonly Command[]
  readonly world: CommandWorld
  readonly ledger: Ledger
  /** Of a server, whether it was stopped since the moment of asking. */
  readonly sinceNow: () => (guildId: Id) => boolean
  /** Why nothing but a halt is carried out here; left out where everything is. */
  readonly onlyHalts?: string
  readonly log: Log
  readonly now?: () => number
  /** Milliseconds that only ever grow. */
  readonly elapsed?: () => number
  readonly after?: After
}

/** How time is told, and waited for. */
type Times = Required<Pick<InteractionsOptions, 'now' | 'elapsed' | 'after'>>

const MACHINE: Times = { now: Date.now, elapsed: () => performance.now(), after: realAfter }

/** Interactions under way in all guilds; beyond it they are dropped, since even a refusal costs two requests. */
const MOST = 1_000
/** Room that is kept for halts beside them. */
const MOST_HALTS = 1_000
/** Interactions remembered in order to know one that Discord sends twice; the ledger knows the older ones. */
const REMEMBERED = 2_000

/** An interaction that is being answered. */
interface Underway {
  readonly raw: Answerable
  readonly guildId: Id
  readonly answer: Answer
  /** How many more are under way in the guild. */
  readonly others: number
  readonly writings: Promise<void>[]
  readonly stoppedSince: () => boolean
}

/** The door through which people ask. Each interaction goes its own way: none waits for the roster, nor for another guild's. */
export class Interactions {
  readonly #world: InteractionsOptions & Times
  readonly #commands: ReadonlyMap<string, Command>
  readonly #menus: ReadonlyMap<string, Command>
  readonly #offering: Offering
  readonly #recent = new Recent(REMEMBERED)
  readonly #underWay = new Set<Promise<void>>()
  readonly #inGuild = new Map<Id, number>()

  constructor(options: InteractionsOptions) {
    this.#world = { ...MACHINE, ...options }
    this.#commands = new Map(options.commands.map((command) => [command.name, command]))
    this.#menus = new Map(options.commands.flatMap((one) => (one.memberMenu ? [[one.memberMenu, one]] : [])))
    this.#offering = new Offering(this.#world)
  }

  /** Takes an interaction as it comes from the gateway. Returns at once and never throws. */
  take(raw: APIInteraction): void {
    if (isTyping(raw)) this.#offering.take(raw, this.#commands.get(raw.data.name))
    if (!isAnswerable(raw) || !this.#recent.add(raw.id)) return
    const work = inContext(contextOf(raw), () => this.#serve(raw)).catch((error: unknown) => {
      this.#world.log.error({ error, interactionId: raw.id }, 'An interaction could not be answered.')
    })
    this.#underWay.add(work)
    void work.finally(() => this.#underWay.delete(work))
  }

  /** Resolves when what is under way now has been answered. */
  async settled(): Promise<void> {
    await Promise.all([...this.#underWay, this.#offering.settled()])
  }

  async #serve(raw: Answerable): Promise<void> {
    const stopped = this.#world.sinceNow()
    const isHalt = this.#isHalt(raw)
    if (this.#isTooMuch(raw, isHalt)) return
    const answer = new Answer(this.#world, raw)
    const { guild_id: guildId, member } = raw
    if (!guildId || !member) return answer.say(IN_SERVERS_ONLY)
    const deferred = answer.defer()
    // Whoever halts everything may have to do without an answer, but not without the halt.
    if (!isHalt && !(await deferred)) return
    const others = this.#inGuild.get(guildId) ?? 0
    this.#inGuild.set(guildId, others + 1)
    const writings: Promise<void>[] = []
    try {
      const stoppedSince = () => stopped(guildId)
      const said = await this.#reply({ raw, guildId, answer, others, writings, stoppedSince })
      if ((await deferred) && said) await (said.beside ? answer.add(said.reply) : answer.finish(said.reply))
    } finally {
      answer.end()
      this.#leave(guildId)
    }
    await Promise.all(writings)
  }

  #isTooMuch({ id: interactionId }: Answerable, isHalt: boolean): boolean {
    const underWay = this.#underWay.size
    if (underWay < (isHalt ? MOST + MOST_HALTS : MOST)) return false
    this.#world.log.error({ interactionId, underWay }, 'An interaction was dropped: too many are under way.')
    return true
  }

  #commandOf(request: Request): Command | undefined {
    return (request.kind === 'menu' ? this.#menus : this.#commands).get(request.name)
  }

  #isHalt(raw: Answerable): boolean {
    const request = toRequest(raw)
    const command = this.#commandOf(request)
    return command !== undefined && neededOf({ command, request }) === 'stop'
  }

  #leave(guildId: Id): void {
    const left = (this.#inGuild.get(guildId) ?? 1) - 1
    if (left > 0) this.#inGuild.set(guildId, left)
    else this.#inGuild.delete(guildId)
  }

  /** Null: this interaction is another's to answer. `beside`: the page whose button was pressed stays as it is. */
  async #reply({
    raw,
    guildId,
    answer,
    others,
    writings,
    stoppedSince,
  }: Underway): Promise<{ reply: Reply; beside: boolean } | null> {
    const request = toRequest(raw)
    const beside = turnsPage(raw)
    const command = this.#commandOf(request)
    if (!command) return { reply: unknownCommand(request.name), beside }
    const asker = toAsker(raw, guildId, neededOf({ command, request }), this.#world)
    const update = (reply: Reply) => answer.update(reply)
    const later = (writing: Promise<void>) => void writings.push(writing)
    const locale = raw.locale ?? 'en-US'
    const call = { interactionId: raw.id, command, request, asker, locale, stoppedSince, update, later }
    try {
      const reply = await carryOut(call, others, this.#world)
      return reply && { reply, beside: false }
    } catch (error) {
      return { reply: this.#toReply(error, raw.id, request), beside }
    }
  }

  #toReply(error: unknown, interactionId: Id, request: Request): Reply {
    if (error instanceof Refusal) return refusalReply(error)
    this.#world.log.error({ error, interactionId, command: request.name }, 'A command failed.')
    return failureReply(error, interactionId)
  }
}

/** Before anything of it is checked: what is refused leaves lines as well. */
function contextOf(raw: Answerable): Context {
  const { kind, name } = toRequest(raw)
  const who = raw.member?.user.id
  return {
    correlation: `interaction:${raw.id}`,
    ...(who !== undefined && { actor: `discord:${who}` }),
    command: kind === 'command' ? `/${name}` : name,
  }
}

export const makeInteractions = (options: InteractionsOptions): Interactions => new Interactions(options)
