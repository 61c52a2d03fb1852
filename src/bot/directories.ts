import type { DatabaseIdentity } from '#src/config/identity.ts'
import type { Config } from '#src/config.ts'
import type { Directory } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import { allianceAuth } from '#src/identity/alliance-auth/questions.ts'
import { earOf, feedOf } from '#src/identity/changes/listening.ts'
import { pollingFeed } from '#src/identity/changes/polling.ts'
import { DatabaseDirectory } from '#src/identity/database.ts'
import { LinkedDirectory } from '#src/identity/linked.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import { nativeDirectory } from '#src/identity/native.ts'
import { type After, every, type Repeat } from '#src/identity/repeat.ts'
import { openIdentityServer } from '#src/identity/server/open.ts'
import { ViewQuestions } from '#src/identity/view/questions.ts'
import { readBounded } from '#src/snapshot/bounded-file.ts'
import { readIdentityFile } from '#src/snapshot/identity-file.ts'
import { readingFile } from '#src/snapshot/in-file.ts'
import type { Db } from '#src/store/handle.ts'
import { allLinkedIdentities, linkedIdentities } from '#src/store/manual-links.ts'

/** The identity source, guild by guild. */
interface Sources {
  of(guildId: Id): Directory
  /** How often it is asked whether somebody has changed of whom the source does not tell by itself. */
  readonly repeat: Repeat
  /** Lets go of every connection; whoever asks afterwards is told so. */
  close(): Promise<void>
}

/** The same, with the links that were made by hand in each guild. */
export interface Directories extends Omit<Sources, 'repeat'> {
  /** Tells whoever watches that a link of this account was made or taken away by hand. */
  relinked(guildId: Id, discordId: Id): void
}

export interface Around {
  readonly db: Db
  readonly now: () => number
  /** The wait between two looks for changes; by the machine's own time where left out. */
  readonly after?: After
  /** What an operator should know and nobody waits for. */
  readonly notice: (error: unknown) => void
}

/** Gives each guild its identity directory, in which the links by hand of that guild count. */
export async function openDirectories(config: Config, around: Around): Promise<Directories> {
  const sources = await openSources(config, around)
  const made = new Map<Id, LinkedDirectory>()
  const of = (guildId: Id): LinkedDirectory => {
    const known = made.get(guildId) ?? linked(around.db, guildId, sources)
    made.set(guildId, known)
    return known
  }
  return { of, relinked: (guildId, discordId) => of(guildId).relinked(discordId), close: () => sources.close() }
}

function linked(db: Db, guildId: Id, sources: Sources): LinkedDirectory {
  const directory = sources.of(guildId)
  const links = {
    of: (discordIds: readonly Id[]) => linkedIdentities(db, guildId, directory.source, discordIds),
    all: () => allLinkedIdentities(db, guildId, directory.source),
  }
  return new LinkedDirectory(directory, links, sources.repeat)
}

/** As the operator chose: the bot's own tables, one file for all, or one database for all. */
async function openSources({ identity }: Config, around: Around): Promise<Sources> {
  if (identity.source === 'native') return ownTables(around)
  if (identity.source === 'snapshot') return alike(await fileDirectory(identity.file, around.now), never)
  return openDatabase(identity, around)
}

/** As often as the bot's own tables are asked whether somebody else has changed them. */
const OWN_TABLES_MS = 5_000
/** What was read once does not change. */
const never: Repeat = () => () => {}

function ownTables({ db, now, after }: Around): Sources {
  const repeat = every(OWN_TABLES_MS, after)
  return { of: (guildId) => nativeDirectory(db, guildId, now, repeat), repeat, close: async () => {} }
}

const alike = (directory: Directory, repeat: Repeat, close = async () => {}): Sources => ({
  of: () => directory,
  repeat,
  close,
})

/** Read once: a file that changes under a running bot would be half-read sooner or later. */
async function fileDirectory(path: string, now: () => number): Promise<Directory> {
  return memoryDirectory('snapshot', readingFile(path, await readBounded(path), readIdentityFile), now)
}

function openDatabase(identity: DatabaseIdentity, { now, after, notice }: Around): Sources {
  const questions = identity.source === 'view' ? new ViewQuestions() : allianceAuth
  const server = openIdentityServer(identity)
  const pollMs = identity.pollSeconds * 1_000
  const repeat = every(pollMs, after)
  const ear = earOf(server)
  const isHeard = () => ear?.isOpen ?? false
  const most = identity.maxPeople
  const polling = pollingFeed({ server, questions, repeat, isHeard, most, notice })
  const feed = ear ? feedOf(polling, ear.feed) : polling
  const directory = new DatabaseDirectory({ server, questions, feed, pollMs, isHeard, most, now })
  return alike(directory, repeat, () => server.close())
}
