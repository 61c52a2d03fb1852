import type { Arrangements } from '#src/core/arrangements.ts'
import type { Capability } from '#src/core/capability.ts'
import type { ManualLink } from '#src/core/link.ts'
import type { Id, Override, Settings } from '#src/core/model.ts'
import type { Grantor } from '#src/core/notice.ts'
import type { Quarantine, Retry, Run } from '#src/core/run.ts'
import { type Armed, setArmed } from './arming.ts'
import { arrange, findArrangements } from './arrangements.ts'
import { type Blindness, endBlindness, findBlindness, goBlind } from './blindness.ts'
import { findCapabilities, grantCapability, revokeCapability } from './capabilities.ts'
import { type Contest, type ContestFacts, contest, contested, endContest, lastContests } from './contests.ts'
import { countGrantors, type GrantorCount, lastGrantor, noteGrant } from './grants.ts'
import { acknowledge, acknowledgement, guildIds, rememberGuild } from './guilds.ts'
import type { Db } from './handle.ts'
import type { AppendLines, By, Change, Ledger } from './ledger.ts'
import { findLink, linkByHand, linksTo, unlinkByHand } from './manual-links.ts'
import { liftOverride, setOverride } from './member-overrides.ts'
import {
  answerOrder,
  findOrder,
  giveUpOrder,
  type NewOrder,
  noteProgress,
  type Order,
  placeOrder,
  type TakenOrder,
  takeOrders,
} from './orders.ts'
import { findQuarantines, quarantine, release } from './quarantines.ts'
import { dropRetriesOf, dropRetry, dueRetries, scheduleRetry } from './retries.ts'
import { clearSlot, findSlot, findSlots, type ScheduleSlot, setSlot, startSlot } from './schedule-slots.ts'
import {
  changeSettings,
  findSettings,
  type ReadText,
  readingOnce,
  type SettingsChange,
  type SettingsForm,
  saveSettings,
} from './settings.ts'
import { findSubscribers, isSubscribed, subscribe } from './subscriptions.ts'
import { sweep } from './sweep.ts'

export interface StandingParts extends SettingsForm {
  readonly db: Db
  readonly append: AppendLines
  /** On a server, where many rows can be copied in; left out on the embedded engine. */
  readonly copies?: boolean
}

/** The half of the book that says how things stand between the bot and a guild: what is set, left alone, granted, due, and asked for. */
export class StandingBook {
  protected readonly ledger: Ledger
  protected readonly form: SettingsForm
  protected readonly readSettings: ReadText

  constructor({ db, append, copies = false, readSettings, writeSettings }: StandingParts) {
    this.ledger = { db, append, copies }
    this.form = { readSettings, writeSettings }
    this.readSettings = readingOnce(this.form)
  }

  settings(guildId: Id): Promise<Settings> {
    return findSettings(this.ledger, this.readSettings, guildId)
  }

  /** `wanted` names the settings to replace, in a snapshot file's form. Returns the names of those that changed. */
  saveSettings(guildId: Id, wanted: Readonly<Record<string, unknown>>, change: Change): Promise<readonly string[]> {
    return saveSettings(this.ledger, this.form, guildId, wanted, change)
  }

  /** `edit` is given the settings as they are and returns those that shall be different; arming and the first-run lock are not among them. */
  changeSettings(
    guildId: Id,
    edit: (settings: Settings) => Partial<Settings>,
    change: Change,
  ): Promise<SettingsChange> {
    return changeSettings(this.ledger, this.form, guildId, edit, change)
  }

  /** Throws `Refusal` where something would be armed while the first-run lock holds, or a schedule that is not set. */
  setArmed(
    guildId: Id,
    wanted: Partial<Armed>,
    change: Change,
  ): Promise<{ readonly before: Armed; readonly after: Armed }> {
    return setArmed(this.ledger, this.form, guildId, wanted, change)
  }

  setOverride(guildId: Id, override: Override, change: Change): Promise<void> {
    return setOverride(this.ledger, this.form, guildId, override, change)
  }

