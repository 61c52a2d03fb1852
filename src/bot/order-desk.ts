import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Actor } from '#src/core/trail.ts'
import { readOptions } from '#src/discord/asking.ts'
import type { Asked, Command, CommandWorld, Reply } from '#src/discord/command.ts'
import { failureReply, refusalReply } from '#src/discord/replies.ts'
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

/** Carries out one order; never throws: what goes wrong is an answer too. */
export async function carryOutOrder(
  order: Order,
  { commands, world, log }: { readonly commands: readonly Command[]; readonly world: CommandWorld; readonly log: Log },
  onProgress: (reply: Reply) => void,
): Promise<OrderAnswer> {
  try {
    const command = commands.find(({ name }) => name === order.command)
    if (!command)
      throw new Refusal(
        `This bot has no command "${order.command.slice(0, 50)}". It may be of another version than the console.`,
      )
    return { reply: await answerOf(command, toAsked(order, onProgress), world), refused: false }
  } catch (error) {
    if (error instanceof Refusal) return { reply: refusalReply(error), refused: true }
    log.error({ error, request: order.requestId, command: order.command }, 'An order of the console failed.')
    return { reply: failureReply(error, order.requestId), refused: true }
  }
}

function answerOf(command: Command, asked: Asked, world: CommandWorld): Promise<Reply> {
  const { [BUTTON]: button } = asked.options
  if (typeof button !== 'string') {
    const options = readOptions(command, asked.subcommand, new Map(Object.entries(asked.options)))
    return command.answer({ ...asked, options }, world)
  }
  if (!command.press) throw new Refusal('This button no longer does anything. Give the command again.')
  return command.press({ ...asked, options: {} }, button, world)
}

function toAsked(order: Order, onProgress: (reply: Reply) => void): Asked {
  const { requestId, guildId, actor, subcommand, options } = order
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
    update: async (reply) => onProgress(reply),
  }
}
