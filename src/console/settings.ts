import type { DirectoryNames } from '#src/core/directory.ts'
import type { Id, Settings } from '#src/core/model.ts'
import type { Actor } from '#src/core/trail.ts'
import { cutTo, shown } from '#src/identity/words.ts'
import { readBounded } from '#src/snapshot/bounded-file.ts'
import { SnapshotFault } from '#src/snapshot/fault.ts'
import { readingFile } from '#src/snapshot/in-file.ts'
import { parseJson } from '#src/snapshot/json.ts'
import { readSettings, writeSettings } from '#src/snapshot/settings.ts'
import { unknownNames, unknownRoles } from '#src/snapshot/warnings.ts'
import { type ConsoleWorld, chooseGuildToCome, endingWithSentence } from './world.ts'

/** The part of the book that keeps settings. */
export interface SettingsBook {
  settings(guildId: Id): Promise<Settings>
  /** Replaces the settings that `change` names, in their written form, and records each that changed. Returns their names. */
  saveSettings(
    guildId: Id,
    change: Written,
    why: { readonly actor: Actor; readonly reason: string | null; readonly at: number },
  ): Promise<readonly string[]>
}

export interface SettingsWorld extends ConsoleWorld {
  readonly book: SettingsBook
  /** The groups and states of the guild's identity source; null where it does not answer. Where left out, names are not looked up. */
  readonly namesOf?: (guildId: Id) => Promise<DirectoryNames | null>
  /** The roles that the server has; null where Discord could not be asked. Where left out, roles are not looked up. */
  readonly roleIdsOf?: (guildId: Id) => Promise<ReadonlySet<Id> | null>
}

export interface SettingsOptions {
  readonly guild?: string
  readonly yes?: boolean
  readonly reason?: string
}

type Written = Readonly<Record<string, unknown>>
interface Change {
  readonly path: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Columns of the narrowest terminal in common use. */
const LINE_WIDTH = 80
/** A name has at most 150 characters, and its path stands before it. */
const NOTE_WIDTH = 300
/** Changes shown; the rest is counted. */
const SHOWN = 40

/**
 * `rolecall settings show`: the guild's settings as JSON, fit to be edited and given to `settings apply`.
 * What only a human in Discord decides stands beside it, on standard error, and not in it.
 */
export async function settingsShow({ guild }: SettingsOptions, world: SettingsWorld): Promise<number> {
  return await endingWithSentence(world, async () => {
    const guildId = chooseGuildToCome(guild, world)
    const settings = await world.book.settings(guildId)
    world.out(seen(JSON.stringify(applicable(settings), null, 2)))
    world.err(standing(guildId, settings))
    return 0
  })
}

/**
 * `rolecall settings apply FILE`: shows what the file would change about the guild's settings, and with `yes` changes it, all or nothing.
 * A setting that the file names is replaced as a whole; one that it leaves out stays as it is.
 */
export async function settingsApply(path: string, options: SettingsOptions, world: SettingsWorld): Promise<number> {
  return await endingWithSentence(world, async () => {
    const guildId = chooseGuildToCome(options.guild, world)
    const text = await readBounded(path)
    const change = readingFile(path, text, readChange)
    const before = applicable(await world.book.settings(guildId))
    const wanted = readingFile(path, text, () => readSettings({ ...before, ...change }))
    const after = applicable(wanted)
    const changes = differences(before, after)
    world.out(`Settings of server ${guildId} by ${shown(path, 40)}`)
    world.out('')
    for (const line of changeLines(changes)) world.out(line)
    if (changes.length === 0) return 0
    await warnOfNames(guildId, wanted, world)
    await warnOfRoles(guildId, wanted, world)
    return await applyOrTell(guildId, change, options, world)
  })
}

/** A name that nobody bears yet may come; a source without any names has not been filled. */
async function warnOfNames(guildId: Id, wanted: Settings, world: SettingsWorld): Promise<void> {
  const names = (await world.namesOf?.(guildId)) ?? null
  if (names === null || names.groups.length + names.states.length === 0) return
  for (const warning of unknownNames(wanted, names)) world.err(`Note: ${cutTo(warning, NOTE_WIDTH)}`)
}

/** Roles may come yet as well; but what protects nobody should not be taken for a protection. */
async function warnOfRoles(guildId: Id, wanted: Settings, { roleIdsOf, err }: SettingsWorld): Promise<void> {
  if (roleIdsOf === undefined || unknownRoles(wanted, NO_ROLES).length === 0) return
  const roleIds = await roleIdsOf(guildId)
  if (roleIds === null)
    err('Note: Discord could not be asked which roles the server has, so role ids are taken as they are.')
  else for (const warning of unknownRoles(wanted, roleIds)) err(`Note: ${cutTo(warning, NOTE_WIDTH)}`)
}

const NO_ROLES: ReadonlySet<Id> = new Set()

async function applyOrTell(
  guildId: Id,
  change: Written,
  options: SettingsOptions,
  world: SettingsWorld,
): Promise<number> {
  if (!options.yes) {
    world.out('')
    world.out('Nothing was written. To apply this, run it again with --yes.')
    return 0
  }
  const why = { actor: world.actor, reason: options.reason ?? null, at: world.now() }
  const changed = await world.book.saveSettings(guildId, change, why)
  world.out('')
  world.out(`Applied: ${changed.join(', ')}.`)
  return 0
}

/** The settings that a file may change, in their written form. */
function applicable(settings: Settings): Written {
  const { acknowledged: _lifted, armed: _armed, ...rest } = writeSettings(settings) as Record<string, unknown>
  return rest
}

/** Still the same JSON, with every character written out that a terminal would not show, or would obey. */
function seen(json: string): string {
  return json.replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, (found) => found.split('').map(escapeUnit).join(''))
}

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

