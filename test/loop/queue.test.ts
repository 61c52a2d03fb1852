import { expect, test } from 'vitest'
import { LaneFull, Queue } from '#src/loop/queue.ts'

/** Tasks that end when told, with the order in which they began. */
function tasks() {
  const began: string[] = []
  const ends = new Map<string, () => void>()
  const make = (name: string) => () =>
    new Promise<void>((resolve) => {
      began.push(name)
      ends.set(name, resolve)
    })
  const end = async (name: string) => {
    ends.get(name)?.()
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  }
  return { began, make, end }
}

test('live work goes before commands, and commands before sweeps', async () => {
  const queue = new Queue()
  const { began, make, end } = tasks()
  for (const n of [1, 2, 3, 4]) void queue.add(`busy${n}`, 'sweep', make(`busy${n}`))
  void queue.add('a', 'sweep', make('sweep'))
  void queue.add('b', 'command', make('command'))
  void queue.add('c', 'live', make('live'))
  for (const n of [1, 2, 3]) await end(`busy${n}`)
  expect(began.slice(4)).toEqual(['live', 'command', 'sweep'])
})

test('two tasks of one key never run at once, in whatever lanes they wait', async () => {
  const queue = new Queue()
  const { began, make, end } = tasks()
  void queue.add('member', 'command', make('first'))
  void queue.add('member', 'live', make('second'))
  expect(began).toEqual(['first'])
  await end('first')
  expect(began).toEqual(['first', 'second'])
})

test('a key that waits already is not added twice', async () => {
  const queue = new Queue()
  const { began, make, end } = tasks()
  const at = queue.add('member', 'live', make('first'))
  void queue.add('member', 'live', make('waiting'))
  void queue.add('member', 'live', make('again'))
  expect(queue.waiting).toBe(1)
  await end('first')
  await at
  await end('waiting')
  expect(began).toEqual(['first', 'waiting'])
})

test('a task that throws is told to whoever added it and holds up nobody else', async () => {
  const queue = new Queue()
  const broken = queue.add('a', 'live', async () => {
    throw new Error('broken')
  })
  await expect(broken).rejects.toThrow('broken')
  await expect(queue.add('a', 'live', async () => {})).resolves.toBeUndefined()
})

test('a closed queue takes nothing in and lets go of what waits', async () => {
  const queue = new Queue()
  const { make, end } = tasks()
  for (const n of [1, 2, 3, 4]) void queue.add(`busy${n}`, 'sweep', make(`busy${n}`))
  const waiting = queue.add('late', 'sweep', make('late'))
  queue.close()
  await expect(waiting).rejects.toThrow(LaneFull)
  await expect(queue.add('later', 'live', async () => {})).rejects.toThrow(LaneFull)
  for (const n of [1, 2, 3, 4]) await end(`busy${n}`)
})
