// What differs between two states of a setting, field by field, as the record tells it.

/** A field that is different. The side on which it was not there is left out; of a list each member that came or went is a change of its own. */
export interface FieldChange {
  /** Where it stands: names joined by dots, in quotes where they hold anything but letters, digits, `_` and `-`. */
  readonly field: string
  readonly before?: unknown
  readonly after?: unknown
}

export interface FieldChanges {
  readonly changes: readonly FieldChange[]
  /** How many more there are; left out where none is. */
  readonly leftOut?: number
}

/** As many as leave the house in one event (see the sinks): whoever needs more compares the whole. */
const MOST = 500

interface Leaf {
  readonly field: string
  readonly value: unknown
}

/**
 * Compares two values of JSON, in the order of their fields. `name` opens each path. The order of a list, and how often it names the same, says nothing:
 * where only that differs there are no changes.
 */
export function fieldChanges(name: string, before: unknown, after: unknown): FieldChanges {
  const [old, next] = [leavesOf(name, before), leavesOf(name, after)]
  const all = [...new Set([...old.keys(), ...next.keys()])]
    .filter((key) => written(old.get(key)) !== written(next.get(key)))
    .map((key) => changeOf(old.get(key), next.get(key)))
  const changes = all.slice(0, MOST)
  return all.length > MOST ? { changes, leftOut: all.length - MOST } : { changes }
}

function changeOf(before: Leaf | undefined, after: Leaf | undefined): FieldChange {
  const { field } = (before ?? after)!
  return { field, ...(before && { before: before.value }), ...(after && { after: after.value }) }
}

const written = (leaf: Leaf | undefined): string | undefined => leaf && JSON.stringify(leaf.value)

/** Every value that holds no other, by what it is known by on either side: its path, or as a member of a list what it is. */
function leavesOf(name: string, value: unknown): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>()
  const walk = (field: string, value: unknown): void => {
    if (value === undefined) return
    if (Array.isArray(value)) {
      for (const member of value) leaves.set(`${field} ${JSON.stringify(member)}`, { field, value: member })
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, one] of Object.entries(value)) walk(below(field, key), one)
    } else leaves.set(field, { field, value })
  }
  walk(name, value)
  return leaves
}

const PLAIN = /^[\p{L}\p{N}_-]+$/u

function below(path: string, name: string): string {
  const part = PLAIN.test(name) ? name : JSON.stringify(name)
  return path === '' ? part : `${path}.${part}`
}
