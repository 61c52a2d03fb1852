import { configFromEnvironment } from '#src/config.ts'
import { makeScrub } from '#src/telemetry/scrub.ts'
import { err, harmless } from './lines.ts'

/** Shows a fault of the program's own with its stack, and no secret of this installation. */
export function tellFault(error: unknown): void {
  const scrub = makeScrub(knownSecrets())
  err('Something went wrong inside rolecall; nothing more was done. Please report it with these lines:')
  err(harmless(scrub(error instanceof Error ? (error.stack ?? error.message) : String(error))))
}

/** Where the settings cannot be read, secrets are still known by their shape. */
function knownSecrets(): readonly string[] {
  try {
    return configFromEnvironment().secrets
  } catch {
    return []
  }
}
