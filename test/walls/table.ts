import { type Import, importsOf, type Source } from './imports.ts'

/** `nothing`: not even Node's own modules. `any`: Node's modules and npm packages. */
type Libraries = 'nothing' | 'any'

interface Room {
  readonly name: string
  readonly holds: RegExp
  /** What of the project it may import besides its own files. */
  readonly sees: readonly RegExp[]
  readonly libraries: Libraries
}

const CORE = /^src\/core\//
const TELEMETRY = /^src\/telemetry\//
const STORE_HANDLE = /^src\/store\/(?:schema\/.+|schema|handle)\.ts$/
const CONTRACT = /^src\/discord\/(?:command(?:-world)?\.ts$|world\/)/
const EVERYTHING = /^(?:(?:src|commands)\/|package\.json$)/

const room = (name: string, holds: RegExp, sees: readonly RegExp[], libraries: Libraries = 'any'): Room => ({
  name,
  holds,
  sees,
  libraries,
})

/** Who may know of whom. A file that is in no room has no business here. */
export const ROOMS: readonly Room[] = [
  room('core', CORE, [], 'nothing'),
  room('roster', /^src\/roster\//, [CORE, TELEMETRY]),
  room('snapshot', /^src\/snapshot\//, [CORE, TELEMETRY]),
  room('discord', /^src\/discord\//, [CORE, TELEMETRY]),
  room('store', /^src\/store\//, [CORE, TELEMETRY]),
  room('telemetry', TELEMETRY, [CORE]),
  room('identity', /^src\/identity\//, [CORE, TELEMETRY, STORE_HANDLE]),
  room('trail', /^src\/trail\//, [CORE, TELEMETRY, STORE_HANDLE]),
  room('sinks', /^src\/sinks\//, [CORE, TELEMETRY, STORE_HANDLE]),
  room('loop', /^src\/loop\//, [CORE, TELEMETRY], 'nothing'),
  room('commands', /^commands\//, [CORE, TELEMETRY, CONTRACT], 'nothing'),
  room('sandbox', /^src\/sandbox\//, []),
  room('config', /^src\/config(?:\.ts$|\/)/, [CORE, TELEMETRY]),
  room('main and cli', /^src\/(?:main|cli)\.ts$/, [EVERYTHING]),
  room('bot, demo and console', /^src\/(?:bot|demo|console)\//, [EVERYTHING]),
]

/** Every import of the file that its room may not make, each as one sentence. */
export function trespasses(source: Source): readonly string[] {
  const home = ROOMS.find(({ holds }) => holds.test(source.path))
  if (home === undefined) return [`${source.path} is in no room of the table`]
  return importsOf(source).flatMap((wanted) => {
    const fault = faultOf(home, wanted)
    return fault === null ? [] : [`${source.path}:${wanted.line} ${fault}`]
  })
}

function faultOf(home: Room, { name, file }: Import): string | null {
  if (name === null) return mayLoadAnything(home) ? null : 'imports something whose name is computed'
  if (file === null) return home.libraries === 'any' ? null : `imports the library ${name}; ${home.name} may use none`
  if (!/\.[a-z]+$/.test(file)) return `imports ${name} without its ending`
  return [home.holds, ...home.sees].some((seen) => seen.test(file))
    ? null
    : `imports ${file}, which ${home.name} may not know`
}

/** A sink may be a module of the operator's own. */
const mayLoadAnything = (home: Room): boolean => home.holds.test('src/sinks/')
