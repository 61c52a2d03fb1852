import { Command, CommanderError } from 'commander'
import { COMMANDS } from '#commands/index.ts'
import { ConfigFault } from '../config.ts'
import { DirectoryUnreachable } from '../core/directory.ts'
import { NotThere, Refusal } from '../core/refusal.ts'
import { DiscordFault } from '../discord/faults.ts'
import { StoreFault } from '../store/fault.ts'
import { addSinks } from './add-sinks.ts'
import { addAfterword, explainAll, HELP } from './help.ts'
import { readId } from './ids.ts'
import { err, fitted, harmless } from './lines.ts'
import { addSlashCommands, guildSwitch } from './slash.ts'
import type { VerifyOptions } from './trail-verify.ts'

// The `rolecall` command. Exit codes: 0 well; 1 a fault of the program, or what was named is not there; 2 something that whoever runs it can
// mend; of the bot's own commands 3 where a gate held what was asked, or a human must approve it; 130 where it was interrupted.

const MENDABLE = [ConfigFault, StoreFault, DiscordFault, DirectoryUnreachable, Refusal]

/** Runs one command line and resolves to its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  let code = 0
  const ends: Ends = async (deed) => {
    code = await deed
  }
  try {
    await program(ends).parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    return await codeOf(error)
  }
}

async function codeOf(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (MENDABLE.some((kind) => error instanceof kind)) {
    for (const line of (error as Error).message.split('\n')) err(harmless(line))
    return error instanceof NotThere ? 1 : 2
  }
  const { tellFault } = await import('./fault.ts')
  tellFault(error)
  return 1
}

type Ends = (deed: Promise<number>) => Promise<void>

/** Each command brings in what it needs when it is given: a question about a file need not wait for a Discord client to load. */
function program(ends: Ends): Command {
  const rolecall = new Command('rolecall')
    .description(
      'Finds who holds Discord roles that the identity database does not give them, says why, and puts it right.',
    )
    .usage('<command> [options]')
    .exitOverride()
    .configureHelp(HELP)
    .configureOutput({ writeErr, outputError: (text, write) => write(harmless(text)) })
    .helpOption('-h, --help', 'show this')
    .helpCommand(false)
    .showHelpAfterError('(rolecall --help lists the commands)')
  addAfterword(rolecall, ABOUT_ALL)
  addFirstSteps(rolecall, ends)
  addFiles(rolecall, ends)
  addIdentity(rolecall, ends)
  addSettings(rolecall, ends)
  addTrail(rolecall, ends)
  addSinks(rolecall, ends)
  addUpkeep(rolecall, ends)
  addSlashCommands(rolecall, COMMANDS, (typed) => ends(import('./give.ts').then(({ give }) => give(typed))))
  return rolecall
}

const ABOUT_ALL = [
  'Each command has its own help, such as: rolecall audit run --help',
  'The bot itself starts with: npm start',
  'Settings are read from the environment and from the file .env in the folder where you are; .env.example lists them.',
]

const writeErr = (text: string): void => {
  const lines = text.split('\n').map((line) => fitted(line, process.stderr))
  process.stderr.write(lines.join('\n'))
}

function addFirstSteps(rolecall: Command, ends: Ends): void {
  rolecall
    .command('demo')
    .description('show the whole story on this machine, without Discord and without a database server')
    .action(() => ends(import('../demo/demo.ts').then(({ demo }) => demo())))
  rolecall
    .command('invite')
    .description('print the address that adds the bot to a server, with exactly the permissions it needs')
    .option(
      '--application <id>',
      'the application’s id, as the developer portal shows it; without it Discord is asked, with the token',
    )
    .option('--kick', 'with the permission Kick Members, for a policy that kicks', false)
    .action(({ application, kick }: { application?: string; kick: boolean }) =>
      ends(import('./ask-discord.ts').then(({ printInvite }) => printInvite(application, kick))),
    )
}

