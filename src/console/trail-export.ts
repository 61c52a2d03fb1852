import type { KeyObject } from 'node:crypto'
import { configFromEnvironment } from '#src/config.ts'
import type { Id } from '#src/core/model.ts'
import { NotThere } from '#src/core/refusal.ts'
import { TrailFault } from '#src/trail/check.ts'
import { originOf } from '#src/trail/checkpoint.ts'
import { exportChain } from '#src/trail/export.ts'
import { openKey, publicBytes } from '#src/trail/key.ts'
import { verifierKey } from '#src/trail/note.ts'
import { type ChainHead, chainHeads } from '#src/trail/reading.ts'
import { out } from './lines.ts'
import { type OpenWorld, withStore } from './open.ts'
import { count, nameOf, progressLine, sum, tellFault } from './trail-words.ts'
import { writeLines } from './write-lines.ts'

// The record as it stands in the database, given to whoever is to trust it.

/** Prints the public key; with it anybody can verify what this installation has signed. Makes the pair where there is none. */
export async function printKey(): Promise<number> {
  const { trailKeyFile } = configFromEnvironment()
  out(publicBytes(await openKey(trailKeyFile)).toString('base64'))
  return 0
}

/** The keys by which others know the chains of this installation, as c2sp.org/signed-note has them. */
export async function printVerifierKeys(): Promise<number> {
  const config = configFromEnvironment()
  return withStore(config, async ({ db }) => {
    const key = await openKey(config.trailKeyFile)
    for (const { chain } of await chainHeads(db)) out(verifierKey(originOf(chain, key), key))
    return 0
  })
}

export interface ExportOptions {
  /** One server's chain alone. */
  readonly guild?: Id
}

/** Writes the record into a file, or to standard output where none is named: chain by chain, each closed with a signed checkpoint. */
export function exportTrail(path: string | undefined, { guild }: ExportOptions): Promise<number> {
  const config = configFromEnvironment()
  return withStore(config, async (world) => {
    const key = await openKey(config.trailKeyFile)
    const heads = await wantedHeads(world, guild)
    const progress = progressLine('Writing', sum(heads))
    const lines = exportAll(world, heads, key, progress)
    try {
      await writeLines(path ?? null, lines)
    } catch (error) {
      return tellFault(
        error,
        'Nothing was signed. Look at who can write in the database, and keep a copy of it as it is.',
      )
    }
    if (path === undefined) return 0
    out(
      `Wrote ${count(sum(heads))} ${sum(heads) === 1 ? 'line' : 'lines'} of ${heads.length === 1 ? 'one chain' : `${heads.length} chains`} to ${path}. Whoever has it and the public key (\`rolecall trail key\`) can verify it: rolecall trail verify ${path} --key <key>`,
    )
    return 0
  })
}

/** The lines of these chains as a file has them. */
export async function* exportAll(
  { db }: OpenWorld,
  heads: readonly ChainHead[],
  key: KeyObject,
  progress: (done: number) => void,
): AsyncGenerator<string, void> {
  let done = 0
  for (const head of heads) {
    try {
      for await (const line of exportChain(db, head, key)) {
        yield line
        progress(done++)
      }
    } catch (error) {
      throw error instanceof TrailFault ? new TrailFault(error.place, `${nameOf(head.chain)}: ${error.message}`) : error
    }
  }
}

export async function wantedHeads({ db }: OpenWorld, guild: Id | undefined): Promise<readonly ChainHead[]> {
  const heads = await chainHeads(db)
  const wanted = guild === undefined ? heads : heads.filter(({ chain }) => chain === guild)
  if (wanted.length > 0) return wanted
  throw new NotThere(
    guild === undefined
      ? 'There is no record yet: nothing was done that leaves a line.'
      : `There is no record of a server ${guild}. Without --guild everything is exported.`,
  )
}
