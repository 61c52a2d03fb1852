import type { DirectorySnapshot } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import type { World } from './world.ts'

/**
 * Keeps who the source knew at an accepted reading, for whoever asks later who is missing. Nothing is decided by it, so a look does not fail where it cannot
 * be kept: those who were kept before stay, with the moment at which they were read. Never rejects.
 */
export async function keepPeople(world: World, guildId: Id, snapshot: DirectorySnapshot): Promise<void> {
  const { source } = world.directory(guildId)
  try {
    await world.book.keepAccepted(guildId, source, snapshot.people, snapshot.readAt)
  } catch (error) {
    world.notice(
      'who the identity source knew could not be kept, so that `/identity diff` compares with an older reading',
      {
        guild: guildId,
        error,
      },
    )
  }
}
