import { type Bot, type BotConfig, startBot } from '#src/bot/start.ts'
import { readConfig } from '#src/config.ts'
import { applyImport, storedPeople } from '#src/identity/import.ts'
import { planImport } from '#src/identity/plan.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import { makeBook } from '#src/store/book.ts'
import { openDatabase } from '#src/store/database.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { makeAppend } from '#src/trail/append.ts'
import { GUILD_ID, Town, type TownPlan } from '../guild/town.ts'
import { answer } from '../peer.ts'
import type { Address } from './discord.ts'
import { toPeople } from './guild.ts'
import type { Place } from './place.ts'

// The process of our bot: whole, by the same road as in production, with a real database engine.

export type OurQuestion =
  | ({ readonly ask: 'start' } & Start)
  /** Strips everybody who is out of order. */
  | { readonly ask: 'sweep' }
  | { readonly ask: 'stop' }

export interface Start {
  readonly town: TownPlan
  readonly place: Place
  readonly address: Address
  /** What the bot allows itself in a second; null: as at Discord. */
  readonly perSecond: number | null
}

const ACTOR = 'cli:bench'
const STRIP = { policy: { unknown_guest: 'strip', linked_no_perm: 'strip', role_drift: 'strip' } }

/** What an operator does on the console before the first start: the people imported, and a policy that strips. */
async function furnish({ url, dataDir }: Place, plan: TownPlan): Promise<void> {
  const { db, close } = await openDatabase({ ...(url !== null && { url }), dataDir, log: () => {} })
  const append = makeAppend(() => crypto.randomUUID())
  const change = { actor: ACTOR, reason: null, at: Date.now() } as const
  try {
    const people = toPeople(new Town(plan))
    const { beforeDigest: expectedDigest } = planImport(await storedPeople(db, GUILD_ID), people)
    await applyImport(db, GUILD_ID, people, { ...change, expectedDigest, acceptDrop: true, append })
    await makeBook({ db, append, readSettings, writeSettings }).saveSettings(GUILD_ID, STRIP, change)
  } finally {
    await close()
  }
}

async function start({ address: { apiUrl, token }, place: { url, dataDir }, perSecond }: Start): Promise<Bot> {
  const environment = {
    DISCORD_TOKEN: token,
    DISCORD_API_URL: apiUrl,
    DATA_DIR: dataDir,
    ...(url !== null && { DATABASE_URL: url }),
  }
  const config = readConfig(environment) as BotConfig
  const log = makeLog({ level: 'error', secrets: config.secrets })
  return startBot(config, log, perSecond === null ? {} : { perSecond })
}

/** Gives a command as at a console, and answers with all that was said of it. */
async function order(bot: Bot, words: string, options: Readonly<Record<string, string>> = {}): Promise<string> {
  const [command = '', subcommand = null] = words.split(' ')
  const how = { guildId: GUILD_ID, requestId: crypto.randomUUID(), actor: ACTOR } as const
  const { reply, refused } = await bot.ask({ ...how, command, subcommand, options }, () => {})
  if (refused) throw new Error(`our bot refused ${words}: ${reply.text}`)
  return JSON.stringify(reply)
}

/** A human reads a report, lifts the first-run lock by it, and arms. */
async function arm(bot: Bot): Promise<void> {
  const report = await order(bot, 'audit run')
  const run = /run ([0-9a-f-]{36})/.exec(report)?.[1]
  if (run === undefined) throw new Error(`our bot's report names no run: ${report}`)
  await order(bot, 'acknowledge first-run', { run })
  await order(bot, 'arm realtime')
}

let bot: Bot | undefined

answer(async (question: OurQuestion) => {
  switch (question.ask) {
    case 'start':
      await furnish(question.place, question.town)
      bot = await start(question)
      await arm(bot)
      return null
    case 'sweep':
      return order(bot!, 'audit run', { action: 'strip' })
    case 'stop':
      await bot?.stop()
      return null
  }
})
