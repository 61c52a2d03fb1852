import type { Id, Invocation } from '#src/core/model.ts'
import { type Act, type Quarantine, rolesOfAct } from '#src/core/run.ts'
import type { LiveStanding, World } from './world.ts'

// What is left alone though the policy wants it: what Discord refused before, and what another bot keeps undoing.

/** Null: nothing bars the act; else the sentence that says since when, why, and how it is lifted. */
export type Barred = (act: Act) => string | null

/** What bars acts on a member, as it was read a moment ago. */
export interface ReadBars extends Pick<LiveStanding, 'quarantines' | 'contested'> {
  /** By the world's `elapsed`. */
  readonly askedAt: number
}

/** So young is what nobody need read again before an act: what another act has put in quarantine meanwhile is at worst refused once more. */
const YOUNG_MS = 100

/** Read once for all acts on a member. A person who asks may act where something else does not give way; nobody may where Discord refuses. */
export async function barredFor(
  world: World,
  guildId: Id,
  memberId: Id,
  { trigger }: Pick<Invocation, 'trigger'>,
  before?: ReadBars,
): Promise<Barred> {
  if (before && world.elapsed() - before.askedAt < YOUNG_MS) return barredBy(before)
  const asked = trigger === 'slash' || trigger === 'cli'
  const [quarantines, contested] = await Promise.all([
    world.book.quarantines(guildId),
    asked ? NOTHING_CONTESTED : world.book.contested(guildId, memberId),
  ])
  return barredBy({ quarantines, contested })
}

function barredBy({ quarantines, contested }: Pick<LiveStanding, 'quarantines' | 'contested'>): Barred {
  return (act) => {
    const quarantine = (act.kind === 'kick' ? ['kick' as const] : rolesOfAct(act))
      .map((what) => quarantines.get(what))
      .find((one) => one !== undefined)
    if (quarantine) return sentenceOf(quarantine)
    return act.kind !== 'kick' && rolesOfAct(act).some((roleId) => contested.has(roleId)) ? CONTESTED : null
  }
}

const NOTHING_CONTESTED: ReadonlySet<Id> = new Set()

const CONTESTED =
  'Something else keeps giving this role back or taking it away, so it is left alone until a person acts on this member, with `/audit run` for instance.'

const sentenceOf = ({ what, detail, at }: Quarantine): string =>
  `${what === 'kick' ? 'Kicks are' : `Role ${what} is`} left alone since ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC: ${detail} Mend that, then \`/roles release\`.`
