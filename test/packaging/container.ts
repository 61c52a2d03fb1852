import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'

// A stand-in for a container engine: it lays the files that a Dockerfile copies into an empty folder and runs its commands there,
// as a user who owns nothing else. What needs root (making the user) is the base image's affair and is left out.

export interface Instruction {
  readonly word: string
  readonly rest: string
}

/** An ordinary user, whether or not the machine knows a name for it. */
const ORDINARY_UID = 12_345

/** Installing from a cold cache takes 10 s; a registry that does not answer must not hold up the tests for ever. */
const LONGEST_LINE_MS = 200_000

export function readDockerfile(text: string): readonly Instruction[] {
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [word = '', ...rest] = line.trim().split(/\s+/)
      return { word: word.toUpperCase(), rest: rest.join(' ') }
    })
}

/** Whether .dockerignore keeps a file out: the last pattern that matches it, or a folder above it, decides. */
export function isIgnored(path: string, patterns: string): boolean {
  const parts = path.split('/')
  const places = parts.map((_, i) => parts.slice(0, i + 1).join('/'))
  let ignored = false
  for (const line of patterns.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const pattern = toPattern(line.replace(/^!/, ''))
    if (places.some((place) => pattern.test(place))) ignored = !line.startsWith('!')
  }
  return ignored
}

/** A star stands for any name in one folder, hidden ones too. */
const toPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/]*')}$`,
  )

export interface Finished {
  readonly code: number | null
  readonly output: string
}

export class Container {
  readonly #root = mkdtempSync(join(tmpdir(), 'rolecall-image-'))
  readonly #context: string
  readonly #patterns: string
  readonly #npm = wayToRegistry()
  #environment: Record<string, string> = {}
  #folder = '/'

  constructor(context: string) {
    this.#context = context
    this.#patterns = readFileSync(join(context, '.dockerignore'), 'utf8')
    for (const folder of ['/node', '/data']) mkdirSync(join(this.#root, folder))
    // The base image brings Node; here it is the one that the tests run on.
    copyFileSync(process.execPath, join(this.#root, 'node/node'))
    chmodSync(join(this.#root, 'node/node'), 0o755)
  }

  get folder(): string {
    return join(this.#root, this.#folder)
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true })
  }

  /** Takes over what WORKDIR and ENV say, and copies as COPY does: a folder's contents go into the target, ignored files do not exist. */
  lay({ word, rest }: Instruction): void {
    if (word === 'WORKDIR') this.#folder = rest
    if (word === 'ENV')
      Object.assign(this.#environment, Object.fromEntries(rest.split(' ').map((pair) => pair.split('='))))
    if (word === 'COPY') this.#copy(rest)
    mkdirSync(this.folder, { recursive: true })
  }

  #copy(rest: string): void {
    const names = rest.split(' ').filter((name) => !name.startsWith('--'))
    const target = names.pop() ?? ''
    for (const name of names) {
      const source = join(this.#context, name)
      if (!existsSync(source) || this.#ignores(source))
        throw new Error(`COPY ${rest}: ${name} is not in the build context`)
      const isFolder = statSync(source).isDirectory()
      const to = join(this.folder, target, !isFolder && /(?:^\.|\/)$/.test(target) ? basename(name) : '')
      cpSync(source, to, { recursive: true, filter: (file) => !this.#ignores(file) })
    }
  }

  #ignores(file: string): boolean {
    return isIgnored(relative(this.#context, file), this.#patterns)
  }

  /** Runs a shell line as an ordinary user, with nothing of our environment but the way to npm. */
  async run(line: string, environment: Readonly<Record<string, string>> = {}): Promise<Finished> {
    const isRoot = process.getuid?.() === 0
    if (isRoot) giveTo(this.#root, ORDINARY_UID)
    const child = spawn('/bin/sh', ['-c', line], {
      cwd: this.folder,
      env: { ...this.#ownEnvironment(), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a line that hangs ends with all that it started.
      detached: true,
      ...(isRoot ? { uid: ORDINARY_UID, gid: ORDINARY_UID } : {}),
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += String(chunk)
      })
    const limit = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), LONGEST_LINE_MS)
    const [code] = await once(child, 'close')
    clearTimeout(limit)
    return { code, output: output.replace(/[a-z+]+:\/\/(?!127\.0\.0\.1)[^/\s]+/g, '(registry)') }
  }

  #ownEnvironment(): Record<string, string> {
    const data = join(this.#root, 'data')
    return {
      ...this.#environment,
      PATH: [join(this.#root, 'node'), npmFolder(), '/usr/bin', '/bin'].join(':'),
      HOME: data,
      DATA_DIR: data,
      ...this.#npm,
      npm_config_update_notifier: 'false',
    }
  }
}

function giveTo(folder: string, uid: number): void {
  chownSync(folder, uid, uid)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) giveTo(path, uid)
    else if (entry.isFile()) chownSync(path, uid, uid)
  }
}

const npmFolder = (): string => dirname(execFileSync('/bin/sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim())

/** How this machine reaches its registry: through which proxy, and whom it trusts. */
const WAY_OUT = [
  'NODE_EXTRA_CA_CERTS',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
  'https_proxy',
  'http_proxy',
  'no_proxy',
]

function wayToRegistry(): Record<string, string> {
  const kept = WAY_OUT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(kept), npm_config_registry: npmSetting('registry'), ...certificates() }
}

function certificates(): Record<string, string> {
  const cafile = npmSetting('cafile')
  return cafile === 'null' ? {} : { npm_config_cafile: cafile }
}

/** Asked as if from a shell: npm looks for its global settings beside the Node that runs it, and hands that place on to what it runs. */
function npmSetting(key: string): string {
  const { npm_config_globalconfig: _, npm_config_prefix: __, ...env } = process.env
  const PATH = env.PATH?.split(':')
    .filter((folder) => !folder.endsWith('node_modules/.bin'))
    .join(':')
  return execFileSync('npm', ['config', 'get', key], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...env, PATH },
  }).trim()
}
