import { bad, checklist, good, type Line, warn } from '#commands/checklist.ts'
import { ageWords, many, nameText } from '#commands/wording.ts'
import { Address } from '#src/bot/summary/address.ts'
import { standingOf } from '#src/bot/summary/summaries.ts'
import type { Config } from '#src/config.ts'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Id } from '#src/core/model.ts'
import { reasonList } from '#src/core/reasons.ts'
import { Refusal } from '#src/core/refusal.ts'
import { plainText } from '#src/core/text.ts'
import { checkTruth } from '#src/core/truth.ts'
import type { Reply } from '#src/discord/command.ts'
import { DiscordFault, INTENTS_SENTENCE } from '#src/discord/faults.ts'
import { makeRest } from '#src/discord/rest.ts'
import { countServers, readSeesMembers } from '#src/discord/self.ts'
import { Webhook } from '#src/discord/webhook.ts'
import { StoreFault } from '#src/store/fault.ts'
import { type OpenWorld, withStore } from './open.ts'
import { withSource } from './source.ts'

// `rolecall doctor` where no bot could be asked: everything that a bot needs is tried here, each by itself.

const KNOWN = [StoreFault, DiscordFault, DirectoryUnreachable, Refusal]

const sentenceOf = (error: unknown): string | null =>
  KNOWN.some((kind) => error instanceof kind) ? (error as Error).message : null

/** `why`: what kept the bot from being asked. Throws it where that is nothing an operator can mend. */
export async function lookWithoutBot(config: Config, why: unknown): Promise<Reply> {
  const asked = sentenceOf(why)
  if (asked === null) throw why
  const looks = [storeLines(config, why), discordLines(config), summaryLines(config)] as const
  const [stored, discord, told] = await Promise.all(looks)
  const lines = [good('The settings in the environment can be read.'), ...stored.lines, ...discord.lines, ...told]
  // Where the bot was in no server, nothing could be asked about one, and the lines say what to do.
  const isNew = stored.servers === 0
  if (isNew && discord.servers !== 0) lines.push(warn(NEVER_STARTED))
  if (!isNew && !lines.some(({ text }) => text.includes(asked))) lines.push(bad(asked))
  const reply = checklist(lines)
  return { ...reply, title: `The bot could not be asked: ${reply.title}`, tone: 'bad' }
}

const NEVER_STARTED =
  'The bot has not been at work on this database yet, so nothing is known of a server. Start it: npm start'

interface Looked {
  readonly lines: readonly Line[]
  /** Null where that cannot be known. */
  readonly servers: number | null
}

async function storeLines(config: Config, why: unknown): Promise<Looked> {
  const { databaseUrl, dataDir } = config
  const name = databaseUrl === null ? `The data folder ${plainText(dataDir)}` : 'The database of DATABASE_URL'
  try {
    // A second try might find open what was shut a moment ago.
    if (why instanceof StoreFault) throw why
    return await withStore(config, async (world) => ({
      lines: [good(`${name} can be used.`), ...(await sourceLines(config, world))],
      servers: world.guildIds.length,
    }))
  } catch (error) {
    const sentence = sentenceOf(error)
    if (sentence === null) throw error
    return { lines: [bad(sentence), warn(SOURCE_UNSEEN)], servers: null }
  }
}

const SOURCE_UNSEEN = 'The identity source could not be looked at without the database; mend that first.'

/** For a server that is not known yet nothing was linked by hand or imported. */
const NOWHERE: Id = '0'

async function sourceLines(config: Config, { db, book, guildIds, now }: OpenWorld): Promise<readonly Line[]> {
  const { source } = config.identity
  const [guildId = NOWHERE] = guildIds
  if (source === 'native' && guildId === NOWHERE) return []
  try {
    const reading = await withSource(config, db, (sources) => sources.of(guildId).find([]))
    const { vitals, readAt } = reading
    const counts = `${many(vitals.identities, 'person', 'people')}, ${many(vitals.linked, 'linked account')}, ${vitals.withAccess.toLocaleString('en')} with access, read ${ageWords(now() - readAt)}`
    const accepted = await book.baseline(guildId, source, now())
    const truth = checkTruth(reading, accepted, (await book.settings(guildId)).truth)
    if (truth.suspect)
      return [
        bad(
          `The identity source \`${source}\` fails its health check (${reasonList(truth)}): ${counts}. Nobody would be acted on by it. Mend it, or see that the settings name the right one.`,
        ),
      ]
    const says = `The identity source \`${source}\` answers: ${counts}.`
    return [vitals.linked === 0 ? warn(`${says} Nobody is linked, so nobody would earn a role by it.`) : good(says)]
  } catch (error) {
    const sentence = sentenceOf(error)
    if (sentence === null) throw error
    return [bad(`The identity source \`${source}\` does not answer: ${plainText(sentence)}`)]
  }
}

const NO_TOKEN =
  'There is no DISCORD_TOKEN, so Discord cannot be asked. `npm start` says where to get one, and where to put it.'
const NO_SERVER = 'The bot is in no server. `rolecall invite` prints the address that adds it to one.'

async function discordLines({ token, apiUrl }: Config): Promise<Looked> {
  if (token === null) return { lines: [bad(NO_TOKEN)], servers: null }
  const rest = makeRest({ token, apiUrl })
  try {
    const seesMembers = await readSeesMembers(rest)
    const servers = await countServers(rest)
    const lines = [
      good('Discord accepts the token.'),
      seesMembers ? good('The bot may see the members of servers.') : bad(INTENTS_SENTENCE),
      servers === 0 ? bad(NO_SERVER) : good(`The bot is in ${many(servers, 'server')}.`),
    ]
    return { lines, servers }
  } catch (error) {
    const sentence = sentenceOf(error)
    if (sentence === null) throw error
    return { lines: [bad(sentence)], servers: null }
  }
}

/** An address is good or not whoever has it, so that neither token nor database is needed. */
async function summaryLines({ summaryWebhooks }: Config): Promise<readonly Line[]> {
  return await Promise.all(
    [...summaryWebhooks].map(async ([guildId, address]) => {
      const standing = await standingOf(new Address(guildId, new Webhook(address)))
      return 'problem' in standing
        ? bad(`The summaries of server ${guildId} cannot be posted. ${plainText(standing.problem)}`)
        : good(
            `The summaries of server ${guildId} go to <#${standing.channelId}>, by the webhook ${nameText(standing.name)}.`,
          )
    }),
  )
}