function readChange(text: string): Written {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SnapshotFault(
      [],
      'The file must hold one JSON object of settings, as `rolecall settings show` prints them.',
    )
  if ('acknowledged' in value)
    throw new SnapshotFault(
      ['acknowledged'],
      'no file lifts the first-run lock; a human does, with /acknowledge first-run in Discord or `rolecall acknowledge first-run` here, after reading a run. Take the line out.',
    )
  if ('armed' in value)
    throw new SnapshotFault(
      ['armed'],
      'no file arms unattended acting; a human does, with /arm in Discord or `rolecall arm` here. Take the line out.',
    )
  readSettings(value)
  return value as Written
}

function standing(guildId: Id, { acknowledged, armed }: Settings): string {
  const lock = acknowledged ? 'lifted' : 'holds'
  const arms = `schedule ${armed.schedule ? 'armed' : 'not armed'}, realtime ${armed.realtime ? 'armed' : 'not armed'}`
  return `Server ${guildId}: the first-run lock ${lock}; ${arms}. No file changes these: an Administrator does, with /acknowledge first-run and /arm, or the operator with the commands of those names.`
}

function changeLines(changes: readonly Change[]): string[] {
  if (changes.length === 0) return ['Nothing would change.']
  const lines = changes.slice(0, SHOWN).flatMap(({ path, before, after }) => {
    const name = shown(path, 76)
    if (before === undefined) return [`+ ${labelled(name, after)}`]
    if (after === undefined) return [`- ${labelled(name, before)}`]
    return [`  ${name}`, `    ${before}`, `    -> ${after}`]
  })
  const rest = changes.length - SHOWN
  return [...lines.map((line) => cutTo(line, LINE_WIDTH)), ...(rest > 0 ? [`and ${rest} more`] : [])]
}

function labelled(name: string, text = ''): string {
  return text === '' ? name : `${name}: ${text}`
}

/** Every leaf that differs, by its path; what stands in a list is known by its own text, so that an order is no change. */
function differences(before: Written, after: Written): Change[] {
  const [old, next] = [new Map(leaves(before)), new Map(leaves(after))]
  const paths = [...new Set([...old.keys(), ...next.keys()])].sort()
  return paths
    .map((path) => ({ path, before: old.get(path), after: next.get(path) }))
    .filter(({ before, after }) => before !== after)
}

function* leaves(value: unknown, path: readonly string[] = []): Generator<readonly [path: string, text: string]> {
  const place = path.join('.')
  if (Array.isArray(value)) {
    // A group that is mapped to no roles differs from one that is not mapped at all; an empty list elsewhere says nothing.
    if (value.length === 0 && path.length > 1) yield [place, 'no roles']
    for (const item of value) yield [`${place} ${JSON.stringify(item)}`, '']
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* leaves(inner, [...path, key])
  } else yield [place, shown(JSON.stringify(value), 60)]
}
