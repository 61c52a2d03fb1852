import { fork } from 'node:child_process'
import { CHILD_FLAGS } from './flags.ts'
import { toFaultWords } from './peer.ts'
import type { Measured, Row, Sizes } from './row.ts'

/** What a row's process tells. */
export type RowNews =
  | { readonly kind: 'progress'; readonly words: string }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'failed'; readonly words: string }

/** Measures one row in a process of its own. Never rejects: a row that fails says so, and the others go on. */
export function runRow(
  row: Row,
  sizes: Sizes,
  progress: (words: string) => void,
): Promise<Measured | { readonly failed: string }> {
  const child = fork(new URL('./row-process.ts', import.meta.url), [row.name], {
    execArgv: CHILD_FLAGS,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve) => {
    const deadline = setTimeout(() => end({ failed: `not done after ${row.deadlineMs / 1000} s` }), row.deadlineMs)
    const end = (outcome: Measured | { readonly failed: string }) => {
      clearTimeout(deadline)
      child.kill('SIGKILL')
      resolve(outcome)
    }
    child.on('message', (news: RowNews) => {
      if (news.kind === 'progress') progress(news.words)
      else end(news.kind === 'measured' ? news.measured : { failed: news.words })
    })
    child.on('error', (error) => end({ failed: toFaultWords(error) }))
    child.on('exit', (code, signal) => end({ failed: `its process ended without a result (${signal ?? code})` }))
    child.send({ members: sizes.members, seed: sizes.seed, quick: sizes.quick } satisfies Sizes)
  })
}
