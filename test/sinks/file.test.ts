import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { FilePlan } from '#src/core/sink-plan.ts'
import { FileSink } from '#src/sinks/file.ts'
import { fileTrouble } from '#src/sinks/file-fault.ts'
import { type OutEvent, SinkTrouble } from '#src/sinks/sink.ts'
import { eventOf, eventsOf } from './collector.ts'

let folder: string
let path: string
const sinks: FileSink[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-sink-'))
  path = join(folder, 'events.jsonl')
})
afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.close()
  rmSync(folder, { recursive: true, force: true })
})

const MIB = 1024 * 1024

function sinkAt(plan: Partial<FilePlan> = {}): FileSink {
  const filter = { only: null, not: [], guilds: null }
  const sink = new FileSink({ kind: 'file', name: 'file', path, maxBytes: MIB, keep: 3, filter, ...plan })
  sinks.push(sink)
  return sink
}

/** Every line of the file as an event; throws where one is none. */
const eventsIn = (file = path): readonly OutEvent[] => {
  const text = readFileSync(file, 'utf8')
  expect(text === '' || text.endsWith('\n')).toBe(true)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

async function troubleOf(deliver: Promise<unknown>): Promise<string> {
  const error = await deliver.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(SinkTrouble)
  return (error as Error).message
}

describe('the file', () => {
  it('has each event on a line, in order, whoever comes after', async () => {
    const sink = sinkAt()
    expect(await sink.deliver(eventsOf(2))).toEqual({ refused: [] })
    await sink.deliver(eventsOf(1, 3))
    await sinkAt().deliver(eventsOf(1, 4))
    expect(eventsIn()).toEqual(eventsOf(4))
  })

  it('is for the bot’s account alone', async () => {
    await sinkAt().deliver(eventsOf(1))
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('keeps the rights that its owner gave it', async () => {
    writeFileSync(path, '')
    chmodSync(path, 0o640)
    await sinkAt().deliver(eventsOf(1))
    expect(statSync(path).mode & 0o777).toBe(0o640)
  })

  it('is whole when several write at once', async () => {
    const sink = sinkAt()
    await Promise.all(Array.from({ length: 20 }, (_, index) => sink.deliver(eventsOf(5, index * 5))))
    expect(eventsIn()).toEqual(eventsOf(100, 0))
  })

  it('is begun anew where somebody has moved it away or removed it', async () => {
    const sink = sinkAt()
    await sink.deliver(eventsOf(1))
    renameSync(path, `${path}.away`)
    await sink.deliver(eventsOf(1, 2))
    rmSync(path)
    await sink.deliver(eventsOf(1, 3))
    expect(eventsIn(`${path}.away`)).toEqual(eventsOf(1))
    expect(eventsIn()).toEqual(eventsOf(1, 3))
  })
})

describe('a file that grows too large', () => {
  const LINE = JSON.stringify(eventOf(1)).length + 1

  it('is put aside, and so many are kept', async () => {
    const sink = sinkAt({ maxBytes: 2 * LINE, keep: 2 })
    for (const event of eventsOf(9)) await sink.deliver([event])
    expect(eventsIn()).toEqual(eventsOf(1, 9))
    expect(eventsIn(`${path}.1`)).toEqual(eventsOf(2, 7))
    expect(eventsIn(`${path}.2`)).toEqual(eventsOf(2, 5))
    expect(existsSync(`${path}.3`)).toBe(false)
  })

  it('is put aside by whoever comes after too', async () => {
    await sinkAt().deliver(eventsOf(2))
    await sinkAt({ maxBytes: 2 * LINE }).deliver(eventsOf(1, 3))
    expect(eventsIn(`${path}.1`)).toEqual(eventsOf(2))
    expect(eventsIn()).toEqual(eventsOf(1, 3))
  })

  it('by one call alone has that call in one piece', async () => {
    await sinkAt({ maxBytes: LINE }).deliver(eventsOf(3))
    expect(eventsIn()).toEqual(eventsOf(3))
    expect(existsSync(`${path}.1`)).toBe(false)
  })

  it('keeps what was put aside where a number is missing', async () => {
    const sink = sinkAt({ maxBytes: LINE, keep: 4 })
    for (const event of eventsOf(4)) await sink.deliver([event])
    rmSync(`${path}.2`)
    await sink.deliver([eventOf(5)])
    expect([1, 2, 4].map((number) => eventsIn(`${path}.${number}`)[0]?.id)).toEqual(
      [4, 3, 1].map((number) => eventOf(number).id),
    )
  })
})

describe('after a crash in the middle of a line', () => {
  const whole = `${JSON.stringify(eventOf(1))}\n`
  const torn = JSON.stringify(eventOf(2, { data: { text: 'x'.repeat(200_000) } }))

  const lengths = [1, 5, 30, 20_000, 66_000, 131_500, torn.length]
  for (const length of lengths)
    it(`the half line is taken out: ${length} bytes of it`, async () => {
      writeFileSync(path, whole + torn.slice(0, length))
      await sinkAt().deliver([eventOf(2), eventOf(3)])
      expect(eventsIn()).toEqual(eventsOf(3))
    })

  it('it is taken out where it is the first', async () => {
    writeFileSync(path, torn.slice(0, 100))
    await sinkAt().deliver(eventsOf(1))
    expect(eventsIn()).toEqual(eventsOf(1))
  })

  it('so are the zeros that a loss of power leaves', async () => {
    writeFileSync(path, whole)
    truncateSync(path, whole.length + 4_096)
    await sinkAt().deliver(eventsOf(1, 2))
    expect(eventsIn()).toEqual(eventsOf(2))
  })

  it('but what is no event of ours stays, and is written behind by nobody', async () => {
    const strangers = `${whole}root:x:0:0`
    writeFileSync(path, strangers)
    expect(await troubleOf(sinkAt().deliver(eventsOf(1, 2)))).toMatch(/belongs to something else.*Name another file/)
    expect(readFileSync(path, 'utf8')).toBe(strangers)
  })
})

describe('a file that cannot be written', () => {
  it('for want of a folder is written when there is one', async () => {
    path = join(folder, 'later/events.jsonl')
    const sink = sinkAt()
    expect(await troubleOf(sink.deliver(eventsOf(1)))).toMatch(/folder .* is not there\. Make it.*\(ENOENT\)/)
    mkdirSync(join(folder, 'later'))
    await sink.deliver(eventsOf(1))
    expect(eventsIn()).toEqual(eventsOf(1))
  })

  it('because its name is a folder’s', async () => {
    expect(await troubleOf(sinkAt({ path: folder }).deliver(eventsOf(1)))).toMatch(/names a folder.*\(EISDIR\)/)
  })

  it('has the name of its own setting where it is one of several', async () => {
    expect(await troubleOf(sinkAt({ name: 'file-2', path: folder }).deliver(eventsOf(1)))).toMatch(/^SINK_FILE_2 names/)
  })

  it('because a file stands where its folder should', async () => {
    writeFileSync(path, '')
    expect(await troubleOf(sinkAt({ path: join(path, 'a') }).deliver(eventsOf(1)))).toMatch(/is no folder/)
  })

  it('because it is no ordinary one', async () => {
    symlinkSync('/dev/null', path)
    expect(await troubleOf(sinkAt().deliver(eventsOf(1)))).toMatch(/no ordinary file/)
  })

  it('because the account may not', () => {
    chmodSync(folder, 0o500)
    expect(toldTo('some account')).toMatch(/may not write.*Give it that right.*\(EACCES\)/)
    chmodSync(folder, 0o700)
  })

  it('any further is as it was before the call, and goes on when there is room', async () => {
    appendFileSync(path, `${JSON.stringify(eventOf(1))}\n`)
    expect(toldTo('whom little room is left')).toMatch(/may not grow any further.*\(EFBIG\)/)
    expect(eventsIn()).toEqual(eventsOf(1))
    await sinkAt().deliver(eventsOf(1, 2))
    expect(eventsIn()).toEqual(eventsOf(2))
  })

  it('for each reason says what to do', () => {
    for (const code of ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO'])
      expect(fileTrouble(Object.assign(new Error('x'), { code })).message).toMatch(
        /(?:Make|Give|Name|See) .*\(E[A-Z]+\)$/,
      )
  })
})

test('an event counts as delivered once it is on the disk, and not before', () => {
  const traced = join(folder, 'trace.json')
  // What the system was asked for by a process that looks for a file as soon as the event counts as delivered.
  inAnotherProcess("await sink.deliver(eventsOf(1)); await import('node:fs/promises').then((fs) => fs.lstat('/'))", {
    options: ['--trace-event-categories', 'node.fs.async', '--trace-event-file-pattern', traced],
  })
  const { traceEvents } = JSON.parse(readFileSync(traced, 'utf8')) as { traceEvents: { name: string; ph: string }[] }
  const steps = traceEvents
    .map(({ name, ph }) => `${name} ${ph}`)
    .filter((step) => /^(?:write|fdatasync|lstat) /.test(step))
  expect(steps).toEqual(['write b', 'write e', 'fdatasync b', 'fdatasync e', 'lstat b', 'lstat e'])
})

/** What another process is told that writes 100 events. Where little room is left, the system lets it write a part of them. */
const toldTo = (whom: 'some account' | 'whom little room is left'): string =>
  inAnotherProcess(
    "console.log(await sink.deliver(eventsOf(100, 2)).then(() => 'written', (error) => error.message))",
    whom === 'some account' ? { account: ORDINARY_UID } : { limit: 'ulimit -f 16; ' },
  )

/** Whoever is root may write everywhere. */
const ORDINARY_UID = 12_345

interface Process {
  readonly limit?: string
  readonly account?: number
  readonly options?: readonly string[]
}

/** Runs this with a `sink` that writes where those of this process do, and returns what it prints. */
function inAnotherProcess(code: string, { limit = '', account, options = [] }: Process): string {
  const url = (file: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, file)).href)
  const program = `
    const { FileSink } = await import(${url('../../src/sinks/file.ts')})
    const { eventsOf } = await import(${url('collector.ts')})
    if (${account !== undefined} && process.getuid() === 0) process.setuid(${account ?? 0})
    const sink = new FileSink({ kind: 'file', name: 'file', path: ${JSON.stringify(path)}, maxBytes: 1e9, keep: 1 })
    ${code}`
  const node = [...options, '--input-type=module', '-e', program]
  const args = ['-c', `${limit}exec "$0" "$@"`, process.execPath, ...node]
  return execFileSync('/bin/sh', args, { encoding: 'utf8', env: {} })
}
