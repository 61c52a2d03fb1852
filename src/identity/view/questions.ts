import type { Id, Identity } from '#src/core/model.ts'
import { inBatches } from '../batches.ts'
import type { Questions } from '../questions.ts'
import type { Session } from '../server/server.ts'
import { readAccounts } from './accounts.ts'
import { unknownPerson } from './faults.ts'
import { readFingerprints, readTotal } from './fingerprints.ts'
import { measure } from './measure.ts'
import { claimants, readEverybody, readSome } from './people.ts'
import { LINKS, probe, type Views } from './views.ts'

/** An identity database that offers three views; what lies behind them is its owner's. */
export class ViewQuestions implements Questions {
  readonly source = 'view'
  /** As they were when they were last probed. */
  #views: Views | null = null

  async probe(session: Session): Promise<void> {
    this.#views = await probe(session)
  }

  async measure(session: Session) {
    return { ...(await measure(session, await this.#known(session))), permissionExists: true }
  }

  async claims(session: Session, discordIds: readonly Id[]): Promise<ReadonlyMap<Id, readonly Identity[]>> {
    const views = await this.#known(session)
    const claims = new Map<Id, Identity[]>(discordIds.map((id) => [id, []]))
    for (const batch of inBatches([...claims.keys()])) {
      const asked = new Set(batch)
      const personIds = await claimants(session, views, batch)
      const people = await this.#some(session, personIds)
      const stranger = personIds.find((id) => !people.has(id))
      if (stranger !== undefined) throw unknownPerson(stranger, LINKS)
      for (const identity of people.values())
        for (const id of identity.discordIds) if (asked.has(id)) claims.get(id)?.push(identity)
    }
    return claims
  }

  identities(session: Session, ids: readonly string[]): Promise<ReadonlyMap<string, Identity>> {
    return this.#some(session, ids)
  }

  async everybody(session: Session, most: number) {
    return { ...(await readEverybody(session, await this.#known(session), most)), permissionExists: true }
  }

  async accounts(session: Session, identityId: string) {
    // Probed anew: the view of accounts may come and go, and nothing else is asked here that would miss it.
    return await readAccounts(session, await probe(session), identityId)
  }

  /** Its owner may let it say who has changed, but whether that is always said cannot be seen from here. */
  async tells(): Promise<boolean> {
    return false
  }

  total(session: Session) {
    return readTotal(session)
  }

  fingerprints(session: Session, onIdentity: (id: string, fingerprint: string, discordIds: readonly Id[]) => void) {
    return readFingerprints(session, onIdentity)
  }

  async #known(session: Session): Promise<Views> {
    this.#views ??= await probe(session)
    return this.#views
  }

  async #some(session: Session, ids: readonly string[]): Promise<ReadonlyMap<string, Identity>> {
    const views = await this.#known(session)
    const found = new Map<string, Identity>()
    for (const batch of inBatches([...new Set(ids)]))
      for (const identity of await readSome(session, views, batch)) found.set(identity.id, identity)
    return found
  }
}
