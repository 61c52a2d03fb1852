import type { Id } from '#src/core/model.ts'
import type { Held } from './act.ts'
import type { Lane } from './line.ts'
import { LaneFull, memberKey, type Queue } from './queue.ts'

/**
 * Does it when the member's turn comes. A key that waits already, for somebody else, is not added twice: then this comes after it, whatever became of the
 * other. Rejects with what the task threw, with `LaneFull`, or where no further act is to be begun.
 */
export async function inTurn(
  queue: Queue,
  member: { readonly guildId: Id; readonly memberId: Id },
  lane: Lane,
  held: Held,
  task: () => Promise<void>,
): Promise<void> {
  let begun = false
  const once = () => {
    begun = true
    held.mustGoOn()
    return task()
  }
  while (!begun) {
    held.mustGoOn()
    await queue.add(memberKey(member.guildId, member.memberId), lane, once).catch((error: unknown) => {
      if (begun || error instanceof LaneFull) throw error
    })
  }
}
