import type { Id } from '#src/core/model.ts'

export type Changed = readonly Id[] | 'all'

/** Those who wait to hear of changes. One that throws keeps nobody else from hearing; its error comes out after all have. */
export class Watchers {
  readonly #heard = new Map<symbol, (changed: Changed) => void>()

  get size(): number {
    return this.#heard.size
  }

  add(onChange: (changed: Changed) => void): () => void {
    const key = Symbol()
    this.#heard.set(key, onChange)
    return () => {
      this.#heard.delete(key)
    }
  }

  tell(changed: Changed): void {
    if (changed !== 'all' && changed.length === 0) return
    const errors: unknown[] = []
    for (const onChange of [...this.#heard.values()]) {
      try {
        onChange(changed)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
