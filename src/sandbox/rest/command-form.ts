import { COMMAND } from '../commands.ts'
import type { Json } from '../payloads.ts'
import type { Form } from './form.ts'

// Discord's documented limits for commands.

/** Commands of each kind that an application may have. */
const MOST: Readonly<Record<number, number>> = { [COMMAND.CHAT]: 100, [COMMAND.USER]: 15, [COMMAND.MESSAGE]: 15 }
const MOST_OPTIONS = 25
const MOST_CHOICES = 25
const NAME = 32
const DESCRIPTION = 100
const CHOICE = 100
const NESTING = new Set([1, 2])
/** Only what is typed can be completed: texts and numbers. */
const TYPED = new Set([3, 4, 10])

const GOOD_NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u

type Path = readonly (string | number)[]

export function checkCommands(form: Form, drafts: readonly Json[], path: Path): void {
  for (const [type, most] of Object.entries(MOST)) {
    const count = drafts.filter((draft) => kindOf(draft) === Number(type)).length
    if (count > most) form.wrong(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${most} or fewer in length.`)
  }
  checkNames(form, drafts, path, 'APPLICATION_COMMANDS_DUPLICATE_NAME', 'Application command names must be unique')
  for (const [index, draft] of drafts.entries()) checkCommand(form, draft, [...path, index])
}

export function checkCommand(form: Form, draft: Json, path: Path): void {
  if (kindOf(draft) === COMMAND.CHAT) {
    checkName(form, draft, path)
    form.text([...path, 'description'], draft.description, DESCRIPTION, { least: 1, required: true })
  } else checkMenu(form, draft, path)
  const permissions = draft.default_member_permissions
  if (permissions !== undefined && permissions !== null && !/^\d+$/.test(String(permissions)))
    form.wrong([...path, 'default_member_permissions'], 'NUMBER_TYPE_COERCE', `Value "${permissions}" is not int.`)
  checkOptions(form, draft.options, [...path, 'options'])
}

const kindOf = ({ type }: Json): number => Number(type ?? COMMAND.CHAT)

/** What stands in a menu has a name, which may have spaces and capitals, and nothing else. */
function checkMenu(form: Form, draft: Json, path: Path): void {
  form.text([...path, 'name'], draft.name, NAME, { least: 1, required: true })
  const cannot = 'Context menu commands cannot have'
  if (draft.description)
    form.wrong(
      [...path, 'description'],
      'APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID',
      `${cannot} description`,
    )
  if ((draft.options as unknown[] | null | undefined)?.length)
    form.wrong([...path, 'options'], 'APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_INVALID', `${cannot} options`)
}

function checkOptions(form: Form, value: unknown, path: Path): void {
  const options = form.list(path, value, MOST_OPTIONS) as Json[]
  checkNames(form, options, path, 'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS', 'Option name already exists')
  let optional = false
  for (const [index, option] of options.entries()) {
    checkOption(form, option, [...path, index])
    if (optional && option.required) {
      const message = 'Required options must be placed before non-required options'
      form.wrong([...path, index], 'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID', message)
    }
    optional ||= !NESTING.has(Number(option.type)) && !option.required
  }
}

function checkOption(form: Form, option: Json, path: Path): void {
  checkName(form, option, path)
  form.text([...path, 'description'], option.description, DESCRIPTION, { least: 1, required: true })
  const choices = form.list([...path, 'choices'], option.choices, MOST_CHOICES) as Json[]
  checkChoices(form, choices, [...path, 'choices'])
  if (option.autocomplete && (choices.length > 0 || !TYPED.has(Number(option.type))))
    form.wrong(
      [...path, 'autocomplete'],
      'APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID',
      'Autocomplete cannot be configured for this type of option',
    )
  checkOptions(form, option.options, [...path, 'options'])
}

/** Of an option, and of what is offered while somebody types. */
export function checkChoices(form: Form, choices: readonly Json[], path: Path): void {
  for (const [index, { name, value }] of choices.entries()) {
    form.text([...path, index, 'name'], name, CHOICE, { least: 1, required: true })
    if (typeof value === 'string') form.text([...path, index, 'value'], value, CHOICE)
  }
}

function checkName(form: Form, { name }: Json, path: Path): void {
  form.text([...path, 'name'], name, NAME, { least: 1, required: true })
  const good = typeof name === 'string' && GOOD_NAME.test(name) && name === name.toLowerCase()
  if (typeof name === 'string' && !good)
    form.wrong([...path, 'name'], 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid')
}

function checkNames(form: Form, named: readonly Json[], path: Path, code: string, message: string): void {
  const seen = new Set<string>()
  for (const [index, { type, name }] of named.entries()) {
    const key = code.startsWith('APPLICATION_COMMANDS') ? `${type ?? COMMAND.CHAT} ${name}` : String(name)
    if (seen.has(key)) form.wrong([...path, index], code, message)
    seen.add(key)
  }
}
