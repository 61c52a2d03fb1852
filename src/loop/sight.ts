import type { Directory, Reading } from '#src/core/directory.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id, Truth } from '#src/core/model.ts'
import { checkTruth } from '#src/core/truth.ts'
import type { Clock } from './clock.ts'
import { OneByOne } from './one-by-one.ts'
import { Seldom } from './seldom.ts'
import { type Asked, watchedDirectory } from './watched-directory.ts'
import type { World, Yardsticks } from './world.ts'

// Whether the identity source of a guild is to be trusted. While it is not, the guild is blind: nobody loses anything, and people are told.

/** A source that did not answer is asked again after this; if it is still silent then, it is more than a hiccup. */
const ASK_AGAIN_MS = 5_000
/** A source that has not answered for so long is not waited for any more, even if it never says no. */
const MOST_SILENCE_MS = 30_000
/** A guild in which nobody read the source for so long is looked after. */
const QUIET_MS = 300_000
/** Many read at once when much happens; one judgement in this time is enough, and the last reading is always judged. */
const JUDGE_EVERY_MS = 1_000
/** Sources asked at once by a tick: one that hangs must not keep the others waiting. */
const PROBES_AT_ONCE = 8
const HOUR_MS = 3_600_000

interface Eye {
  /** Null until it is known. */
  blind: boolean | null
  /** Something was amiss since the last sound reading. */
  troubled: boolean
  /** By the world's `elapsed`; null before the first. */
  lastReadAt: number | null
  failingSince: number | null
  /** Of whom the source could not say; null where it fails nobody in particular. Only an answer about them ends the failing. */
  failed: Id | null
  /** What was said of the failing last; a source that is asked again may say more exactly what is amiss. */
  problem: string
  /** A question of this class's own is under way. */
  asking: boolean
  latest: Reading | null
  judging: boolean
  /** What the last reading was judged by; null before the first. */
  measures: Yardsticks | null
}

const unknownEye = (): Eye => ({
  ...{ blind: null, troubled: false, lastReadAt: null, failingSince: null, failed: null, problem: '' },
  ...{ asking: false, latest: null, judging: false, measures: null },
})

/** Sees to it that a guild is called blind when it is, and only once, and that this ends by itself. */
export class Sight {
  readonly #world: World
  readonly #clock: Clock
  readonly #onSight: (guildId: Id) => void
  readonly #eyes = new Map<Id, Eye>()
  readonly #notices: Seldom
  /** Beginning and end of blindness are written one after the other: an end that overtook its beginning would find nothing to end. */
  readonly #inTurn = new OneByOne()

  /** `onSight` is called when the source of a guild is to be trusted again: what was put off is done then. */
  constructor(world: World, clock: Clock, onSight: (guildId: Id) => void) {
    this.#world = world
    this.#clock = clock
    this.#onSight = onSight
    this.#notices = new Seldom(HOUR_MS, () => world.elapsed())
  }

  /** The guild's directory, whose every reading is seen here as well. */
  watching(guildId: Id, directory: Directory): Directory {
    const read = (reading: Reading, asked: Asked) => this.#read(guildId, reading, asked)
    const unreachable = (problem: string, asked: Asked) => this.#silent(guildId, problem, asked)
    return watchedDirectory(directory, { read, unreachable }, this.#clock)
  }

  /** Asks the sources of those guilds that are blind or failed somebody, and of those in which nobody has read for a while. Called each minute; never rejects. */
  async tick(guildIds: Iterable<Id>): Promise<void> {
    const due = [...guildIds].filter((guildId) => this.#isDue(this.#eyeOf(guildId))).values()
    const ask = async () => {
      for (const guildId of due) await this.#probe(guildId)
    }
    await Promise.all(Array.from({ length: PROBES_AT_ONCE }, ask))
  }

  #eyeOf(guildId: Id): Eye {
    const eye = this.#eyes.get(guildId) ?? unknownEye()
    this.#eyes.set(guildId, eye)
    return eye
  }

  #isDue({ blind, failingSince, lastReadAt }: Eye): boolean {
    return (
      blind === true || failingSince !== null || lastReadAt === null || this.#world.elapsed() - lastReadAt >= QUIET_MS
    )
  }

