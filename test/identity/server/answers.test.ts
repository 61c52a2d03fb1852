import { describe, expect, it, onTestFinished } from 'vitest'
import { DirectoryUnreachable } from '#src/core/directory.ts'
import type { Span } from '#src/core/text-column.ts'
import { type Fields, MOST_ROWS, type Session } from '#src/identity/server/server.ts'
import { makePostgres, openAt, type Place, withEach, withMariaDb, withPostgres } from './servers.ts'

function open(place: Place) {
  const server = openAt(place.address)
  onTestFinished(() => server.close())
  return server
}

const all = async (session: Session, question: string, read: (fields: Fields) => unknown) => {
  const rows: unknown[] = []
  await session.each(question, (fields) => rows.push(read(fields)))
  return rows
}

const textIn = (span: Span | null) =>
  span && new TextDecoder('utf-8', { ignoreBOM: true }).decode(span.bytes.subarray(span.from, span.to))

/** Texts that a separator, an escape, an encoding or a sloppy reader could spoil. */
const AWKWARD = [
  '',
  ' ',
  'trailing blank ',
  'tab\tand\nnew\r\nlines',
  'back\\slash \\n \\\\ \\N',
  '\\N',
  `it's "quoted" \`so\` -- ; /* */ $1 ? %s`,
  'null',
  'grün Ärger ñ Ж 漢字',
  '🚀 👩‍👩‍👧 𝕬',
  '\u{1}\u{8}\u{b}\u{c}\u{1b}\u{7f}',
  '\u{fffd}',
  '{1,2}',
  'x'.repeat(300),
  `${'🚀'.repeat(30_000)}end`,
]

withEach('what a database holds comes as it is', (place, dialect) => {
  it('texts of every kind, asked for one by one and all together', async () => {
    const { admin } = place()
    const text = dialect === 'postgres' ? 'text' : 'mediumtext character set utf8mb4 collate utf8mb4_nopad_bin'
    await admin(`create table texts (id int primary key, t ${text})`)
    for (const [id, value] of AWKWARD.entries()) {
      const hex = Buffer.from(value).toString('hex')
      const literal = dialect === 'postgres' ? `convert_from('\\x${hex}', 'UTF8')` : `_utf8mb4 x'${hex}'`
      await admin(`insert into texts values (${id}, ${literal})`)
    }
    const server = open(place())
    await server.read(async (session) => {
      expect((await session.rows('select t from texts order by id')).map(([t]) => t)).toEqual(AWKWARD)
      const question = 'select id, t from texts order by id'
      expect(await all(session, question, (row) => row.text(1))).toEqual(AWKWARD)
      expect(await all(session, question, (row) => textIn(row.utf8(1)))).toEqual(AWKWARD)
    })
    // And as a value in a question: it finds itself and nothing else.
    for (const [id, value] of AWKWARD.entries()) {
      const found = await server.read((session) => session.rows('select id from texts where t = ?', [value]))
      expect(found).toEqual([[String(id)]])
    }
  })

  it('numbers beyond 2^53 keep every digit as text', async () => {
    const { admin } = place()
    await admin('create table ids (uid bigint, big numeric(30, 0))')
    await admin(`insert into ids values (9223372036854775807, 123456789012345678901234567890), (9007199254740993, 1)`)
    await open(place()).read(async (session) => {
      const expected = [
        ['9007199254740993', '1'],
        ['9223372036854775807', '123456789012345678901234567890'],
      ]
      const question = 'select uid, big from ids order by uid'
      expect(await session.rows(question)).toEqual(expected)
      expect(await all(session, question, (row) => [row.text(0), row.text(1)])).toEqual(expected)
      expect(await session.rows('select uid from ids where uid = 9007199254740992')).toEqual([])
    })
  })

  it('nothing is told from an empty text', async () => {
    const question = "select null as a, '' as b, null as c"
    await open(place()).read(async (session) => {
      expect(await session.rows(question)).toEqual([[null, '', null]])
      const seen = await all(session, question, (row) =>
        [0, 1, 2].map((i) => [row.text(i), textIn(row.utf8(i)), row.number(i)]),
      )
      expect(seen).toEqual([
        [
          [null, null, 0],
          ['', '', 0],
          [null, null, 0],
        ],
      ])
    })
  })

  it('a column read as a number is one, or nothing', async () => {
    const question = `select 0, 1, 9007199254740991, -17, '2.5', 'many', case when 1 = 1 then 1 else 0 end`
    await open(place()).read(async (session) => {
      const numbers = await all(session, question, (row) => [0, 1, 2, 3, 4, 5, 6].map((i) => row.number(i)))
      expect(numbers).toEqual([[0, 1, 9_007_199_254_740_991, -17, 2.5, 0, 1]])
    })
  })

  it('a column that is not in the row is a mistake, not nothing', async () => {
    const asked = open(place()).read((session) => session.each('select 1', (row) => row.text(1)))
    await expect(asked).rejects.toThrow(RangeError)
  })

  it('a question mark in quotes is no place for a value', async () => {
    const server = open(place())
    expect(await server.read((session) => session.rows("select '?', 'it''s ?', ?", ['x']))).toEqual([
      ['?', "it's ?", 'x'],
    ])
    await expect(server.read((session) => session.rows('select ?', []))).rejects.toThrow('1 places')
    await expect(server.read((session) => session.rows('select 1', ['x']))).rejects.toThrow('0 places')
  })

  it('values fit the columns that they are compared with', async () => {
    const { admin } = place()
    await admin('create table fits (id int, uid bigint, name varchar(20))', "insert into fits values (1, 5, 'five')")
    const number = dialect === 'postgres' ? 'cast(? as bigint)' : 'cast(? as unsigned)'
    await open(place()).read(async (session) => {
      expect(await session.rows(`select id from fits where uid in (${number}, ${number})`, ['4', '5'])).toEqual([['1']])
      expect(await session.rows('select id from fits where name = ?', ['five'])).toEqual([['1']])
    })
  })

  it('a short question that is answered at length is refused before it is held', async () => {
    const many = (rows: number) =>
      dialect === 'postgres' ? `select i from generate_series(1, ${rows}) i` : `select seq from seq_1_to_${rows}`
    const server = open(place())
    expect(await server.read((session) => session.rows(many(MOST_ROWS)))).toHaveLength(MOST_ROWS)
    await expect(server.read((session) => session.rows(many(MOST_ROWS + 1)))).rejects.toThrow(/more than 100,000 rows/)
  })

  it('questions that are asked at once are answered one after the other', async () => {
    const answers = await open(place()).read((session) =>
      Promise.all([
        session.rows('select 1'),
        all(session, 'select 2', (row) => row.number(0)),
        session.rows('select ?', ['3']),
        all(session, 'select 4', (row) => row.number(0)),
      ]),
    )
    expect(answers).toEqual([[['1']], [2], [['3']], [4]])
  })
})

