import { configFromEnvironment } from '#src/config.ts'
import type { Id } from '#src/core/model.ts'
import { countTexts, type Erased, eraseTexts, isNothing, PLACES, type Place } from '#src/store/erasing.ts'
import { guildIds } from '#src/store/guilds.ts'
import { readId } from './ids.ts'
import { out } from './lines.ts'
import { withStore } from './open.ts'
import { count } from './trail-words.ts'

const WORDS: Readonly<Record<Place, readonly [string, string]>> = {
  texts: ['text of the record', 'texts of the record'],
  overrides: ['reason of an override', 'reasons of overrides'],
  links: ['reason of a link by hand', 'reasons of links by hand'],
  runs: ['reason of a run', 'reasons of runs'],
  invocations: ['command with what was typed', 'commands with what was typed'],
  orders: ['answer to a console', 'answers to consoles'],
}

export interface EraseOptions {
  readonly guild?: Id
  readonly yes: boolean
}

/** `rolecall erase member`: what people typed about a member. Without `yes` it says how much there is. */
export function eraseMember(typed: string, { guild, yes }: EraseOptions): Promise<number> {
  const memberId = readId('<id>', 'member', typed)
  return withStore(configFromEnvironment(), async ({ db, append, now, actor }) => {
    const guilds = guild === undefined ? await guildIds(db) : [guild]
    let isEmpty = true
    for (const guildId of guilds) {
      const ledger = { db, append, copies: false }
      const erased = yes
        ? await eraseTexts(ledger, guildId, memberId, { actor, at: now() })
        : await countTexts(db, guildId, memberId)
      isEmpty &&= isNothing(erased)
      if (!isNothing(erased))
        out(`Server ${guildId}: ${wordsOf(erased)} about member ${memberId} ${yes ? 'erased' : 'would be erased'}.`)
    }
    tellRest(memberId, isEmpty, yes)
    return 0
  })
}

function tellRest(memberId: Id, isEmpty: boolean, yes: boolean): void {
  if (isEmpty) out(`Nothing that people typed about member ${memberId} is kept.`)
  else if (yes)
    out(
      'A line in the record of each of these servers says so, without the text; the record can be verified as before.',
    )
  else out('Nothing was erased. To erase it, run it again with --yes.')
  out(STAYS)
}

const STAYS =
  'What stays: the member’s id, what was done to it and when. Out of reach of this command are the identity source, where names are, what sinks were given already, logs, and backups.'

const wordsOf = (erased: Erased): string =>
  PLACES.filter((place) => erased[place] > 0)
    .map((place) => `${count(erased[place])} ${WORDS[place][erased[place] === 1 ? 0 : 1]}`)
    .join(', ')
