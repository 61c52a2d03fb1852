import type { Id } from '#src/core/model.ts'
import type { Feed } from '../database.ts'
import type { IdentityServer } from '../server/server.ts'
import type { Changed } from '../watchers.ts'
import { CHANNEL } from './channel.ts'

/** Hears what the database says by itself. Null where its server has no such thing. */
export function listeningFeed(server: IdentityServer): Feed | null {
  if (server.dialect !== 'postgres') return null
  return (onChange) => {
    let opened = false
    const onOpen = () => {
      // What was said while nobody could hear it is not said again.
      if (opened) onChange('all')
      opened = true
    }
    return server.listen(CHANNEL, { onOpen, onNotice: (payload) => onChange(readNotice(payload)) }) ?? (() => {})
  }
}

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
