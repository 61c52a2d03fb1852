import { earlierNow } from '#src/loop/facts.ts'
import type { World } from '#src/loop/world.ts'
import type { Book } from '#src/store/book.ts'

/**
 * Row by row in bounded steps, until there is nothing left of what has had its time. What is cleared away does not come back, so that a clock
 * which is set forward must not decide that.
 */
export async function sweep(book: Pick<Book, 'sweep'>, world: Pick<World, 'now' | 'discordNow'>): Promise<void> {
  while ((await book.sweep(earlierNow(world))) > 0);
}