  /** The answer, or its absence, is told by the watched directory. */
  async #probe(guildId: Id): Promise<void> {
    const eye = this.#eyeOf(guildId)
    if (eye.asking) return
    eye.asking = true
    try {
      await this.#world.directory(guildId).find(eye.failed === null ? [] : [eye.failed])
    } catch (error) {
      if (!(error instanceof DirectoryUnreachable)) this.#notice(guildId, error)
    }
    eye.asking = false
  }

  #read(guildId: Id, reading: Reading, asked: Asked): void {
    const eye = this.#eyeOf(guildId)
    eye.lastReadAt = this.#world.elapsed()
    if (isAbout(eye.failed, asked)) Object.assign(eye, { failingSince: null, failed: null })
    // Whoever made it has put off what they looked at, though the next reading may overtake it before it is judged.
    if (eye.measures && truthOf(reading, eye.measures).suspect) eye.troubled = true
    eye.latest = reading
    void this.#judge(guildId, eye)
  }

  async #judge(guildId: Id, eye: Eye): Promise<void> {
    const reading = eye.latest
    if (eye.judging || !reading) return
    eye.judging = true
    eye.latest = null
    try {
      const { source } = this.#world.directory(guildId)
      eye.measures = await this.#world.book.yardsticks(guildId, source, this.#world.now())
      const truth = truthOf(reading, eye.measures)
      await this.#inTurn.do(guildId, async () => {
        if (truth.suspect) await this.#goBlind(guildId, eye, truth, null)
        // A source that answers some and fails others is not well.
        else if (eye.failingSince === null) await this.#see(guildId, eye)
      })
    } catch (error) {
      this.#notice(guildId, error)
    }
    this.#clock.after(JUDGE_EVERY_MS, () => {
      eye.judging = false
      void this.#judge(guildId, eye)
    })
  }

  #silent(guildId: Id, problem: string, asked: Asked): void {
    const eye = this.#eyeOf(guildId)
    const now = this.#world.elapsed()
    eye.lastReadAt = now
    eye.troubled = true
    eye.failed ??= asked === 'everybody' ? null : (asked[0] ?? null)
    eye.problem = problem
    if (eye.failingSince === null) this.#beginSilence(guildId, eye)
    else if (now - eye.failingSince >= ASK_AGAIN_MS) this.#declareSilent(guildId, eye)
  }

  #beginSilence(guildId: Id, eye: Eye): void {
    const since = this.#world.elapsed()
    eye.failingSince = since
    this.#clock.after(ASK_AGAIN_MS, () => {
      if (eye.failingSince === since) void this.#probe(guildId)
    })
    this.#clock.after(MOST_SILENCE_MS, () => {
      if (eye.failingSince === since) this.#declareSilent(guildId, eye)
    })
  }

  #declareSilent(guildId: Id, eye: Eye): void {
    const goBlind = async () => {
      // It has answered while something else was being written.
      if (eye.failingSince !== null) await this.#goBlind(guildId, eye, null, eye.problem)
    }
    this.#inTurn.do(guildId, goBlind).catch((error: unknown) => this.#notice(guildId, error))
  }

  async #goBlind(guildId: Id, eye: Eye, truth: Truth | null, problem: string | null): Promise<void> {
    eye.troubled = true
    if (eye.blind === true) return
    eye.blind = true
    try {
      const { source } = this.#world.directory(guildId)
      const facts = { source, why: truth?.why ?? [], problem, at: this.#world.now() }
      const isNew = await this.#world.book.goBlind(guildId, facts)
      if (isNew) this.#world.tell(guildId, { kind: 'blind', source, truth, problem })
    } catch (error) {
      // Not written, so that the next reading tries again.
      eye.blind = null
      throw error
    }
  }

  async #see(guildId: Id, eye: Eye): Promise<void> {
    if (eye.blind !== false) {
      const { source } = this.#world.directory(guildId)
      const since = await this.#world.book.endBlindness(guildId, this.#world.now())
      eye.blind = false
      if (since !== null) this.#world.tell(guildId, { kind: 'sighted', source, since })
    }
    if (!eye.troubled) return
    eye.troubled = false
    this.#onSight(guildId)
  }

  #notice(guildId: Id, error: unknown): void {
    if (this.#notices.isDue(guildId))
      this.#world.notice('whether the identity source is to be trusted could not be found out', {
        guild: guildId,
        error,
      })
  }
}

const truthOf = (reading: Reading, { settings, baseline }: Yardsticks): Truth =>
  checkTruth(reading, baseline, settings.truth)

const isAbout = (failed: Id | null, asked: Asked): boolean =>
  failed === null || asked === 'everybody' || asked.includes(failed)
