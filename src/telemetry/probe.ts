// The container's HEALTHCHECK: asks a running bot whether it is well. Exit code 0 when it says so, else 1, with one sentence either way.
// It takes the address as its argument and imports nothing of the bot, so that it starts fast and cannot fail with it.

/** Docker gives up after 5 s (HEALTHCHECK --timeout); the sentence must be out before that. */
const PATIENCE_MS = 3_000

async function probe(address: string): Promise<{ readonly well: boolean; readonly sentence: string }> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' })
    await answer.body?.cancel()
    return { well: answer.ok, sentence: `${address} answers ${answer.status}.` }
  } catch (error) {
    const slow = error instanceof Error && error.name === 'TimeoutError'
    return {
      well: false,
      sentence: `${address} ${slow ? `gave no answer within ${PATIENCE_MS} ms` : 'cannot be reached'}.`,
    }
  }
}

const address = process.argv[2]
if (address === undefined || !URL.canParse(address)) {
  console.error('Name the address to ask, such as http://127.0.0.1:8080/healthz.')
  process.exitCode = 1
} else {
  const { well, sentence } = await probe(address)
  console.log(sentence)
  process.exitCode = well ? 0 : 1
}
