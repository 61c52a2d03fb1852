/** A request that is not carried out, with the sentence that the person who asked is to read: what, why, and what to do. Not a fault of ours. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}
