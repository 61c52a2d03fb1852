import { createHmac } from 'node:crypto'

/**
 * The headers by which a receiver knows who sends, as Standard Webhooks has them: one signature for each key, the newest first. `at` is in milliseconds;
 * `body` must be sent exactly so.
 */
export function signedHeaders(
  id: string,
  at: number,
  body: string,
  keys: readonly Uint8Array[],
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const seconds = String(Math.floor(at / 1_000))
  const signatures = keys.map((key) => createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64'))
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' '),
  }
}
