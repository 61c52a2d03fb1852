import { expect, onTestFinished } from 'vitest'
import type { Act } from '#src/core/run.ts'
import { type Enforcer, type EnforcerOptions, makeEnforcer, type Performed } from '#src/discord/enforcer.ts'
import type { Lane } from '#src/discord/errand.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import type { GuildPlan } from '#src/sandbox/plan.ts'
import type { Sandbox, SandboxOptions } from '#src/sandbox/sandbox.ts'
import { openSandbox } from '../sandbox/open.ts'
import { keptLog } from './listening.ts'

export const REMOVE = 'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}'
export const EDIT = 'PATCH /guilds/{guild_id}/members/{user_id}'
export const KICK = 'DELETE /guilds/{guild_id}/members/{user_id}'
export const READ = 'GET /guilds/{guild_id}/members/{user_id}'
export const ROLES = 'GET /guilds/{guild_id}/roles'

/** Member number `index` of a stage. */
export const memberId = (index: number): string => String(300_000_000_000_000_000n + BigInt(index))

/** A sandbox with one guild full of pilots, and an enforcer before it. */
export interface Stage {
  readonly sandbox: Sandbox
  readonly guild: Guild
  readonly enforcer: Enforcer
  readonly pauses: readonly number[]
  readonly lines: readonly string[]
  /** Member ids in the order in which requests that change them came. */
  readonly arrived: readonly string[]
  /** How often it was asked whether an act is still wanted. */
  readonly asked: () => number
  perform(act: Act, lane?: Lane): Promise<Performed>
  remove(member: number, lane?: Lane): Promise<Performed>
  kick(member: number, lane?: Lane): Promise<Performed>
  removeRoles(member: number, roles: readonly string[], lane?: Lane): Promise<Performed>
}

export interface StageOptions {
  readonly sandbox?: SandboxOptions
  readonly guild?: Partial<GuildPlan>
  readonly members?: number
  readonly enforcer?: Partial<EnforcerOptions>
  /** What is answered to whether an act is still wanted; yes, at once, where left out. */
  readonly stillWanted?: () => Promise<boolean>
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const sandbox = await openSandbox({ rateScale: 0.05, ...options.sandbox })
  const members = Array.from({ length: options.members ?? 40 }, (_, index) => ({
    id: memberId(index),
    username: `p${index}`,
    roles: ['Pilots'],
  }))
  const guild = sandbox.addGuild({ name: 'Example', roles: ['Pilots', 'Directors'], members, ...options.guild })
  const { log, lines } = keptLog()
  const pauses: number[] = []
  const enforcer = makeEnforcer({
    token: sandbox.token,
    apiUrl: sandbox.url,
    perSecond: 1_000,
    log,
    onFatal: (fault) => expect.unreachable(fault.message),
    waiting: { pause: async (ms) => void pauses.push(ms), random: () => 1 },
    ...options.enforcer,
  })
  onTestFinished(() => enforcer.stop())
  const arrived: string[] = []
  const changes = ({ method, params }: { method: string; params: Readonly<Record<string, string>> }) =>
    method !== 'GET' && params.user_id !== undefined
  sandbox.faults.before(changes, ({ params }) => void arrived.push(params.user_id ?? ''), Number.POSITIVE_INFINITY)
  let asked = 0
  const stillWanted = async () => {
    asked++
    return options.stillWanted?.() ?? true
  }
  const perform = (act: Act, lane: Lane = 'sweep') =>
    enforcer.perform(act, {
      reason: 'because',
      lane,
      lookedAt: { elapsed: performance.now(), now: Date.now() },
      stillWanted,
    })
  const of = (member: number) => ({ guildId: guild.id, memberId: memberId(member) })
  return {
    sandbox,
    guild,
    enforcer,
    pauses,
    lines,
    arrived,
    asked: () => asked,
    perform,
    remove: (member, lane) => perform({ kind: 'remove_role', ...of(member), roleId: guild.role('Pilots').id }, lane),
    kick: (member, lane) => perform({ kind: 'kick', ...of(member) }, lane),
    removeRoles: (member, roles, lane) =>
      perform({ kind: 'remove_roles', ...of(member), roleIds: roles.map((role) => guild.role(role).id) }, lane),
  }
}

/** For what comes over sockets and cannot be awaited otherwise. */
export const SOON = { timeout: 5_000, interval: 2 }
