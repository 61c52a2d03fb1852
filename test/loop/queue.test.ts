import { expect, test } from 'vitest'
import { LaneFull, Queue, type Turn } from '#src/loop/queue.ts'

/** Tasks that end when told, with the order in which they began. */
function tasks() {
  const began: string[] = []
  const ends = new Map<string, () => void>()
  const make = (name: string) => () =>
    new Promise<void>((resolve) => {
      began.push(name)
      ends.set(name, resolve)
    })
  /** A live look that comes to an act at once; named again once it may act. */
  const makeAct = (name: string) => async (turn: Turn) => {
    began.push(name)
    await turn.act()
    await make(`${name} acts`)()
  }
  const end = async (name: string) => {
    ends.get(name)?.()
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  }
  return { began, make, makeAct, end }
}

test('live work goes before commands, and commands before sweeps', async () => {
  const queue = new Queue()
  const { began, make, end } = tasks()
  for (const n of [1, 2, 3, 4]) void queue.add(`g/busy${n}`, 'sweep', make(`busy${n}`))
  void queue.add('g/a', 'sweep', make('sweep'))
  void queue.add('g/b', 'command', make('command'))
  void queue.add('g/c', 'live', make('live'))
  expect(began.slice(4)).toEqual(['live'])
  for (const n of [1, 2]) await end(`busy${n}`)
  expect(began.slice(4)).toEqual(['live', 'command', 'sweep'])
})

test('acts that wait in one guild hold up neither another guild nor a live look', () => {
  const queue = new Queue()
  const { began, make } = tasks()
  for (const n of [1, 2, 3, 4, 5]) void queue.add(`a/${n}`, 'command', make(`a${n}`))
  void queue.add('b/1', 'command', make('b1'))
  void queue.add('a/9', 'live', make('live'))
  expect(began).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'live'])
})

test('a task that adds its own key again is not run beside itself', async () => {
  const queue = new Queue()
  const { began, make, end } = tasks()
  void queue.add('g/1', 'command', () => {
    void queue.add('g/1', 'live', make('again'))
    return make('first')()
  })
  expect(began).toEqual(['first'])
  await end('first')
  expect(began).toEqual(['first', 'again'])
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
  for (const n of [1, 2, 3, 4]) void queue.add(`g/busy${n}`, 'sweep', make(`busy${n}`))
  const waiting = queue.add('g/late', 'sweep', make('late'))
  const closed = queue.close()
  await expect(waiting).rejects.toThrow(LaneFull)
  await expect(queue.add('g/later', 'live', async () => {})).rejects.toThrow(LaneFull)
  for (const n of [1, 2, 3, 4]) await end(`busy${n}`)
  await closed
})

const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

test('live acts that wait at Discord’s door hold up no look, of their own guild or of another', async () => {
  const queue = new Queue()
  const { began, make, makeAct } = tasks()
  for (const n of [1, 2, 3, 4, 5, 6]) void queue.add(`a/${n}`, 'live', makeAct(`a${n}`))
  await settled()
  void queue.add('a/9', 'live', make('a look'))
  void queue.add('b/1', 'live', make('another guild'))
  expect(began.filter((name) => name.endsWith('acts'))).toHaveLength(4)
  expect(began.slice(-2)).toEqual(['a look', 'another guild'])
})

test('a guild acts live on four members at once, and the next waits for a place', async () => {
  const queue = new Queue()
  const { began, makeAct, end } = tasks()
  for (const n of [1, 2, 3, 4, 5]) void queue.add(`a/${n}`, 'live', makeAct(`a${n}`))
  await settled()
  expect(began).not.toContain('a5 acts')
  await end('a1 acts')
  await settled()
  expect(began).toContain('a5 acts')
})

test('a live act does not wait for the places that a sweep takes up', async () => {
  const queue = new Queue()
  const { began, make, makeAct } = tasks()
  for (let n = 1; n <= 10_000; n += 1) void queue.add(`a/${n}`, 'sweep', make(`swept${n}`))
  void queue.add('a/live', 'live', makeAct('live'))
  await settled()
  expect(began).toEqual(['swept1', 'swept2', 'swept3', 'swept4', 'live', 'live acts'])
})

test('a member who is acted on is not looked at beside it', async () => {
  const queue = new Queue()
  const { began, make, makeAct, end } = tasks()
  void queue.add('a/1', 'live', makeAct('first'))
  await settled()
  void queue.add('a/1', 'live', make('echo'))
  void queue.add('a/1', 'command', make('command'))
  await settled()
  expect(began).toEqual(['first', 'first acts'])
  await end('first acts')
  await settled()
  expect(began).toEqual(['first', 'first acts', 'echo'])
})

test('whoever waits to act when the queue is closed is let go of without having acted', async () => {
  const queue = new Queue()
  const { began, makeAct, end } = tasks()
  for (const n of [1, 2, 3, 4]) void queue.add(`a/${n}`, 'live', makeAct(`a${n}`))
  const fifth = queue.add('a/5', 'live', makeAct('a5'))
  await settled()
  const closed = queue.close()
  await expect(fifth).rejects.toThrow(LaneFull)
  for (const n of [1, 2, 3, 4]) await end(`a${n} acts`)
  await closed
  expect(began).not.toContain('a5 acts')
})

test('a task that breaks at once leaves its key free for the next', async () => {
  const queue = new Queue()
  const done: string[] = []
  const breaks = () => {
    throw new Error('at once')
  }
  await expect(queue.add('1/a', 'command', breaks)).rejects.toThrow('at once')
  await queue.add('1/a', 'live', async () => void done.push('a'))
  await queue.close()
  expect(done).toEqual(['a'])
})

test('it can be asked whether anything is done in real time: while somebody waits for it, is looked at or is acted on', async () => {
  const queue = new Queue()
  const { make, makeAct, end } = tasks()
  void queue.add('a/1', 'sweep', make('swept'))
  void queue.add('a/2', 'command', make('commanded'))
  expect(queue.isLive).toBe(false)
  void queue.add('a/3', 'live', makeAct('live'))
  void queue.add('a/1', 'live', make('waits'))
  await settled()
  await end('live acts')
  expect(queue.isLive).toBe(true)
  await end('swept')
  expect(queue.isLive).toBe(true)
  await end('waits')
  expect(queue.isLive).toBe(false)
  void queue.add('a/4', 'live', makeAct('another'))
  await settled()
  expect(queue.isLive).toBe(true)
  await end('another acts')
  expect(queue.isLive).toBe(false)
})
