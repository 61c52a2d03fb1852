// What Tab offers in the demo's prompt.

export interface Known {
  readonly members: readonly string[]
  readonly roles: readonly string[]
}

const LINES = [
  '/audit run',
  '/audit run action:strip',
  '/audit status',
  '/audit findings run:last',
  '/acknowledge first-run run:last',
  '/explain member:@',
  'as ',
  'give ',
  'take ',
  'press ',
  'help',
  'exit',
]

/** What the line may go on as, and the part of it that those begin with: readline's own form. */
export function completions(line: string, { members, roles }: Known): [string[], string] {
  const [, mention] = /@([\w-]*)$/.exec(line) ?? []
  if (mention !== undefined) return [beginning(members, mention), mention]
  const [, role] = /^(?:give|take)\s+\S+\s+(.*)$/.exec(line) ?? []
  if (role !== undefined) return [beginning(roles, role), role]
  const [, name] = /^(?:as|give|take)\s+(\S*)$/.exec(line) ?? []
  if (name !== undefined) return [beginning(members, name), name]
  return [beginning(LINES, line), line]
}

const beginning = (words: readonly string[], start: string): string[] =>
  words.filter((word) => word.toLowerCase().startsWith(start.toLowerCase()))
