import { plainText } from '#src/core/text.ts'
import { type Asked, byOf, type CommandWorld, type Reply, type SourceAccepted } from '#src/discord/command.ts'
import { fewOf, reasonList } from './bounded.ts'
import { oldButton } from './given.ts'
import { paragraphs, typedText } from './wording.ts'

// A source from which many people fell is not believed until a human has seen the numbers and says that they are right.

/** Groups and states shown with their numbers; of more the rest is counted. */
const MAX_SHOWN = 8

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
      `\`${plainText(source.source)}\` failed its health check (${reasonList(truth.why)}), so nobody is acted on.`,
      sick.length > 0
        ? `Accepting would not help: ${reasonList(sick)}. The source has to be mended first. Nothing was accepted.`
        : 'If people really left, accept it: from then on these numbers count as right, and runs judge by them. If not, mend the source and leave this alone; nobody loses anything meanwhile.',
    ]),
    fields: fieldsOf(source),
    ...(sick.length > 0
      ? { held: true as const }
      : { buttons: [{ id: yes, label: 'Yes, these numbers are right' }], confirm: yes }),
  }
}

const nothingToAccept = (source: SourceAccepted): Reply => ({
  tone: 'good',
  title: 'There is nothing to accept',
  text: `\`${plainText(source.source)}\` passes its health check as it is. Nothing was changed.`,
  fields: fieldsOf(source),
})

const acceptedReply = (source: SourceAccepted): Reply => ({
  tone: source.truth.suspect ? 'warn' : 'good',
  title: 'Accepted: these numbers count as right',
  text: source.truth.suspect
    ? `The source still fails its health check (${reasonList(source.truth.why)}), so nobody is acted on.`
    : 'The next look at the server judges by them. By this alone nothing was taken from anybody.',
  fields: fieldsOf(source),
})

/** Reasons that no acceptance takes away: they say that the source is not whole, not that it fell. */
const incurable = ({ truth }: SourceAccepted): readonly string[] =>
  truth.why.filter((reason) => !reason.startsWith('dropped:'))

function fieldsOf({ before, now, truth }: SourceAccepted): NonNullable<Reply['fields']> {
  const lines = [
    `Linked accounts: ${change(before?.linked, now.linked)}`,
    `With access: ${change(before?.withAccess, now.withAccess)}`,
    `People: **${now.identities.toLocaleString('en')}**`,
  ]
  const fallen = [
    ...fallenLines('group', truth.why, before?.perGroup, now.perGroup),
    ...fallenLines('state', truth.why, before?.perState, now.perState),
  ]
  return [
    { name: before === null ? 'Now (nothing was accepted before)' : 'Before → now', value: lines.join('\n') },
    ...(fallen.length > 0 ? [{ name: 'Groups and states that fell', value: fewOf(fallen, MAX_SHOWN) }] : []),
  ]
}

type Counted = ReadonlyMap<string, number>

function fallenLines(kind: 'group' | 'state', why: readonly string[], before: Counted | undefined, now: Counted) {
  const prefix = `dropped:${kind}:`
  const names = why.filter((reason) => reason.startsWith(prefix)).map((reason) => reason.slice(prefix.length))
  return names.map((name) => `${kind} ${typedText(name)}: ${change(before?.get(name), now.get(name) ?? 0)}`)
}

const change = (before: number | undefined, now: number): string =>
  before === undefined
    ? `**${now.toLocaleString('en')}**`
    : `${before.toLocaleString('en')} → **${now.toLocaleString('en')}**`
