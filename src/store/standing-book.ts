import type { Id, Settings } from '#src/core/model.ts'
import type { Run } from '#src/core/run.ts'
import type { Actor } from '#src/core/trail.ts'
import { acknowledge, acknowledgement, guildIds, rememberGuild } from './guilds.ts'
import type { Db } from './handle.ts'
import type { AppendLines, Change, Ledger } from './ledger.ts'
import { findSettings, type SettingsForm, saveSettings } from './settings.ts'

export interface StandingParts extends SettingsForm {
  readonly db: Db
  readonly append: AppendLines
}

/** The half of the book that says how things stand between the bot and a guild: what is set, left alone, granted, due, and asked for. */
export class StandingBook {
  protected readonly ledger: Ledger
  protected readonly form: SettingsForm

  constructor({ db, append, readSettings, writeSettings }: StandingParts) {
    this.ledger = { db, append }
    this.form = { readSettings, writeSettings }
  }

  settings(guildId: Id): Promise<Settings> {
    return findSettings(this.ledger, this.form, guildId)
  }

  /** `wanted` names the settings to replace, in a snapshot file's form. Returns the names of those that changed. */
  saveSettings(guildId: Id, wanted: Readonly<Record<string, unknown>>, change: Change): Promise<readonly string[]> {
    return saveSettings(this.ledger, this.form, guildId, wanted, change)
  }

  rememberGuild(guildId: Id, name: string, at: number): Promise<void> {
    return rememberGuild(this.ledger, guildId, name, at)
  }

  /** The guilds that this installation has seen. */
  guildIds(): Promise<readonly Id[]> {
    return guildIds(this.ledger.db)
  }

  acknowledge(guildId: Id, run: Run, actor: Actor, cause: string, at: number): Promise<void> {
    return acknowledge(this.ledger, guildId, run, actor, cause, at)
  }

  /** Who lifted the first-run lock, when, and by which run; null where it holds. */
  acknowledgement(guildId: Id): Promise<{ readonly by: string; readonly at: number; readonly run: string } | null> {
    return acknowledgement(this.ledger, guildId)
  }
}
