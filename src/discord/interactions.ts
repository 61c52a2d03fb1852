import type { REST } from '@discordjs/rest'
import type { APIInteraction } from 'discord.js'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Log } from '#src/telemetry/log.ts'
import { type After, Answer, realAfter } from './answer.ts'
import { type Answerable, isAnswerable, type Options, type Request, readOptions, toRequest } from './asking.ts'
import type { Asked, Command, CommandWorld, Reply } from './command.ts'
import type { Ledger } from './ledger.ts'
import { lacking, PERMISSIONS, readBits, toPermissions } from './permissions.ts'
import { Recent } from './recent.ts'
import { failureReply, IN_SERVERS_ONLY, refusalReply, unknownCommand } from './replies.ts'

export interface InteractionsOptions {
  /** Sends the answers; they go by the interaction's own token. */
  readonly rest: REST
  readonly commands: readonly Command[]
  readonly world: CommandWorld
  readonly ledger: Ledger
  /** Null where the guild is not known yet; the owner is then known by the permissions alone. */
  readonly ownerOf: (guildId: Id) => Id | null
  /**
   * The bits that these roles and @everyone have in the whole guild; null where they are not known yet, and then nobody but the owner may do
   * anything. Where left out, the interaction's own bits count, which a channel's rules have changed: there "Manage Roles" means another thing.
   */
  readonly guildPermissionsOf?: (guildId: Id, roleIds: readonly Id[]) => bigint | null
  readonly log: Log
  readonly now?: () => number
  readonly after?: After
}

/** Commands under way in one guild; a person waits for an answer, so that more than this is a flood or a fault. */
const MOST_IN_GUILD = 10
/** Interactions under way in all guilds; beyond it they are dropped, since even a refusal costs two requests. */
const MOST = 1_000
/** Interactions remembered in order to know one that Discord sends twice; the ledger knows the older ones. */
const REMEMBERED = 2_000

const ROLES_UNKNOWN =
  'The bot has only just connected and does not know the roles of this server yet, so it cannot tell what you may do. Try again in a minute.'

/** What a person asked for, as far as it has been looked at. */
interface Call {
  readonly command: Command
  readonly request: Request
  readonly asked: Asked
  readonly counted: boolean
}

/** The door through which people ask. Each interaction goes its own way: none waits for the roster, nor for another guild's. */
export class Interactions {
  readonly #options: InteractionsOptions
  readonly #now: () => number
  readonly #commands: ReadonlyMap<string, Command>
  readonly #recent = new Recent(REMEMBERED)
  readonly #underWay = new Set<Promise<void>>()
  readonly #inGuild = new Map<Id, number>()

  constructor(options: InteractionsOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#commands = new Map(options.commands.map((command) => [command.name, command]))
  }

