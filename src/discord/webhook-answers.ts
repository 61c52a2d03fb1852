import { RESTJSONErrorCodes as Code } from 'discord.js'
import type { Looked, Posted, Unheard } from './webhook.ts'
import type { Answer } from './webhook-asking.ts'

// What the answers of a webhook mean, in sentences for whoever set it up. Nothing of an answer's own text is repeated.

const NEW_ONE =
  'Make a new one in Discord (Edit Channel → Integrations → Webhooks → Copy Webhook URL), put its address into SUMMARY_WEBHOOKS, and start the bot again.'
const STATUS_PAGE = 'See https://discordstatus.com.'

const GONE: Readonly<Record<number, string>> = {
  [Code.UnknownWebhook]: `The webhook no longer exists (Unknown Webhook, 10015): somebody deleted it, or its channel. ${NEW_ONE}`,
  [Code.InvalidWebhookToken]: `Discord does not accept the end of the webhook’s address (Invalid Webhook Token, 50027). ${NEW_ONE}`,
  [Code.UnknownChannel]: `The channel or thread that the webhook posts to no longer exists (Unknown Channel, 10003). ${NEW_ONE}`,
}

/** Where Discord says to wait without saying how long, and the longest that is believed. */
const UNTOLD_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 3_600_000

export function toPosted(answer: Answer): Posted {
  if (answer.kind !== 'told') return unheard(answer)
  const { status, body } = answer
  // Whoever is asked to wait for the message gets it; another server may say that it took it and no more.
  if (status !== 204 && (status !== 200 || typeof body.id !== 'string')) return unheard(answer)
  return { kind: 'posted', channelId: typeof body.channel_id === 'string' ? body.channel_id : null }
}

export function toLooked(answer: Answer): Looked {
  if (answer.kind !== 'told' || answer.status !== 200) return unheard(answer)
  const { name, guild_id: guildId, channel_id: channelId } = answer.body
  if (typeof guildId !== 'string' || typeof channelId !== 'string') return unheard(answer)
  return { kind: 'place', place: { name: typeof name === 'string' ? name : '', guildId, channelId } }
}

function unheard(answer: Answer): Unheard {
  const why = problemOf(answer)
  if (answer.kind !== 'told') return { kind: 'trouble', why }
  const { status, headers, body } = answer
  if (status === 429) return { kind: 'wait', why, ms: waitOf(headers, body) }
  if (status === 401 || status === 404) return { kind: 'gone', why }
  const mayPass = status < 300 || status === 408 || status >= 500
  return { kind: mayPass ? 'trouble' : 'refused', why }
}

/** Any answer that was not hoped for, as a sentence that says what to do. */
function problemOf(answer: Answer): string {
  if (answer.kind === 'given_up') return 'The answer was not waited for, because the bot stops.'
  if (answer.kind === 'told') return toldProblem(answer)
  return answer.code === null
    ? `Discord did not answer in time. ${STATUS_PAGE}`
    : `Discord could not be reached (${answer.code}). Check the connection to the internet, and a proxy or firewall in between. ${STATUS_PAGE}`
}

function toldProblem({ status, body }: Extract<Answer, { kind: 'told' }>): string {
  const code = typeof body.code === 'number' ? body.code : null
  const known = code === null ? undefined : GONE[code]
  if (known && (status === 401 || status === 404)) return known
  if (status === 401 || status === 404) return `Nothing takes messages at the webhook’s address (${status}). ${NEW_ONE}`
  if (status === 429) return 'Discord asks for a pause (rate limit). It passes by itself.'
  if (status >= 500) return `Discord answered with a fault of its own (${status}). ${STATUS_PAGE}`
  if (status >= 300 && status < 400)
    return `The webhook’s address leads elsewhere (${status}), and the bot follows no redirect. ${NEW_ONE}`
  if (status < 300)
    return `Something answered that is not Discord (${status}, and no message). Check the address in SUMMARY_WEBHOOKS, and a proxy in between.`
  return `Discord rejected what the bot sent (${status}${code === null ? '' : `, code ${code}`}). If that happens again, report it; \`sinks retry\` sends it once more.`
}

/** Discord tells seconds, in a header and in the body; the longer one counts. */
function waitOf(headers: Headers, { retry_after }: Readonly<Record<string, unknown>>): number {
  const told = [Number(headers.get('retry-after') ?? Number.NaN), Number(retry_after ?? Number.NaN)]
  const seconds = Math.max(...told.filter((number) => Number.isFinite(number) && number > 0), 0)
  return seconds === 0 ? UNTOLD_WAIT_MS : Math.min(Math.ceil(seconds * 1_000), LONGEST_WAIT_MS)
}
