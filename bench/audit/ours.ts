import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { allianceAuth } from '#src/identity/alliance-auth/questions.ts'
import { DatabaseDirectory } from '#src/identity/database.ts'
import { openIdentityServer } from '#src/identity/server/open.ts'
import { type AuditOrder, audit } from '#src/loop/audit.ts'
import { Queue } from '#src/loop/queue.ts'
import type { World } from '#src/loop/world.ts'
import { digestInSteps, digestOf } from '#src/snapshot/digest.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import { makeBook } from '#src/store/book.ts'
import { openDatabase } from '#src/store/database.ts'
import { makeAppend } from '#src/trail/append.ts'
import { Uuid7 } from '#src/trail/uuid7.ts'
import { settingsOf } from '../decide/orders.ts'
import { fillRoster } from '../guild/ours.ts'
import { GUILD_ID, Town } from '../guild/town.ts'
import { type Auditor, type AuditPlan, storedFindings } from './side.ts'

const ACTOR = 'cli:bench'
const HOUR_MS = 3_600_000

/** Our loop with its real book, identity source and roster, as a report is asked of it; of Discord it needs the guild alone. */
export async function openOurs({ town: plan, identity, record }: AuditPlan): Promise<Auditor> {
  const town = new Town(plan)
  const roster = fillRoster(town)
  const database = await openDatabase({ url: record, dataDir: tmpdir(), log: () => {} })
  const ids = new Uuid7(Date.now, randomBytes)
  const newId = () => ids.next()
  const book = makeBook({ db: database.db, append: makeAppend(newId), copies: true, readSettings, writeSettings })
  const { acknowledged: _, ...settings } = writeSettings(settingsOf(town))
  await book.saveSettings(GUILD_ID, settings, { actor: ACTOR, reason: null, at: Date.now() })
  const server = openIdentityServer({ address: identity, tls: { mode: 'off' }, timeoutSeconds: 60 })
  const unheard = { feed: () => () => {}, pollMs: HOUR_MS, isHeard: () => false }
  const directory = new DatabaseDirectory({
    server,
    questions: allianceAuth,
    ...unheard,
    most: plan.members,
    now: Date.now,
  })
  const nobody = () => Promise.reject(new Error('a report asks this of nobody'))
  const world: World = {
    ...{ now: Date.now, elapsed: () => performance.now(), discordNow: Date.now, newId, digestOf, digestInSteps, book },
    ...{
      roster: () => roster,
      directory: () => directory,
      settingsDigest: (settings) => digestOf(writeSettings(settings)),
    },
    looker: { guild: async () => roster.guild()!, member: nobody, standing: nobody, roleChanges: nobody },
    enforcer: { perform: nobody, pace: () => 1 },
    ...{ mayAct: () => true, mayStill: () => true, bulkStrip: false, deadlineMs: HOUR_MS, tell: () => {} },
    notice: (message) => {
      throw new Error(message)
    },
  }
  const queue = new Queue()
  return {
    run: async () => {
      const order: AuditOrder = {
        ...{ guildId: GUILD_ID, purpose: 'audit', cause: null, only: { memberId: null, roleId: null } },
        ...{ trigger: 'slash', action: 'report', actor: ACTOR, mayDestroy: true, reason: null, lane: 'command' },
        idempotencyKey: newId(),
      }
      const run = await audit(world, queue, order, { asked: false }, () => {})
      if (run.state !== 'completed') throw new Error(`our run ended ${run.state}: ${run.problem}`)
      return () => storedFindings(database.sql, 'findings', `run_id = '${run.id}'`)
    },
    close: async () => {
      await server.close()
      await database.close()
    },
  }
}
