/** A request that is not carried out, with the sentence that the person who asked is to read: what, why, and what to do. Not a fault of ours. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** What was named is not there. A script is told this apart from what it may not do, or has written wrong. */
export class NotThere extends Refusal {}

/** Nobody can be judged at this moment, by nobody's doing: a list in doubt, a source that is sick. It passes by itself. */
export class Unclear extends Refusal {}
