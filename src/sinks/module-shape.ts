import type { Formats } from './formats.ts'

/** A module of the operator's, checked. */
export interface ModuleShape {
  readonly deliver: (events: readonly object[]) => unknown
  readonly close: () => unknown
  /** Events in one call at most; null: it does not say. */
  readonly most: number | null
  readonly formats: Formats<unknown>
}

const MOST = 500

/** The module as it can be used, or what is wrong with it, as the end of a sentence. */
export function shapeOf(loaded: unknown): ModuleShape | string {
  const sink: unknown = isObject(loaded) && 'default' in loaded ? loaded.default : undefined
  if (sink === undefined) return 'has no default export. It must export default { async deliver(events) { … } }.'
  if (!isObject(sink)) return `exports by default ${kindOf(sink)} where an object with a function deliver is wanted.`
  const { deliver, close, most, formats } = sink
  if (typeof deliver !== 'function') return `exports an object whose deliver is ${kindOf(deliver)} and not a function.`
  if (close !== undefined && typeof close !== 'function')
    return `exports an object whose close is ${kindOf(close)} and not a function.`
  if (most !== undefined && !(Number.isInteger(most) && Number(most) >= 1 && Number(most) <= MOST))
    return `exports an object whose most is not a whole number from 1 to ${MOST}.`
  const fault = formatsFault(formats)
  if (fault !== null) return fault
  return {
    deliver: (events) => deliver.call(sink, events),
    close: () => close?.call(sink),
    most: most === undefined ? null : Number(most),
    formats: (formats ?? {}) as Formats<unknown>,
  }
}

/** `<guild>/<type>`, `<type>` or `default`. */
const FORMAT_NAME = /^(?:default|(?:(?:\d+|installation)\/)?[a-z0-9_]+\.[a-z0-9_]+)$/

function formatsFault(formats: unknown): string | null {
  if (formats === undefined) return null
  if (!isObject(formats)) return `exports an object whose formats is ${kindOf(formats)} and not an object of functions.`
  for (const [name, format] of Object.entries(formats)) {
    if (!FORMAT_NAME.test(name))
      return `has a format named ${JSON.stringify(name)}. A format is named by a type such as action.settled, by <server id>/action.settled, or default.`
    if (typeof format !== 'function') return `has a format ${name} that is ${kindOf(format)} and not a function.`
  }
  return null
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const kindOf = (value: unknown): string =>
  value === null ? 'null' : value === undefined ? 'missing' : `a ${typeof value}`
