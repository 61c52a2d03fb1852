import { DiscordAPIError, HTTPError } from '@discordjs/rest'
import { describe, expect, it } from 'vitest'
import { faultOfCloseCode, toFault } from '#src/discord/faults.ts'

const SECRET = 'aW50ZXJhY3Rpb246c2VjcmV0'
const ADDRESS = `https://discord.com/api/v10/webhooks/1/${SECRET}/messages/@original`
const body = { files: undefined, body: { content: SECRET } }

const told = (status: number, code: number) =>
  new DiscordAPIError({ code, message: `said ${SECRET}` }, code, status, 'PATCH', ADDRESS, body)

const everything = (error: unknown): string =>
  JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).stack)

describe('a fault at the door', () => {
  it.each([
    ['an answer of Discord', told(400, 50035)],
    ['a refusal', told(403, 50013)],
    ['a fault of Discord', new HTTPError(502, SECRET, 'PATCH', ADDRESS, body)],
    ['a broken connection', Object.assign(new Error(`connect ${ADDRESS}`), { code: 'ECONNRESET' })],
    ['something unforeseen', new TypeError(`cannot read ${SECRET}`)],
    ['no error at all', SECRET],
  ])('says nothing secret: %s', (_, error) => {
    expect(everything(toFault(error, 'trying'))).not.toContain(SECRET)
  })

  it.each([
    [told(401, 0), 'token', 'Reset Token'],
    [Object.assign(new Error(), { code: 'TokenInvalid' }), 'token', 'Reset Token'],
    [told(403, 50013), 'refused', 'Manage Roles'],
    [told(403, 99999), 'refused', "Check the bot's permissions"],
    [told(404, 10003), 'missing', 'does not know'],
    [told(429, 0), 'limited', 'passes by itself'],
    [new HTTPError(503, '', 'GET', ADDRESS, body), 'outage', 'discordstatus.com'],
    [Object.assign(new Error(), { code: 'ENOTFOUND' }), 'network', 'DISCORD_API_URL'],
    [Object.assign(new Error(), { code: 'UND_ERR_SOCKET' }), 'network', 'UND_ERR_SOCKET'],
    [Object.assign(new Error(), { name: 'AbortError', code: 20 }), 'network', 'did not answer in time'],
  ] as const)('is told apart: %#', (error, kind, says) => {
    const fault = toFault(error, 'trying')
    expect(fault.kind).toBe(kind)
    expect(fault.message).toContain(says)
  })

  it('is none where the connection comes back by itself', () => {
    expect(faultOfCloseCode(4000)).toBeNull()
    expect(faultOfCloseCode(1006)).toBeNull()
    expect(faultOfCloseCode(4004)?.kind).toBe('token')
    expect(faultOfCloseCode(4013)?.kind).toBe('intents')
  })
})
