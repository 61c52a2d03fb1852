import type { Delivery, OutEvent, Sink } from '#src/sinks/sink.ts'

type Answer = (events: readonly OutEvent[], signal: AbortSignal) => Promise<Delivery> | Delivery

export const TAKEN: Delivery = { refused: [] }

/** A sink that remembers what it was given and answers as it is told; everything is taken where nobody says otherwise. */
export class Listener implements Sink {
  readonly name: string
  readonly most?: number
  readonly calls: (readonly OutEvent[])[] = []
  answer: Answer = () => TAKEN

  constructor(name = `listener-${crypto.randomUUID()}`, most?: number) {
    this.name = name
    if (most !== undefined) this.most = most
  }

  async deliver(events: readonly OutEvent[], signal: AbortSignal): Promise<Delivery> {
    this.calls.push(events)
    return await this.answer(events, signal)
  }

  /** The numbers of the lines of this chain that were given, call by call. */
  given(guildId: string): number[][] {
    return this.calls
      .map((events) =>
        events.filter(({ source }) => source.endsWith(`/${guildId}`)).map(({ sequence }) => Number(sequence)),
      )
      .filter((numbers) => numbers.length > 0)
  }
}
