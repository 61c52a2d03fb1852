import type { Id } from '#src/core/model.ts'
import type { Feed } from '../database.ts'
import type { IdentityServer } from '../server/server.ts'
import type { Changed } from '../watchers.ts'
import { CHANNEL } from './channel.ts'

/** Hears what the database says by itself. */
export class Ear {
  readonly #server: IdentityServer
  #open = 0

  constructor(server: IdentityServer) {
    this.#server = server
  }

  /** Whether what is said is heard at this moment. */
  get isOpen(): boolean {
    return this.#open > 0
  }

  readonly feed: Feed = (onChange) => {
    let openedBefore = false
    const onOpen = () => {
      this.#open += 1
      // What was said while nobody could hear it is not said again.
      if (openedBefore) onChange('all')
      openedBefore = true
    }
    const onClose = () => {
      this.#open -= 1
    }
    const hearing = { onOpen, onClose, onNotice: (payload: string) => onChange(readNotice(payload)) }
    return this.#server.listen(CHANNEL, hearing) ?? (() => {})
  }
}

/** Null where the server has no such thing. */
export const earOf = (server: IdentityServer): Ear | null => (server.dialect === 'postgres' ? new Ear(server) : null)

/** What cannot be read as a list of Discord ids concerns everybody. */
export function readNotice(payload: string): Changed {
  try {
    const list: unknown = JSON.parse(payload)
    return Array.isArray(list) && list.every(isId) ? list : 'all'
  } catch {
    return 'all'
  }
}

const isId = (value: unknown): value is Id => typeof value === 'string' && /^[1-9]\d{0,19}$/.test(value)

/** Several feeds as one. */
export const feedOf =
  (...feeds: readonly Feed[]): Feed =>
  (onChange) => {
    const stops = feeds.map((feed) => feed(onChange))
    return () => {
      for (const stop of stops) stop()
    }
  }
