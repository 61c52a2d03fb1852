import { vitalsOfColumns } from '#src/core/counted-people.ts'
import { isId } from '#src/core/ids.ts'
import type { Id, Identity } from '#src/core/model.ts'
import { inBatches } from '../batches.ts'
import type { Questions } from '../questions.ts'
import type { Session } from '../server/server.ts'
import { inSteps } from '../steps.ts'
import { readAccounts } from './accounts.ts'
import { readEverybody } from './everybody.ts'
import { readFingerprints, readTotal } from './fingerprints.ts'
import { measure } from './measure.ts'
import { type Known, readKnown } from './names.ts'
import { readSome } from './people.ts'
import { probe } from './tables.ts'
import { hasTriggers } from './triggers.ts'

/** A user's id is a number there; whatever else is asked for is nobody. */
const isNumber = (id: string): boolean => /^\d{1,18}$/.test(id)

/** A number that does not fit the column is nobody's; PostgreSQL, where none is unsigned, would refuse to compare with it. */
const isUid = ({ dialect }: Session, id: Id): boolean =>
  isId(id) && (dialect === 'mysql' || BigInt.asIntN(64, BigInt(id)) >= 0n)

const knownInSessions = new WeakMap<Session, Promise<Known>>()

/** Read once in each session, which sees one moment. */
function knownIn(session: Session): Promise<Known> {
  const known = knownInSessions.get(session) ?? readKnown(session)
  knownInSessions.set(session, known)
  return known
}

/** The identity database of Alliance Auth, whose users link a Discord account each; two users may hold the same one. */
export const allianceAuth: Questions = {
  source: 'alliance-auth',
  probe,
  measure: async (session) => {
    const known = await knownIn(session)
    const { names, access } = known
    return { names, vitals: await measure(session, known), permissionExists: access.permissionExists }
  },
  claims: async (session, discordIds) => {
    const known = await knownIn(session)
    const claims = new Map<Id, Identity[]>(discordIds.map((id) => [id, []]))
    for (const batch of inBatches([...claims.keys()].filter((id) => isUid(session, id)))) {
      for (const identity of await readSome(session, known, 'uid', batch))
        for (const id of identity.discordIds) claims.get(id)?.push(identity)
    }
    return claims
  },
  identities: async (session, ids) => {
    const known = await knownIn(session)
    const found: Identity[] = []
    for (const batch of inBatches([...new Set(ids)].filter(isNumber)))
      found.push(...(await readSome(session, known, 'id', batch)))
    return new Map(found.map((identity) => [identity.id, identity]))
  },
  everybody: async (session, most) => {
    const known = await knownIn(session)
    const people = await readEverybody(session, known, most)
    // The server would count them as long as it takes to send them.
    const vitals = await inSteps(vitalsOfColumns(people, known.names))
    return { names: known.names, permissionExists: known.access.permissionExists, vitals, people }
  },
  accounts: async (session, identityId) => (isNumber(identityId) ? readAccounts(session, identityId) : []),
  tells: async (session) => session.dialect === 'postgres' && (await hasTriggers(session)),
  total: readTotal,
  fingerprints: readFingerprints,
}
