import type { Json } from '../payloads.ts'
import { FLAG } from '../post.ts'
import { fault } from './errors.ts'
import { Form } from './form.ts'

// Discord's documented limits for messages.

const CONTENT = 2000
const EMBEDS = 10
const EMBED_TOTAL = 6000
const EMBED = { title: 256, description: 4096, fields: 25, fieldName: 256, fieldValue: 1024, footer: 2048, author: 256 }
const ROWS = 5
const COMPONENTS_V2 = 40
const IN_A_ROW = 5
const CUSTOM_ID = 100
const LABEL = 80
const SELECT_OPTIONS = 25
const ATTACHMENTS = 10
const LINK = 5
const ROW = 1
const BUTTON = 2
const SELECTS = new Set([3, 5, 6, 7, 8])

type Path = readonly (string | number)[]

/** Throws what Discord would answer to this message; `fresh` messages may not be empty. */
export function checkMessage(body: Json, { fresh }: { readonly fresh: boolean }): void {
  const form = new Form()
  const v2 = (Number(body.flags ?? 0) & FLAG.COMPONENTS_V2) !== 0
  form.text(['content'], body.content, CONTENT)
  checkEmbeds(form, body.embeds)
  form.list(['attachments'], body.attachments, ATTACHMENTS)
  checkComponents(form, body.components, v2)
  if (v2) checkV2(form, body)
  form.finish()
  if (fresh && isEmpty(body)) throw fault('emptyMessage')
}

function isEmpty(body: Json): boolean {
  const lists = [body.embeds, body.components, body.attachments] as (unknown[] | null | undefined)[]
  return !body.content && lists.every((list) => !list?.length)
}

function checkV2(form: Form, body: Json): void {
  const message = "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
  if (body.content) form.wrong(['content'], 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2', message)
  if ((body.embeds as unknown[] | undefined)?.length)
    form.wrong(['embeds'], 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2', message.replace('content', 'embeds'))
}

function checkEmbeds(form: Form, value: unknown): void {
  const embeds = form.list(['embeds'], value, EMBEDS) as Json[]
  for (const [index, embed] of embeds.entries()) checkEmbed(form, embed, ['embeds', index])
  const total = embeds.reduce((sum, embed) => sum + lengthOf(embed), 0)
  if (total > EMBED_TOTAL)
    form.wrong(['embeds'], 'MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${EMBED_TOTAL}`)
}

function checkEmbed(form: Form, embed: Json, path: Path): void {
  form.text([...path, 'title'], embed.title, EMBED.title)
  form.text([...path, 'description'], embed.description, EMBED.description)
  form.text([...path, 'footer', 'text'], (embed.footer as Json | undefined)?.text, EMBED.footer)
  form.text([...path, 'author', 'name'], (embed.author as Json | undefined)?.name, EMBED.author)
  const fields = form.list([...path, 'fields'], embed.fields, EMBED.fields) as Json[]
  for (const [index, field] of fields.entries()) {
    form.text([...path, 'fields', index, 'name'], field.name, EMBED.fieldName, { least: 1, required: true })
    form.text([...path, 'fields', index, 'value'], field.value, EMBED.fieldValue, { least: 1, required: true })
  }
}

function lengthOf(embed: Json): number {
  const fields = (embed.fields as Json[] | undefined) ?? []
  const texts = [
    embed.title,
    embed.description,
    (embed.footer as Json | undefined)?.text,
    (embed.author as Json | undefined)?.name,
    ...fields.flatMap(({ name, value }) => [name, value]),
  ]
  return texts.reduce<number>((sum, text) => sum + (typeof text === 'string' ? [...text].length : 0), 0)
}

function checkComponents(form: Form, value: unknown, v2: boolean): void {
  const top = form.list(['components'], value, v2 ? COMPONENTS_V2 : ROWS) as Json[]
  const seen = new Set<unknown>()
  let count = 0
  const walk = (component: Json, path: Path) => {
    count += 1
    checkComponent(form, component, path, seen)
    for (const [index, inner] of ((component.components as Json[] | undefined) ?? []).entries())
      walk(inner, [...path, 'components', index])
    if (component.accessory) walk(component.accessory as Json, [...path, 'accessory'])
  }
  for (const [index, component] of top.entries()) {
    if (!v2 && component.type !== ROW)
      form.wrong(['components', index], 'UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1,).')
    walk(component, ['components', index])
  }
  if (count > COMPONENTS_V2)
    form.wrong(['components'], 'BASE_TYPE_MAX_LENGTH', `Must be ${COMPONENTS_V2} or fewer in length.`)
}

function checkComponent(form: Form, component: Json, path: Path, seen: Set<unknown>): void {
  const type = Number(component.type)
  if (type === ROW) {
    const inner = form.list([...path, 'components'], component.components, IN_A_ROW)
    if (inner.length === 0)
      form.wrong([...path, 'components'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.')
  }
  if (type === BUTTON) checkButton(form, component, path)
  if (type === BUTTON || SELECTS.has(type)) checkCustomId(form, component, path, seen)
  if (type === 3) form.list([...path, 'options'], component.options, SELECT_OPTIONS)
}

function checkButton(form: Form, button: Json, path: Path): void {
  form.text([...path, 'label'], button.label, LABEL)
  if (!button.label && !button.emoji)
    form.wrong(path, 'BUTTON_COMPONENT_INVALID_LABEL', 'A button must have a label or an emoji')
}

function checkCustomId(form: Form, component: Json, path: Path, seen: Set<unknown>): void {
  const link = component.type === BUTTON && component.style === LINK
  form.text([...path, 'custom_id'], component.custom_id, CUSTOM_ID, { least: 1, required: !link })
  const { custom_id: id } = component
  if (id !== undefined && seen.has(id))
    form.wrong([...path, 'custom_id'], 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated')
  seen.add(id)
}
