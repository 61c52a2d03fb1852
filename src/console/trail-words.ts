import { INSTALLATION } from '#src/store/schema/trail.ts'
import { type CheckedChain, TrailFault } from '#src/trail/check.ts'
import { err, harmless, out } from './lines.ts'

// What is said of a record that is written or verified.

/** What is wrong with the record is nothing that can be mended by whoever finds it. */
const BROKEN = 1

export function tellWhole(chains: readonly CheckedChain[], isSigned: boolean, isAnchored: boolean): number {
  const isGapless = chains.every(({ gaps }) => gaps.length === 0)
  out(
    isGapless
      ? 'The record is whole: no line was changed, left out, added or moved.'
      : 'What is there of the record holds: no line of it was changed, left out, added or moved. But lines were lost, and somebody has gone on without them:',
  )
  for (const chain of chains) tellGaps(chain)
  for (const chain of chains) tellChain(chain)
  if (!isSigned)
    out(
      'Who signed it was not checked: give the public key with --key (`rolecall trail key` prints it on the machine of the bot).',
    )
  if (!isAnchored) out(UNSEEN)
  return 0
}

function tellChain({ guildId, lines, head, removal, unheld }: CheckedChain): void {
  out(
    `  ${nameOf(guildId ?? INSTALLATION)}: ${count(lines)} ${lines === 1 ? 'line' : 'lines'}, the last with the hash ${head.slice(0, 16)}…`,
  )
  if (removal)
    out(
      `    Lines 1 to ${count(removal.upTo)} were removed by ${harmless(removal.by)} on ${harmless(removal.at)}, since they were old, under a checkpoint over them.${unheld > 0 ? ` ${count(unheld)} of the checkpoints that were kept speak of them alone, and nothing is held against those any more.` : ''}`,
    )
}

/** To standard error, where warnings are looked for. */
function tellGaps({ guildId, gaps, unheld, removal }: CheckedChain): void {
  const chain = nameOf(guildId ?? INSTALLATION)
  for (const { left, written, by, at } of gaps)
    err(
      left === written
        ? `Warning: ${chain}: line ${count(written)} is another than the one that was written; ${harmless(by)} accepted that on ${harmless(at)}.`
        : `Warning: ${chain}: ${linesBetween(left + 1, written)} gone; ${harmless(by)} accepted that on ${harmless(at)} (line ${count(written + 1)} says so).`,
    )
  if (unheld > 0 && !removal)
    err(
      `Warning: ${chain}: ${unheld === 1 ? 'a checkpoint' : `${count(unheld)} checkpoints`} that ${unheld === 1 ? 'was' : 'were'} kept speak of lines that are gone, and nothing can be held against ${unheld === 1 ? 'it' : 'them'}.`,
    )
}

const linesBetween = (from: number, to: number): string =>
  from === to ? `line ${count(from)} is` : `lines ${count(from)} to ${count(to)} are`

const UNSEEN =
  'What cannot be seen without a checkpoint that was kept elsewhere (--checkpoint): lines cut off at the end together with a later checkpoint, and a record that somebody who has the private key has written anew.'

/** Throws what is no fault of a record. */
export function tellFault(error: unknown, what: string): number {
  if (!(error instanceof TrailFault)) throw error
  err(harmless(`The record is not whole. ${error.message}`))
  err(what)
  return BROKEN
}

export const nameOf = (chain: string): string => (chain === INSTALLATION ? 'The whole installation' : `Server ${chain}`)
export const count = (number: number): string => number.toLocaleString('en')
/** Lines in all. */
export const sum = (heads: readonly { readonly seq: number }[]): number => heads.reduce((all, { seq }) => all + seq, 0)

const SAY_EVERY_MS = 2_000

/** Says now and then how far it is; what takes no time says nothing. */
export function progressLine(what: string, total: number | null): (done: number, of?: number) => void {
  let last = Date.now()
  return (done, of = total ?? 0) => {
    // The clock is not asked for each line.
    if (done % 1_000 !== 0 || Date.now() - last < SAY_EVERY_MS) return
    last = Date.now()
    err(of > 0 ? `${what}: ${Math.floor((done / of) * 100)}%` : `${what}: ${count(done)} lines`)
  }
}
