import { NotThere, Refusal } from '#src/core/refusal.ts'
import type { Option } from '#src/discord/command.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** An id, and room for the backticks and blanks that come along when it is pasted. */
const LONGEST_PASTED = 40

/** A run as an option: picked from a list, or its id pasted. */
export const runOption = (description: string): Option => ({
  name: 'run',
  description,
  type: 'string',
  required: true,
  maxLength: LONGEST_PASTED,
  autocomplete: true,
})

/** A run id as a person typed or pasted it; a `Refusal` for what cannot be one, before the database is asked. */
export function mustBeRunId(typed: unknown): string {
  const id = String(typed ?? '')
    .trim()
    .replaceAll('`', '')
    .toLowerCase()
  if (UUID.test(id)) return id
  throw new Refusal(
    'That is not the id of a run. Pick one from the list, or copy it from the foot of an `/audit run` answer or from `/audit runs`; it looks like `0198c0de-0000-7000-8000-000000000000`.',
  )
}

export const noSuchRun = (runId: string): NotThere =>
  new NotThere(`This server has no run \`${runId}\`. \`/audit runs\` lists them all.`)
