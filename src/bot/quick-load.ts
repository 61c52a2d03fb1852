import { enableCompileCache, type ResolveFnOutput, registerHooks } from 'node:module'
import { join } from 'node:path'

// Imported for what it does, ahead of whatever takes long to load: whoever types a command waits for that each time.

/** What Node has compiled is kept with the packages. Where nothing can be written there, it is compiled anew at each start. */
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/rolecall/compiled'))

/** Its package.json is so long that Node spends more time on reading it, anew for every file that is imported, than on the files. */
const LONG = 'drizzle-orm'
const found = new Map<string, ResolveFnOutput>()

registerHooks({
  resolve: (name, context, next) => {
    const { parentURL: from } = context
    if (name.startsWith('.') && from?.includes(`/node_modules/${LONG}/`) && from.endsWith('.js'))
      return { url: new URL(name, from).href, format: 'module', shortCircuit: true }
    if (name !== LONG && !name.startsWith(`${LONG}/`)) return next(name, context)
    const key = `${name} ${context.conditions}`
    const where = found.get(key) ?? next(name, context)
    found.set(key, where)
    return { ...where, shortCircuit: true }
  },
})
