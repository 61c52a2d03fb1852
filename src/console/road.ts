import type { Order } from '#src/bot/order-desk.ts'
import type { Reply } from '#src/discord/command.ts'

// The way from the console to a bot that carries a command out.

/** What is asked of the bot. */
export type Errand = Pick<Order, 'command' | 'subcommand'> & {
  readonly options: Readonly<Record<string, string | number | boolean>>
}

/** How asking ended. `left`: one side went before there was an answer; `code` is what the console then ends with. */
export type Ending =
  | { readonly kind: 'answered'; readonly reply: Reply; readonly refused: boolean }
  | { readonly kind: 'left'; readonly sentence: string; readonly code: number }

export type Ask = (errand: Errand) => Promise<Ending>

/** Whoever sits at the console while the bot is at work. */
export interface Watch {
  /** What is shown while it goes on. */
  onProgress(reply: Reply): void
  /** What is worth knowing before there is any. */
  onNote(sentence: string): void
  /** Aborted where they will not wait any longer. */
  readonly signal: AbortSignal
}

/** As shells count it: 128 and the number of SIGINT. */
export const INTERRUPTED = 130
