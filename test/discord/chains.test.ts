import { describe, expect, it } from 'vitest'
import { backOff } from '#src/discord/back-off.ts'
import { Chains } from '#src/discord/chains.ts'
import { Recent } from '#src/discord/recent.ts'

const STEADY = new AbortController().signal

describe('chains', () => {
  it('carry out the work of one key in order, one piece at a time, and of other keys meanwhile', async () => {
    const chains = new Chains(10, STEADY)
    const row: string[] = []
    const gate = Promise.withResolvers<void>()
    const first = chains.run('a', async () => {
      row.push('a1 begins')
      await gate.promise
      row.push('a1 ends')
    })
    const second = chains.run('a', async () => void row.push('a2'))
    await chains.run('b', async () => void row.push('b'))
    gate.resolve()
    await Promise.all([first, second])
    expect(row).toEqual(['a1 begins', 'b', 'a1 ends', 'a2'])
    expect(chains.size).toBe(0)
  })

  it('go on after a piece that failed, and tell its caller', async () => {
    const chains = new Chains(10, STEADY)
    const failed = chains.run('a', () => Promise.reject(new Error('no')))
    const next = chains.run('a', async () => 'yes')
    await expect(failed).rejects.toThrow('no')
    expect(await next).toBe('yes')
  })

  it('say when they are full', async () => {
    const chains = new Chains(1, STEADY)
    const gate = Promise.withResolvers<void>()
    const only = chains.run('a', () => gate.promise)
    expect(chains.hasRoom).toBe(false)
    gate.resolve()
    await only
    expect(chains.hasRoom).toBe(true)
  })
})

describe('pauses between tries', () => {
  it('double up to the longest, and are spread over their upper half', () => {
    expect([0, 1, 2, 9, 900].map((tried) => backOff(tried, 100, 1_000, () => 1))).toEqual([100, 200, 400, 1_000, 1_000])
    expect(backOff(2, 100, 1_000, () => 0)).toBe(200)
  })
})

describe('what was seen lately', () => {
  it('is known again, and the oldest is forgotten for the newest', () => {
    const recent = new Recent(2)
    expect(['a', 'b', 'a', 'c', 'a'].map((id) => recent.add(id))).toEqual([true, true, false, true, true])
  })
})
