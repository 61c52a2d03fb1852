import type { OutEvent } from './sink.ts'

/** What a sink is given in place of the event. */
export type Format<Formatted> = (event: OutEvent) => Formatted

/** By `<guild>/<type>`, by `<type>`, and `default`; types as the record has them, such as `action.settled`. */
export type Formats<Formatted> = Readonly<Record<string, Format<Formatted>>>

const TYPE = /^app\.rolecall\.(.+)\.v\d+$/

/** The most specific format for this event: of its guild and type, of its type, or the default. Null where there is none. */
export function formatFor<Formatted>(formats: Formats<Formatted>, event: OutEvent): Format<Formatted> | null {
  const type = TYPE.exec(event.type)?.[1] ?? event.type
  const guild = event.source.slice(event.source.lastIndexOf('/') + 1)
  const name = [`${guild}/${type}`, type, 'default'].find((key) => Object.hasOwn(formats, key))
  return name === undefined ? null : formats[name]!
}
