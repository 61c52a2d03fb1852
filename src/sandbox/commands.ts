import type { Json } from './payloads.ts'
import type { Id, Snowflakes } from './snowflake.ts'

/** Discord's kinds of commands: typed with a slash, and in the menu of a person or of a message. */
export const COMMAND = { CHAT: 1, USER: 2, MESSAGE: 3 } as const
export type CommandType = (typeof COMMAND)[keyof typeof COMMAND]

export interface OptionRecord {
  readonly type: number
  readonly name: string
  readonly description: string
  readonly required?: boolean
  readonly autocomplete?: boolean
  readonly choices?: readonly { readonly name: string; readonly value: string | number }[]
  readonly options?: readonly OptionRecord[]
}

export interface CommandRecord {
  readonly id: Id
  readonly application_id: Id
  readonly version: Id
  readonly name: string
  readonly description: string
  readonly type: number
  readonly guild_id?: Id
  /** Permission bits as a decimal string; null: everyone. */
  readonly default_member_permissions: string | null
  readonly contexts: readonly number[] | null
  readonly integration_types: readonly number[]
  readonly options?: readonly OptionRecord[]
}

/** The commands that the application registered: everywhere, and in single guilds. */
export class CommandBook {
  readonly #applicationId: Id
  readonly #ids: Snowflakes
  readonly #everywhere = new Map<string, CommandRecord>()
  readonly #inGuilds = new Map<Id, Map<string, CommandRecord>>()

  constructor(applicationId: Id, ids: Snowflakes) {
    this.#applicationId = applicationId
    this.#ids = ids
  }

  list(guildId: Id | null): CommandRecord[] {
    return [...this.#shelf(guildId).values()]
  }

  /** Replaces them all. A command keeps its id when its name stays. */
  replace(guildId: Id | null, drafts: readonly Json[]): CommandRecord[] {
    const shelf = this.#shelf(guildId)
    const before = new Map(shelf)
    shelf.clear()
    for (const draft of drafts) this.#put(shelf, guildId, draft, before.get(keyOf(draft))?.id)
    return this.list(guildId)
  }

  /** Adds one, or replaces the one of that name. */
  upsert(guildId: Id | null, draft: Json): { readonly command: CommandRecord; readonly fresh: boolean } {
    const shelf = this.#shelf(guildId)
    const before = shelf.get(keyOf(draft))
    return { command: this.#put(shelf, guildId, draft, before?.id), fresh: before === undefined }
  }

  remove(guildId: Id | null, commandId: Id): boolean {
    const shelf = this.#shelf(guildId)
    const found = [...shelf].find(([, { id }]) => id === commandId)
    return found ? shelf.delete(found[0]) : false
  }

  /** What a member of the guild finds under this name: the guild's own command before the one for everywhere. */
  find(guildId: Id, name: string, type: CommandType = COMMAND.CHAT): CommandRecord | undefined {
    const key = keyOf({ name, type })
    return this.#shelf(guildId).get(key) ?? this.#everywhere.get(key)
  }

  #shelf(guildId: Id | null): Map<string, CommandRecord> {
    if (guildId === null) return this.#everywhere
    const shelf = this.#inGuilds.get(guildId) ?? new Map<string, CommandRecord>()
    this.#inGuilds.set(guildId, shelf)
    return shelf
  }

  #put(shelf: Map<string, CommandRecord>, guildId: Id | null, draft: Json, id = this.#ids.next()): CommandRecord {
    const command = {
      id,
      application_id: this.#applicationId,
      version: this.#ids.next(),
      ...(guildId === null ? {} : { guild_id: guildId }),
      ...toRecord(draft),
    }
    shelf.set(keyOf(draft), command)
    return command
  }
}

function keyOf({ type, name }: Json): string {
  return `${type ?? COMMAND.CHAT} ${name}`
}

function toRecord(draft: Json): Omit<CommandRecord, 'id' | 'application_id' | 'version'> {
  const permissions = draft.default_member_permissions
  return {
    name: String(draft.name),
    type: Number(draft.type ?? COMMAND.CHAT),
    description: String(draft.description ?? ''),
    default_member_permissions: permissions === undefined || permissions === null ? null : String(permissions),
    contexts: (draft.contexts as number[] | undefined) ?? null,
    integration_types: (draft.integration_types as number[] | undefined) ?? [0],
    ...localizations(draft),
    ...(draft.options ? { options: (draft.options as Json[]).map(toOption) } : {}),
  }
}

/** What is null or absent in a request is left out of the answer. */
function toOption(draft: Json): OptionRecord {
  const kept = Object.entries(draft).filter(([, value]) => value !== null && value !== undefined)
  const option = Object.fromEntries(kept) as unknown as OptionRecord
  return option.options ? { ...option, options: option.options.map((inner) => toOption({ ...inner })) } : option
}

function localizations(draft: Json): Json {
  return {
    name_localizations: draft.name_localizations ?? null,
    description_localizations: draft.description_localizations ?? null,
  }
}
