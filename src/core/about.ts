import type { Id } from './model.ts'

/** What a line of the record says that is kept with a text of a person. */
export interface Told {
  readonly subject: string
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * Whether what people typed with this line is about this member: it speaks of them, or names them among its facts. A list that names them before and
 * after the change alike was changed because of somebody else.
 */
export function isAbout({ subject, data: { before, after, ...facts } }: Told, memberId: Id): boolean {
  const names = (value: unknown) => (JSON.stringify(value) ?? '').includes(`"${memberId}"`)
  return subject === `member:${memberId}` || names(facts) || names(before) !== names(after)
}