  /** False where the member had none. */
  liftOverride(guildId: Id, memberId: Id, change: Change): Promise<boolean> {
    return liftOverride(this.ledger, this.form, guildId, memberId, change)
  }

  arrangements(guildId: Id): Promise<Arrangements> {
    return findArrangements(this.ledger, guildId)
  }

  arrange(guildId: Id, wanted: Partial<Arrangements>, change: Change): Promise<Arrangements> {
    return arrange(this.ledger, guildId, wanted, change)
  }

  rememberGuild(guildId: Id, name: string, at: number): Promise<void> {
    return rememberGuild(this.ledger, guildId, name, at)
  }

  /** The guilds that this installation has seen. */
  guildIds(): Promise<readonly Id[]> {
    return guildIds(this.ledger.db)
  }

  acknowledge(guildId: Id, run: Run, change: Change): Promise<void> {
    return acknowledge(this.ledger, guildId, run, change)
  }

  /** Who lifted the first-run lock, when, and by which run; null where it holds. */
  acknowledgement(guildId: Id): Promise<{ readonly by: string; readonly at: number; readonly run: string } | null> {
    return acknowledgement(this.ledger, guildId)
  }

  quarantine(guildId: Id, what: Id | 'kick', detail: string, runId: string | null, at: number): Promise<boolean> {
    return quarantine(this.ledger, guildId, what, detail, runId, at)
  }

  quarantines(guildId: Id): Promise<ReadonlyMap<Id | 'kick', Quarantine>> {
    return findQuarantines(this.ledger, guildId)
  }

  release(guildId: Id, what: readonly (Id | 'kick')[], by: By): Promise<readonly (Id | 'kick')[]> {
    return release(this.ledger, guildId, what, by)
  }

  contest(guildId: Id, memberId: Id, roleId: Id, facts: ContestFacts): Promise<boolean> {
    return contest(this.ledger, guildId, memberId, roleId, facts)
  }

  contested(guildId: Id, memberId: Id): Promise<ReadonlySet<Id>> {
    return contested(this.ledger, guildId, memberId)
  }

  /** The newest first. */
  contests(guildId: Id, limit: number): Promise<readonly Contest[]> {
    return lastContests(this.ledger, guildId, limit)
  }

  endContest(guildId: Id, memberId: Id, by: By): Promise<void> {
    return endContest(this.ledger, guildId, memberId, by)
  }

  noteGrant(
    guildId: Id,
    grant: { readonly memberId: Id; readonly roleId: Id; readonly grantor: Grantor; readonly at: number },
  ): Promise<void> {
    return noteGrant(this.ledger, guildId, grant)
  }

  lastGrantor(guildId: Id, memberId: Id, roleId: Id, since: number): Promise<Grantor> {
    return lastGrantor(this.ledger, guildId, memberId, roleId, since)
  }

  /** Who gave roles that were not earned since then, the most first. */
  grantors(guildId: Id, since: number, limit: number): Promise<readonly GrantorCount[]> {
    return countGrantors(this.ledger, guildId, since, limit)
  }

  goBlind(guildId: Id, facts: Omit<Blindness, 'since'> & { readonly at: number }): Promise<boolean> {
    return goBlind(this.ledger, guildId, facts)
  }

  endBlindness(guildId: Id, at: number): Promise<number | null> {
    return endBlindness(this.ledger, guildId, at)
  }

  blindness(guildId: Id): Promise<Blindness | null> {
    return findBlindness(this.ledger, guildId)
  }

  capabilities(guildId: Id): Promise<ReadonlyMap<Capability, readonly Id[]>> {
    return findCapabilities(this.ledger, guildId)
  }

  grantCapability(guildId: Id, capability: Capability, roleId: Id, change: Change): Promise<'granted' | 'had it'> {
    return grantCapability(this.ledger, guildId, capability, roleId, change)
  }

  revokeCapability(guildId: Id, capability: Capability, roleId: Id, change: Change): Promise<'revoked' | 'had it not'> {
    return revokeCapability(this.ledger, guildId, capability, roleId, change)
  }

