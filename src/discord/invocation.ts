import type { Needed } from '#src/core/capability.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Log } from '#src/telemetry/log.ts'
import { type Options, type Request, readOptions } from './asking.ts'
import type { Asked, Command, CommandWorld, Reply } from './command.ts'
import { Denial } from './denial.ts'
import type { ClosedInvocation, Ledger, Quota } from './ledger.ts'
import { type Asker, lackingWords, mayDo, neededFor, type RightsWorld } from './rights.ts'

// One thing that a person asks for, from the line in the ledger to the reply. Nothing of Discord's JSON comes here.

export interface InvocationWorld extends RightsWorld {
  readonly world: CommandWorld
  /** Why nothing but a halt is carried out here, as the sentence that people read; left out where everything is. */
  readonly onlyHalts?: string
  readonly ledger: Ledger
  readonly log: Log
  readonly now: () => number
}

export interface Call {
  readonly interactionId: Id
  readonly command: Command
  readonly request: Request
  readonly asker: Asker
  readonly locale: string
  readonly stoppedSince: Asked['stoppedSince']
  readonly update: Asked['update']
  /** Takes what is still written down when the person has their answer. */
  readonly later: (writing: Promise<void>) => void
}

/** Commands under way in one guild; a person waits for an answer, so that more than this is a flood or a fault. */
const MOST_IN_GUILD = 10

const ROLES_UNKNOWN =
  'The bot has only just connected and does not know the roles of this server yet, so it cannot tell what you may do. Try again in a minute.'

/**
 * Opens the invocation in the ledger before anything is looked at, and closes it with what came of it; a halt is written down after it. Null: this interaction is another's to
 * answer. Throws `Refusal` for what is not carried out. `others`: how many more are under way in the guild.
 */
export async function carryOut(call: Call, others: number, world: InvocationWorld): Promise<Reply | null> {
  const asked = toAsked(call)
  if (neededOf(call) === 'stop') return halt(call, asked, others, world)
  const counted = call.request.kind !== 'press' && call.command.counts?.(asked.subcommand) === true
  if ((await open(call, asked, counted, world)) === 'repeated') return null
  let quota: Quota | null = null
  try {
    quota = counted ? await quotaOf(asked, world) : null
    await checkRight(call, others, world)
    if (quota) checkQuota(quota)
    const reply = await answer(call, asked, world.world)
    await close(asked, ACCEPTED, quota, world)
    return reply
  } catch (error) {
    await close(asked, endOf(error, asked), quota, world)
    throw error
  }
}

/** Whoever halts everything waits for nothing that is not needed to halt: it is written down beside it, as well as that goes. */
async function halt(call: Call, asked: Asked, others: number, world: InvocationWorld): Promise<Reply> {
  let end = ACCEPTED
  try {
    await checkRight(call, others, world)
    return await answer(call, asked, world.world)
  } catch (error) {
    end = endOf(error, asked)
    throw error
  } finally {
    call.later(writeDown(call, asked, end, world))
  }
}

async function writeDown(call: Call, asked: Asked, end: End, world: InvocationWorld): Promise<void> {
  try {
    if ((await open(call, asked, false, world)) === 'opened') await close(asked, end, null, world)
  } catch (error) {
    const { requestId: interactionId, guildId, actor } = asked
    world.log.error({ error, interactionId, guildId, actor }, 'A halt could not be written down.')
  }
}

type End = Pick<ClosedInvocation, 'outcome' | 'why' | 'refusedBy'>

const ACCEPTED: End = { outcome: 'accepted', why: null, refusedBy: null }

/** What broke on our side was let through all the same, and names the fault's id. */
function endOf(error: unknown, { requestId }: Asked): End {
  if (!(error instanceof Refusal)) return { ...ACCEPTED, why: `It failed (${requestId}).` }
  return { outcome: 'refused', why: error.message, refusedBy: error instanceof Denial ? error.by : 'command' }
}

