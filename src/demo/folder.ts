import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DemoFault } from './fault.ts'

// Where one showing keeps its files: a folder of its own that bears the number of its process, so that several at once do not meet.

const PREFIX = 'rolecall-demo-'
const OURS = /^rolecall-demo-(\d+)-/
/** A process number may be given out anew; a folder this young is left alone whatever its number says. */
const YOUNG_MS = 60_000

/** Makes a fresh folder that only this user can read. Throws `DemoFault` where it cannot be made. */
export function makeFolder(base: string = tmpdir()): string {
  try {
    return mkdtempSync(join(base, `${PREFIX}${process.pid}-`))
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : error
    throw new DemoFault(
      `The demo keeps its files in ${base}, and nothing can be written there (${reason}). Name another folder with TMPDIR.`,
    )
  }
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** Removes what showings left behind that were killed. What cannot be removed is not ours and stays. */
export function removeLeftovers(now: number, base: string = tmpdir()): void {
  for (const name of readdirSync(base)) {
    const [, pid] = OURS.exec(name) ?? []
    if (pid !== undefined && !isAlive(Number(pid))) removeIfOld(join(base, name), now)
  }
}

function removeIfOld(folder: string, now: number): void {
  try {
    if (now - statSync(folder).mtimeMs > YOUNG_MS) removeFolder(folder)
  } catch {
    // Another user's, or just being removed by another showing.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
