import { Client, GatewayIntentBits, GatewayOpcodes, Routes } from 'discord.js'
import { expect } from 'vitest'
import type { RosterChange } from '#src/roster/change.ts'
import type { Clock } from '#src/roster/clock.ts'
import type { FillBy } from '#src/roster/filler.ts'
import { RosterKeeper } from '#src/roster/keeper.ts'
import type { KeeperWorld } from '#src/roster/keeper-world.ts'
import type { Packet, Roster } from '#src/roster/roster.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts'

// The real discord.js against the sandbox, with a keeper beside it for each guild. discord.js keeps its own cache as it likes, so that a test
// can show what the trap does to it.

/** The sandbox's windows are a little shorter than Discord's, so that the way there does not decide who is too early. */
const RATE_SCALE = 0.95
const DEADLINE_MS = 20_000
const MOMENT_MS = 10

/** Time that passes so many times faster than on the wall. */
export class HastyClock implements Clock {
  readonly #haste: number

  constructor(haste: number) {
    this.#haste = haste
  }

  now(): number {
    return performance.timeOrigin + performance.now() * this.#haste
  }

  after(milliseconds: number, act: () => void): () => void {
    const timer = setTimeout(act, milliseconds / this.#haste)
    return () => clearTimeout(timer)
  }
}

/** A sandbox and a door to it, in which time passes `haste` times faster than on the wall: with 20, Discord's 30 seconds are one and a half. */
export async function openDoor(haste: number): Promise<{ readonly sandbox: Sandbox; readonly door: Door }> {
  const clock = new HastyClock(haste)
  const sandbox = await startSandbox({ now: () => clock.now(), rateScale: RATE_SCALE })
  return { sandbox, door: new Door(sandbox, clock) }
}

export class Door {
  readonly client: Client
  /** Every packet in the order of its arrival. */
  readonly packets: Packet[] = []
  readonly told: RosterChange[] = []
  readonly #sandbox: Sandbox
  readonly #clock: Clock
  readonly #keepers = new Map<string, RosterKeeper>()
  readonly #looks = new Set<() => void>()

  constructor(sandbox: Sandbox, clock: Clock) {
    this.#sandbox = sandbox
    this.#clock = clock
    this.client = new Client({
      intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers, GatewayIntentBits.GuildModeration],
      rest: { api: sandbox.url },
      ws: { buildIdentifyThrottler: async () => ({ waitForIdentify: async () => {} }) },
    })
    this.client.on('raw', (packet: Packet) => this.#take(packet))
  }

  keep(guild: Guild, fillBy: FillBy = 'chunks'): RosterKeeper {
    const heard = (changes: readonly RosterChange[]) => void this.told.push(...changes)
    const { botUserId } = this.#sandbox
    const keeper = new RosterKeeper({ guildId: guild.id, botUserId, world: this.#world(), heard, fillBy })
    this.#keepers.set(guild.id, keeper)
    return keeper
  }

  async login(): Promise<void> {
    const ready = new Promise((resolve) => this.client.once('clientReady', resolve))
    await this.client.login(this.#sandbox.token)
    await ready
  }

  /** Resolves as soon as this holds: looked at after every packet, and now and then for what discord.js does later. */
  async until(holds: () => boolean): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS
    while (!holds()) {
      if (performance.now() > deadline) throw new Error(`Waited in vain: ${holds}`)
      await this.#something()
    }
  }

  /** Asks for every member without the keeper's knowledge, as another part of a bot might. */
  askBehindTheKeeper(guild: Guild): void {
    this.#ask(guild.id, 'somebody else')
  }

  /** A packet, or a moment without one. */
  #something(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, MOMENT_MS)
      this.#looks.add(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  async close(): Promise<void> {
    for (const keeper of this.#keepers.values()) keeper.stop()
    await this.client.destroy()
  }

  #take(packet: Packet): void {
    this.packets.push(packet)
    for (const keeper of this.#keepers.values()) this.#pass(keeper, packet)
    for (const look of this.#looks) look()
    this.#looks.clear()
  }

  #pass(keeper: RosterKeeper, packet: Packet): void {
    if (packet.t === 'READY') keeper.freshSession()
    else if (packet.t === 'RESUMED') keeper.resumed()
    else if (isOf(packet.d, keeper.roster.guildId)) keeper.take(packet, this.#clock.now())
  }

  #world(): KeeperWorld {
    const { rest } = this.client
    return {
      clock: this.#clock,
      askMembers: (guildId, nonce) => this.#ask(guildId, nonce),
      listMembers: async (guildId, after) => {
        const query = new URLSearchParams({ limit: '1000', after })
        return (await rest.get(Routes.guildMembers(guildId), { query })) as readonly unknown[]
      },
      roleCounts: async (guildId) =>
        (await rest.get(`/guilds/${guildId}/roles/member-counts`)) as Record<string, unknown>,
    }
  }

  #ask(guildId: string, nonce: string): void {
    const d = { guild_id: guildId, query: '', limit: 0, nonce }
    this.client.ws.shards.get(0)?.send({ op: GatewayOpcodes.RequestGuildMembers, d })
  }
}

function isOf(d: unknown, guildId: string): boolean {
  const { id, guild_id, meta } = d as { id?: string; guild_id?: string; meta?: { guild_id: string } }
  return (guild_id ?? meta?.guild_id ?? id) === guildId
}

/** The roster holds the very members and roles that the guild really has. */
export function expectTruth(roster: Roster, guild: Guild): void {
  const held = [...guild.members.walk()].map(({ id }) => [id, shown(guild, roster.member(id)?.roleIds)])
  expect(held).toEqual([...guild.members.walk()].map(({ id, roles }) => [id, shown(guild, roles)]))
  expect(roster.columns.count).toBe(guild.memberCount)
  expect(roster.malformed).toBe(0)
}

/** Roles that the guild has; null for somebody who is not there. */
function shown(guild: Guild, roleIds: readonly string[] | undefined): readonly string[] | null {
  return roleIds?.filter((id) => guild.roles.has(id)).sort() ?? null
}
