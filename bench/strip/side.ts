import type { Id } from '#src/core/model.ts'
import type { Guild } from '#src/sandbox/guild.ts'
import type { Sandbox } from '#src/sandbox/sandbox.ts'

/** A removal that takes longer does not come any more. */
const PATIENCE_MS = 60_000
const REMOVAL = 'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}'

/** One bot's own Discord, in which the removals of roles are awaited. */
export class Side {
  readonly sandbox: Sandbox
  readonly #guild: Guild
  readonly #awaited = new Map<string, (at: number) => void>()

  constructor(sandbox: Sandbox, guild: Guild) {
    this.sandbox = sandbox
    this.#guild = guild
    sandbox.onExchange(({ method, params, at }) => {
      if (method === 'DELETE') this.#awaited.get(keyOf(params.user_id, params.role_id))?.(at)
    })
  }

  /** The clock starts when the dispatch is queued and ends when the request arrives; in ms. */
  async give(memberId: Id, roleId: Id): Promise<number> {
    const key = keyOf(memberId, roleId)
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#awaited.set(key, resolve)
    const timer = setTimeout(() => reject(new Error('a role that was given by hand was not taken')), PATIENCE_MS)
    try {
      const from = this.sandbox.clock.now()
      this.#guild.give(memberId, roleId)
      return (await promise) - from
    } finally {
      clearTimeout(timer)
      this.#awaited.delete(key)
    }
  }

  count() {
    const { requests } = this.sandbox
    return { removals: requests.count(REMOVAL), refused: requests.answered(429) }
  }
}

const keyOf = (memberId: string | undefined, roleId: string | undefined): string => `${memberId}/${roleId}`
