import { expect, onTestFinished } from 'vitest'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import { ViewQuestions } from '#src/identity/view/questions.ts'
import { polled } from '../polled.ts'
import { people, person } from '../sample.ts'
import { openAt, type Place } from '../server/servers.ts'

const AT = Date.parse('2026-11-22T12:00:00Z')

export const TWO = people([
  person('1', { groups: ['Pilots'], discordIds: ['11'] }),
  person('2', { state: 'Guest', discordIds: ['22'] }),
])

/** The directory over the views of this database, until the test is over. */
export function open({ address }: Place, most?: number) {
  const server = openAt(address)
  onTestFinished(() => server.close())
  return { server, ...polled(server, new ViewQuestions(), () => AT, most) }
}

/** The sentence with which a source refuses to answer. */
export async function refusal(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    (answer) => answer,
    (reason: unknown) => reason,
  )
  if (error instanceof DirectoryUnreachable) return error.message
  return expect.unreachable(`It was answered: ${String(error)}`)
}
