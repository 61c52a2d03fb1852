import { type Directory, DirectoryUnreachable, type Reading } from '#src/core/directory.ts'

export interface Watcher {
  /** A reading that somebody made. */
  read(reading: Reading): void
  /** The source did not answer somebody; `problem` is the sentence for people. */
  unreachable(problem: string): void
}

/** The same directory, which tells of each reading that is made for a verdict; whoever made it gets it as before. */
export function watchedDirectory(directory: Directory, watcher: Watcher): Directory {
  const told = async <R extends Reading>(asking: Promise<R>): Promise<R> => {
    try {
      const reading = await asking
      watcher.read(reading)
      return reading
    } catch (error) {
      if (error instanceof DirectoryUnreachable) watcher.unreachable(error.message)
      throw error
    }
  }
  return {
    source: directory.source,
    find: (memberIds) => told(directory.find(memberIds)),
    snapshot: () => told(directory.snapshot()),
    accounts: (identityId) => directory.accounts(identityId),
    watch: (onChange) => directory.watch(onChange),
  }
}
