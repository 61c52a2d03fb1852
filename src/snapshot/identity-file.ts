import { z } from 'zod'
import type { DirectoryNames } from '#src/core/directory.ts'
import type { Id, Identity, LinkedAccount } from '#src/core/model.ts'
import { SnapshotFault } from './fault.ts'
import { checkIdentityPart, identityKeys, nameKeys } from './identity-part.ts'
import { formatOf, parseJson } from './json.ts'
import { readSnapshot } from './read.ts'
import { readShape, refuseRepeats } from './shapes.ts'
import { SNAPSHOT_FORMAT } from './snapshot.ts'

export const IDENTITY_FORMAT = 'rolecall-identity/1'

/** About 300,000 people with their accounts; more than any database that is kept by hand in a file. */
const FILE_BYTES_MAX = 64 * 1024 * 1024

/** Django's bound on the name of a group and on a username, which most identity databases share. */
const NAME_MAX = 150

/** The people of an identity source, with the accounts that each has linked, by the identity's id. */
export interface IdentityFile {
  readonly names: DirectoryNames
  readonly identities: readonly Identity[]
  readonly accounts: ReadonlyMap<string, readonly LinkedAccount[]>
}

const account = z.strictObject({
  id: z.string().min(1, { error: 'must not be empty' }),
  name: z.string(),
  organisation: z.string().nullable(),
  parentOrganisation: z.string().nullable(),
  main: z.boolean(),
})

const file = z.strictObject({
  format: z.literal(IDENTITY_FORMAT),
  ...nameKeys,
  identities: z.array(z.strictObject({ ...identityKeys, accounts: z.array(account).default([]) })),
})

/** Reads the people out of an identity file, or out of the identity part of a snapshot file. Throws `SnapshotFault`. */
export function readIdentityFile(text: string): IdentityFile {
  const bytes = Buffer.byteLength(text)
  if (bytes > FILE_BYTES_MAX) {
    const mebibytes = Math.ceil(bytes / 1024 / 1024)
    throw new SnapshotFault([], `The file has ${mebibytes} MiB; at most ${FILE_BYTES_MAX / 1024 / 1024} MiB are read.`)
  }
  const value = parseJson(text)
  return formatOf(value, [IDENTITY_FORMAT, SNAPSHOT_FORMAT]) === SNAPSHOT_FORMAT ? ofSnapshot(text) : ofPeople(value)
}

function ofSnapshot(text: string): IdentityFile {
  const { identity } = readSnapshot(text).snapshot
  checkTexts(identity, ['identity'])
  return { names: once(identity.names), identities: identity.identities.map(withoutRepeats), accounts: new Map() }
}

function ofPeople(value: unknown): IdentityFile {
  const { groups, states, reservedNames, identities } = readShape(file, value)
  const names = { groups, states, reservedNames }
  checkIdentityPart({ ...names, identities }, [])
  const accounts = new Map<string, readonly LinkedAccount[]>()
  const people = identities.map(({ accounts: linked, ...identity }, at) => {
    checkAccounts(linked, ['identities', at, 'accounts'])
    accounts.set(identity.id, linked)
    return identity
  })
  checkTexts({ names, identities: people }, [])
  return { names: once(names), identities: people.map(withoutRepeats), accounts }
}

function checkAccounts(accounts: readonly LinkedAccount[], at: readonly PropertyKey[]): void {
  refuseRepeats(
    accounts.map(({ id }) => id),
    'account',
    at,
    ['id'],
  )
  const mains = accounts.flatMap(({ main }, index) => (main ? [index] : []))
  if (mains.length > 1) throw new SnapshotFault([...at, mains[1]!, 'main'], 'only one account can be the main one.')
  for (const [index, { id, name, organisation, parentOrganisation }] of accounts.entries()) {
    for (const [key, text] of Object.entries({ id, name, organisation, parentOrganisation })) {
      checkText(text, [...at, index, key])
    }
  }
}

function checkTexts(
  { names, identities }: Pick<IdentityFile, 'names' | 'identities'>,
  at: readonly PropertyKey[],
): void {
  for (const [key, list] of Object.entries(names)) {
    for (const [index, name] of (list as readonly string[]).entries()) checkText(name, [...at, key, index])
  }
  for (const [index, { username }] of identities.entries())
    checkText(username, [...at, 'identities', index, 'username'])
}

/** Names are stored and shown, so they have a length and are text that a database takes. */
function checkText(text: string | null, at: readonly PropertyKey[]): void {
  if (text === null) return
  if (text.length > NAME_MAX && [...text].length > NAME_MAX) {
    throw new SnapshotFault(at, `is longer than ${NAME_MAX} characters.`)
  }
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new SnapshotFault(at, 'holds a NUL or half a character, which no database stores.')
  }
}

/** What may come twice in a file counts once. */
function once({ groups, states, reservedNames }: DirectoryNames): DirectoryNames {
  return { groups, states, reservedNames: [...new Set(reservedNames)] }
}

function withoutRepeats(identity: Identity): Identity {
  const discordIds: readonly Id[] = [...new Set(identity.discordIds)]
  return { ...identity, groups: [...new Set(identity.groups)], discordIds }
}
