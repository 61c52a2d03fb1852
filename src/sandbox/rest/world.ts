import type { Channels, Webhooks } from '../channels.ts'
import type { SandboxClock } from '../clock.ts'
import type { CommandBook } from '../commands.ts'
import type { DirectChannels } from '../direct.ts'
import type { Faults } from '../faults.ts'
import type { Guild } from '../guild.ts'
import type { Interactions } from '../interactions.ts'
import type { Pulse } from '../pulse.ts'
import type { Id, Snowflakes } from '../snowflake.ts'
import type { Application, Slips } from '../surroundings.ts'
import type { BucketName, Limits } from './limits.ts'
import type { Exchange, RequestLog } from './log.ts'

/** What the REST end needs of the sandbox. */
export interface RestWorld {
  readonly clock: SandboxClock
  readonly ids: Snowflakes
  readonly pulse: Pulse
  readonly application: Application
  readonly slips: Slips
  readonly faults: Faults
  readonly limits: Limits
  readonly log: RequestLog
  readonly guilds: ReadonlyMap<Id, Guild>
  readonly commands: CommandBook
  readonly interactions: Interactions
  readonly channels: Channels
  readonly direct: DirectChannels
  readonly webhooks: Webhooks
  gatewayUrl(): string
  /** Called with every exchange after it is over. */
  onExchange(exchange: Exchange): void
  /** A fault of the sandbox itself. */
  onMishap(error: Error): void
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `other` where absent. */
    bucket?: BucketName
    /** The route's own token opens it: no bot token is asked for, and it does not count towards the global limit. */
    open?: boolean
  }
  interface FastifyRequest {
    reason: string | undefined
    /** What is answered in place of the truth, though the request was carried out. */
    disguise: { status: number; body: unknown } | 'cut' | null
    /** What the answer waits for, though the request was carried out. */
    late: (() => Promise<void>) | null
    /** The answer says that it was done, and it was not. */
    lie: boolean
    cameAt: number
  }
}
