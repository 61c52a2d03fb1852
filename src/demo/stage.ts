import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Names } from '#src/console/markdown.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import { compareRank, PERMISSION } from '#src/sandbox/permissions.ts'
import type { GuildPlan } from '#src/sandbox/plan.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'
import type { Id } from '#src/sandbox/snowflake.ts'
import { DemoFault } from './fault.ts'
import type { Place } from './program.ts'
import { OWNER, ROLES, SAMPLE_SETTINGS, sampleIdentityFile, samplePeople } from './sample.ts'

/** Discord's rate limits, ten times as quick: they are kept, and nobody waits long for them. */
const RATE_SCALE = 0.1

export const PEOPLE_FILE = 'people.json'
/** The same people, by an export that lost their links to Discord. */
export const BROKEN_FILE = 'broken-people.json'
/** Where the bot posts what nobody asked for. */
export const CHANNEL = 'access-log'
export const SETTINGS_FILE = 'settings.json'

/** A Discord on this machine with the sample server in it, and the files that the operator has. */
export class Stage implements Names {
  readonly sandbox: Sandbox
  readonly guild: Guild
  readonly #memberIds: ReadonlyMap<string, Id>

  constructor(sandbox: Sandbox, guild: Guild) {
    this.sandbox = sandbox
    this.guild = guild
    this.#memberIds = new Map([...guild.members.walk()].map(({ username, id }) => [username, id]))
  }

  get usernames(): readonly string[] {
    return [...this.#memberIds.keys()]
  }

  /** Throws `DemoFault` where the server has nobody of that name. */
  memberId(name: string): Id {
    const bare = name.replace(/^@/, '')
    const id = this.#memberIds.get(bare)
    if (id === undefined) throw new DemoFault(`Nobody here is called ${bare}. Press Tab for names, or try @pim.`)
    return id
  }

  /** Throws `DemoFault` where the server has no such role. */
  roleId(name: string): Id {
    const bare = name.trim().replace(/^@/, '').toLowerCase()
    const role = [...this.guild.roles.values()].find((each) => each.name.toLowerCase() === bare)
    if (!role || role.id === this.guild.id)
      throw new DemoFault(`There is no role ${bare}. There are: ${ROLES.map((each) => each.name).join(', ')}.`)
    return role.id
  }

  /** Throws `DemoFault` where the server has no such channel. */
  channelId(name: string): Id {
    const bare = name.trim().replace(/^#/, '')
    const channel = this.guild.channels.find((each) => each.name === bare)
    if (!channel)
      throw new DemoFault(
        `There is no channel ${bare}. There are: ${this.guild.channels.map((each) => each.name).join(', ')}.`,
      )
    return channel.id
  }

  member(id: Id): string {
    return this.guild.member(id)?.username ?? 'somebody-gone'
  }

  role(id: Id): string {
    return this.guild.roles.get(id)?.name ?? 'deleted-role'
  }

  channel(id: Id): string {
    return this.guild.channels.find((channel) => channel.id === id)?.name ?? 'deleted-channel'
  }

  now(): number {
    return this.sandbox.clock.now()
  }

  /** Whether Discord lets this person give and take the role: the owner always; others with Manage Roles what ranks below them. */
  mayHandOut(name: string, roleId: Id): boolean {
    const { guild } = this
    const person = guild.member(this.memberId(name))!
    if (person.id === guild.ownerId) return true
    const manages = (guild.permissionsOf(person) & PERMISSION.MANAGE_ROLES) !== 0n
    return manages && compareRank(guild.highestRole(person), guild.role(roleId)) > 0
  }

  /** How many roles all members hold together, as the server itself has it. */
  rolesHeld(): number {
    return [...this.guild.members.walk()].reduce((sum, { roles }) => sum + roles.length, 0)
  }

  /** Where the bot and the console run: this folder, this Discord, and nothing of the surroundings. */
  place(folder: string): Place {
    const { token, url } = this.sandbox
    return {
      folder,
      environment: {
        TMPDIR: folder,
        DATA_DIR: 'data',
        LOG_LEVEL: 'info',
        ROLECALL_ACTOR: 'operator',
        DISCORD_TOKEN: token,
        DISCORD_API_URL: url,
      },
    }
  }

  async close(): Promise<void> {
    // Whoever still waits for something here looks again, and sees that it is over.
    this.sandbox.removeGuild(this.guild.id)
    await this.sandbox.close()
  }
}

/** Starts the Discord and writes the operator's two files into the folder. */
export async function openStage(folder: string): Promise<Stage> {
  const sandbox = await startSandbox({ rateScale: RATE_SCALE })
  const stage = new Stage(sandbox, sandbox.addGuild(samplePlan()))
  const people = samplePeople()
  writeFileSync(
    join(folder, PEOPLE_FILE),
    sampleIdentityFile(people, (name) => [stage.memberId(name)]),
  )
  writeFileSync(
    join(folder, BROKEN_FILE),
    sampleIdentityFile(people, () => []),
  )
  writeFileSync(join(folder, SETTINGS_FILE), JSON.stringify(SAMPLE_SETTINGS, null, 2))
  return stage
}

/** The sample server: its owner, its moderator, and a role that ranks above the bot's own. */
export function samplePlan(): GuildPlan {
  const below = ROLES.filter(({ above }) => !above).length
  const ownerId = '1420070400000000001'
  return {
    name: 'The Quiet Concord',
    ownerId,
    botPosition: below + 1,
    channels: ['general', CHANNEL],
    roles: ROLES.map(({ name, above }, index) => ({
      name,
      position: above ? index + 2 : index + 1,
      permissions: name === 'Moderator' ? ['MANAGE_ROLES'] : [],
    })),
    members: samplePeople().map(({ username, roles }) => ({
      username,
      roles,
      ...(username === OWNER ? { id: ownerId } : {}),
    })),
  }
}