describe('text that cannot be told apart is refused', () => {
  withPostgres('bytes that are not UTF-8', (place) => {
    it('names the likely reason, whichever way they are read', async () => {
      const { host, port } = place().address
      const latin = await makePostgres(host, port, 'postgres', "encoding 'SQL_ASCII' template template0 locale 'C'")
      onTestFinished(() => latin.drop())
      await latin.admin(String.raw`create table names as select e'gr\xfcn' as name union all select e'gr\xf6n'`)
      const server = open(latin)
      const sentence = /not UTF-8, so names in it cannot be told apart.*SQL_ASCII/
      await expect(server.read((session) => session.rows('select name from names'))).rejects.toThrow(sentence)
      const listed = server.read((session) => all(session, 'select name from names', (row) => row.text(0)))
      await expect(listed).rejects.toThrow(sentence)
      await expect(listed).rejects.toThrow(DirectoryUnreachable)
    })
  })

  withMariaDb('bytes that are not UTF-8', (place) => {
    it('names the likely reason, whichever way they are read', async () => {
      await place().admin('create table names (name varbinary(20))', "insert into names values (x'6772fc6e')")
      const server = open(place())
      await expect(server.read((session) => session.rows('select name from names'))).rejects.toThrow(/binary column/)
      const listed = server.read((session) => all(session, 'select name from names', (row) => row.text(0)))
      await expect(listed).rejects.toThrow(DirectoryUnreachable)
    })
  })
})

withMariaDb('what an old server was set up with', (place) => {
  it('a latin1 column comes as the letters that it means', async () => {
    const { admin } = place()
    await admin('create table old (name varchar(20) character set latin1)', "insert into old values ('grün €')")
    await open(place()).read(async (session) => {
      expect(await session.rows('select name from old')).toEqual([['grün €']])
      expect(await all(session, 'select name from old', (row) => row.text(0))).toEqual(['grün €'])
      expect(await session.rows('select 1 from old where name = ?', ['grün €'])).toEqual([['1']])
    })
  })

  it('a list of groups is not cut at 1,024 letters', async () => {
    const { admin } = place()
    await admin('create table many (g int)')
    await admin(`insert into many values ${Array.from({ length: 2_000 }, (_, i) => `(${i})`).join(', ')}`)
    const [row] = await open(place()).read((session) => session.rows('select group_concat(g order by g) from many'))
    expect(row?.[0]?.split(',')).toHaveLength(2_000)
  })
})

withPostgres('rows that a policy hides', (place) => {
  it('are not taken for rows that are not there', async () => {
    const { admin } = place()
    await admin('create table guarded (id int)', 'insert into guarded values (1), (2)')
    await admin('alter table guarded enable row level security', 'create policy first_only on guarded using (id = 1)')
    const server = open(place())
    const sentence = /Row-level security hides some rows of guarded/
    await expect(server.read((session) => session.rows('select id from guarded'))).rejects.toThrow(sentence)
    await expect(server.read((session) => session.each('select id from guarded', () => {}))).rejects.toThrow(sentence)
  })
})
