import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { demoFolders, makeBase, processesOf, Showing } from './showing.ts'

// Each showing starts an embedded engine up to three times; a busy machine takes its time for that.
const PATIENCE = 240_000
const base = makeBase()
afterAll(() => base.remove())

it('tells the whole story without a terminal, and leaves nothing behind', { timeout: PATIENCE }, async () => {
  const showing = new Showing(base.path)
  expect(await showing.ended, showing.output).toBe(0)
  const story = [
    'Applied: 442 added, 0 changed, 0 dropped',
    '500 members read',
    'mira ▸ /audit run',
    '▌ 22 members out of order',
    'This was a report: nothing was changed.',
    'the first-run lock: read a report and lift it',
    'every role is where it was',
    'solveig ▸ /acknowledge first-run run:',
    'The first-run lock is lifted',
    '22 members out of order, 21 role changes made',
    '21 roles are gone, as many as the bot says',
    'too many: @Fleet Command\n  → policy says strip, held by `guild_owner`',
    'too many: @Directors\n  → policy says strip, held by `out_of_reach`',
    'solveig ▸ /arm realtime',
    'gives @pim the role @Capitals',
    'counted in the server itself: @pim had not earned',
    'Took @Capitals from @pim: not earned.',
    'Given by @mira.',
    'The identity database goes dark',
    'The identity source failed its health check',
    'nobody lost anything',
    'Blind: nobody loses anything',
    'mira ▸ /undo run:',
    '21 roles given back',
    '21 roles are back with those who had them',
    'No longer blind',
    'mira ▸ /explain member:@basil-bright',
    '▸ role_drift: holds',
    '▸ override: report',
    'operator ▸ rolecall trail export trail.jsonl',
    'lines of 2 chains',
    'operator ▸ rolecall trail verify trail.jsonl',
    'The record is whole',
    'Somebody changes one byte in a copy',
    'operator ▸ rolecall trail verify forged.jsonl',
    'The record is not whole. Line ',
    'Found out, and where',
    'That was the tour.',
  ]
  let from = 0
  for (const part of story) {
    expect(showing.output.slice(from)).toContain(part)
    from = showing.output.indexOf(part, from)
  }
  // What stands at the top of the README is what is really shown, but for ages and ids.
  expect(settled(showing.output)).toContain(settled(readmeBlock()))
  for (const raw of ['\x1b', '<@', '<t:', '**']) expect(showing.output).not.toContain(raw)
  expect(longest(showing.output)).toBeLessThanOrEqual(80)
  expect([...demoFolders(base.path), ...processesOf(base.path)]).toEqual([])
})

it('ends everything at a Ctrl-C in the middle', { timeout: PATIENCE }, async () => {
  const showing = new Showing(base.path)
  await showing.said('rolecall settings apply')
  expect(processesOf(base.path)).not.toEqual([])
  showing.child.kill('SIGINT')
  expect(await showing.ended, showing.output).toBe(130)
  expect(showing.output).toContain('Stopped. Nothing is left behind.')
  expect([...demoFolders(base.path), ...processesOf(base.path)]).toEqual([])
})

it('takes its programs along when it is killed, and the next one removes its folder', {
  timeout: PATIENCE,
}, async () => {
  const killed = new Showing(base.path)
  await killed.said('500 members read')
  killed.child.kill('SIGKILL')
  await vi.waitUntil(() => processesOf(base.path).length === 0, { timeout: PATIENCE, interval: 200 })
  for (const name of demoFolders(base.path)) utimesSync(join(base.path, name), 0, 0)
  expect(demoFolders(base.path)).toHaveLength(1)
  const running = join(base.path, `rolecall-demo-${process.pid}-running`)
  mkdirSync(running)
  utimesSync(running, 0, 0)
  const young = join(base.path, `rolecall-demo-${endedPid()}-young`)
  mkdirSync(young)

  const next = new Showing(base.path)
  await next.said('rolecall identity import')
  next.child.kill('SIGINT')
  await next.ended
  expect(
    demoFolders(base.path)
      .map((name) => join(base.path, name))
      .sort(),
  ).toEqual([running, young].sort())
})

it('breaks off in silence when nobody reads along any more', { timeout: PATIENCE }, async () => {
  const showing = new Showing(base.path)
  await showing.said('rolecall shows itself')
  showing.child.stdout!.destroy()
  expect(await showing.ended).toBe(130)
  expect(showing.output).not.toContain('EPIPE')
  expect(processesOf(base.path)).toEqual([])
})

it('says what to do where nothing can be written, and where the bot ends', { timeout: PATIENCE }, async () => {
  const nowhere = new Showing(base.path, join(base.path, 'not-there'))
  expect(await nowhere.ended).toBe(1)
  expect(oneLine(nowhere.output)).toContain('nothing can be written there (ENOENT). Name another folder with TMPDIR.')

  const orphan = new Showing(base.path)
  await orphan.said('500 members read')
  const [bot = ''] = processesOf(base.path).filter((line) => line.includes('main.ts'))
  process.kill(Number.parseInt(bot, 10), 'SIGKILL')
  expect(await orphan.ended).toBe(1)
  expect(oneLine(orphan.output)).toContain('The bot ended (SIGKILL) in the middle. Try again')
  expect(orphan.output).toContain('info: roster live')
  expect(demoFolders(base.path).filter((name) => name.includes(`-${orphan.child.pid}-`))).toEqual([])
})

/** The first example of the README. */
const readmeBlock = (): string =>
  /^```\n(.*?)^```$/ms.exec(readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8'))?.[1] ?? 'no example'

const settled = (text: string): string => text.replaceAll(/\d+ s ago/g, 'N s ago').replaceAll(/[0-9a-f-]{36}/g, 'ID')

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ')

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => [...line].length))

const endedPid = (): number => spawnSync(process.execPath, ['--version']).pid
