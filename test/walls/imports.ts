import { posix } from 'node:path'
import { blank, lineAt } from './text.ts'

/** One file, by its path from the project's root, with forward slashes. */
export interface Source {
  readonly path: string
  readonly text: string
}

export interface Import {
  /** As written; null where it is computed, so that nobody can say what it is. */
  readonly name: string | null
  /** The project's file that it means, or null for a library or a node: module. */
  readonly file: string | null
  readonly line: number
  /** Gone once the types are stripped: nothing is loaded at run time. */
  readonly erased: boolean
}

/** Static and type imports, `export … from`, `import()`, and files that are started by their address (workers). */
const FORMS = [
  /\bfrom\s*(?=['"])/g,
  /\bimport\s*(?=['"])/g,
  /\b(?:import|require)\s*\(\s*/g,
  /\bnew\s+URL\s*\(\s*(?=['"`][^'"`]*['"`]\s*,\s*import\.meta\.url)/g,
]

export function importsOf({ path, text }: Source): readonly Import[] {
  const code = blank(text)
  return FORMS.flatMap((form) =>
    [...code.matchAll(form)].map((match) => {
      const name = literalAt(text, match.index + match[0].length)
      return {
        name,
        file: name === null ? null : fileOf(path, name),
        line: lineAt(text, match.index),
        erased: isErased(code, match.index),
      }
    }),
  )
}

/** `import type … from` and `export type … from`. */
function isErased(code: string, from: number): boolean {
  const statement =
    code
      .slice(0, from)
      .split(/\b(?=(?:import|export)\b)/)
      .at(-1) ?? ''
  return code.startsWith('from', from) && /^(?:import|export)\s+type\b/.test(statement)
}

function literalAt(text: string, index: number): string | null {
  return /^(['"`])([^'"`$\n]*)\1/.exec(text.slice(index))?.[2] ?? null
}

function fileOf(importer: string, name: string): string | null {
  if (name.startsWith('.')) return posix.normalize(posix.join(posix.dirname(importer), name))
  return /^#(?:src|commands)\//.test(name) ? name.slice(1) : null
}

/** Each circle once, as the path that leads back to its start. What is gone at run time binds nothing: a part may name the type of its whole. */
export function circles(sources: readonly Source[]): readonly string[] {
  const graph = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source).flatMap(({ file, erased }) => (erased ? [] : (file ?? []))),
    ]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) found.push([...trail.slice(start), path].join(' → '))
    if (start >= 0 || done.has(path)) return
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) walk(path, [])
  return found
}
