import { Refusal } from '#src/core/refusal.ts'
import type { Asked, Command, CommandWorld, Offer, Reply, Typing } from '#src/discord/command.ts'
import type { ClosedInvocation, Ledger, OpenedInvocation, Quota } from '#src/discord/ledger.ts'

/** What was written down, and a quota that a test sets. */
export class KeptLedger implements Ledger {
  readonly opened: OpenedInvocation[] = []
  readonly closed: ClosedInvocation[] = []
  used: Quota = { used: 0, limit: 5, freeAt: null }
  /** Thrown at whoever opens, where set. */
  down: Error | null = null
  /** What whoever opens waits for. */
  silence: Promise<void> = Promise.resolve()

  async open(invocation: OpenedInvocation): Promise<'opened' | 'repeated'> {
    await this.silence
    if (this.down) throw this.down
    const known = this.opened.some(({ interactionId }) => interactionId === invocation.interactionId)
    if (known) return 'repeated'
    this.opened.push(invocation)
    return 'opened'
  }

  async close(invocation: ClosedInvocation): Promise<void> {
    this.closed.push(invocation)
  }

  async quota(): Promise<Quota> {
    return this.used
  }
}

/** What the commands below were asked, and the gate that one of them waits at. */
export class Stage {
  readonly asked: Asked[] = []
  readonly typed: Typing[] = []
  readonly pressed: string[] = []
  readonly stopped: Asked[] = []
  /** Thrown by `/stop`, where set. */
  failing: Error | null = null
  gate: Promise<void> = Promise.resolve()
  /** What `/try hard` does before it answers. */
  work: (asked: Asked) => Promise<void> = async () => {}
  /** What `/rules` offers while somebody types. */
  offers: () => Promise<readonly Offer[]> = async () => [{ name: 'Pilots', value: 'pilots' }]
}

const plain = (title: string, more: Partial<Reply> = {}): Reply => ({ tone: 'plain', title, text: 'x', ...more })

/** Commands that do nothing but show how the door treats them. */
export function tryCommands(stage: Stage): readonly Command[] {
  const easy: Command = {
    name: 'easy',
    description: 'Answers at once',
    needs: 'read',
    memberMenu: 'Look closer',
    options: [
      { name: 'word', description: 'Any word', type: 'string', maxLength: 5 },
      {
        name: 'colour',
        description: 'One of two',
        type: 'string',
        choices: [
          { name: 'Red', value: 'red' },
          { name: 'Blue', value: 'blue' },
        ],
      },
      { name: 'member', description: 'Anyone', type: 'user' },
    ],
    async answer(asked) {
      stage.asked.push(asked)
      return plain('Easy', {
        buttons: [
          { id: 'easy:page:2', label: 'Next' },
          { id: 'easy:no', label: 'No' },
          { id: 'gone:1', label: 'Old' },
        ],
      })
    },
    async press(asked, rest) {
      stage.asked.push(asked)
      stage.pressed.push(rest)
      if (rest === 'no') throw new Refusal('Not this one.')
      return plain(`Pressed ${rest}`)
    },
  }
  const hard: Command = {
    name: 'try',
    description: 'Takes its time',
    needs: 'run',
    counts: (subcommand) => subcommand === 'hard',
    subcommands: [
      { name: 'hard', description: 'Starts work', options: [] },
      { name: 'rude', description: 'Is refused', options: [] },
      { name: 'broken', description: 'Fails', options: [] },
      { name: 'high', description: 'Needs more', options: [], needs: 'administrator' },
      { name: 'other', description: 'Needs something else', options: [], needs: 'undo' },
    ],
    async answer(asked) {
      stage.asked.push(asked)
      await stage.gate
      if (asked.subcommand === 'rude') throw new Refusal('The roster is not live. Wait a minute.')
      if (asked.subcommand === 'broken') throw new Error('row 17 of postgres://u:hunter2@db/x')
      await stage.work(asked)
      return plain('Hard', { tone: 'good' })
    },
  }
  const rules: Command = {
    name: 'rules',
    description: 'What no permission gives',
    needs: 'policy',
    options: [
      { name: 'group', description: 'Which', type: 'string', autocomplete: true },
      { name: 'member', description: 'Whom', type: 'user' },
      { name: 'where', description: 'A channel', type: 'channel' },
    ],
    async answer(asked) {
      stage.asked.push(asked)
      return plain('Rules', { buttons: [{ id: 'rules:approve', label: 'Approve' }] })
    },
    press: async (asked, rest) => {
      stage.asked.push(asked)
      return plain(`Pressed ${rest}`)
    },
    pressNeeds: (rest) => (rest === 'approve' ? 'acknowledge' : 'policy'),
    async complete(typing) {
      stage.typed.push(typing)
      return stage.offers()
    },
  }
  const halt: Command = {
    name: 'stop',
    description: 'Halts everything',
    needs: 'stop',
    async answer(asked) {
      stage.stopped.push(asked)
      if (stage.failing) throw stage.failing
      return plain('Stopped')
    },
  }
  return [easy, hard, rules, halt]
}

/** None of the commands here asks the world anything. */
export const EMPTY_WORLD = {} as CommandWorld
