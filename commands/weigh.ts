import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id, Settings } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { type Asked, type By, byOf, type CommandWorld, type PolicyPreview, type Reply } from '#src/discord/command.ts'
import { oldButton } from './given.ts'
import { previewFields, previewText, takesMore } from './preview-words.ts'
import { Questions } from './questions.ts'
import { paragraphs, typedText } from './wording.ts'

// An edit of the settings on which verdicts rest is tried on the live server first. What takes more from anybody than now is done only
// after a second word, said with the numbers in sight.

export interface Edit {
  /** The command whose buttons carry it out. */
  readonly command: string
  /** What holds once it is done, as a sentence. */
  readonly says: string
  /** What else the person should know, each a sentence. */
  readonly notes: readonly string[]
  /** Empty where it is so already. */
  readonly change: (settings: Settings) => Partial<Settings>
}

/** A look at what the edit comes to, or the sentence that says why there is none. */
type Weighed = { readonly preview: PolicyPreview } | { readonly problem: string }

interface Question {
  readonly edit: Edit
  readonly reason: string | null
  readonly shown: Weighed
}

const questions = new Questions<Question>()

/** Carries the edit out where it takes nothing more from anybody; else shows its numbers and asks. */
export async function weigh(asked: Asked, edit: Edit, world: CommandWorld): Promise<Reply> {
  const { guildId } = asked
  if (isEmpty(edit.change(await world.settings(guildId)))) return soAlready(edit)
  const by = byOf(asked)
  const weighed = await weighEdit(guildId, edit, world)
  // At the console nobody presses: there the same answer is shown first whatever it comes to, and its switch says yes.
  const mild = 'preview' in weighed && !takesMore(weighed.preview) && asked.memberId !== null
  return mild
    ? carryOut(guildId, edit, weighed, by, world)
    : ask(asked, { edit, reason: by.reason, shown: weighed }, world)
}

/** The answer to a question: `yes:<token>` or `no:<token>`. What takes more by now than was shown is asked anew. */
export async function answerTo(asked: Asked, rest: string, world: CommandWorld): Promise<Reply> {
  const [word, token = ''] = rest.split(':')
  if (word !== 'yes' && word !== 'no') throw oldButton()
  const question = questions.take(asked, token, world.now())
  if (word === 'no') return { tone: 'plain', title: 'Left as it was', text: 'Nothing was changed.' }
  const { edit, reason, shown } = question
  const weighed = await weighEdit(asked.guildId, edit, world)
  if (isWorse(shown, weighed))
    return ask(asked, { ...question, shown: weighed }, world, 'Since you were asked, it comes to more.')
  return carryOut(asked.guildId, edit, weighed, { ...byOf(asked), reason }, world)
}

const isEmpty = (change: Partial<Settings>): boolean => Object.keys(change).length === 0

/** Members, roles and people may be out of sight just now; the settings can be changed all the same, by somebody who knows that. */
async function weighEdit(guildId: Id, edit: Edit, world: CommandWorld): Promise<Weighed> {
  try {
    return { preview: await world.previewPolicy(guildId, edit.change) }
  } catch (error) {
    if (error instanceof DirectoryUnreachable || error instanceof Refusal) return { problem: error.message }
    throw error
  }
}

function isWorse(shown: Weighed, now: Weighed): boolean {
  if (!('preview' in now)) return 'preview' in shown
  if (!('preview' in shown)) return takesMore(now.preview)
  const { wouldStrip, wouldKick } = now.preview
  return wouldStrip.then > shown.preview.wouldStrip.then || wouldKick.then > shown.preview.wouldKick.then
}

function ask(asked: Asked, question: Question, world: CommandWorld, first: string | null = null): Reply {
  const { edit, shown } = question
  const token = questions.put(asked, world.now(), question)
  const yes = `${edit.command}:yes:${token}`
  return {
    tone: 'warn',
    title: 'Really?',
    text: paragraphs([first, `To be set: ${edit.says}`, weighedText(shown), ...edit.notes, 'Nothing was changed yet.']),
    fields: 'preview' in shown ? previewFields(shown.preview) : [],
    buttons: [
      { id: yes, label: 'Yes, set it' },
      { id: `${edit.command}:no:${token}`, label: 'No, leave it' },
    ],
    confirm: yes,
  }
}

const weighedText = (weighed: Weighed): string =>
  'preview' in weighed
    ? previewText(weighed.preview)
    : `What it would come to could not be looked at: ${weighed.problem} It may take roles from members.`

async function carryOut(guildId: Id, edit: Edit, weighed: Weighed, by: By, world: CommandWorld): Promise<Reply> {
  const { changed } = await world.changeSettings(guildId, edit.change, by)
  if (changed.length === 0) return soAlready(edit)
  return {
    tone: 'good',
    title: 'Set',
    text: paragraphs([
      edit.says,
      'preview' in weighed ? previewText(weighed.preview) : null,
      ...edit.notes,
      by.reason === null ? null : `Reason given: ${typedText(by.reason)}`,
    ]),
    fields: 'preview' in weighed ? previewFields(weighed.preview) : [],
  }
}

const soAlready = (edit: Edit): Reply => ({
  tone: 'plain',
  title: 'It is so already',
  text: paragraphs([edit.says, ...edit.notes, 'Nothing was changed.']),
})