function toAsked({ interactionId, request, asker, locale, stoppedSince, update }: Call): Asked {
  const { guildId, memberId, roleIds, permissions, isOwner } = asker
  return {
    requestId: interactionId,
    guildId,
    actor: `discord:${memberId}`,
    memberId,
    roleIds,
    permissions,
    isOwner,
    locale,
    subcommand: request.kind === 'command' ? request.subcommand : null,
    options: {},
    stoppedSince,
    update,
  }
}

function open({ command, request }: Call, asked: Asked, counted: boolean, world: InvocationWorld) {
  const { requestId: interactionId, guildId, actor, subcommand } = asked
  const options = writtenOptions(request)
  const named = { interactionId, guildId, actor, command: command.name, subcommand }
  return world.ledger.open({ ...named, options, counted, at: world.now() })
}

/** What was done is not undone by a ledger that cannot be written: the person still gets the answer. */
async function close(
  { requestId: interactionId, guildId, actor }: Asked,
  end: End,
  before: Quota | null,
  { ledger, log, now }: InvocationWorld,
): Promise<void> {
  try {
    await ledger.close({ interactionId, guildId, actor, ...end, quota: before && usedWith(end, before), at: now() })
  } catch (error) {
    log.error({ error, interactionId, outcome: end.outcome }, 'What came of an invocation could not be written down.')
  }
}

/** What was refused or came to harm on our side does not count. */
const usedWith = ({ outcome, why }: End, { used, limit }: Quota): ClosedInvocation['quota'] => ({
  used: outcome === 'accepted' && why === null ? used + 1 : used,
  limit,
})

/** What this use of the command needs. */
export function neededOf({ command, request }: Pick<Call, 'command' | 'request'>): Needed {
  if (request.kind === 'press') return command.pressNeeds?.(request.rest) ?? command.needs
  return neededFor(command, request.kind === 'command' ? request.subcommand : null)
}

async function checkRight(call: Call, others: number, world: InvocationWorld): Promise<void> {
  const { command, request, asker } = call
  const needed = neededOf(call)
  if (world.onlyHalts !== undefined && needed !== 'stop') throw new Denial('standby', world.onlyHalts)
  const may = await mayDo(needed, asker, world)
  if (!may && world.guildPermissionsOf?.(asker.guildId, []) === null) throw new Denial('rights', ROLES_UNKNOWN)
  if (!may) throw new Denial('rights', lackingWords(nameOf(command, request), needed))
  // Halting everything must not wait until there is less to halt.
  if (others >= MOST_IN_GUILD && needed !== 'stop')
    throw new Denial(
      'crowd',
      `This server has ${others} commands under way already. Wait until one of them has answered, and try again.`,
    )
}

function nameOf(command: Command, request: Request): string {
  if (request.kind === 'press') return 'This button'
  if (request.kind === 'menu') return `"${request.name}"`
  return `/${[command.name, request.subcommand].filter(Boolean).join(' ')}`
}

const quotaOf = ({ guildId, actor, requestId: interactionId }: Asked, { ledger, now }: InvocationWorld) =>
  ledger.quota({ guildId, actor, interactionId, at: now() })

function checkQuota({ used, limit, freeAt }: Quota): void {
  if (limit === null || used < limit) return
  const free = freeAt === null ? 'later' : `<t:${Math.ceil(freeAt / 1_000)}:R>`
  throw new Denial(
    'quota',
    `You have started ${used} of the ${limit} runs that one person may start in 24 hours. The next is free ${free}.`,
  )
}

async function answer({ command, request }: Call, asked: Asked, world: CommandWorld): Promise<Reply> {
  if (request.kind === 'press') {
    if (!command.press) throw new Refusal('This button no longer does anything. Give the command again.')
    return command.press(asked, request.rest, world)
  }
  const options: Options =
    request.kind === 'menu' ? { member: request.memberId } : readOptions(command, request.subcommand, request.given)
  return command.answer({ ...asked, options }, world)
}

/** What is written down of the options: plain values, as they were given. */
function writtenOptions(request: Request): Options {
  if (request.kind === 'press') return { button: request.rest }
  if (request.kind === 'menu') return { member: request.memberId }
  const plain = [...request.given].filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  return Object.fromEntries(plain) as Options
}
