import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SnapshotFault } from '#src/snapshot/fault.ts'
import { readingFile } from '#src/snapshot/in-file.ts'
import { parseJson } from '#src/snapshot/json.ts'
import { whereNotJson } from '#src/snapshot/not-json.ts'

/** What is said of a file whose reader complains of this place. */
function said(text: string, path: readonly PropertyKey[], sentence = 'must be otherwise.'): string {
  try {
    readingFile('some/people.json', text, () => {
      throw new SnapshotFault(path, sentence)
    })
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing'
}

const TEXT = `{ "groups": ["a", "b"],
  "identities": [
    { "id": "1", "names": { "}": "\\\\", "x": [] } },
    { "id": "2",
      "na\\u006des": null }
  ], "twice": 1,
  "twice": 2
}`

describe('what is said of a file', () => {
  it.each([
    [['groups', 1], 'some/people.json, line 1: groups[1]: must be otherwise.'],
    [['identities'], 'some/people.json, line 2: identities: must be otherwise.'],
    [['identities', 0, 'names', 'x'], 'some/people.json, line 3: identities[0].names.x: must be otherwise.'],
    [['identities', 1, 'id'], 'some/people.json, line 4: identities[1].id: must be otherwise.'],
    [['identities', 1, 'names'], 'some/people.json, line 5: identities[1].names: must be otherwise.'],
    [['twice'], 'some/people.json, line 7: twice: must be otherwise.'],
    // What is missing has no line of its own; what lacks it has.
    [['identities', 1, 'absent'], 'some/people.json, line 4: identities[1].absent: must be otherwise.'],
    [['absent'], 'some/people.json: absent: must be otherwise.'],
  ] satisfies [PropertyKey[], string][])('of %j names the file and the line', (path, sentence) =>
    expect(said(TEXT, path)).toBe(sentence),
  )

  it('of the whole file begins with its name', () => {
    expect(said('', [], 'The file is empty.')).toBe('some/people.json is empty.')
    expect(() => readingFile('a\u001b[2Jb', '', parseJson)).toThrow(/^a\[2Jb is empty\.$/)
  })

  it('passes on what is no fault of the file', () => {
    expect(readingFile('x', '{}', parseJson)).toEqual({})
    expect(() =>
      readingFile('x', '{}', () => {
        throw new TypeError('broken')
      }),
    ).toThrow(TypeError)
  })
})

describe('what is no JSON', () => {
  it.each([
    ['{ "a": 1, }', 'at line 1, column 11 there should be a name in double quotes, or no comma before it'],
    ['[1,\n2,\n]', 'at line 3, column 1 there should be a value, or no comma before it'],
    ['{ a: 1 }', 'at line 1, column 3 there should be a name in double quotes, or }'],
    ["{ 'a': 1 }", 'at line 1, column 3 there should be a name in double quotes, or }; JSON has no single quotes'],
    ['{ "a" 1 }', 'at line 1, column 7 there should be a colon'],
    ['{ "a": }', 'at line 1, column 8 there should be a value'],
    ['{ "a": True }', 'at line 1, column 8 there should be a value'],
    ['{ "a": "b"\n  "c": 1 }', 'at line 2, column 3 there should be a comma or }'],
    ['[1 2]', 'at line 1, column 4 there should be a comma or ]'],
    ['{} {}', 'at line 1, column 4 there should be nothing more'],
    ['{ // why\n}', 'at line 1, column 3 there should be a name in double quotes, or }; JSON has no comments'],
    ['{ "a": "b\n" }', 'at line 1, column 10 there should be the closing quote of the text that begins before it'],
    ['{ "a": "\\q" }', 'at line 1, column 9 there should be no \\ unless it begins an escape such as \\n or \\\\'],
    ['{ "a": 01 }', 'at line 1, column 9 there should be a comma or }'],
    ['{ "a": [1, {', 'at its end (line 1, column 13) there should be a name in double quotes, or }'],
    ['{\n "policy": ', 'at its end (line 2, column 12) there should be a value'],
    ['"abc', 'at its end (line 1, column 5) there should be the closing quote of the text that begins before it'],
  ])('%j is told where and what is wrong', (text, where) =>
    expect(() => parseJson(text)).toThrow(`The file is not JSON: ${where}.`),
  )

  it('is exactly what the engine takes for none', () => {
    const json = fc.json({ maxDepth: 4 })
    const spoiled = fc
      .tuple(
        json,
        fc.nat(),
        fc.constantFrom(
          '',
          ',',
          '"',
          '{',
          '}',
          '[',
          ']',
          '\\',
          ':',
          '1',
          '-',
          '.',
          'e',
          ' ',
          '\n',
          '\u0000',
          'null',
          '\ufeff',
        ),
        fc.nat(2),
      )
      .map(([text, at, put, cut]) => {
        const place = at % (text.length + 1)
        return text.slice(0, place) + put + text.slice(place + cut)
      })
    fc.assert(
      fc.property(fc.oneof(spoiled, json), (text) => {
        const isJson = (() => {
          try {
            JSON.parse(text)
            return true
          } catch {
            return false
          }
        })()
        expect([text, whereNotJson(text) === null]).toEqual([text, isJson])
      }),
      { numRuns: 3_000 },
    )
  })
})
