import type { Source } from './imports.ts'
import { blank, lineAt } from './text.ts'

// Rules about what is written in a file, wherever it imports from.

/** A rule about code: `found` is looked for with comments and strings blanked, in the files that `watches`. */
interface CodeRule {
  readonly watches: (path: string) => boolean
  readonly found: RegExp
  readonly says: string
}

const inBot = (path: string): boolean => /^(?:src|commands)\//.test(path)
const inCore = (path: string): boolean => path.startsWith('src/core/')
const inTests = (path: string): boolean => path.startsWith('test/')
/** The sandbox is a Discord, so it changes members by its nature. */
const mayNotAct = (path: string): boolean =>
  inBot(path) && path !== 'src/discord/enforcer.ts' && !path.startsWith('src/sandbox/')

const PURE = 'the core is told everything and waits for nothing'
const ONE_DOOR = 'only src/discord/enforcer.ts changes a member'

const CODE_RULES: readonly CodeRule[] = [
  { watches: inCore, found: /\b(?:await|async)\b/g, says: PURE },
  { watches: inCore, found: /\bDate\s*\.\s*now\b|\bnew\s+Date\b|\bperformance\b/g, says: PURE },
  { watches: inCore, found: /\bprocess\b\s*[.[?]|\bMath\s*\.\s*random\b/g, says: PURE },
  {
    watches: (path) => inBot(path) && path !== 'src/config.ts',
    found: /\bprocess\s*\??\.\s*env\b|\bprocess\s*\[|[{,]\s*env\b[^}]*\}\s*(?:from|=\s*process\b)|\bloadEnvFile\b/g,
    says: 'only src/config.ts reads the environment',
  },
  { watches: mayNotAct, found: /\bRoutes\s*\.\s*guildMemberRole\b/g, says: ONE_DOOR },
  {
    watches: mayNotAct,
    found: /\.\s*(?:patch|put|delete)\s*\(\s*Routes\s*\.\s*guild(?:Member|Ban)\b/g,
    says: ONE_DOOR,
  },
  { watches: mayNotAct, found: /\broles\s*\.\s*(?:add|remove)\s*\(/g, says: ONE_DOOR },
  {
    watches: mayNotAct,
    found: /\.\s*(?:kick|ban|bulkBan)\s*\(|\bmembers\s*\.\s*(?:edit|addRole|removeRole)\s*\(/g,
    says: ONE_DOOR,
  },
  {
    watches: inTests,
    found: /\b(?:it|test|describe|suite)\s*\.\s*only\b/g,
    says: 'a test that runs alone hides the others',
  },
  {
    watches: inTests,
    found: /\b(?:it|test|describe|suite)\s*\.\s*todo\b/g,
    says: 'a test that is not there proves nothing',
  },
  { watches: inTests, found: /\bskip\s*\(\s*\)/g, says: 'a test that is skipped says why' },
]

/** Built from parts, so that this file holds none of the words that it looks for. */
const PROMISES = new RegExp(`\\b(?:${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')})\\b`, 'g')
const SKIPPED = /\b(?:it|test|describe|suite)\s*\.\s*skip\b/g
const LEFTOVERS = /^(?:utils?|helpers?|common|types?|services?|managers?)$/
/** The address of a member put together by hand would slip past the rule about routes. */
const HANDMADE_ADDRESS = /\/members\/\$\{/g
const LONGEST_FILE = 350

const at = (source: Source, index: number): string => `${source.path}:${lineAt(source.text, index)}`

/** Everything wrong with one file by itself, each as one sentence. */
export function faultsIn(source: Source): readonly string[] {
  return [codeFaults, handmadeAddresses, unexplainedSkips, promises, nameFaults, lengthFaults].flatMap((rule) =>
    rule(source),
  )
}

function codeFaults(source: Source): readonly string[] {
  const code = blank(source.text)
  return CODE_RULES.filter(({ watches }) => watches(source.path)).flatMap(({ found, says }) =>
    [...code.matchAll(found)].map((match) => `${at(source, match.index)} ${match[0].replace(/\s+/g, ' ')}: ${says}`),
  )
}

function handmadeAddresses(source: Source): readonly string[] {
  if (!mayNotAct(source.path)) return []
  return [...source.text.matchAll(HANDMADE_ADDRESS)].map(
    (match) => `${at(source, match.index)} a member's address by hand: ${ONE_DOOR}`,
  )
}

/** A skip is explained by its name (`skipped, no server answers`) or by a comment on its line or on the line above. */
function unexplainedSkips(source: Source): readonly string[] {
  const lines = source.text.split('\n')
  return [...blank(source.text).matchAll(SKIPPED)].flatMap((match) => {
    const line = lineAt(source.text, match.index)
    const explained = [lines[line - 1], lines[line - 2]].some((text) => /\/\/ .{10,}|skipped[,:] /.test(text ?? ''))
    return explained ? [] : [`${at(source, match.index)} a test that is skipped says why, in a comment above it`]
  })
}

function promises(source: Source): readonly string[] {
  return [...source.text.matchAll(PROMISES)].map(
    (match) => `${at(source, match.index)} ${match[0]}: do it, or open an issue`,
  )
}

function nameFaults({ path }: Source): readonly string[] {
  const words = path.split('/').flatMap((part) => part.split(/[.-]/))
  return words.filter((word) => LEFTOVERS.test(word)).map((word) => `${path} is a place for leftovers (${word})`)
}

function lengthFaults({ path, text }: Source): readonly string[] {
  const lines = text.trimEnd().split('\n').length
  return inBot(path) && lines > LONGEST_FILE ? [`${path} has ${lines} lines, more than ${LONGEST_FILE}`] : []
}
