import { readFile } from 'node:fs/promises'
import type { Config } from '#src/config.ts'
import type { Directory } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import { nativeDirectory } from '#src/identity/native.ts'
import { readIdentityFile } from '#src/snapshot/identity-file.ts'
import type { Db } from '#src/store/handle.ts'

/** Gives each guild its identity directory, as the operator chose: the bot's own tables, or one file for all. */
export async function makeDirectories(config: Config, db: Db, now: () => number): Promise<(guildId: Id) => Directory> {
  if (config.identity.source === 'snapshot') {
    const directory = await fileDirectory(config.identity.file, now)
    return () => directory
  }
  const made = new Map<Id, Directory>()
  return (guildId) => {
    const known = made.get(guildId) ?? nativeDirectory(db, guildId, now)
    made.set(guildId, known)
    return known
  }
}

/** Read once: a file that changes under a running bot would be half-read sooner or later. */
async function fileDirectory(path: string, now: () => number): Promise<Directory> {
  const { accounts, ...people } = readIdentityFile(await textOf(path))
  return memoryDirectory('snapshot', { ...people, accounts }, now)
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? 'no reason given'})`
    throw new Refusal(`IDENTITY_FILE names ${path}, but ${why}. Correct the path, or let IDENTITY_SOURCE be native.`)
  }
}
