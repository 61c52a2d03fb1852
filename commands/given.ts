import type { Id } from '#src/core/model.ts'
import { Refusal } from '#src/core/refusal.ts'
import type { Asked } from '#src/discord/command.ts'

// Options as commands read them. They come from outside, by a registration that may be old, so each is looked at again.

const ID = /^\d{1,20}$/

/** The id in this option, or null where it was left out. */
export function idIn({ options }: Asked, name: string): Id | null {
  const value = options[name]
  if (value === undefined) return null
  if (typeof value === 'string' && ID.test(value)) return value
  throw new Refusal(`The option \`${name}\` is not an id of Discord's. Pick from the list that Discord offers.`)
}

export function mustBeId(asked: Asked, name: string): Id {
  const id = idIn(asked, name)
  if (id === null) throw new Refusal(`The option \`${name}\` is missing. Give the command again and fill it in.`)
  return id
}

/** A role that people can hold: everybody has @everyone, so that nothing can be said of it. */
export function mustBeRole(asked: Asked, name: string = 'role'): Id {
  const id = mustBeId(asked, name)
  if (id === asked.guildId)
    throw new Refusal('Everybody has the role @everyone, so it cannot be chosen here. Pick another role.')
  return id
}

/** Text that was typed, without blanks around it; null where there is none. */
export function textIn({ options }: Asked, name: string): string | null {
  const value = options[name]
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' ? null : text
}

/** One of a few words. What is not among them is never taken for another. */
export function wordIn<W extends string>({ options }: Asked, name: string, words: readonly W[]): W | null {
  const value = options[name]
  if (value === undefined) return null
  const word = words.find((known) => known === value)
  if (word !== undefined) return word
  throw new Refusal(
    `\`${name}\` must be one of ${words.map((known) => `\`${known}\``).join(', ')}. Nothing was changed.`,
  )
}

export function mustBeWord<W extends string>(asked: Asked, name: string, words: readonly W[]): W {
  const word = wordIn(asked, name, words)
  if (word === null) throw new Refusal(`The option \`${name}\` is missing. Give the command again and fill it in.`)
  return word
}

/** A button's id comes back from Discord, and anybody can send what they like: a place in a list is a small whole number. */
export function mustBeOffset(written: string | undefined): number {
  if (!/^\d{1,7}$/.test(written ?? '')) throw oldButton()
  return Number(written)
}

export const oldButton = (): Refusal =>
  new Refusal('This button belongs to an older version of the bot. Give the command again.')

export const noSuchCommand = (): Refusal =>
  new Refusal('This bot has no such command any more. Discord shows the new ones after a restart of the app.')
