#!/usr/bin/env node
// Plain JavaScript that Node 18 can read: whoever starts it may have an older Node than the bot runs on.
// It finds Node 24, hands it the command line, and ends as it ends.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED_MAJOR = 24
const OPERATOR_CAN_MEND = 2
const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The running Node where it is new enough, else the one that `npm install` laid beside the bot, else null. */
function findNode() {
  if (Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR) return process.execPath
  try {
    // Asked from the package's root, so that a copy hoisted to a folder above is found too.
    const manifest = createRequire(join(root, 'package.json')).resolve('node/package.json')
    const binary = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.node)
    return existsSync(binary) ? binary : null
  } catch {
    return null
  }
}

function refuse(sentence) {
  console.error(sentence)
  process.exit(OPERATOR_CAN_MEND)
}

/** A terminal sends Ctrl-C to parent and child alike; passing it on as well would reach the child as a second, impatient one. */
function terminalInterrupts() {
  return Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY)
}

function run(node) {
  const child = spawn(node, [join(root, 'src', 'cli.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
  process.on('SIGINT', () => terminalInterrupts() || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) =>
    refuse(`rolecall could not start ${node} (${error.code}): run "npm install" in ${root}.`),
  )
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]))
}

const node = findNode()
if (root.split(/[\\/]/).includes('node_modules')) {
  refuse(
    `rolecall runs from its own checkout, not as a dependency: Node runs no TypeScript under node_modules (${root}).`,
  )
} else if (node === null) {
  refuse(
    `rolecall needs Node ${NEEDED_MAJOR} and this is Node ${process.versions.node}; the Node that comes with it is missing: run "npm install" in ${root}.`,
  )
} else {
  run(node)
}