  /** Takes an interaction as it comes from the gateway. Returns at once and never throws. */
  take(raw: APIInteraction): void {
    if (!isAnswerable(raw) || !this.#recent.add(raw.id)) return
    if (this.#underWay.size >= MOST) {
      this.#options.log.error(
        { interactionId: raw.id, underWay: MOST },
        'An interaction was dropped: too many are under way.',
      )
      return
    }
    const work = this.#serve(raw).catch((error: unknown) => {
      this.#options.log.error({ error, interactionId: raw.id }, 'An interaction could not be answered.')
    })
    this.#underWay.add(work)
    void work.finally(() => this.#underWay.delete(work))
  }

  /** Resolves when what is under way now has been answered. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  async #serve(raw: Answerable): Promise<void> {
    const answer = new Answer({ ...this.#options, now: this.#now, after: this.#options.after ?? realAfter }, raw)
    const { guild_id: guildId, member } = raw
    if (!guildId || !member) return answer.say(IN_SERVERS_ONLY)
    if (!(await answer.defer())) return
    const others = this.#inGuild.get(guildId) ?? 0
    this.#inGuild.set(guildId, others + 1)
    try {
      const reply = await this.#reply(raw, guildId, answer, others)
      if (reply) await (reply.beside ? answer.add(reply.reply) : answer.finish(reply.reply))
    } finally {
      answer.end()
      this.#leave(guildId)
    }
  }

  #leave(guildId: Id): void {
    const left = (this.#inGuild.get(guildId) ?? 1) - 1
    if (left > 0) this.#inGuild.set(guildId, left)
    else this.#inGuild.delete(guildId)
  }

  /** Null: this interaction is another's to answer. `beside`: the page whose button was pressed stays as it is. */
  async #reply(
    raw: Answerable,
    guildId: Id,
    answer: Answer,
    others: number,
  ): Promise<{ reply: Reply; beside: boolean } | null> {
    const request = toRequest(raw)
    const beside = request.kind === 'press'
    const command = this.#commands.get(request.name)
    if (!command) return { reply: unknownCommand(request.name), beside }
    try {
      const call = this.#toCall(raw, guildId, answer, command, request)
      const reply = await this.#record(call, others)
      return reply && { reply, beside: false }
    } catch (error) {
      return { reply: this.#toReply(error, raw.id, request), beside }
    }
  }

  #toCall(raw: Answerable, guildId: Id, answer: Answer, command: Command, request: Request): Call {
    const subcommand = request.kind === 'command' ? request.subcommand : null
    const memberId = raw.member?.user.id ?? ''
    const asked: Asked = {
      interactionId: raw.id,
      guildId,
      memberId,
      permissions: toPermissions(this.#bitsOf(raw, guildId)),
      isOwner: this.#options.ownerOf(guildId) === memberId,
      locale: raw.locale ?? 'en-US',
      subcommand,
      options: {},
      update: (reply) => answer.update(reply),
    }
    const counted = request.kind === 'command' && command.counts?.(subcommand) === true
    return { command, request, asked, counted }
  }

  #bitsOf({ member }: Answerable, guildId: Id): bigint {
    const { guildPermissionsOf } = this.#options
    return guildPermissionsOf ? (guildPermissionsOf(guildId, member?.roles ?? []) ?? 0n) : readBits(member?.permissions)
  }

  /** Opens the invocation in the ledger before anything is looked at, and closes it with what came of it. */
  async #record(call: Call, others: number): Promise<Reply | null> {
    const { interactionId, guildId, memberId, subcommand } = call.asked
    const { command, request, counted } = call
    const options = writtenOptions(request)
    const name = { interactionId, guildId, memberId }
    const opened = await this.#options.ledger.open({
      ...name,
      command: command.name,
      subcommand,
      options,
      counted,
      at: this.#now(),
    })
    if (opened === 'repeated') return null
    try {
      await this.#check(call, others)
      const reply = await this.#carryOut(call)
      await this.#close(call, 'accepted', null)
      return reply
    } catch (error) {
      const refused = error instanceof Refusal
      await this.#close(
        call,
        refused ? 'refused' : 'accepted',
        refused ? error.message : `It failed (${interactionId}).`,
      )
      throw error
    }
  }

  /** What was done is not undone by a ledger that cannot be written: the person still gets the answer. */
  async #close({ asked }: Call, outcome: 'accepted' | 'refused', why: string | null): Promise<void> {
    const { interactionId, guildId, memberId } = asked
    try {
      await this.#options.ledger.close({ interactionId, guildId, memberId, outcome, why, at: this.#now() })
    } catch (error) {
      this.#options.log.error(
        { error, interactionId, outcome },
        'What came of an invocation could not be written down.',
      )
    }
  }

  async #check({ command, asked, counted }: Call, others: number): Promise<void> {
    const missing = lacking(command, asked)
    if (missing && this.#options.guildPermissionsOf?.(asked.guildId, []) === null) throw new Refusal(ROLES_UNKNOWN)
    if (missing)
      throw new Refusal(
        `/${[command.name, asked.subcommand].filter(Boolean).join(' ')} needs the permission "${PERMISSIONS[missing].label}" in the whole server, which you do not have. Someone who manages this server can give it to you (Server Settings → Roles).`,
      )
    if (others >= MOST_IN_GUILD)
      throw new Refusal(
        `This server has ${others} commands under way already. Wait until one of them has answered, and try again.`,
      )
    if (counted) await this.#checkQuota(asked)
  }

  async #checkQuota({ guildId, memberId, interactionId }: Asked): Promise<void> {
    const { used, limit, freeAt } = await this.#options.ledger.quota({
      guildId,
      memberId,
      interactionId,
      at: this.#now(),
    })
    if (limit === null || used < limit) return
    const free = freeAt === null ? 'later' : `<t:${Math.ceil(freeAt / 1_000)}:R>`
    throw new Refusal(
      `You have started ${used} of the ${limit} runs that one person may start in 24 hours. The next is free ${free}.`,
    )
  }

  async #carryOut({ command, request, asked }: Call): Promise<Reply> {
    if (request.kind === 'command') {
      const options: Options = readOptions(command, request.subcommand, request.given)
      return command.answer({ ...asked, options }, this.#options.world)
    }
    if (!command.press) throw new Refusal('This button no longer does anything. Give the command again.')
    return command.press(asked, request.rest, this.#options.world)
  }

  #toReply(error: unknown, interactionId: Id, request: Request): Reply {
    if (error instanceof Refusal) return refusalReply(error)
    this.#options.log.error({ error, interactionId, command: request.name }, 'A command failed.')
    return failureReply(error, interactionId)
  }
}

/** What is written down of the options: plain values, as they were given. */
function writtenOptions(request: Request): Options {
  if (request.kind === 'press') return { button: request.rest }
  const plain = [...request.given].filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  return Object.fromEntries(plain) as Options
}

export const makeInteractions = (options: InteractionsOptions): Interactions => new Interactions(options)
