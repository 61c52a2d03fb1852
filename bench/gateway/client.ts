import { answer } from '../peer.ts'
import type { Listener, ListenerOptions } from './listener.ts'
import { listenAsWe } from './ours.ts'
import { listenAsTheyDo } from './theirs.ts'

// The process of one client. Its argument is whose it is, so that neither side's memory or heat is the other's.

export type ClientQuestion =
  | ({ readonly ask: 'connect' } & ListenerOptions)
  | { readonly ask: 'fill' }
  | { readonly ask: 'expect'; readonly updates: number }
  /** In seconds. */
  | { readonly ask: 'heard' }

export interface Filled {
  readonly seconds: number
  /** The most that the process ever had in memory, in bytes. */
  readonly peakBytes: number
}

let listener: Listener

answer(async (question: ClientQuestion) => {
  switch (question.ask) {
    case 'connect':
      listener = await (process.argv[2] === 'ours' ? listenAsWe : listenAsTheyDo)(question)
      return null
    case 'fill': {
      const seconds = await listener.fill()
      return { seconds, peakBytes: process.resourceUsage().maxRSS * 1024 } satisfies Filled
    }
    case 'expect':
      listener.updates.expect(question.updates)
      return null
    case 'heard':
      return listener.updates.all()
  }
})
