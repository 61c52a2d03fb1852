import type { Id } from '#src/core/model.ts'
import type { Checkup, CommandWorld } from '#src/discord/command.ts'
import type { IdentityCommands } from '#src/discord/world/identity.ts'
import type { ReadingCommands } from '#src/discord/world/readings.ts'
import type { RunCommands } from '#src/discord/world/runs.ts'
import { acknowledgeFirstRun } from '#src/loop/acknowledge.ts'
import { acknowledgePlan } from '#src/loop/approve.ts'
import { type AuditOrder, audit } from '#src/loop/audit.ts'
import { checkUp } from '#src/loop/checkup.ts'
import { diff } from '#src/loop/diff.ts'
import { explainMember } from '#src/loop/explain.ts'
import { mayDestroy } from '#src/loop/invoking.ts'
import { linkByHand, unlinkByHand } from '#src/loop/link.ts'
import { whoIsMissing } from '#src/loop/people-diff.ts'
import { previewPolicy } from '#src/loop/preview.ts'
import { abandon, resume } from '#src/loop/resume.ts'
import { acknowledgeSource, lookAtSource } from '#src/loop/source.ts'
import { stop } from '#src/loop/stop.ts'
import { undo } from '#src/loop/undo.ts'
import { sourceStanding, whoIs } from '#src/loop/who-is.ts'
import { foundByRun } from '#src/store/found.ts'
import { placedOverrides } from '#src/store/placed-overrides.ts'
import { sinkStandings } from '#src/store/sink-standings.ts'
import { failingAnchors } from '#src/trail/anchoring.ts'
import type { CommandWorldParts } from './command-parts.ts'
import { governedIn } from './governed-roles.ts'
import { statusOf } from './guild-status.ts'
import { historyCommands } from './past.ts'
import { settingCommands } from './setting-commands.ts'
import { mayKnowOf } from './summary/sink.ts'
import { isMember, isRole } from './who-is-there.ts'

/** What the commands may ask of the bot, joined from the loop and the store. */
export const makeCommandWorld = (parts: CommandWorldParts): CommandWorld => ({
  now: () => parts.world.now(),
  ...runCommands(parts),
  ...readingCommands(parts),
  ...historyCommands(parts),
  ...identityCommands(parts),
  ...settingCommands(parts),
})

function runCommands({ world, queue, halt }: CommandWorldParts): RunCommands {
  return {
    audit: (request, onProgress) => audit(world, queue, toOrder(request), halt, onProgress),
    resume: (guildId, runId, by, onProgress) => resume(world, queue, { guildId, runId, by }, halt, onProgress),
    abandon: (guildId, runId, by) => abandon(world, { guildId, runId, by }),
    undo: (request, onProgress) => undo(world, queue, request, halt, onProgress),
    stop: (guildId, by) => stop(world, guildId, by),
    acknowledgeFirstRun: (guildId, runId, by) => acknowledgeFirstRun(world, guildId, runId, by),
    acknowledgePlan: (guildId, plan, by, onProgress) =>
      acknowledgePlan(world, queue, { guildId, ...plan, by }, halt, onProgress),
  }
}

/** Lines that a sink refused, named in one answer. */
const PARKED_SHOWN = 5

async function wholeCheckup({ world, db, anchors, summaries }: CommandWorldParts, guildId: Id): Promise<Checkup> {
  const [checkup, failing, standing] = await Promise.all([
    checkUp(world, guildId),
    failingAnchors(db, anchors),
    summaries.standing(guildId),
  ])
  return { ...checkup, anchors: failing, summaries: standing }
}

function readingCommands(parts: CommandWorldParts): ReadingCommands {
  const { world, posts, book, db } = parts
  return {
    status: (guildId, actor) => statusOf(parts, guildId, actor),
    checkUp: (guildId) => wholeCheckup(parts, guildId),
    sinks: async (guildId) => {
      const standings = await sinkStandings(db, { chain: guildId, parked: PARKED_SHOWN })
      return standings.filter(({ name }) => mayKnowOf(name, guildId))
    },
    run: (guildId, runId) => book.run(guildId, runId),
    runs: (guildId, page) => book.runsPage(guildId, page),
    diff: (guildId, runId) => diff(world, guildId, runId),
    grantors: (guildId, since, limit) => book.grantors(guildId, since, limit),
    findings: (guildId, runId, page) => book.findingsPage(guildId, runId, page),
    atStake: (guildId, runId) => book.countAtStake(guildId, runId),
    foundByRun: (guildId, runId) => foundByRun(db, guildId, runId),
    placedOverrides: (guildId, memberIds) => placedOverrides(db, guildId, memberIds),
    isMember: (guildId, memberId) => isMember(parts, guildId, memberId),
    isRole: (guildId, roleId) => isRole(parts, guildId, roleId),
    explain: (guildId, memberId, may) => explainMember(world, guildId, memberId, may),
    previewPolicy: (guildId, edit) => previewPolicy(world, guildId, edit),
    governed: (guildId) => governedIn(world, posts, guildId),
  }
}

function identityCommands(parts: CommandWorldParts): IdentityCommands {
  const { world, book } = parts
  return {
    names: async (guildId) => (await world.directory(guildId).find([])).names,
    sourceStanding: (guildId) => sourceStanding(world, guildId),
    whoIsMissing: (guildId, most) => whoIsMissing(world, guildId, most),
    whoIs: (guildId, memberId) => whoIs(world, book, guildId, memberId),
    linkByHand: (wanted) => linkByHand(parts, wanted),
    unlinkByHand: (guildId, memberId, by) => unlinkByHand(parts, guildId, memberId, by),
    lookAtSource: (guildId) => lookAtSource(world, guildId),
    acknowledgeSource: (guildId, digest, by) => acknowledgeSource(world, guildId, digest, by),
  }
}

/** What somebody asked for goes before what the clock did; their own permissions decide whether it may destroy. */
const toOrder = ({ guildId, by, action, only }: Parameters<CommandWorld['audit']>[0]): AuditOrder => ({
  guildId,
  purpose: 'audit',
  cause: null,
  only,
  trigger: by.actor.startsWith('cli:') ? 'cli' : 'slash',
  action,
  actor: by.actor,
  mayDestroy: mayDestroy(action, by),
  reason: by.reason,
  lane: 'command',
  idempotencyKey: by.cause,
  stoppedSince: by.stoppedSince,
})
