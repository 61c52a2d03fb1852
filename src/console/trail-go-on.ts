import { configFromEnvironment } from '#src/config.ts'
import { Refusal } from '#src/core/refusal.ts'
import { transact } from '#src/store/transact.ts'
import { damageWords, findDamage, gapAccepted } from '#src/trail/damage.ts'
import { out } from './lines.ts'
import { withStore } from './open.ts'

export interface GoOnOptions {
  readonly yes: boolean
  readonly reason?: string
}

/** `rolecall trail go-on`: lets the bot start on a record whose end is gone. What is gone stays gone, and a line in each such chain says who knew of it. */
export function goOn({ yes, reason }: GoOnOptions): Promise<number> {
  return withStore(configFromEnvironment(), async ({ db, append, actor, now }) => {
    const damage = await findDamage(db)
    if (damage.length === 0) {
      out(
        'Nothing is gone from the end of the record, so there is nothing to accept. `rolecall trail verify` looks at all of it.',
      )
      return 0
    }
    for (const one of damage) out(`${damageWords(one)}.`)
    if (!yes) {
      out(
        'Nothing was written. Keep a copy of the database as it is, and put a backup back if you have one. To go on with what is left, run it again with --yes and --reason.',
      )
      return 0
    }
    if (reason === undefined || reason.trim() === '')
      throw new Refusal(
        'Going on needs --reason, so that whoever finds the gap later knows who went on, and why. Nothing was written.',
      )
    await transact(db, (tx) =>
      append(
        tx,
        damage.map((one) => gapAccepted(one, actor, reason)),
        now(),
      ),
    )
    out(
      'Accepted: a line in the record says so. The bot starts again; `rolecall trail verify` will always name the gap.',
    )
    return 0
  })
}
