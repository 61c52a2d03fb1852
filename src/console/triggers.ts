import type { DatabaseIdentity } from '#src/config/identity.ts'
import { type Config, configFromEnvironment } from '#src/config.ts'
import { Refusal } from '#src/core/refusal.ts'
import { dropStatements, hasTriggers, triggerStatements } from '#src/identity/alliance-auth/triggers.ts'
import { carryOut } from '#src/identity/installing.ts'
import { openIdentityServer } from '#src/identity/server/open.ts'
import { out } from './lines.ts'

export interface TriggerOptions {
  readonly print: boolean
  readonly remove: boolean
  readonly yes: boolean
}

/** `rolecall identity install-triggers`: has the database of Alliance Auth say by itself who has changed. Resolves to the exit code. */
export async function installTriggers({ print, remove, yes }: TriggerOptions): Promise<number> {
  const statements = remove ? dropStatements() : triggerStatements()
  if (print) {
    for (const line of script(statements)) out(line)
    return 0
  }
  const identity = mustTakeTriggers(configFromEnvironment())
  const { admin } = identity
  if (admin === null) throw new Refusal(NO_ADMIN)
  out(remove ? WHAT_GOES : WHAT_COMES)
  if (!yes) {
    out('Nothing was written. To do it, run it again with --yes; --print shows each statement.')
    return 0
  }
  await carryOut(admin, identity.tls, statements)
  await mustBeSeen(identity, !remove)
  out(remove ? GONE : DONE)
  return 0
}

const script = (statements: readonly string[]): readonly string[] => [
  'begin;',
  ...statements.map((statement) => `${statement};`),
  'commit;',
]

const WHAT_COMES =
  'This puts triggers on ten tables of Alliance Auth, and a function for each. They change no row: when users, groups, states, permissions or Discord links change, they notify whoever listens, which is the bot.'
const WHAT_GOES =
  'This takes those triggers and their functions out of the tables of Alliance Auth. The bot then finds changes by asking, as before.'
const DONE =
  'Done. The bot that runs hears of changes at once from now on, and asks for them itself only now and then. Take IDENTITY_ADMIN_URL out of the environment: nothing else needs it. After an upgrade of Alliance Auth run this again; it does no harm where nothing is missing.'
const GONE = 'Done. No trigger of rolecall is left in that database.'
const NO_ADMIN =
  'This writes into the database of Alliance Auth, and the user in IDENTITY_URL may only read. Put the address with a user who owns the tables into IDENTITY_ADMIN_URL (in the environment or in .env, never on the command line), or hand the output of --print to whoever administers that database.'

function mustTakeTriggers({ identity }: Config): DatabaseIdentity {
  if (identity.source !== 'alliance-auth')
    throw new Refusal(
      'The triggers are for the database of Alliance Auth: IDENTITY_SOURCE is not alliance-auth. What is behind views of your own may notify the bot by itself; docs/identity.md says how.',
    )
  if (identity.address.dialect === 'postgres') return identity
  throw new Refusal(
    'MariaDB and MySQL cannot tell a program that something has changed, so there is nothing to install. The bot asks for changes every IDENTITY_POLL_SECONDS.',
  )
}

/** The user who reads sees whether they are there, in the database that the bot reads. */
async function mustBeSeen(identity: DatabaseIdentity, wanted: boolean): Promise<void> {
  const server = openIdentityServer(identity)
  try {
    if ((await server.read(hasTriggers)) === wanted) return
  } finally {
    await server.close()
  }
  throw new Refusal(
    `The statements were carried out, but by IDENTITY_URL the triggers are ${wanted ? 'not seen' : 'still seen'}. See that IDENTITY_ADMIN_URL and IDENTITY_URL name the same database.`,
  )
}
