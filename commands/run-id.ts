import { Refusal } from '#src/core/refusal.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A run id as a person typed or pasted it; a `Refusal` for what cannot be one, before the database is asked. */
export function mustBeRunId(typed: unknown): string {
  const id = String(typed ?? '')
    .trim()
    .replaceAll('`', '')
    .toLowerCase()
  if (UUID.test(id)) return id
  throw new Refusal(
    'That is not the id of a run. Copy it from the foot of an `/audit run` answer, or from `/audit status`; it looks like `0198c0de-0000-7000-8000-000000000000`.',
  )
}
