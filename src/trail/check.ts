import { hash as digest, type KeyObject } from 'node:crypto'
import { type Checkpoint, chainOf, openCheckpoint, readCheckpoint } from './checkpoint.ts'
import { FIRST_HASH } from './line.ts'
import { MerkleTree } from './merkle.ts'
import { treeOf } from './peaks.ts'
import { type Gap, gapBefore, type Removal, readSaid, removalIn, type Said } from './said.ts'
import { type ReadLine, readWritten, type Truncation } from './written.ts'

// Whether a record is whole, line by line, with nothing at hand but the record and a public key.

/** The first thing that is wrong with a record. `place` counts the lines of the file from 1. */
export class TrailFault extends Error {
  override readonly name = 'TrailFault'
  readonly place: number

  constructor(place: number, sentence: string) {
    super(sentence)
    this.place = place
  }
}

/** A chain that was found whole, but for what is named. */
export interface CheckedChain {
  /** Null: that of the whole installation. */
  readonly guildId: string | null
  /** Those that are gone are counted with them. */
  readonly lines: number
  /** Of lines that were lost, and that somebody has gone on without. */
  readonly gaps: readonly Gap[]
  /** Of the oldest lines, where they were removed since they were old. */
  readonly removal: Removal | null
  /** Checkpoints that were kept and speak of lines that are gone, so that nothing can be held against them. */
  readonly unheld: number
  /** Of the last line. */
  readonly head: string
  readonly checkpoint: Checkpoint
}

/** A chain of which the end has not come yet. `head`: the hash of its last line so far. */
export interface Chain {
  readonly guildId: string | null
  readonly tree: MerkleTree
  head: string
}

/** What was found in the chain so far. */
interface Found {
  readonly gaps: Gap[]
  unheld: number
  /** Lines that are not there at the start of the chain. */
  removed: number
  /** What a later line says of that. */
  removal: Removal | null
}

const nothingYet = (): Found => ({ gaps: [], unheld: 0, removed: 0, removal: null })

/** What a record is held against besides itself. */
export interface Against {
  /** Checkpoints that were kept elsewhere: each chain must hold what they say. */
  readonly known?: readonly Checkpoint[]
  /** Public keys that this one took the place of; a removal may have been signed by them. */
  readonly former?: readonly KeyObject[]
}

/** Takes the lines of a file one after the other. Throws `TrailFault` at the first that is wrong. Keeps a few hashes and no line. */
export class TrailCheck {
  readonly #key: KeyObject | null
  /** By chain and size. */
  readonly #known: ReadonlyMap<string, Checkpoint>
  readonly #former: readonly KeyObject[]
  readonly #done: CheckedChain[] = []
  #chain: Chain | null = null
  #found = nothingYet()
  /** What is wrong unless the next line says that it was accepted. */
  #doubt: TrailFault | null = null
  #place = 0

  /** Without a key no signature is checked. `from`: the lines go on from those of this chain. */
  constructor(key: KeyObject | null, { known = [], former = [] }: Against = {}, from: Chain | null = null) {
    this.#key = key
    this.#known = new Map(known.map((one) => [placeOf(chainOf(one.origin), one.size), one]))
    this.#former = former
    this.#chain = from
  }

  /** The chain that the last line belongs to; null before a chain's first. */
  get chain(): Readonly<Chain> | null {
    return this.#chain
  }

  /** `bytes` without the line break. */
  take(bytes: Buffer): void {
    this.#place += 1
    const read = readWritten(bytes)
    if (read === null) throw this.#fault('is no line of a record: it was changed, or cut short.')
    if (read.kind === 'checkpoint') this.#close(read.note)
    else if (read.kind === 'truncation') this.#begin(read)
    else this.#follow(read)
  }

