import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareIds, compareNames, sortedIds } from '#src/core/order.ts'
import { cutCodePoints, oneLine, plainText, shorten } from '#src/core/text.ts'

describe('cutting text', () => {
  it('counts code points and never halves one', () => {
    expect(cutCodePoints('a😀b', 2)).toBe('a😀')
    expect(cutCodePoints('😀😀😀', 2)).toBe('😀😀')
    expect(cutCodePoints('abc', 3)).toBe('abc')
    expect(cutCodePoints('abc', 0)).toBe('')
  })

  it('agrees with taking the code points apart', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, max) => {
        expect(cutCodePoints(text, max)).toBe([...text].slice(0, max).join(''))
        expect([...shorten(text, max + 1)].length).toBeLessThanOrEqual(max + 1)
      }),
    )
  })

  it('shows that something was left out', () => {
    expect(shorten('abcd', 3)).toBe('ab…')
    expect(shorten('abc', 3)).toBe('abc')
  })
})

describe('text that people typed', () => {
  it.each([
    ['**bold** _it_ ~~gone~~', '\\*\\*bold\\*\\* \\_it\\_ \\~\\~gone\\~\\~'],
    ['||spoiler||', '\\|\\|spoiler\\|\\|'],
    ['# heading', '\\# heading'],
    ['> quote', '\\> quote'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['[here](x)', '\\[here\\]\\(x\\)'],
    ['a\\*b', 'a\\\\\\*b'],
    ['```js', 'ˋˋˋjs'],
    ['@everyone', '@\u200beveryone'],
    ['<@123> <@&4> <#5>', '\\<@\u200b123\\> \\<@\u200b&4\\> \\<\\#5\\>'],
    ['<:smile:1>', '\\<\\:smile\\:1\\>'],
    ['https://evil.example', 'https\\:/\u200b/evil.example'],
    ['two\nlines\r\nthree', 'two lines three'],
    ['\u202eevil\u2066\u0007', 'evil'],
    ['half \ud83d', 'half \ufffd'],
    ['👨‍👩‍👧', '👨‍👩‍👧'],
  ])('%j is shown as %j', (typed, shown) => {
    expect(plainText(typed)).toBe(shown)
  })

  it('leaves nothing that opens a mention, a code span or a new line', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('@', '<', '>', '#', '&', '`', '\\', '\n', 'everyone', '1', '😀') }),
        (typed) => {
          const shown = plainText(typed)
          expect(shown).not.toMatch(/[`\n]|@[^\u200b]|@$/u)
          expect(shown.replaceAll(/\\[\\<>#]/gu, '')).not.toMatch(/[<>#\\]/u)
        },
      ),
    )
  })

  it('keeps a terminal on its line', () => {
    expect(oneLine('a\u001b[2Jb\u009bc\u2028d')).toBe('a[2Jbc d')
  })
})

describe('orders', () => {
  it('compares ids as the numbers that they are', () => {
    const id = fc.bigInt({ min: 0n, max: 10n ** 30n })
    fc.assert(
      fc.property(id, id, (a, b) => {
        expect(Math.sign(compareIds(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0)
      }),
    )
    expect(sortedIds(['10', '9', '10'])).toEqual(['9', '10'])
  })

  it('compares names by code point', () => {
    const points = (text: string) => [...text].map((each) => each.codePointAt(0)!)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const [ours, theirs] = [points(a), points(b)]
        const at = ours.findIndex((point, index) => point !== theirs[index])
        const expected = at < 0 ? ours.length - theirs.length : ours[at]! - (theirs[at] ?? -1)
        expect(Math.sign(compareNames(a, b))).toBe(Math.sign(expected))
      }),
    )
  })
})
