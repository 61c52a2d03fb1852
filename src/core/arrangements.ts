import type { Action, Id } from './model.ts'

// When the bot looks by itself and where it posts. No verdict rests on any of this, so none of it is a setting of the policy.

export interface ScheduleArrangement {
  /** A cron expression of five fields (minute first), or six with seconds. */
  readonly expression: string
  /** An IANA name, such as `Europe/Oslo`. */
  readonly timeZone: string
  /** What scheduled runs may do at most. */
  readonly action: Action
}

export interface Arrangements {
  readonly schedule: ScheduleArrangement | null
  /** The channel in which the bot posts its notices; null: nowhere. */
  readonly channelId: Id | null
}

export const NO_ARRANGEMENTS: Arrangements = { schedule: null, channelId: null }
