import type { Bot } from '#src/bot/start.ts'
import { systemClock } from '#src/bot/system-clock.ts'
import type { Clock } from '#src/roster/clock.ts'
import { closeLater, liftTheLock, type Night, type NightPlan, night } from './night.ts'
import { configOf, MODERATOR, OWNER, type Place, type Shown, say, shownBy, start, untilLive } from './town.ts'

// A night whose bot lives in this very process, so that its clock can be set.

/** Waits are a fiftieth of what they would be at Discord, as in every town. */
const FOLD = 50

/** The clock of the machine, which somebody sets while the bot runs. What waits goes on waiting as before. */
export class SetClock implements Clock {
  #ahead = 0
  #stoodAt: number | null = null
  readonly #begun = new Map<number, number>()
  readonly #watching = new Set<() => void>()
  readonly #held = new Map<number, (act: () => void) => void>()

  now(): number {
    return (this.#stoodAt ?? Date.now()) + this.#ahead
  }

  after(milliseconds: number, act: () => void): () => void {
    this.#begun.set(milliseconds, this.#waitsOf(milliseconds) + 1)
    for (const look of [...this.#watching]) look()
    const hold = this.#held.get(milliseconds)
    if (hold) {
      hold(act)
      return () => {}
    }
    return systemClock.after(milliseconds / FOLD, act)
  }

  /** From now on only jumps move it: how long a test takes makes nothing due. */
  stand(): void {
    this.#stoodAt = Date.now()
  }

  /** Puts it forward, or back where the number is negative. */
  jump(milliseconds: number): void {
    this.#ahead += milliseconds
  }

  /** Resolves when what is done again and again, so many milliseconds apart, was done with the clock as it is now. */
  round(milliseconds: number): Promise<void> {
    // The wait that goes on now may have begun before, and what follows it with it.
    const wanted = this.#waitsOf(milliseconds) + 2
    return new Promise((resolve) => {
      const look = () => {
        if (this.#waitsOf(milliseconds) < wanted) return
        this.#watching.delete(look)
        resolve()
      }
      this.#watching.add(look)
    })
  }

  /** Lets what is done again and again, so many milliseconds apart, be done no more. Resolves once it is not, with what lets it go on. */
  hold(milliseconds: number): Promise<() => void> {
    return new Promise((resolve) => {
      this.#held.set(milliseconds, (act) =>
        resolve(() => {
          this.#held.delete(milliseconds)
          act()
        }),
      )
    })
  }

  #waitsOf(milliseconds: number): number {
    return this.#begun.get(milliseconds) ?? 0
  }
}

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
/** How often the bot looks after what waits, and whether a look is due. */
export const TIDIES = 60_000
export const LOOKS_DUE = 10_000

export interface Hosted extends Night {
  readonly clock: SetClock
  /** How the bot reaches the database. */
  readonly way: Place
  /** The one that runs now. */
  bot: Bot
}

/** A bot in a guild whose first-run lock an owner has lifted, with a channel for notices. */
export async function hosted(
  plan: NightPlan = {},
  wayTo: (place: Place) => Promise<Place> = async (place) => place,
): Promise<Hosted> {
  const begun = await night(plan)
  const way = await wayTo(begun.place)
  const clock = new SetClock()
  const town: Hosted = { ...begun, way, clock, bot: await start(configOf(begun.sandbox, way), { clock }) }
  closeLater(() => town.bot.stop())
  await liftTheLock(town)
  await say(town.guild, OWNER, 'notices channel', { channel: town.guild.channel(CHANNEL).id })
  return town
}

/** Another bot in place of the one that runs, which is asked to end; `meanwhile` nobody is there. */
export async function restart(town: Hosted, meanwhile: () => void = () => {}): Promise<void> {
  await town.bot.stop()
  meanwhile()
  town.bot = await start(configOf(town.sandbox, town.way), { clock: town.clock })
  await untilLive(town.guild)
}

const CHANNEL = 'staff'

/** What stands in the channel for notices, the oldest first. */
export const postsIn = ({ sandbox, guild }: Night) => sandbox.channels.in(guild.channel(CHANNEL).id)

/** Resolves with the first post that has these words. */
export async function untilPosted(town: Night, words: string) {
  const found = () => postsIn(town).find(({ seen }) => JSON.stringify(seen).includes(words))
  await town.sandbox.until(() => found() !== undefined, `a post that says “${words}”`)
  return found()!
}

/** A run that strips, to its end. */
export const strip = async ({ guild }: Night, as = MODERATOR): Promise<Shown> =>
  shownBy(await say(guild, as, 'audit run', { action: 'strip' }))
