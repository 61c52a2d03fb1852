import { randomBytes } from 'node:crypto'
import { COMMAND, type CommandBook } from './commands.ts'
import { fillCommand, fillMenu, fillTyping } from './fill.ts'
import type { Guild } from './guild.ts'
import {
  type CommandRequest,
  INTERACTION,
  Interaction,
  type InteractionWorld,
  type MenuRequest,
  type PostPress,
  type Press,
  type TypingRequest,
} from './interaction.ts'
import { type ChannelRecord, type Json, toChannel, toUser } from './payloads.ts'
import { PERMISSION } from './permissions.ts'
import type { Post } from './post.ts'
import type { Id } from './snowflake.ts'
import type { Announcement } from './surroundings.ts'

/** Interactions kept to be answered. */
const KEPT = 10_000

export interface InteractionsWorld extends InteractionWorld {
  readonly commands: CommandBook
  announce(announcement: Announcement): void
}

/** Makes interactions as Discord's own clients do, and knows them by their token. */
export class Interactions {
  readonly #world: InteractionsWorld
  readonly #byToken = new Map<string, Interaction>()

  constructor(world: InteractionsWorld) {
    this.#world = world
  }

  find(token: string): Interaction | undefined {
    return this.#byToken.get(token)
  }

  /** Refuses with an Error what Discord's own clients would not let the person send; so do the others below. */
  async command(guild: Guild, request: CommandRequest): Promise<Interaction> {
    const { command, path } = this.#findCommand(guild, request)
    const data = fillCommand(guild, command, path, request.options ?? {})
    return this.#send(guild, { ...request, type: INTERACTION.COMMAND, data })
  }

  async complete(guild: Guild, request: TypingRequest): Promise<Interaction> {
    const { command, path } = this.#findCommand(guild, request)
    const data = fillTyping(guild, command, path, { ...request, values: request.options ?? {} })
    return this.#send(guild, { ...request, type: INTERACTION.TYPING, data })
  }

  async menu(guild: Guild, request: MenuRequest): Promise<Interaction> {
    const command = this.#world.commands.find(guild.id, request.name, COMMAND.USER)
    if (!command) throw new Error(`The menu of a member in ${guild.name} has no entry ${request.name}`)
    if (!request.force) requireAllowed(guild, request.as, command)
    return this.#send(guild, { ...request, type: INTERACTION.COMMAND, data: fillMenu(guild, command, request.target) })
  }

  /** A message that stands in a channel, for everybody to press. */
  async press(guild: Guild, { post, ...press }: PostPress): Promise<Interaction> {
    return this.#pressOn(guild, post, press)
  }

