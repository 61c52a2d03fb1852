import { closerWords, reasonList } from '#src/core/reasons.ts'
import { type Asked, byOf, type CommandWorld, type Reply, type SourceAccepted } from '#src/discord/command.ts'
import { oldButton } from './given.ts'
import { sourceFields } from './source-words.ts'
import { paragraphs } from './wording.ts'

// A source from which many people fell is not believed until a human has seen the numbers and says that they are right.

/** What a button carries of a digest: there is no room for more, and a colon would end it. */
const HEX = /^[0-9a-f]{64}$/
const ALGORITHM = 'sha256:'

/** Shows what the source says beside what was accepted last, and asks. Accepts nothing. */
export async function askAboutSource(asked: Asked, world: CommandWorld): Promise<Reply> {
  return question(await world.lookAtSource(asked.guildId))
}

/** Accepts the very numbers that were shown; others are shown in their place, and asked about anew. */
export async function acceptByPress(asked: Asked, shown: string, world: CommandWorld): Promise<Reply> {
  if (!HEX.test(shown)) throw oldButton()
  const { kind, source } = await world.acknowledgeSource(asked.guildId, `${ALGORITHM}${shown}`, byOf(asked))
  if (kind === 'accepted') return acceptedReply(source)
  return question(source, 'The source says something else since these numbers were shown, so nothing was accepted yet.')
}

function question(source: SourceAccepted, first: string | null = null): Reply {
  const { truth } = source
  if (!truth.suspect) return nothingToAccept(source)
  const sick = incurable(source)
  const yes = `acknowledge:source:${source.digest.slice(ALGORITHM.length)}`
  return {
    tone: 'warn',
    title: sick.length > 0 ? 'This cannot be accepted' : 'Is what the identity source says right?',
    text: paragraphs([
      first,
      `\`${source.source}\` failed its health check (${reasonList(truth)}), so nobody is acted on.${closerWords(truth)}`,
      sick.length > 0
        ? `Accepting would not help: ${reasonList({ why: sick })}. The source has to be mended first. Nothing was accepted.`
        : 'If people really left, accept it: from then on these numbers count as right, and runs judge by them. If not, mend the source and leave this alone; nobody loses anything meanwhile.',
    ]),
    fields: sourceFields(source),
    ...(sick.length > 0
      ? { held: true as const }
      : { buttons: [{ id: yes, label: 'Yes, these numbers are right' }], confirm: yes }),
  }
}

const nothingToAccept = (source: SourceAccepted): Reply => ({
  tone: 'good',
  title: 'There is nothing to accept',
  text: `\`${source.source}\` passes its health check as it is. Nothing was changed.`,
  fields: sourceFields(source),
})

const acceptedReply = (source: SourceAccepted): Reply => ({
  tone: source.truth.suspect ? 'warn' : 'good',
  title: 'Accepted: these numbers count as right',
  text: source.truth.suspect
    ? `The source still fails its health check (${reasonList(source.truth)}), so nobody is acted on.`
    : 'The next look at the server judges by them. By this alone nothing was taken from anybody.',
  fields: sourceFields(source),
})

/** Reasons that no acceptance takes away: they say that the source is not whole, not that it fell. */
const incurable = ({ truth }: SourceAccepted): readonly string[] =>
  truth.why.filter((reason) => !reason.startsWith('dropped:'))
