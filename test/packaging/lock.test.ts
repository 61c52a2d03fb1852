import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (name: string): string => readFileSync(join(root, name), 'utf8')
const lock = JSON.parse(read('package-lock.json'))
const manifest = JSON.parse(read('package.json'))

it('the lock file says what is installed, not where it was fetched', () => {
  expect(Object.keys(lock.packages).length).toBeGreaterThan(50)
  expect(read('package-lock.json')).not.toMatch(/"resolved"|https?:\/\/(?!opencollective\.com|github\.com)[^"]*\.tgz/)
  expect(read('.npmrc')).toMatch(/^omit-lockfile-registry-resolved=true$/m)
})

it('every package is known by the digest of its contents', () => {
  const unknown = Object.entries<{ integrity?: string }>(lock.packages).flatMap(([path, { integrity }]) =>
    path === '' || integrity?.startsWith('sha512-') ? [] : path,
  )
  expect(unknown).toEqual([])
})

it('every version is pinned exactly, and the lock file agrees', () => {
  const wanted: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies }
  const floating = Object.entries(wanted).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
  expect(floating).toEqual([])
  for (const [name, version] of Object.entries(wanted))
    expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version)
})

it('the bot is private and brings its own Node, so that npx works from the checkout alone', () => {
  expect(manifest).toMatchObject({ private: true, bin: { rolecall: 'bin/rolecall.js' }, license: 'MIT' })
  expect(manifest.dependencies.node).toMatch(/^24\./)
})
