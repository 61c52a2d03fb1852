import { z } from 'zod'
import type { Identity } from '#src/core/model.ts'
import { quoted, SnapshotFault } from './fault.ts'
import { id, refuseRepeats } from './shapes.ts'

// What a snapshot file and an identity file say alike.

export const identityKeys = {
  id,
  username: z.string(),
  active: z.boolean(),
  superuser: z.boolean(),
  access: z.boolean(),
  state: z.string().nullable(),
  groups: z.array(z.string()),
  discordIds: z.array(id),
}

export const nameKeys = {
  groups: z.array(z.string()),
  states: z.array(z.string()),
  reservedNames: z.array(z.string()),
}

interface IdentityPart {
  readonly groups: readonly string[]
  readonly states: readonly string[]
  readonly identities: readonly Identity[]
}

/** What no shape can say: nothing comes twice, and every name that a person bears is a name of the source. */
export function checkIdentityPart({ groups, states, identities }: IdentityPart, at: readonly PropertyKey[]): void {
  refuseRepeats(groups, 'group', [...at, 'groups'])
  refuseRepeats(states, 'state', [...at, 'states'])
  const ids = identities.map((identity) => identity.id)
  refuseRepeats(ids, 'identity', [...at, 'identities'], ['id'])
  const known = { groups: new Set(groups), states: new Set(states) }
  for (const [index, identity] of identities.entries()) checkNames(identity, known, [...at, 'identities', index])
}

function checkNames(
  { groups, state }: Identity,
  known: { readonly groups: ReadonlySet<string>; readonly states: ReadonlySet<string> },
  at: readonly PropertyKey[],
): void {
  const stranger = groups.findIndex((group) => !known.groups.has(group))
  if (stranger >= 0) {
    throw new SnapshotFault([...at, 'groups', stranger], `the list of groups lacks ${quoted(groups[stranger]!)}.`)
  }
  if (state !== null && !known.states.has(state)) {
    throw new SnapshotFault([...at, 'state'], `the list of states lacks ${quoted(state)}.`)
  }
}
