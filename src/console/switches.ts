import { InvalidArgumentError } from 'commander'
import type { Option } from '#src/discord/command.ts'

// The options of a slash command as they are typed at a console. Discord's own clients check them too; here it is done before the bot is asked.

/** What stands for the value in a help text. */
export function valueName({ type, name }: Option): string {
  if (type === 'user') return 'member-id'
  if (type === 'role' || type === 'channel') return `${type}-id`
  if (type === 'boolean') return 'true|false'
  if (type === 'integer') return 'number'
  return name === 'run' ? 'run-id' : 'text'
}

/** The value that was typed, as the command takes it. Throws commander's own error, which names the option. */
export function readValue(option: Option, typed: string): string | number | boolean {
  switch (option.type) {
    case 'user':
    case 'role':
    case 'channel':
      return mustMatch(typed, /^[1-9]\d{0,19}$/, 'It must be an id: a number, such as 81384788765712384.')
    case 'integer':
      return Number(mustMatch(typed, /^-?\d{1,15}$/, 'It must be a whole number.'))
    case 'boolean':
      return mustMatch(typed, /^(?:true|false)$/, 'It must be true or false.') === 'true'
    case 'string':
      return mustFit(typed, option.maxLength)
  }
}

function mustMatch(typed: string, form: RegExp, sentence: string): string {
  if (form.test(typed)) return typed
  throw new InvalidArgumentError(sentence)
}

function mustFit(typed: string, most = Number.POSITIVE_INFINITY): string {
  if ([...typed].length <= most) return typed
  throw new InvalidArgumentError(`It may have at most ${most} characters.`)
}
