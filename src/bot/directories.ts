import type { DatabaseIdentity } from '#src/config/identity.ts'
import type { Config } from '#src/config.ts'
import type { Directory } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import { allianceAuth } from '#src/identity/alliance-auth/questions.ts'
import { feedOf, listeningFeed } from '#src/identity/changes/listening.ts'
import { pollingFeed } from '#src/identity/changes/polling.ts'
import { DatabaseDirectory } from '#src/identity/database.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import { nativeDirectory } from '#src/identity/native.ts'
import { every } from '#src/identity/repeat.ts'
import { openIdentityServer } from '#src/identity/server/open.ts'
import { ViewQuestions } from '#src/identity/view/questions.ts'
import { readBounded } from '#src/snapshot/bounded-file.ts'
import { readIdentityFile } from '#src/snapshot/identity-file.ts'
import { readingFile } from '#src/snapshot/in-file.ts'
import type { Db } from '#src/store/handle.ts'

/** The identity source, guild by guild. */
export interface Directories {
  of(guildId: Id): Directory
  /** Lets go of every connection; whoever asks afterwards is told so. */
  close(): Promise<void>
}

export interface Around {
  readonly db: Db
  readonly now: () => number
  /** What an operator should know and nobody waits for. */
  readonly notice: (error: unknown) => void
}

/** Gives each guild its identity directory, as the operator chose: the bot's own tables, one file for all, or one database for all. */
export async function openDirectories({ identity }: Config, around: Around): Promise<Directories> {
  if (identity.source === 'native') return ownTables(around)
  if (identity.source === 'snapshot') return alike(await fileDirectory(identity.file, around.now))
  return openDatabase(identity, around)
}

function ownTables({ db, now }: Around): Directories {
  const made = new Map<Id, Directory>()
  const of = (guildId: Id): Directory => {
    const known = made.get(guildId) ?? nativeDirectory(db, guildId, now)
    made.set(guildId, known)
    return known
  }
  return { of, close: async () => {} }
}

const alike = (directory: Directory, close = async () => {}): Directories => ({ of: () => directory, close })

/** Read once: a file that changes under a running bot would be half-read sooner or later. */
async function fileDirectory(path: string, now: () => number): Promise<Directory> {
  return memoryDirectory('snapshot', readingFile(path, await readBounded(path), readIdentityFile), now)
}

function openDatabase(identity: DatabaseIdentity, { now, notice }: Around): Directories {
  const questions = identity.source === 'view' ? new ViewQuestions() : allianceAuth
  const server = openIdentityServer(identity)
  const polling = pollingFeed({ server, questions, repeat: every(identity.pollSeconds * 1_000), notice })
  const listening = listeningFeed(server)
  const feed = listening ? feedOf(polling, listening) : polling
  const directory = new DatabaseDirectory({ server, questions, feed, most: identity.maxPeople, now })
  return alike(directory, () => server.close())
}