function addFiles(rolecall: Command, ends: Ends): void {
  const write = (stream: NodeJS.WritableStream) => (text: string) => void stream.write(text)
  const fit = (line: string) => fitted(line, process.stdout)
  const io = { out: write(process.stdout), err: write(process.stderr), fit }
  const replay = rolecall
    .command('replay')
    .description('print the plan for a snapshot file: who is out of order, why, and what would be done')
    .argument('<file>', 'a rolecall-snapshot/1 file, as `rolecall snapshot` writes it')
    .option('--json', 'print the plan as rolecall-plan/1 JSON', false)
    .action((file: string, options: { json: boolean }) =>
      ends(import('./replay.ts').then((module) => module.replay(file, options, io))),
    )
  const snapshot = rolecall
    .command('snapshot')
    .description('write what a plan rests on (server, identity source, settings) to a file, for replay')
    .argument('<file>', 'where to write; must not be there yet')
    .addOption(guildSwitch())
    .action((file: string, { guild }: { guild?: string }) =>
      ends(import('./ask-discord.ts').then(({ takeSnapshot }) => takeSnapshot(file, guild))),
    )
  explainAll([replay, snapshot])
}

function addIdentity(rolecall: Command, ends: Ends): void {
  const people = rolecall
    .command('identity')
    .usage('<command> [options]')
    .helpCommand(false)
    .description('the people whom the identity source knows')
  const imported = people
    .command('import')
    .description('put the people of a JSON file in place of those stored; shows the difference first')
    .argument(
      '<file>',
      'a rolecall-identity/1 file (docs/identity.md describes it), or a snapshot file (its identity part)',
    )
    .addOption(guildSwitch())
    .option('--yes', 'apply it; without this nothing is written', false)
    .option('--accept-drop', 'apply it although it drops more than a tenth of the people', false)
    .option('--reason <text>', 'why, for the record')
    .action((file: string, options: { guild?: string; yes: boolean; acceptDrop: boolean; reason?: string }) =>
      ends(import('./stored.ts').then(({ importPeople }) => importPeople(file, options))),
    )
  const triggers = people
    .command('install-triggers')
    .description('have the PostgreSQL database of Alliance Auth tell the bot at once who has changed')
    .option('--print', 'print the SQL statements and do nothing else', false)
    .option('--remove', 'take the triggers out again', false)
    .option('--yes', 'do it; without this nothing is written', false)
    .action((options: { print: boolean; remove: boolean; yes: boolean }) =>
      ends(import('./triggers.ts').then(({ installTriggers }) => installTriggers(options))),
    )
  explainAll([imported, triggers])
}

function addSettings(rolecall: Command, ends: Ends): void {
  const settings = rolecall
    .command('settings')
    .usage('<command> [options]')
    .helpCommand(false)
    .description('policy, role mapping, exceptions, protections, overrides and limits of a server')
  const show = settings
    .command('show')
    .description('print them as JSON, as `settings apply` takes them')
    .addOption(guildSwitch())
    .action((options: { guild?: string }) =>
      ends(import('./stored.ts').then(({ showSettings }) => showSettings(options))),
    )
  const apply = settings
    .command('apply')
    .description('change the settings that a JSON file names; shows the difference first')
    .argument(
      '<file>',
      'a JSON object of settings (docs/settings.md describes them); those left out stay as they are, one that is named is replaced as a whole',
    )
    .addOption(guildSwitch())
    .option('--yes', 'apply it; without this nothing is written', false)
    .option('--reason <text>', 'why, for the record')
    .action((file: string, options: { guild?: string; yes: boolean; reason?: string }) =>
      ends(import('./stored.ts').then(({ applySettings }) => applySettings(file, options))),
    )
  explainAll([show, apply])
}

const gathered = (one: string, all: readonly string[]): string[] => [...all, one]

