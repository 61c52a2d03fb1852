import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIEmbed,
  ButtonStyle,
  ComponentType,
} from 'discord.js'
import type { Button, Reply } from './command.ts'
import { cutUnits } from './cut.ts'

// A reply as Discord takes it. Whatever a command says fits: it is cut here, once, to Discord's limits.

/** Discord's limits for one embed and its message (docs, "Embed Limits", "Component Reference"), in characters and pieces. */
const LIMITS = { title: 256, text: 4_096, name: 256, value: 1_024, footer: 2_048, total: 6_000, fields: 25 } as const
const BUTTONS = { label: 80, id: 100, perRow: 5, rows: 5 } as const
/** Kept free for the note that says how many fields did not fit. */
const NOTE = 80

/** Discord refuses an empty text; this one it takes and shows as nothing. */
const BLANK = '\u200b'
const FENCE = '```'

const COLORS: Readonly<Record<Reply['tone'], number>> = {
  good: 0x2e8b57,
  warn: 0xd99a00,
  bad: 0xc0392b,
  plain: 0x5865f2,
}

export interface Rendered {
  readonly embeds: [APIEmbed]
  readonly components: APIActionRowComponent<APIButtonComponentWithCustomId>[]
  /** Nobody is ever pinged by what the bot says. */
  readonly allowed_mentions: { readonly parse: never[] }
}

/** The body of a message for any reply; never empty, never over a limit. */
export function render(reply: Reply): Rendered {
  return { embeds: [toEmbed(reply)], components: toRows(reply.buttons ?? []), allowed_mentions: { parse: [] } }
}

function toEmbed({ tone, title, text, footer, fields = [] }: Reply): APIEmbed {
  const embed: APIEmbed = {
    title: within(title, LIMITS.title),
    description: within(text, LIMITS.text),
    color: COLORS[tone],
  }
  let left = LIMITS.total - embed.title!.length - embed.description!.length - (fields.length > 0 ? NOTE : 0)
  if (footer && !isBlank(footer)) {
    embed.footer = { text: within(footer, Math.min(LIMITS.footer, left)) }
    left -= embed.footer.text.length
  }
  if (fields.length > 0) embed.fields = toFields(fields, left)
  return embed
}

/** As many fields as fit, in order; the last says how many do not. */
function toFields(fields: NonNullable<Reply['fields']>, room: number): { name: string; value: string }[] {
  const fitted = fields.map(({ name, value }) => ({
    name: within(name, LIMITS.name),
    value: within(value, LIMITS.value),
  }))
  const most = fields.length > LIMITS.fields ? LIMITS.fields - 1 : LIMITS.fields
  let left = room
  const over = fitted.findIndex(({ name, value }, index) => {
    left -= name.length + value.length
    return left < 0 || index >= most
  })
  if (over === -1) return fitted
  const shown = fitted.slice(0, Math.min(over, LIMITS.fields - 1))
  return [...shown, { name: BLANK, value: `… and ${fields.length - shown.length} more that do not fit here.` }]
}

/** A button whose id cannot be kept whole would come back as another one, so it is left out; so is one that is there already. */
function toRows(buttons: readonly Button[]): Rendered['components'] {
  const sound = buttons.filter(({ id }) => id.length > 0 && id.length <= BUTTONS.id && id.isWellFormed())
  const unique = [...new Map(sound.map((button) => [button.id, button])).values()]
  const shown = unique.slice(0, BUTTONS.perRow * BUTTONS.rows).map(toButton)
  return Array.from({ length: Math.ceil(shown.length / BUTTONS.perRow) }, (_, row) => ({
    type: ComponentType.ActionRow,
    components: shown.slice(row * BUTTONS.perRow, (row + 1) * BUTTONS.perRow),
  }))
}

function toButton({ id, label, disabled = false }: Button): APIButtonComponentWithCustomId {
  return {
    type: ComponentType.Button,
    style: ButtonStyle.Secondary,
    custom_id: id,
    label: within(label, BUTTONS.label),
    disabled,
  }
}

const isBlank = (text: string): boolean => text.replaceAll(BLANK, '').trim() === ''

/**
 * At most `most` UTF-16 units, cut between code points: within the limit whichever of the two Discord counts. A code block that the cut
 * opened is closed again, so that the rest of the answer does not drown in it.
 */
function within(text: string, most: number): string {
  const whole = text.toWellFormed()
  if (isBlank(whole)) return BLANK
  if (whole.length <= most) return whole
  const closing = isOpen(cutUnits(whole, most - 1)) ? `\n${FENCE}` : ''
  return `${cutUnits(whole, most - 1 - closing.length)}…${closing}`
}

const isOpen = (text: string): boolean => text.split(FENCE).length % 2 === 0
