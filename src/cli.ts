import { Command, CommanderError } from 'commander'
import { makeDirectories } from './bot/directories.ts'
import { ConfigFault, configFromEnvironment } from './config.ts'
import { identityImport } from './console/identity.ts'
import { err, mustBeGuildId, out, restOf, withStore } from './console/open.ts'
import { replay } from './console/replay.ts'
import { settingsApply, settingsShow } from './console/settings.ts'
import { snapshotTo } from './console/snapshot.ts'
import { chooseGuild } from './console/world.ts'
import { DirectoryUnreachable } from './core/directory.ts'
import { Refusal } from './core/refusal.ts'
import { DiscordFault } from './discord/faults.ts'
import { inviteAddress } from './discord/invite.ts'
import { makeLooker } from './discord/looker.ts'
import { readApplicationId, readBotUserId } from './discord/self.ts'
import { StoreFault } from './store/fault.ts'

// The `rolecall` command. Exit codes: 0 well; 1 a fault of the program; 2 something that whoever runs it can mend.

const MENDABLE = [ConfigFault, StoreFault, DiscordFault, DirectoryUnreachable, Refusal]

/** Runs one command line and resolves to its exit code. */
async function run(argv: readonly string[]): Promise<number> {
  let code = 0
  const ends = async (deed: Promise<number>): Promise<void> => {
    code = await deed
  }
  try {
    await program(ends).parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    return codeOf(error)
  }
}

function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (MENDABLE.some((kind) => error instanceof kind)) {
    err((error as Error).message)
    return 2
  }
  err('Something went wrong inside rolecall; nothing more was done. Please report it with these lines:')
  err(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return 1
}

function program(ends: (deed: Promise<number>) => Promise<void>): Command {
  const rolecall = new Command('rolecall')
    .description(
      'Finds who holds Discord roles that the identity database does not give them, says why, and puts it right.',
    )
    .exitOverride()
    .showHelpAfterError('(rolecall --help lists the commands)')
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nThe bot itself starts with: npm start\nSettings are read from the environment and from .env; .env.example lists them.',
    )

  rolecall
    .command('demo')
    .description('show the whole story on this machine, without Discord and without a database server')
    .action(() => ends(import('./demo/demo.ts').then(({ demo }) => demo())))

  rolecall
    .command('replay')
    .description('print the plan for a snapshot file: who is out of order, why, and what would be done')
    .argument('<file>', 'a rolecall-snapshot/1 file, as `rolecall snapshot` writes it')
    .option('--json', 'print the plan as rolecall-plan/1 JSON', false)
    .action((file: string, { json }: { json: boolean }) =>
      ends(replay(file, { json }, { out: write(process.stdout), err: write(process.stderr) })),
    )

  rolecall
    .command('snapshot')
    .description('write what a plan rests on (server, identity source, settings) to a file, for replay')
    .argument('<file>', 'where to write; must not be there yet')
    .option('--guild <id>', 'the server, where the bot is in several')
    .action((file: string, { guild }: { guild?: string }) => ends(snapshot(file, guild)))

  rolecall
    .command('invite')
    .description('print the address that adds the bot to a server, with exactly the permissions it needs')
    .option('--application <id>', 'the application’s id; without it Discord is asked, with the token')
    .action(({ application }: { application?: string }) => ends(invite(application)))

  addIdentity(rolecall, ends)
  addSettings(rolecall, ends)
  return rolecall
}

function addIdentity(rolecall: Command, ends: (deed: Promise<number>) => Promise<void>): void {
  rolecall
    .command('identity')
    .description('the bot’s own identity database')
    .command('import')
    .description('put the people of a JSON file in place of those stored; shows the difference first')
    .argument('<file>', 'a rolecall-identity/1 file, or a snapshot file (its identity part)')
    .option('--guild <id>', 'the server, where the bot is in several')
    .option('--yes', 'apply it; without this nothing is written', false)
    .option('--accept-drop', 'apply it although it drops more than a tenth of the people', false)
    .option('--reason <text>', 'why, for the record')
    .action((file: string, options: { guild?: string; yes: boolean; acceptDrop: boolean; reason?: string }) =>
      ends(withStore(configFromEnvironment(), (world) => identityImport(file, options, world))),
    )
}

function addSettings(rolecall: Command, ends: (deed: Promise<number>) => Promise<void>): void {
  const settings = rolecall
    .command('settings')
    .description('policy, role mapping, exceptions, protections, overrides and limits of a server')
  settings
    .command('show')
    .description('print them as JSON, as `settings apply` takes them')
    .option('--guild <id>', 'the server, where the bot is in several')
    .action((options: { guild?: string }) =>
      ends(withStore(configFromEnvironment(), (world) => settingsShow(options, world))),
    )
  settings
    .command('apply')
    .description('change the settings that a JSON file names; shows the difference first')
    .argument('<file>', 'a JSON object of settings; those left out stay as they are')
    .option('--guild <id>', 'the server, where the bot is in several')
    .option('--yes', 'apply it; without this nothing is written', false)
    .option('--reason <text>', 'why, for the record')
    .action((file: string, options: { guild?: string; yes: boolean; reason?: string }) =>
      ends(withStore(configFromEnvironment(), (world) => settingsApply(file, options, world))),
    )
}

async function snapshot(path: string, guild: string | undefined): Promise<number> {
  const config = configFromEnvironment()
  const rest = restOf(config)
  return withStore(config, async (world) => {
    const guildId = chooseGuild(guild, world)
    const directories = await makeDirectories(config, world.db, Date.now)
    const parts = { looker: makeLooker(rest), botUserId: await readBotUserId(rest), directory: directories(guildId) }
    return snapshotTo(path, guildId, { ...world, ...parts })
  })
}

async function invite(application: string | undefined): Promise<number> {
  const id =
    application === undefined ? await readApplicationId(restOf(configFromEnvironment())) : mustBeGuildId(application)
  out(inviteAddress(id))
  return 0
}

const write = (stream: NodeJS.WritableStream) => (text: string) => void stream.write(text)

process.exitCode = await run(process.argv.slice(2))
