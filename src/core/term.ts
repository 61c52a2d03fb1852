/** Another bot acts on this database by now; this one must change nothing more. `message` says so to the operator. */
export class TermOver extends Error {
  override readonly name = 'TermOver'
}
