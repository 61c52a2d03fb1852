import type { Id } from './model.ts'

/** How a sink stands, for whoever asks. Moments are milliseconds since the epoch. */
export interface SinkStanding {
  readonly name: string
  /** Lines of the record that it does not have behind it yet. */
  readonly lag: number
  /** When it last took something; null: never. */
  readonly deliveredAt: number | null
  /** Lines that it refused for good: how many, and the first of them. */
  readonly parked: number
  readonly firstParked: readonly ParkedLine[]
  /** Null: it is not switched off. */
  readonly off: { readonly since: number; readonly why: string } | null
  /** Null since it last took something. */
  readonly trouble: { readonly since: number; readonly what: string } | null
}

export interface ParkedLine {
  /** Null: of the whole installation. */
  readonly guildId: Id | null
  readonly seq: number
  readonly reason: string
  readonly at: number
  /** True where somebody asked for another try, which is still to come. */
  readonly isWanted: boolean
}

export const isSound = ({ off, trouble, parked }: SinkStanding): boolean =>
  off === null && trouble === null && parked === 0
