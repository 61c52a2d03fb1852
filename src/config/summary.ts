// Which webhook each server's summaries go to. Whoever has such an address may post there, so no fault repeats one.

export interface SummaryWebhooks {
  /** By guild. */
  readonly webhooks: ReadonlyMap<string, string>
  readonly faults: readonly string[]
}

/** Pairs read; more servers than one bot of this kind is in. */
const MOST = 500

const PAIR = /^(\d{17,20})=(\S+)$/
/** As Discord shows it under "Copy Webhook URL", with or without the version of the API. */
const PATH = /\/webhooks\/\d{17,20}\/[\w-]{20,200}$/
const DISCORD_HOST = /^(?:[a-z]+\.)?discord(?:app)?\.com$/

const SHAPE =
  'must be the id of the server, =, and the address of the webhook as Discord copies it: Edit Channel → Integrations → Webhooks → Copy Webhook URL. The id: User Settings → Advanced → Developer Mode, then right-click the server → Copy Server ID. Several are separated by commas.'

/** `guildId=address`, several separated by commas. `apiUrl` is the Discord that the bot talks to, whose own webhooks are taken too. */
export function readSummaryWebhooks(text: string | undefined, apiUrl: string): SummaryWebhooks {
  const webhooks = new Map<string, string>()
  const faults: string[] = []
  const entries = (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  if (entries.length > MOST) return { webhooks, faults: [`SUMMARY_WEBHOOKS names more than ${MOST} servers.`] }
  for (const [index, entry] of entries.entries()) {
    const [, guildId = '', address = ''] = PAIR.exec(entry) ?? []
    const fault = guildId === '' ? SHAPE : faultOf(webhooks.has(guildId), address, apiUrl)
    if (fault === null) webhooks.set(guildId, address)
    else faults.push(`SUMMARY_WEBHOOKS, entry ${index + 1}, ${fault}`)
  }
  return { webhooks, faults }
}

function faultOf(isThere: boolean, address: string, apiUrl: string): string | null {
  if (isThere) return 'names a server that another entry names already; a server has one webhook for summaries.'
  if (!URL.canParse(address) || !PATH.test(new URL(address).pathname)) return SHAPE
  const { protocol, hostname, origin } = new URL(address)
  if (URL.canParse(apiUrl) && origin === new URL(apiUrl).origin) return null
  if (protocol === 'https:' && DISCORD_HOST.test(hostname)) return null
  return 'is no address of Discord’s: it must begin with https://discord.com/api/webhooks/.'
}

/** The token alone is as good as the address: whoever has it finds the rest. */
export const tokensOf = (webhooks: ReadonlyMap<string, string>): readonly string[] =>
  [...webhooks.values()].map((address) => new URL(address).pathname.split('/').at(-1)!)
