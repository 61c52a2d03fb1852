import { type Anchor, AnchorTrouble, anchorName } from './anchor.ts'

/** How long the other side may take over one note. */
const TIMEOUT_MS = 10_000

/** Posts each note as plain text. Whoever has the address may post there too, so it is never shown. */
export const webhookAnchor = (address: string, timeoutMs = TIMEOUT_MS): Anchor => ({
  kind: 'webhook',
  name: anchorName('webhook', address),
  keep: (note, signal) => post(address, note, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])),
})

async function post(address: string, note: string, signal: AbortSignal): Promise<void> {
  const answer = await asked(address, note, signal)
  // What else it says is of no use, and may be endless.
  await answer.body?.cancel().catch(() => {})
  if (answer.ok) return
  const isElsewhere = answer.status >= 300 && answer.status < 400
  throw new AnchorTrouble(
    isElsewhere
      ? `leads elsewhere (${answer.status}), which is not followed`
      : `answered ${answer.status} and not that it keeps it`,
  )
}

async function asked(address: string, note: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: note,
      redirect: 'manual',
      signal,
    })
  } catch (error) {
    throw new AnchorTrouble(whyNot(error))
  }
}

/** What the platform says of it repeats the address. */
function whyNot(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'did not answer in time'
  const { code } = (error instanceof Error ? (error.cause ?? {}) : {}) as { code?: unknown }
  return `cannot be reached${typeof code === 'string' ? ` (${code})` : ''}`
}