  /** What was found, once there are no more lines. */
  end(): readonly CheckedChain[] {
    this.#place += 1
    if (this.#chain) throw this.#fault('is missing: the record ends without a checkpoint, so its end was cut off.')
    if (this.#done.length === 0) throw this.#fault('is missing: the record is empty.')
    for (const { origin, size } of this.#known.values())
      if (!this.#done.some(({ checkpoint }) => checkpoint.origin === origin && checkpoint.size >= size))
        throw this.#fault(
          `is missing: a checkpoint that was kept has ${count(size)} lines of ${origin}, and this record has fewer, or is of another server alone.`,
        )
    return this.#done
  }

  /** The chain begins after lines that were removed. What is said of them must be signed; that they were is said by a line that is there. */
  #begin({ head, peaks, note }: Truncation): void {
    if (this.#chain) throw this.#fault('says that lines were removed, in the middle of a chain.')
    const tree = treeOf(note, peaks)
    const checkpoint = readCheckpoint(note)
    if (tree === null || checkpoint === null || tree.size === 0)
      throw this.#fault('says that lines were removed, and was changed: it does not fit itself.')
    const keys = this.#key ? [this.#key, ...this.#former] : []
    if (this.#key && keys.every((key) => openCheckpoint(note, key) === null))
      throw this.#fault(
        `says that the lines up to ${count(tree.size)} were removed, and another key has signed that. Where the key was changed since, give the one before it with --former-key.`,
      )
    const chain = chainOf(checkpoint.origin)
    this.#chain = { guildId: chain === INSTALLATION ? null : chain, tree, head }
    this.#found.removed = tree.size
    this.#found.unheld += this.#lost(chain, 0, tree.size - 1)
    this.#hold(this.#chain)
  }

  /** Checkpoints that were kept of this chain with at least `from` lines and at most `to`, of which one or more are gone. */
  #lost(chain: string, from: number, to: number): number {
    const isLost = ({ origin, size }: Checkpoint) => chainOf(origin) === chain && size >= from && size <= to
    return [...this.#known.values()].filter(isLost).length
  }

  #follow(line: ReadLine): void {
    const hash = digest('sha256', Buffer.concat([Buffer.from(line.prevHash, 'latin1'), line.said]), 'hex')
    if (hash !== line.hash) throw this.#fault('was changed: what it says does not fit its hash.')
    const said = readSaid(line.said)
    if (said === null) throw this.#fault('says nothing that a record says, though its hash fits.')
    const chain = this.#chain ?? { guildId: said.guildId, tree: new MerkleTree(), head: FIRST_HASH }
    this.#chain = chain
    if (said.guildId !== chain.guildId) throw this.#fault('belongs to the chain of another server.')
    this.#pass(said, line.prevHash, chain)
    this.#mustBeBeyondDoubt()
    this.#mustBeNext(said, chain)
    if (line.prevHash !== chain.head)
      throw this.#fault('does not follow from the line before it: one of the two was replaced.')
    chain.tree.append(Buffer.from(line.hash, 'hex'))
    chain.head = line.hash
    this.#hear(removalIn(said))
    this.#hold(chain)
  }

  #hear(removal: Removal | null): void {
    if (removal?.upTo === this.#found.removed) this.#found.removal = removal
  }

  #mustBeBeyondDoubt(): void {
    if (this.#doubt) throw this.#doubt
  }

  #mustBeNext(said: Said, chain: Chain): void {
    const next = chain.tree.size + 1
    if (said.seq > next) throw this.#fault(`has the number ${count(said.seq)}: ${missing(next, said.seq - 1)} missing.`)
    if (said.seq < next)
      throw this.#fault(
        `has the number ${count(said.seq)}, which stood before: it is there twice, or in the wrong place.`,
      )
  }

  /** Goes over a gap that this line says was accepted. Lines that are gone stand in the tree as blanks, and the hash of the last of them is known from this line. */
  #pass(said: Said, prevHash: string, chain: Chain): void {
    const gap = gapBefore(said)
    if (gap === null || gap.left !== chain.tree.size || prevHash === chain.head) return
    const lost = this.#lost(chain.guildId ?? INSTALLATION, gap.left + 1, gap.written)
    this.#found.unheld += lost + (this.#doubt ? 1 : 0)
    this.#doubt = null
    this.#found.gaps.push(gap)
    chain.tree.appendBlanks(gap.written - gap.left)
    chain.head = prevHash
  }

  /** A checkpoint kept elsewhere speaks of the chain as it was when it had so many lines. */
  #hold({ guildId, tree }: Chain): void {
    const known = this.#known.get(placeOf(guildId ?? INSTALLATION, tree.size))
    if (known && !known.root.equals(tree.root()))
      this.#doubt = this.#fault(
        `is not what it was: a checkpoint that was kept says something else of the ${count(tree.size)} lines up to here. The record was written anew.`,
      )
  }

  #close(note: string): void {
    this.#mustBeBeyondDoubt()
    const checkpoint = this.#key ? openCheckpoint(note, this.#key) : readCheckpoint(note)
    if (checkpoint === null) throw this.#fault('is a checkpoint that was changed, or that another key has signed.')
    const { guildId, tree, head } = this.#chain ?? { guildId: null, tree: new MerkleTree(), head: FIRST_HASH }
    if (this.#chain && chainOf(checkpoint.origin) !== (guildId ?? INSTALLATION))
      throw this.#fault(`is the checkpoint of another chain, ${checkpoint.origin}.`)
    if (checkpoint.size !== tree.size)
      throw this.#fault(
        `is a checkpoint over ${count(checkpoint.size)} lines, and ${count(tree.size)} stand before it: lines are missing, or were added.`,
      )
    if (!checkpoint.root.equals(tree.root()))
      throw this.#fault('is a checkpoint over other lines than those that stand before it: some were replaced.')
    const { gaps, removed, removal, unheld } = this.#found
    if (removed > 0 && removal === null)
      throw this.#fault(
        `closes a chain without its first ${count(removed)} lines, and none of its lines says that they were removed.`,
      )
    this.#done.push({ guildId, lines: tree.size, head, checkpoint, gaps, removal, unheld })
    this.#chain = null
    this.#found = nothingYet()
  }

  #fault(what: string): TrailFault {
    return new TrailFault(this.#place, `Line ${count(this.#place)} ${what}`)
  }
}

/** As it stands in a checkpoint's origin. */
const INSTALLATION = 'installation'
const placeOf = (chain: string, size: number): string => `${chain} ${size}`

const count = (number: number): string => number.toLocaleString('en')
const missing = (from: number, to: number): string =>
  from === to ? `number ${count(from)} is` : `numbers ${count(from)} to ${count(to)} are`
