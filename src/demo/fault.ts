/** Why the demo cannot go on, in one sentence with what to do. */
export class DemoFault extends Error {
  override readonly name = 'DemoFault'
}
