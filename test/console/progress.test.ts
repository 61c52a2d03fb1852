import { describe, expect, it } from 'vitest'
import { barLine } from '#src/console/bar.ts'
import { Progress } from '#src/console/progress.ts'
import { Screen } from '#src/console/screen.ts'
import type { AuditProgress, Reply } from '#src/discord/command.ts'
import { columns as cells } from '#src/identity/words.ts'
import { paper } from './paper.ts'

const acting = (done: number, total: number, leftMs: number | null = null): AuditProgress => ({
  stage: 'acting',
  done,
  total,
  leftMs,
})
const shown = (progress: AuditProgress): Reply => ({ tone: 'plain', title: 'The audit is running', text: '', progress })

describe('the bar', () => {
  it.each([
    [acting(0, 400), 40, `acting ${'░'.repeat(24)} 0 of 400`],
    [acting(200, 400), 80, `acting ${'█'.repeat(15)}${'░'.repeat(15)} 200 of 400`],
    [acting(400, 400, 0), 80, `acting ${'█'.repeat(30)} 400 of 400, 0 s left`],
    [acting(1_200, 4_000, 170_000), 40, 'acting █░░░░░ 1,200 of 4,000, 3 min left'],
    [acting(1_200, 4_000, 170_000), 39, 'acting 1,200 of 4,000, 3 min left'],
    [acting(1_200, 4_000, 20_000_000), 80, `acting ${'█'.repeat(9)}${'░'.repeat(21)} 1,200 of 4,000, 6 h left`],
    [{ stage: 'reading', done: 0, total: 0, leftMs: null }, 80, 'reading every member and the identity source'],
    [{ stage: 'reading', done: 0, total: 0, leftMs: null }, 40, 'reading members and identities'],
    [{ stage: 'reading', done: 0, total: 0, leftMs: null }, 20, 'reading'],
    [{ stage: 'planning', done: 0, total: 0, leftMs: null }, 80, 'comparing what is held with what was earned'],
    [{ stage: 'planning', done: 0, total: 0, leftMs: null }, 40, 'comparing held with earned'],
    [acting(9, 4), 40, `acting ${'█'.repeat(26)} 9 of 4`],
  ] satisfies [AuditProgress, number, string][])('of %j in %i columns is %j', (progress, width, line) =>
    expect(barLine(progress, width)).toBe(line),
  )

  it('is never wider than the terminal, whatever it says', () => {
    for (let width = 10; width <= 90; width += 1)
      for (const progress of [
        ...[acting(123_456, 1_000_000, 3_000_000), acting(1, 2), acting(0, 0, 1)],
        ...(['reading', 'planning'] as const).map((stage) => ({ ...acting(0, 0), stage })),
      ])
        expect([...barLine(progress, width)].length).toBeLessThanOrEqual(width)
  })
})

describe('progress', () => {
  it('is redrawn in place on a terminal, and taken away before the answer', () => {
    const screen = paper({ columns: 40 })
    const progress = new Progress(new Screen(screen), () => 0)
    progress.show(shown(acting(1, 4)))
    progress.show(shown(acting(2, 4)))
    progress.clear()
    expect(screen.text()).not.toContain('\n')
    expect(
      screen
        .text()
        .split('\r')
        .slice(1)
        .map((line) => line.replaceAll('\x1b[K', '')),
    ).toEqual([barLine(acting(1, 4), 39), barLine(acting(2, 4), 39), ''])
  })

  it.each([12, 25, 40])('leaves nothing of a longer line behind on a terminal of %i columns', (columns) => {
    const screen = paper({ columns })
    const onScreen = new Screen(screen)
    onScreen.redraw('a bar\nand a sentence below it that is longer than any terminal here \u{1f98a}')
    onScreen.redraw('\u{1f98a}'.repeat(60))
    onScreen.redraw('short')
    // One line, never so long that the terminal breaks it in two: then what is drawn next covers all of it.
    expect(screen.text()).not.toContain('\n')
    const drawn = screen
      .text()
      .split('\r')
      .slice(1)
      .map((line) => line.replaceAll('\x1b[K', ''))
    for (const line of drawn) expect([...line].reduce((sum, point) => sum + cells(point), 0)).toBeLessThan(columns)
    expect(drawn.at(-1)).toBe('short')
  })

  it('is a plain line every ten seconds at most where nobody watches', () => {
    const screen = paper()
    let now = 0
    const progress = new Progress(new Screen(screen), () => now)
    for (; now < 25_000; now += 500) progress.show(shown(acting(now / 500, 50, 25_000 - now)))
    progress.clear()
    expect(screen.text()).toBe('acting: 0 of 50, 25 s left\nacting: 20 of 50, 15 s left\nacting: 40 of 50, 5 s left\n')
  })

  it('says what is being read where nobody watches', () => {
    const screen = paper()
    new Progress(new Screen(screen), () => 0).show(shown({ stage: 'reading', done: 0, total: 0, leftMs: null }))
    expect(screen.text()).toBe('reading every member and the identity source\n')
  })

  it('without counts says what is under way', () => {
    const screen = paper()
    new Progress(new Screen(screen), () => 0).show({ tone: 'plain', title: 'Looking\x1b[2J at everybody', text: '' })
    expect(screen.text()).toBe('Looking[2J at everybody\n')
  })
})
