import type { Id } from '#src/core/model.ts'
import { NotThere, Refusal } from '#src/core/refusal.ts'
import type { Actor } from '#src/core/trail.ts'
import { readOptions } from '#src/discord/asking.ts'
import type { Asked, Command, CommandWorld, Offer, Reply } from '#src/discord/command.ts'
import { failureReply, refusalReply } from '#src/discord/replies.ts'
import { inContext } from '#src/telemetry/context.ts'
import type { Log } from '#src/telemetry/log.ts'

// What the operator asks for at the console is answered here, by the very commands that members use in Discord.

/** What was asked at a console. `press` in place of a command: the button of an answer that was given there. */
export interface Order {
  readonly guildId: Id
  readonly requestId: string
  readonly actor: Actor
  readonly command: string
  readonly subcommand: string | null
  readonly options: Asked['options']
}

/** An order that came to the desk. */
export interface TakenOrder extends Order {
  readonly stoppedSince: Asked['stoppedSince']
}

export interface OrderAnswer {
  readonly reply: Reply
  readonly refused: boolean
}

/** The name under which a console hands over a button's id: `options.button` is what follows the command's name. */
export const BUTTON = 'button'

/** Whoever is at the console has the token and the database; there is nothing that they could not do by hand. */
const ALL_PERMISSIONS: Asked['permissions'] = new Set([
  'Administrator',
  'ManageRoles',
  'KickMembers',
  'ManageGuild',
  'ViewAuditLog',
])

/** What is at the desk. */
export interface Desk {
  readonly commands: readonly Command[]
  readonly world: CommandWorld
  readonly log: Log
  /** The servers that the bot is in. */
  readonly guildIds: () => readonly Id[]
}

/** Carries out one order; never throws: what goes wrong is an answer too. */
export async function carryOutOrder(
  order: TakenOrder,
  { commands, world, log, guildIds }: Desk,
  onProgress: (reply: Reply) => void,
): Promise<OrderAnswer> {
  try {
    mustBeIn(order.guildId, guildIds())
    const command = commands.find(({ name }) => name === order.command)
    if (!command)
      throw new Refusal(
        `This bot has no command "${order.command.slice(0, 50)}". It may be of another version than the console.`,
      )
    const { requestId, actor } = order
    const context = { correlation: `order:${requestId}`, actor, command: `/${command.name}` }
    const reply = await inContext(context, () => answerOf(command, toAsked(order, onProgress), world))
    return { reply, refused: false }
  } catch (error) {
    if (error instanceof Refusal) return { reply: refusalReply(error), refused: true }
    log.error({ error, request: order.requestId, command: order.command }, 'An order of the console failed.')
    return { reply: failureReply(error, order.requestId), refused: true }
  }
}

/** Of a server that it is not in the bot would say that it has not been read yet. */
function mustBeIn(guildId: Id, guildIds: readonly Id[]): void {
  if (guildIds.includes(guildId)) return
  const others = guildIds.length === 0 ? 'It is in none.' : `It is in: ${guildIds.slice(0, GUILDS_SHOWN).join(', ')}.`
  throw new NotThere(
    `The bot is not in a server with the id ${guildId}. ${others} \`rolecall invite\` prints the address that adds it to another.`,
  )
}

/** Servers named in a sentence that says where the bot is. */
const GUILDS_SHOWN = 10

async function answerOf(command: Command, asked: Asked, world: CommandWorld): Promise<Reply> {
  const { [BUTTON]: button } = asked.options
  if (typeof button !== 'string') {
    const options = readOptions(command, asked.subcommand, new Map(Object.entries(asked.options)))
    if (options.run !== LAST) return command.answer({ ...asked, options }, world)
    const last = await lastRun(command, { ...asked, options }, world)
    const reply = await command.answer({ ...asked, options: { ...options, run: last.value } }, world)
    return { ...reply, text: `\`${LAST}\` is run \`${last.value}\` (${last.name}).\n\n${reply.text}` }
  }
  if (!command.press) throw new Refusal('This button no longer does anything. Give the command again.')
  return command.press({ ...asked, options: {} }, button, world)
}

/** What may stand at a console for a run: nobody picks from a list there. */
const LAST = 'last'

/** The first that Discord would offer whoever types this command there: the newest run for which it can be given. */
async function lastRun(command: Command, { guildId, subcommand, options }: Asked, world: CommandWorld): Promise<Offer> {
  const typing = { guildId, subcommand, option: 'run', typed: '', options }
  const [newest] = (await command.complete?.(typing, world)) ?? []
  if (newest) return newest
  throw new NotThere('There is no run that this could be given for. `/audit runs` lists what there is.')
}

function toAsked(order: TakenOrder, onProgress: (reply: Reply) => void): Asked {
  const { requestId, guildId, actor, subcommand, options, stoppedSince } = order
  return {
    requestId,
    guildId,
    actor,
    memberId: null,
    roleIds: [],
    permissions: ALL_PERMISSIONS,
    isOwner: true,
    locale: 'en',
    subcommand,
    options,
    stoppedSince,
    update: async (reply) => onProgress(reply),
  }
}
