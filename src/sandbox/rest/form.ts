import type { Json } from '../payloads.ts'
import { isSnowflake } from '../snowflake.ts'
import { ApiFault } from './errors.ts'

interface Wrong {
  readonly path: readonly (string | number)[]
  readonly code: string
  readonly message: string
}

/** Gathers what is wrong with a request and answers as Discord does: 50035 with a tree of errors that follows the body. */
export class Form {
  readonly #wrong: Wrong[] = []

  wrong(path: readonly (string | number)[], code: string, message: string): void {
    this.#wrong.push({ path, code, message })
  }

  /** A text of `least` to `most` characters; absent is fine unless it is `required`. */
  text(path: readonly (string | number)[], value: unknown, most: number, { least = 0, required = false } = {}): void {
    const absent = value === undefined || value === null
    if (absent && required) this.wrong(path, 'BASE_TYPE_REQUIRED', 'This field is required')
    if (absent) return
    // Discord counts code points, not the halves of which JavaScript strings are made.
    const length = typeof value === 'string' ? [...value].length : -1
    if (length < 0) this.wrong(path, 'STRING_TYPE_CONVERT', 'Could not interpret value as string.')
    else if (length > most && least === 0)
      this.wrong(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${most} or fewer in length.`)
    else if (length < least || length > most)
      this.wrong(path, 'BASE_TYPE_BAD_LENGTH', `Must be between ${least} and ${most} in length.`)
  }

  list(path: readonly (string | number)[], value: unknown, most: number): unknown[] {
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) {
      this.wrong(path, 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType')
      return []
    }
    if (value.length > most) this.wrong(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${most} or fewer in length.`)
    return value
  }

  snowflake(path: readonly (string | number)[], value: unknown): void {
    if (!isSnowflake(String(value))) this.wrong(path, 'NUMBER_TYPE_COERCE', `Value "${value}" is not snowflake.`)
  }

  /** Throws where anything was wrong. */
  finish(): void {
    if (this.#wrong.length === 0) return
    const errors: Json = {}
    for (const { path, code, message } of this.#wrong) leafOf(errors, path).push({ code, message })
    throw new ApiFault(400, { message: 'Invalid Form Body', code: 50035, errors })
  }
}

/** The list of errors at a place in the tree, made on the way there. */
function leafOf(errors: Json, path: readonly (string | number)[]): Json[] {
  let node = errors
  for (const step of [...path, '_errors']) {
    if (node[step] === undefined) node[step] = step === '_errors' ? [] : {}
    node = node[step] as Json
  }
  return node as unknown as Json[]
}
