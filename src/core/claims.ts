import type { Id, Identity } from './model.ts'

/**
 * Who claims which Discord id. An identity that lists an id twice claims it once; a member who is no key is claimed by nobody.
 */
export function indexClaims(identities: Iterable<Identity>): ReadonlyMap<Id, readonly Identity[]> {
  const claims = new Map<Id, Identity[]>()
  for (const identity of identities) {
    for (const id of new Set(identity.discordIds)) {
      const others = claims.get(id)
      if (others) others.push(identity)
      else claims.set(id, [identity])
    }
  }
  return claims
}
