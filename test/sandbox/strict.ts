import * as z from 'zod/mini'

type Schema = z.ZodMiniType
type Def = Record<string, unknown> & { readonly type: string }

const made = new WeakMap<object, Schema>()

/** The same schema, but its objects reject keys that they do not name. Intersections stay loose: each side would reject the other's keys. */
export function strict(schema: Schema): Schema {
  const known = made.get(schema)
  if (known) return known
  const rebuilt = rebuild(schema)
  made.set(schema, rebuilt)
  return rebuilt
}

function rebuild(schema: Schema): Schema {
  const def = schema._zod.def as unknown as Def
  const inner = (name: string) => ({ [name]: strict(def[name] as Schema) })
  switch (def.type) {
    case 'object':
      return z.strictObject(mapped(def.shape as Record<string, Schema>))
    case 'lazy':
      return z.lazy(() => strict((def.getter as () => Schema)()))
    case 'array':
      return clone(schema, def, inner('element'))
    case 'union':
      return clone(schema, def, { options: (def.options as Schema[]).map(strict) })
    case 'record':
      return clone(schema, def, inner('valueType'))
    case 'optional':
    case 'nullable':
      return clone(schema, def, inner('innerType'))
    default:
      return schema
  }
}

function clone(schema: Schema, def: Def, change: Record<string, unknown>): Schema {
  return z.clone(schema, { ...def, ...change } as unknown as typeof schema._zod.def)
}

function mapped(shape: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, strict(schema)]))
}
