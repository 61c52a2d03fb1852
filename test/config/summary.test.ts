import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ConfigFault, readConfig } from '#src/config.ts'

const TOKEN = 'hunter2-hunter2-hunter2-hunter2'
const GUILD = '123456789012345678'
const OTHER = '223456789012345678'
const ADDRESS = `https://discord.com/api/webhooks/323456789012345678/${TOKEN}`

const read = (SUMMARY_WEBHOOKS: string, more: Record<string, string> = {}) => readConfig({ SUMMARY_WEBHOOKS, ...more })

function faultOf(text: string): string {
  try {
    read(text)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigFault)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
    return (error as Error).message
  }
  throw new Error('It was taken.')
}

describe('webhooks for summaries', () => {
  it('are none where nothing is set', () => expect(readConfig({}).summaryWebhooks.size).toBe(0))

  it('are read by server, and are secrets, tokens alone too', () => {
    const second = ADDRESS.replace('discord.com/api', 'ptb.discord.com/api/v10').replace('hunter2-', 'hunter3-')
    const { summaryWebhooks, secrets } = read(` ${GUILD}=${ADDRESS}, ${OTHER}=${second}?thread_id=1 ,`)
    expect([...summaryWebhooks]).toEqual([
      [GUILD, ADDRESS],
      [OTHER, `${second}?thread_id=1`],
    ])
    expect(secrets).toEqual(expect.arrayContaining([ADDRESS, TOKEN, TOKEN.replace('hunter2-', 'hunter3-')]))
  })

  it('may be of the Discord that the bot talks to, and of no other', () => {
    const local = `http://127.0.0.1:4000/api/webhooks/323456789012345678/${TOKEN}`
    const { summaryWebhooks } = read(`${GUILD}=${local}`, { DISCORD_API_URL: 'http://127.0.0.1:4000/api' })
    expect(summaryWebhooks.get(GUILD)).toBe(local)
    expect(faultOf(`${GUILD}=${local}`)).toContain('no address of Discord’s')
  })

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['an address without a server', ADDRESS, /entry 1, must be the id of the server, =/],
    ['a server without an address', `${GUILD}=`, /entry 1, must be/],
    [
      'an address without its token',
      `${GUILD}=https://discord.com/api/webhooks/323456789012345678`,
      /Copy Webhook URL/,
    ],
    ['a channel in place of a webhook', `${GUILD}=https://discord.com/channels/1/${TOKEN}`, /Copy Webhook URL/],
    ['another host', `${GUILD}=${ADDRESS.replace('discord.com', 'discord.com.example')}`, /no address of Discord’s/],
    ['without encryption', `${GUILD}=${ADDRESS.replace('https', 'http')}`, /must begin with https/],
    ['one server twice', `${GUILD}=${ADDRESS},${GUILD}=${ADDRESS}`, /entry 2, names a server that another entry/],
    ['too many', Array.from({ length: 501 }, () => `${GUILD}=${ADDRESS}`).join(), /more than 500/],
  ]
  for (const [what, text, words] of refused)
    it(`are refused with what to do: ${what}`, () => expect(faultOf(text)).toMatch(words))
})
