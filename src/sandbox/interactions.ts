import { randomBytes } from 'node:crypto'
import type { CommandBook } from './commands.ts'
import { fillCommand } from './fill.ts'
import type { Guild } from './guild.ts'
import { type CommandRequest, Interaction, type InteractionWorld, type Press } from './interaction.ts'
import { type Json, toChannel, toUser } from './payloads.ts'
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

  /** Refuses with an Error what Discord's own clients would not let the person send. */
  async command(guild: Guild, request: CommandRequest): Promise<Interaction> {
    const [name = '', ...path] = request.command.split(' ')
    const command = this.#world.commands.find(guild.id, name)
    if (!command) throw new Error(`Discord offers no command /${name} in ${guild.name}: it was never registered`)
    if (!request.force) requireAllowed(guild, request.as, command)
    const data = fillCommand(guild, command, path, request.options ?? {})
    return this.#send(guild, { ...request, type: 2, data, source: null })
  }

  async press(guild: Guild, from: Interaction, { customId, values, as, twice = false }: Press): Promise<Interaction> {
    const source = [from.original, ...from.followUps].find(
      (post) => post && !post.deleted && findComponent(post, customId),
    )
    const component = source && findComponent(source, customId)
    if (!source || !component) throw new Error(`The answer shows nothing with the id ${customId}`)
    if (component.disabled) throw new Error(`${customId} is greyed out`)
    const presser = as ?? from.terms.memberId
    if (source.seen.ephemeral && presser !== from.terms.memberId) throw new Error('Only who asked can see this message')
    const data = {
      custom_id: customId,
      component_type: component.type,
      id: component.id,
      ...(values ? { values } : {}),
    }
    return this.#send(guild, { type: 3, as: presser, data, source, twice })
  }

  #send(guild: Guild, asked: Sending): Interaction {
    const { ids } = this.#world
    const terms = { id: ids.next(), token: `aW50.${randomBytes(60).toString('base64url')}` }
    const channel = guild.channels.find(({ name }) => name === asked.channel) ?? guild.channels[0]!
    const payload = { ...this.#payload(guild, asked, channel.id), ...terms }
    const place = { memberId: asked.as, channelId: channel.id, source: asked.source }
    const presser = (from: Interaction, press: Press) => this.press(guild, from, press)
    const interaction = new Interaction({ ...terms, ...place, payload }, this.#world, presser)
    this.#byToken.set(terms.token, interaction)
    if (this.#byToken.size > KEPT) this.#byToken.delete(this.#byToken.keys().next().value!)
    for (let time = 0; time < (asked.twice ? 2 : 1); time += 1)
      this.#world.announce({ t: 'INTERACTION_CREATE', guildId: guild.id, d: payload })
    return interaction
  }

  #payload(guild: Guild, { type, as, data, source, locale }: Sending, channelId: Id): Json {
    const member = guild.members.get(as)
    if (!member) throw new Error(`Nobody in ${guild.name} has the id ${as}`)
    const channel = guild.channels.find(({ id }) => id === channelId)!
    return {
      version: 1,
      type,
      application_id: this.#world.application.id,
      data,
      guild_id: guild.id,
      guild: { id: guild.id, locale: guild.locale, features: [] },
      guild_locale: guild.locale,
      channel_id: channelId,
      channel: { ...toChannel(channel, guild.id), permissions: guild.permissionsOf(member).toString() },
      member: {
        ...guild.toMember(member),
        permissions: guild.permissionsOf(member).toString(),
        unusual_dm_activity_until: null,
      },
      app_permissions: guild.permissionsOf(guild.bot).toString(),
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
  readonly type: 2 | 3
  readonly as: Id
  readonly data: Json
  readonly source: Post | null
  readonly twice?: boolean
  readonly locale?: string
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
