// Where a text stops being JSON, and what should stand there: the engine's own words name no place where the text is short or cut off.

export interface NotJson {
  /** The index of the first character that is wrong; the length of the text where it ends too early. */
  readonly at: number
  /** What should stand there: completes "there should be". */
  readonly wanted: string
}

type State = 'value' | 'element' | 'later element' | 'name' | 'later name' | 'colon' | 'next' | 'end'

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y
const ESCAPED = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
/** The first character that may stand in a text as it is. */
const BLANK = 0x20
const SPACE = /[ \t\n\r]*/y

const CLOSING_QUOTE = 'the closing quote of the text that begins before it'
const ESCAPE = 'no \\ unless it begins an escape such as \\n or \\\\'

/** Null where the text is JSON. */
export function whereNotJson(text: string): NotJson | null {
  return new Scan(text).fault()
}

/** Reads over the text once, and remembers only what is open. */
class Scan {
  readonly #text: string
  readonly #open: ('{' | '[')[] = []
  #at = 0
  #state: State = 'value'

  constructor(text: string) {
    this.#text = text
  }

  fault(): NotJson | null {
    for (;;) {
      this.#skip(SPACE)
      if (this.#at >= this.#text.length && this.#state === 'end') return null
      const wanted = this.#step(this.#text[this.#at] ?? '')
      if (wanted !== null) return { at: this.#at, wanted }
    }
  }

  /** Takes what stands here; what should stand here instead, where it cannot be taken. */
  #step(here: string): string | null {
    switch (this.#state) {
      case 'end':
        return 'nothing more'
      case 'colon':
        return here === ':' ? this.#take('value') : 'a colon'
      case 'next':
        return this.#next(here)
      case 'name':
      case 'later name':
        return this.#name(here)
      default:
        return this.#value(here)
    }
  }

  #next(here: string): string | null {
    const inObject = this.#open.at(-1) === '{'
    const close = inObject ? '}' : ']'
    if (here === close) return this.#close()
    if (here === ',') return this.#take(inObject ? 'later name' : 'later element')
    return `a comma or ${close}`
  }

  #name(here: string): string | null {
    if (here === '"') return this.#quoted('colon')
    if (this.#state === 'later name')
      return `a name in double quotes${here === '}' ? ', or no comma before it' : hintOf(here)}`
    return here === '}' ? this.#close() : `a name in double quotes, or }${hintOf(here)}`
  }

  #value(here: string): string | null {
    if (here === ']' && this.#state === 'element') return this.#close()
    if (here === '{' || here === '[') {
      this.#open.push(here)
      return this.#take(here === '{' ? 'name' : 'element')
    }
    if (here === '"') return this.#quoted(this.#after())
    if (this.#skip(NUMBER) > 0 || this.#skip(WORD) > 0) return this.#go(this.#after())
    return `a value${here === ']' && this.#state === 'later element' ? ', or no comma before it' : hintOf(here)}`
  }

  #quoted(then: State): string | null {
    this.#at += 1
    for (;;) {
      const here = this.#text[this.#at] ?? ''
      if (here === '"') return this.#take(then)
      if (here === '' || here.charCodeAt(0) < BLANK) return CLOSING_QUOTE
      if (here !== '\\') this.#at += 1
      else if (this.#skip(ESCAPED) === 0) return ESCAPE
    }
  }

  #close(): null {
    this.#open.pop()
    return this.#take(this.#after())
  }

  #after(): State {
    return this.#open.length === 0 ? 'end' : 'next'
  }

  #take(then: State): null {
    this.#at += 1
    return this.#go(then)
  }

  #go(then: State): null {
    this.#state = then
    return null
  }

  /** How many characters of this form were passed over. */
  #skip(form: RegExp): number {
    form.lastIndex = this.#at
    const { length } = form.exec(this.#text)?.[0] ?? ''
    this.#at += length
    return length
  }
}

function hintOf(here: string): string {
  if (here === "'") return '; JSON has no single quotes'
  return here === '/' || here === '#' ? '; JSON has no comments' : ''
}
