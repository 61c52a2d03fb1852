import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

const project = join(import.meta.dirname, '../..')

/** Loaded before the shim: what it would see under the oldest Node that it is for. */
const OLD_NODE = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.19.0'}})`

const CLI = `
const [word, number]: string[] = process.argv.slice(2)
const told = JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), major: parseInt(process.versions.node) })
if (word !== 'wait') console.log(told)
if (word === 'exit') process.exit(Number(number))
if (word === 'die') process.kill(process.pid, 'SIGKILL')
if (word === 'wait') {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { console.log(signal); setTimeout(() => process.exit(3), 200) })
  setInterval(() => {}, 1_000)
  console.log(told)
}
`

let root: string
let home: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'rolecall-shim-')))
  home = join(root, 'packages/rolecall')
  for (const folder of ['bin', 'src']) mkdirSync(join(home, folder), { recursive: true })
  for (const file of ['package.json', 'bin/rolecall.js']) copyFileSync(join(project, file), join(home, file))
  writeFileSync(join(home, 'src/cli.ts'), CLI)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** The npm package \`node\`, as npm lays it out. */
function installNode(folder: string): void {
  mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true })
  writeFileSync(join(folder, 'node_modules/node/package.json'), '{ "name": "node", "bin": { "node": "bin/node" } }')
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'))
}

function start(
  args: readonly string[],
  options: { readonly old?: boolean; readonly file?: string; readonly cwd?: string } = {},
) {
  const before = options.old === true ? ['--import', OLD_NODE] : []
  const file = options.file ?? join(home, 'bin/rolecall.js')
  return spawn(process.execPath, [...before, file, ...args], {
    cwd: options.cwd ?? home,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function finish(child: ReturnType<typeof start>) {
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    said.out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    said.err += String(chunk)
  })
  const [code] = await once(child, 'close')
  return { code, ...said }
}

it('the shim is executable', () => {
  expect(statSync(join(project, 'bin/rolecall.js')).mode & 0o111).toBe(0o111)
})

it('arguments, folder and exit code pass through, by a link as well', async () => {
  symlinkSync(join(home, 'bin/rolecall.js'), join(root, 'rolecall'))
  const { code, out } = await finish(start(['exit', '7', 'two words'], { file: join(root, 'rolecall'), cwd: root }))
  expect(JSON.parse(out)).toEqual({
    args: ['exit', '7', 'two words'],
    cwd: root,
    major: Number.parseInt(process.versions.node, 10),
  })
  expect(code).toBe(7)
})

it('under an old Node the one beside the bot is used', async () => {
  installNode(home)
  expect(await finish(start(['exit', '0'], { old: true }))).toMatchObject({ code: 0, err: '' })
})

it('and so is one in a folder above', async () => {
  installNode(root)
  expect(await finish(start(['exit', '0'], { old: true }))).toMatchObject({ code: 0, err: '' })
})

it('under an old Node without any other, one sentence says what to do', async () => {
  const { code, out, err } = await finish(start([], { old: true }))
  expect(err).toMatch(/^rolecall needs Node 24 and this is Node 18\.19\.0; .*run "npm install" in .*\.\n$/)
  expect({ code, out }).toEqual({ code: 2, out: '' })
})

it('a Node whose download was broken off is not a Node', async () => {
  installNode(home)
  rmSync(join(home, 'node_modules/node/bin/node'))
  expect(await finish(start([], { old: true }))).toMatchObject({ code: 2 })
})

it('as a dependency it says that it runs from its checkout', async () => {
  const inside = join(root, 'node_modules/rolecall/bin')
  mkdirSync(inside, { recursive: true })
  copyFileSync(join(project, 'bin/rolecall.js'), join(inside, 'rolecall.js'))
  copyFileSync(join(project, 'package.json'), join(inside, '../package.json'))
  const { code, err } = await finish(start([], { file: join(inside, 'rolecall.js') }))
  expect(err).toMatch(/runs from its own checkout/)
  expect(code).toBe(2)
})

it('a death by a signal is told as shells tell it', async () => {
  expect(await finish(start(['die']))).toMatchObject({ code: 128 + 9 })
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  it(`${signal} reaches the bot once, and the bot decides how it ends`, async () => {
    const child = start(['wait'])
    child.stdout.once('data', () => child.kill(signal))
    const { code, out } = await finish(child)
    expect(out.trim().split('\n').slice(1)).toEqual([signal])
    expect(code).toBe(3)
  })
}

it('npx finds the command in the checkout, without a network', async () => {
  const npx =
    (process.env.PATH ?? '')
      .split(':')
      .map((folder) => join(folder, 'npx'))
      .find(existsSync) ?? 'npx'
  const child = spawn(npx, ['rolecall', 'exit', '5'], {
    cwd: join(home, 'src'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [dirname(process.execPath), process.env.PATH].join(':'),
      HOME: root,
      npm_config_registry: 'http://127.0.0.1:9/',
    },
  })
  const { code, out } = await finish(child)
  expect(JSON.parse(out).args).toEqual(['exit', '5'])
  expect(code).toBe(5)
})
