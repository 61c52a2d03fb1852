import type { Member } from '#src/core/model.ts'
import { type Act, type Outcome, rolesOfAct } from '#src/core/run.ts'
import type { World } from './world.ts'

// Whether an act has happened, as Discord itself shows it: a 2xx is not proof, and a 500 may have been done.

/** How long the gateway's echo of an act is waited for before Discord is asked; echoes come within a second as a rule. */
const ECHO_MS = 3_000

export interface Seen {
  readonly outcome: Outcome | 'changed'
  readonly detail: string | null
}

/** Listens for what the act comes to, from before it is made. A kick has no echo that could be told from a leaving: it is read. */
export async function echoOf(world: World, act: Act): Promise<boolean> {
  const roster = world.roster(act.guildId)
  if (!roster || act.kind === 'kick') return false
  const held = act.kind === 'add_role'
  const seen = rolesOfAct(act).map((roleId) => roster.sees(act.memberId, roleId, held, ECHO_MS))
  return (await Promise.all(seen)).every((one) => one)
}

/** What Discord itself shows of the member after an act. */
export async function confirmByReading(world: World, act: Act, detail: string | null): Promise<Seen> {
  let member: Member | null
  try {
    member = await world.looker.member(act.guildId, act.memberId)
  } catch {
    return {
      outcome: 'unknown',
      detail: detail ?? 'Discord accepted the change, but could not be asked whether it happened.',
    }
  }
  if (!member) return { outcome: act.kind === 'kick' ? 'done' : 'gone', detail: null }
  if (isAsWanted(act, member)) return { outcome: 'done', detail: null }
  return { outcome: 'failed', detail: detail ?? 'Discord said that it was done, yet the member is as before.' }
}

function isAsWanted(act: Act, { roleIds }: Member): boolean {
  if (act.kind === 'kick') return false
  const held = act.kind === 'add_role'
  return rolesOfAct(act).every((roleId) => roleIds.includes(roleId) === held)
}
