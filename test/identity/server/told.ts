import { inspect } from 'node:util'
import { expect } from 'vitest'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import { PASSWORD } from './servers.ts'

/** What a reading that cannot succeed tells people; nothing of a password may stand anywhere in it. */
export async function told(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    (answer) => new Error(`It answered: ${inspect(answer)}`),
    (failure: unknown) => failure,
  )
  expect(error).toBeInstanceOf(DirectoryUnreachable)
  const shown = inspect(error, { depth: 9, showHidden: true })
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), 'hunter2']) expect(shown).not.toContain(secret)
  const { message } = error as DirectoryUnreachable
  expect(message).toMatch(/^[A-Z].+\. Nobody is judged until it answers\.(?: \([\w-]+\))?$/)
  return message
}
