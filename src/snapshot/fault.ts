import { Refusal } from '#src/core/refusal.ts'
import { oneLine, shorten } from '#src/core/text.ts'

/** A file or a setting that is refused. The message is one sentence that opens with the path of the fault, where it has one. */
export class SnapshotFault extends Refusal {
  /** Where the fault is in the file; empty where it is of the file as a whole. */
  readonly path: readonly PropertyKey[]

  constructor(path: readonly PropertyKey[], sentence: string) {
    super(path.length === 0 ? sentence : `${pathText(path)}: ${sentence}`)
    this.path = path
  }
}

/** Names in a file may be as long as the file; a sentence shows their beginning. */
const SHOWN_MAX = 60

/** A text out of a file, fit to stand in a sentence. */
export function quoted(text: string): string {
  return JSON.stringify(shorten(oneLine(text), SHOWN_MAX))
}

/** `guild.members[3].roles[0]`; a key that is no plain word stands in brackets and quotes. */
export function pathText(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`
    return /^\w{1,60}$/u.test(String(step)) ? `.${String(step)}` : `[${quoted(String(step))}]`
  })
  return steps.join('').replace(/^\./u, '')
}