function addTrail(rolecall: Command, ends: Ends): void {
  const trail = rolecall
    .command('trail')
    .usage('<command> [options]')
    .helpCommand(false)
    .description('the record of everything that was done, for whoever is to trust it')
  const exported = trail
    .command('export')
    .description('write it as lines of JSON, each chain closed with a signed checkpoint')
    .argument('[file]', 'where to write; must not be there yet; left out: standard output')
    .addOption(guildSwitch())
    .action((file: string | undefined, options: { guild?: string }) =>
      ends(import('./trail-export.ts').then(({ exportTrail }) => exportTrail(file, options))),
    )
  const verified = trail
    .command('verify')
    .description('say whether a line of it was changed, left out, added or moved')
    .argument('[file]', 'a file that `rolecall trail export` wrote; left out: the record in the database')
    .option('--key <key>', 'the public key, as `rolecall trail key` prints it')
    .option(
      '--former-key <key>',
      'a public key from before that one; may be given several times',
      gathered,
      [] as string[],
    )
    .option(
      '--checkpoint <file>',
      'checkpoints that were kept elsewhere, which must hold: one, or the file of an anchor; may be given several times',
      gathered,
      [] as string[],
    )
    .option(
      '--guild <server-id>',
      'this server alone, as the file is: of the checkpoints only those of it',
      (typed: string) => readId('--guild', 'server', typed),
    )
    .action((file: string | undefined, options: VerifyOptions) =>
      ends(
        file === undefined
          ? import('./trail-stored.ts').then(({ verifyStored }) => verifyStored(options))
          : import('./trail-verify.ts').then(({ verifyTrail }) => verifyTrail(file, options)),
      ),
    )
  const key = trail
    .command('key')
    .description('print the public key with which anybody can verify it')
    .option('--notes', 'print it for each chain, as tools for signed notes take it', false)
    .action(({ notes }: { notes: boolean }) =>
      ends(import('./trail-export.ts').then((console) => (notes ? console.printVerifierKeys() : console.printKey()))),
    )
  const checkpoint = trail
    .command('checkpoint')
    .description('sign the record of a server as it is now, and print the note to be kept elsewhere')
    .addOption(guildSwitch())
    .action((options: { guild?: string }) =>
      ends(import('./trail-checkpoint.ts').then(({ printCheckpoint }) => printCheckpoint(options))),
    )
  const goOn = trail
    .command('go-on')
    .description('let the bot start on a record whose end is gone; shows first what is')
    .option('--yes', 'accept it; without this nothing is written', false)
    .option('--reason <text>', 'why, for the record')
    .action((options: { yes: boolean; reason?: string }) =>
      ends(import('./trail-go-on.ts').then((console) => console.goOn(options))),
    )
  explainAll([exported, verified, key, checkpoint, goOn])
}

function addUpkeep(rolecall: Command, ends: Ends): void {
  const prune = rolecall
    .command('prune')
    .description('remove what is older than RUN_RETENTION_DAYS, as the bot does once a day; shows first what would go')
    .option('--yes', 'do it; without this nothing is removed', false)
    .action((options: { yes: boolean }) => ends(import('./prune.ts').then(({ pruneNow }) => pruneNow(options))))
  const migrate = rolecall
    .command('migrate')
    .description('bring the tables of the database up to this version, as the bot does when it starts')
    .action(() => ends(import('./migrate.ts').then(({ migrateNow }) => migrateNow())))
  const erase = rolecall
    .command('erase')
    .usage('<command> [options]')
    .helpCommand(false)
    .description('what people typed about somebody, where that person asks for it')
  const member = erase
    .command('member')
    .description('erase reasons and other texts about a member; shows first how many there are')
    .argument('<id>', 'the member’s id')
    .addOption(guildSwitch())
    .option('--yes', 'erase them; without this nothing is changed', false)
    .action((id: string, options: { guild?: string; yes: boolean }) =>
      ends(import('./erase.ts').then(({ eraseMember }) => eraseMember(id, options))),
    )
  explainAll([prune, migrate, member])
}
