import { access, rename, rm, writeFile } from 'node:fs/promises'
import type { Directory } from '#src/core/directory.ts'
import type { Guild, Id, Settings } from '#src/core/model.ts'
import { identitiesOf } from '#src/core/people.ts'
import { DEFAULT_INVOCATION } from '#src/core/policy.ts'
import { NotThere, Refusal } from '#src/core/refusal.ts'
import { toMember } from '#src/discord/answers.ts'
import { DiscordFault } from '#src/discord/faults.ts'
import { type Looker, PAGE } from '#src/discord/looker.ts'
import { count, shown } from '#src/identity/words.ts'
import { numbered } from '#src/snapshot/numbered.ts'
import type { Person, Snapshot } from '#src/snapshot/snapshot.ts'
import { readTime } from '#src/snapshot/time.ts'
import { writeSnapshot } from '#src/snapshot/write.ts'
import type { Book } from '#src/store/book.ts'

export interface SnapshotWorld {
  readonly looker: Looker
  readonly botUserId: Id
  readonly directory: Directory
  readonly book: Pick<Book, 'settings' | 'baseline'>
  now(): number
  /** Each writes one line. */
  out(line: string): void
  err(line: string): void
}

/** A guild of more members than this is not written as one JSON file; the longest text that the engine holds is near 512 Mi characters. */
const MEMBERS_MAX = 1_000_000
/** How much of a file's name is repeated in a sentence that refuses it. */
const NAME_WIDTH = 60
/** How often a long listing says how far it is, in pages of 1,000 members. */
const PROGRESS_PAGES = 10

/** `rolecall snapshot FILE`: writes what a plan rests on (the guild at Discord, its identity source, its settings) for `rolecall replay`. Whole, or not at all. */
export async function snapshotTo(path: string, guildId: Id, world: SnapshotWorld): Promise<number> {
  await mustBeFree(path)
  const guild = await guildAt(guildId, world)
  const raw = await listEverybody(guildId, world)
  const source = await world.directory.snapshot()
  const own = [...identitiesOf(source.people)]
  const renumbered = numbered(own)
  const identities = renumbered ?? own
  const settings = await world.book.settings(guildId)
  const snapshot: Snapshot = {
    takenAt: world.now(),
    guild,
    members: raw.map((member) => toMember(member, guildId)),
    people: new Map(raw.map((member) => [idOf(member), personOf(member)])),
    identity: { names: source.names, identities },
    settings: settings satisfies Settings,
    invocation: DEFAULT_INVOCATION,
    baseline: await world.book.baseline(guildId, world.directory.source, world.now()),
  }
  await writeWhole(path, writeSnapshot(snapshot))
  if (renumbered) world.err(NUMBERED)
  world.out(
    `Wrote ${count(raw.length, 'member', 'members')} and ${count(identities.length, 'identity', 'identities')} to ${path}. See what would follow with: rolecall replay ${path}`,
  )
  return 0
}

const NUMBERED =
  'Note: the ids of people in the identity source are no numbers, and a snapshot holds numbers alone. In this file people are numbered from 1, in the order of their ids; their names are the source’s.'

/** What Discord says of a server that the bot is not in: Unknown Guild, or Missing Access. */
const NOT_IN_IT: readonly (number | null)[] = [10_004, 50_001]

async function guildAt(guildId: Id, { looker, botUserId }: SnapshotWorld): Promise<Guild> {
  try {
    return await looker.guild(guildId, botUserId)
  } catch (error) {
    if (!(error instanceof DiscordFault && NOT_IN_IT.includes(error.code))) throw error
    throw new NotThere(
      `The bot is not in a server with the id ${guildId}, so nothing was written. \`rolecall invite\` prints the address that adds it to one.`,
    )
  }
}

async function mustBeFree(path: string): Promise<void> {
  const taken = await access(path).then(
    () => true,
    () => false,
  )
  if (taken)
    throw new Refusal(
      `${shown(path, NAME_WIDTH)} is there already, and a snapshot is never written over something. Choose another name, or remove it first.`,
    )
}

async function listEverybody(guildId: Id, { looker, err }: SnapshotWorld): Promise<readonly unknown[]> {
  const everybody: unknown[] = []
  let after: Id = '0'
  for (let page = 1; ; page += 1) {
    const members = await looker.listRawMembers(guildId, after)
    everybody.push(...members)
    if (everybody.length > MEMBERS_MAX)
      throw new Refusal(
        `Server ${guildId} has more than ${MEMBERS_MAX.toLocaleString('en')} members, which one file cannot hold. Nothing was written.`,
      )
    const last = members.at(-1)
    if (members.length < PAGE || last === undefined) return everybody
    after = idOf(last)
    if (page % PROGRESS_PAGES === 0) err(`Read ${everybody.length.toLocaleString('en')} members …`)
  }
}

const idOf = (member: unknown): Id => toMember(member, '0').id

interface NamedPart {
  readonly user?: { readonly username?: unknown }
  readonly nick?: unknown
  readonly joined_at?: unknown
}

function personOf(raw: unknown): Person {
  const { user, nick, joined_at } = raw as NamedPart
  return {
    username: typeof user?.username === 'string' ? user.username : '',
    nick: typeof nick === 'string' ? nick : null,
    joinedAt: typeof joined_at === 'string' ? readTime(joined_at) : null,
  }
}

/** Beside its place first, then moved there in one step: a reader never sees half a file. */
async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.part`
  try {
    await writeFile(beside, text, { flag: 'wx', mode: 0o600 })
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    const { code } = error as NodeJS.ErrnoException
    throw new Refusal(
      `${shown(path, NAME_WIDTH)} cannot be written (${code ?? 'no reason given'}), so nothing was. See that the folder is there, that there is room, and that this account may write in it.`,
    )
  }
}