  async #pressAnswer(guild: Guild, from: Interaction, press: Press): Promise<Interaction> {
    const source = [from.original, ...from.followUps].find(
      (post) => post && !post.deleted && findComponent(post, press.customId),
    )
    if (!source) throw new Error(`The answer shows nothing with the id ${press.customId}`)
    const as = press.as ?? from.terms.memberId
    if (source.seen.ephemeral && as !== from.terms.memberId) throw new Error('Only who asked can see this message')
    return this.#pressOn(guild, source, { ...press, as })
  }

  #pressOn(guild: Guild, source: Post, { customId, values, as, twice }: Press & { readonly as: Id }): Interaction {
    const component = source.deleted ? undefined : findComponent(source, customId)
    if (!component) throw new Error(`The message shows nothing with the id ${customId}`)
    if (component.disabled) throw new Error(`${customId} is greyed out`)
    const data = {
      custom_id: customId,
      component_type: component.type,
      id: component.id,
      ...(values ? { values } : {}),
    }
    const { channelId } = source.terms
    return this.#send(guild, { type: INTERACTION.COMPONENT, as, data, source, twice, channel: channelId })
  }

  #findCommand(guild: Guild, { as, command: words, force }: Pick<CommandRequest, 'as' | 'command' | 'force'>) {
    const [name = '', ...path] = words.split(' ')
    const command = this.#world.commands.find(guild.id, name)
    if (!command) throw new Error(`Discord offers no command /${name} in ${guild.name}: it was never registered`)
    if (!force) requireAllowed(guild, as, command)
    return { command, path }
  }

  #send(guild: Guild, asked: Sending): Interaction {
    const { ids } = this.#world
    const terms = { id: ids.next(), token: `aW50.${randomBytes(60).toString('base64url')}` }
    const channel = asked.channel === undefined ? guild.channels[0]! : guild.channel(asked.channel)
    const payload = { ...this.#payload(guild, asked, channel), ...terms }
    const place = { memberId: asked.as, channelId: channel.id, source: asked.source ?? null }
    const presser = (from: Interaction, press: Press) => this.#pressAnswer(guild, from, press)
    const interaction = new Interaction({ ...terms, ...place, payload }, this.#world, presser)
    this.#byToken.set(terms.token, interaction)
    if (this.#byToken.size > KEPT) this.#byToken.delete(this.#byToken.keys().next().value!)
    for (let time = 0; time < (asked.twice ? 2 : 1); time += 1)
      this.#world.announce({ t: 'INTERACTION_CREATE', guildId: guild.id, d: payload })
    return interaction
  }

  #payload(guild: Guild, { type, as, data, source, locale }: Sending, channel: ChannelRecord): Json {
    const member = guild.members.get(as)
    if (!member) throw new Error(`Nobody in ${guild.name} has the id ${as}`)
    // What Discord says of permissions here is always of the channel.
    const permissions = guild.permissionsIn(channel.id, member).toString()
    return {
      version: 1,
      type,
      application_id: this.#world.application.id,
      data,
      guild_id: guild.id,
      guild: { id: guild.id, locale: guild.locale, features: [] },
      guild_locale: guild.locale,
      channel_id: channel.id,
      channel: { ...toChannel(channel, guild.id), permissions },
      member: { ...guild.toMember(member), permissions, unusual_dm_activity_until: null },
      app_permissions: guild.permissionsIn(channel.id, guild.bot).toString(),
      locale: locale ?? guild.locale,
      entitlements: [],
      entitlement_sku_ids: [],
      authorizing_integration_owners: { '0': guild.id },
      context: 0,
      attachment_size_limit: 10_485_760,
      ...(source ? { message: source.toJson((id) => userOf(guild, id)) } : {}),
    }
  }
}

interface Sending {
  readonly type: (typeof INTERACTION)[keyof typeof INTERACTION]
  readonly as: Id
  readonly data: Json
  readonly source?: Post
  readonly twice?: boolean | undefined
  readonly locale?: string
  /** By id or name. */
  readonly channel?: string
}

export function userOf(guild: Guild, id: Id): Json | undefined {
  const member = guild.members.get(id)
  return member && toUser(member)
}

function requireAllowed(
  guild: Guild,
  memberId: Id,
  command: { name: string; default_member_permissions: string | null },
): void {
  const member = guild.members.get(memberId)
  const held = member ? guild.permissionsOf(member) : 0n
  const needed = command.default_member_permissions === null ? 0n : BigInt(command.default_member_permissions)
  const administers = (held & PERMISSION.ADMINISTRATOR) !== 0n
  if (administers || (command.default_member_permissions !== '0' && (held & needed) === needed)) return
  throw new Error(`Discord does not offer /${command.name} to the member ${memberId}: they lack its permissions`)
}

function findComponent(post: Post, customId: string): Json | undefined {
  const search = (components: readonly Json[]): Json | undefined => {
    for (const component of components) {
      if (component.custom_id === customId) return component
      const inner = [
        ...((component.components as Json[] | undefined) ?? []),
        ...(component.accessory ? [component.accessory as Json] : []),
      ]
      const found = search(inner)
      if (found) return found
    }
    return undefined
  }
  return search(post.seen.components)
}
