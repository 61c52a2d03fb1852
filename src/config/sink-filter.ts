import type { SinkFilter } from '../core/sink-plan.ts'

const EVENTS =
  'must be types of events with commas between them, such as action.settled or action.* for all of a kind; with ! before it, a type is left out.'
const GUILDS =
  'must be the ids of servers (17 to 20 digits) with commas between them, or installation for what concerns them all.'

/** `action.settled`, `action.*`, `*`; or as an event has it: `app.rolecall.action.settled.v1`. */
const PATTERN = /^!?(?:app\.rolecall\.)?(?:\*|[a-z_]+\.(?:\*|[a-z_]+(?:\.v1)?))$/
const GUILD = /^(?:\d{17,20}|installation)$/

const parts = (text: string): readonly string[] => text.split(',').map((part) => part.trim())

export function eventsOf(text: string): Pick<SinkFilter, 'only' | 'not'> | { readonly fault: string } {
  const patterns = parts(text)
  if (!patterns.every((pattern) => PATTERN.test(pattern))) return { fault: EVENTS }
  const types = patterns.map((pattern) => pattern.replace(/^(!?)app\.rolecall\./, '$1').replace(/\.v1$/, ''))
  const only = types.filter((type) => !type.startsWith('!'))
  const not = types.filter((type) => type.startsWith('!')).map((type) => type.slice(1))
  return { only: only.length > 0 ? only : null, not }
}

export function guildsOf(text: string): readonly string[] | { readonly fault: string } {
  const guilds = parts(text)
  return guilds.every((guild) => GUILD.test(guild)) ? guilds : { fault: GUILDS }
}
