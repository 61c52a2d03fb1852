import { type Directory, DirectoryUnreachable, type Reading } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import type { Clock } from './clock.ts'

/** How long an answer is waited for that concerns some members, and one that concerns everybody. */
const ANSWER_MS = 30_000
const WHOLE_ANSWER_MS = 300_000

export type Asked = readonly Id[] | 'everybody'

export interface Watcher {
  /** A reading that somebody made, and of whom they asked. */
  read(reading: Reading, asked: Asked): void
  /** The source did not answer somebody; `problem` is the sentence for people. */
  unreachable(problem: string, asked: Asked): void
}

/**
 * The same directory, which tells of each reading that is made for a verdict; whoever made it gets it as before. A source that says neither yes nor
 * no is unreachable in the end, so that no look waits for it for ever and keeps others from their turn.
 */
export function watchedDirectory(directory: Directory, watcher: Watcher, clock: Clock): Directory {
  const told = async <R extends Reading>(asking: Promise<R>, asked: Asked, longestMs: number): Promise<R> => {
    try {
      const reading = await inTime(asking, longestMs, clock)
      watcher.read(reading, asked)
      return reading
    } catch (error) {
      if (error instanceof DirectoryUnreachable) watcher.unreachable(error.message, asked)
      throw error
    }
  }
  return {
    source: directory.source,
    find: (memberIds, identityIds) => told(directory.find(memberIds, identityIds), memberIds, ANSWER_MS),
    snapshot: () => told(directory.snapshot(), 'everybody', WHOLE_ANSWER_MS),
    accounts: (identityId) => directory.accounts(identityId),
    watch: (onChange) => directory.watch(onChange),
    noticing: () => directory.noticing(),
  }
}

async function inTime<T>(asking: Promise<T>, longestMs: number, clock: Clock): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const callOff = clock.after(longestMs, () => reject(new DirectoryUnreachable(noAnswer(longestMs))))
  try {
    return await Promise.race([asking, late])
  } finally {
    callOff()
  }
}

const noAnswer = (longestMs: number): string =>
  `The identity source was asked ${longestMs / 1_000} s ago and has said nothing since, neither yes nor no. Look at its server and at the network between.`