  /** Null: this account is not linked by hand. */
  link(guildId: Id, discordId: Id): Promise<ManualLink | null> {
    return findLink(this.ledger.db, guildId, discordId)
  }

  /** The accounts that were linked by hand to any of these identities of this source. */
  linksTo(guildId: Id, source: string, identityIds: readonly string[]): Promise<readonly ManualLink[]> {
    return linksTo(this.ledger.db, guildId, source, identityIds)
  }

  /** Throws `Refusal` where the account is linked by hand already. */
  linkByHand(guildId: Id, link: Parameters<typeof linkByHand>[2], change: Change): Promise<void> {
    return linkByHand(this.ledger, guildId, link, change)
  }

  /** Returns the link that was there; null where there was none. */
  unlinkByHand(guildId: Id, discordId: Id, change: Change): Promise<ManualLink | null> {
    return unlinkByHand(this.ledger, guildId, discordId, change)
  }

  subscribed(guildId: Id, memberId: Id): Promise<boolean> {
    return isSubscribed(this.ledger, guildId, memberId)
  }

  subscribe(guildId: Id, memberId: Id, wanted: boolean, change: Change): Promise<void> {
    return subscribe(this.ledger, guildId, memberId, wanted, change)
  }

  subscribers(guildId: Id): Promise<readonly Id[]> {
    return findSubscribers(this.ledger, guildId)
  }

  slot(guildId: Id): Promise<ScheduleSlot | null> {
    return findSlot(this.ledger, guildId)
  }

  /** Those of every guild, the soonest first. */
  slots(): Promise<readonly ScheduleSlot[]> {
    return findSlots(this.ledger)
  }

  setSlot(guildId: Id, slot: { readonly expression: string; readonly nextAt: number }): Promise<void> {
    return setSlot(this.ledger, guildId, slot)
  }

  /** True for the one whose look it is to start. */
  startSlot(
    guildId: Id,
    expectedNextAt: number,
    to: { readonly nextAt: number; readonly startedAt: number },
  ): Promise<boolean> {
    return startSlot(this.ledger, guildId, expectedNextAt, to)
  }

  clearSlot(guildId: Id): Promise<void> {
    return clearSlot(this.ledger, guildId)
  }

  scheduleRetry(retry: Retry, at: number): Promise<void> {
    return scheduleRetry(this.ledger, retry, at)
  }

  dueRetries(now: number, limit: number): Promise<readonly Retry[]> {
    return dueRetries(this.ledger, now, limit)
  }

  dropRetriesOf(guildId: Id, runId: string, memberId: Id | null): Promise<void> {
    return dropRetriesOf(this.ledger.db, guildId, runId, memberId)
  }

  dropRetry(guildId: Id, memberId: Id): Promise<void> {
    return dropRetry(this.ledger, guildId, memberId)
  }

  placeOrder(order: NewOrder): Promise<void> {
    return placeOrder(this.ledger, order)
  }

  /** For the running bot: each order is taken once. */
  takeOrders(now: number, limit: number): Promise<readonly TakenOrder[]> {
    return takeOrders(this.ledger, now, limit)
  }

  /** `reply` is in the form of a command's reply. */
  noteProgress(guildId: Id, id: string, reply: object, at: number): Promise<void> {
    return noteProgress(this.ledger, guildId, id, reply, at)
  }

  answerOrder(guildId: Id, id: string, reply: object, refused: boolean, at: number): Promise<void> {
    return answerOrder(this.ledger, guildId, id, reply, refused, at)
  }

  order(guildId: Id, id: string): Promise<Order | null> {
    return findOrder(this.ledger, guildId, id)
  }

  /** False where it was taken by then. */
  giveUpOrder(guildId: Id, id: string): Promise<boolean> {
    return giveUpOrder(this.ledger, guildId, id)
  }

  /** Clears away a batch of what has had its day. Returns how many rows went; where that is not 0 there may be more. */
  sweep(now: number): Promise<number> {
    return sweep(this.ledger, now)
  }
}
