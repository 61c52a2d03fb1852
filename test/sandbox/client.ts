import { Client, type ClientOptions, GatewayIntentBits } from 'discord.js'
import type { Sandbox } from '#src/sandbox/sandbox.ts'

const INTENTS = [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers, GatewayIntentBits.GuildModeration]

/** The real discord.js, pointed at the sandbox. It identifies without the five seconds that it otherwise leaves between two. */
export function makeClient(sandbox: Sandbox, options: Partial<ClientOptions> = {}): Client {
  return new Client({
    intents: INTENTS,
    ...options,
    rest: { api: sandbox.url, ...options.rest },
    ws: { buildIdentifyThrottler: async () => ({ waitForIdentify: async () => {} }), ...options.ws },
  })
}

/** Logs in and waits until the client says that it is ready. */
export async function login(sandbox: Sandbox, options: Partial<ClientOptions> = {}): Promise<Client<true>> {
  const client = makeClient(sandbox, options)
  const ready = new Promise<Client<true>>((resolve) => client.once('clientReady', resolve))
  await client.login(sandbox.token)
  return ready
}
