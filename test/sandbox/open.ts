import type { Client, ClientOptions } from 'discord.js'
import { expect, onTestFinished } from 'vitest'
import { type Sandbox, type SandboxOptions, startSandbox } from '#src/sandbox/sandbox.ts'
import { login } from './client.ts'
import { checkExchange } from './spec.ts'

/** A sandbox for one test. When the test is over it is closed, and every exchange must have been as Discord's own description has it. */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options)
  const faults: string[] = []
  sandbox.onExchange((exchange) => faults.push(...checkExchange(exchange)))
  onTestFinished(async () => {
    await sandbox.close()
    expect(sandbox.mishaps).toEqual([])
    expect(faults).toEqual([])
  })
  return sandbox
}

/** A real discord.js client, ready, for one test. */
export async function openClient(sandbox: Sandbox, options: Partial<ClientOptions> = {}): Promise<Client<true>> {
  const client = await login(sandbox, options)
  onTestFinished(() => client.destroy())
  return client
}

export interface Dispatch {
  readonly t: string
  readonly d: Record<string, unknown>
  readonly s: number
}

/** The raw dispatches that a client gets from now on. */
export function dispatchesOf(client: Client): Dispatch[] {
  const seen: Dispatch[] = []
  client.on('raw', (packet: Dispatch) => {
    seen.push(packet)
  })
  return seen
}

/** Resolves with the next event of this name. */
export function next<T>(client: Client, event: string): Promise<T> {
  return new Promise((resolve) => client.once(event, (first: T) => resolve(first)))
}
