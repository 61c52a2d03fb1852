import { expect, it } from 'vitest'
import { identitiesOf } from '#src/core/people.ts'
import { type Place, withEach, withMariaDb, withPostgres } from '../server/servers.ts'
import { open, refusal } from './opened.ts'

interface Shape {
  readonly people: string
  readonly memberships: string
  readonly links: string
}

const PEOPLE = "select 1 as id, 'ann' as username, 1 as active, 0 as superuser, 1 as access, 'Member' as state"
const MEMBERSHIPS = "select 1 as person_id, 'Pilots' as group_name"
const LINKS = 'select 1 as person_id, 9007199254740993 as discord_id'

/** Views over nothing: what they say stands in them. */
async function views({ admin }: Place, shape: Partial<Shape>): Promise<void> {
  const { people, memberships, links } = { people: PEOPLE, memberships: MEMBERSHIPS, links: LINKS, ...shape }
  await admin(
    'drop view if exists rolecall_people, rolecall_memberships, rolecall_links',
    `create view rolecall_people as ${people}`,
    `create view rolecall_memberships as ${memberships}`,
    `create view rolecall_links as ${links}`,
  )
}

const links = (discordId: string): Partial<Shape> => ({ links: `select 1 as person_id, ${discordId} as discord_id` })

/** Ann by her Discord id, and everybody. */
async function read(place: Place) {
  const { directory } = open(place)
  const { claims } = await directory.find(['9007199254740993', '9007199254740992'])
  expect(claims.get('9007199254740992')).toEqual([])
  const everybody = [...identitiesOf((await directory.snapshot()).people)]
  return [...claims.get('9007199254740993')!, ...everybody].map(({ id, active, superuser, access, state, groups }) => ({
    ...{ id, active, superuser, access, state, groups: [...groups] },
  }))
}

const ANN = { id: '1', active: true, superuser: false, access: true, state: 'Member', groups: ['Pilots'] }

withEach('the columns of views', (place, dialect) => {
  const asText = dialect === 'postgres' ? 'text' : 'char'
  const asBig = dialect === 'postgres' ? 'bigint' : 'unsigned'

  it('may hold people by number', async () => {
    await views(place(), {})
    expect(await read(place())).toEqual([ANN, ANN])
  })

  it('may hold people by text in one view and by number in the other', async () => {
    await views(place(), { memberships: `select cast(1 as ${asText}) as person_id, 'Pilots' as group_name` })
    expect(await read(place())).toEqual([ANN, ANN])
  })

  it('may hold numbers below nought as ids of people', async () => {
    const person = PEOPLE.replace('1 as id', '-1 as id')
    await views(place(), {
      people: `${person} union all select 1, 'bob', 1, 0, 1, null`,
      links: `select -1 as person_id, 9007199254740993 as discord_id`,
    })
    expect((await read(place()))[0]).toEqual({ ...ANN, id: '-1', groups: [] })
  })

  for (const discordId of [
    "'9007199254740993'",
    `cast(9007199254740993 as ${asBig})`,
    'cast(9007199254740993 as decimal(20))',
  ])
    it(`may hold an id of Discord's as ${discordId}`, async () => {
      await views(place(), links(discordId))
      expect(await read(place())).toEqual([ANN, ANN])
    })

  for (const discordId of [
    "'9007199254740993 '",
    "' 9007199254740993'",
    "'09007199254740993'",
    "'9.007199254740993e15'",
    "''",
    "'ann#1234'",
    "'18446744073709551616'",
    "'-5'",
    'cast(9007199254740993 as decimal(20,2))',
  ])
    it(`may not hold ${discordId} as an id of Discord's, in a column that could`, async () => {
      await views(place(), links(discordId))
      const { directory } = open(place())
      expect(await refusal(directory.find(['5']))).toMatch(/discord_id ".*", which is no id of Discord's/)
      expect(await refusal(directory.snapshot())).toMatch(/which is no id of Discord's/)
    })

  it("are refused where an id of Discord's would lose its last digits", async () => {
    await views(place(), links(dialect === 'postgres' ? '9007199254740993::float8' : '9007199254740993 + 0e0'))
    const { directory } = open(place())
    expect(await refusal(directory.find(['5']))).toMatch(
      /rolecall_links.discord_id is of the type double.* and should be a text, a bigint or a decimal/,
    )
  })

  it('are named where they are missing or of the wrong kind, all at once', async () => {
    await views(place(), {
      people: "select 1 as id, 'ann' as username, 'yes' as active, 0 as superuser, 1 as access",
      memberships: "select 1 as person, 'Pilots' as group_name",
    })
    const said = await refusal(open(place()).directory.snapshot())
    for (const part of [
      /rolecall_people\.active is of the type (?:text|varchar) and should be a boolean/,
      /rolecall_people has no column state/,
      /rolecall_memberships has no column person_id/,
    ])
      expect(said).toMatch(part)
    await place().admin('drop view rolecall_links')
    expect(await refusal(open(place()).directory.find(['5']))).toMatch(
      'rolecall_links cannot be found or may not be read',
    )
  })

  it('are looked at again once a reading has failed', async () => {
    await views(place(), {})
    const { directory } = open(place())
    await directory.find(['5'])
    await place().admin('drop view rolecall_memberships')
    await refusal(directory.find(['5']))
    expect(await refusal(directory.find(['5']))).toMatch('rolecall_memberships cannot be found')
    await views(place(), { people: PEOPLE.replace('1 as id', "'1' as id") })
    expect((await directory.find(['9007199254740993'])).claims.get('9007199254740993')).toHaveLength(1)
  })

  it('may say 0 and 1, and nothing else, of what is so or not', async () => {
    await views(place(), { people: PEOPLE.replace('1 as active', '2 as active') })
    expect(await refusal(open(place()).directory.snapshot())).toMatch('does not say of "1" whether active')
  })

  it('need say nothing of accounts', async () => {
    await views(place(), {})
    expect(await open(place()).directory.accounts('1')).toEqual([])
  })
})

withPostgres('the columns of views', (place) => {
  it('may be of types that PostgreSQL alone has', async () => {
    await place().admin("create type standing as enum ('Member', 'Guest')")
    const id = "'c0ffee00-0000-4000-8000-000000000001'::uuid"
    await views(place(), {
      people: `select ${id} as id, 'ann'::char(9) as username, true as active, false as superuser, true as access, 'Member'::standing as state`,
      memberships: `select ${id} as person_id, 'Pilots'::char(9) as group_name`,
      links: `select ${id} as person_id, 9007199254740993::numeric as discord_id`,
    })
    const ann = { ...ANN, id: 'c0ffee00-0000-4000-8000-000000000001' }
    expect(await read(place())).toEqual([ann, ann])
  })
})

withMariaDb('the columns of views', (place) => {
  it('are of no type where they hold nothing but null, and the way out is said', async () => {
    await views(place(), { people: PEOPLE.replace("'Member' as state", 'null as state') })
    expect(await refusal(open(place()).directory.snapshot())).toMatch(
      /state is of the type binary .* a null that is cast/,
    )
    await views(place(), { people: PEOPLE.replace("'Member' as state", 'cast(null as char(1)) as state') })
    expect(await read(place())).toEqual([
      { ...ANN, state: null },
      { ...ANN, state: null },
    ])
  })

  it('may be of other character sets, and of single bits', async () => {
    await place().admin(
      'create table if not exists old (id varchar(20) character set latin1, active bit(1), state enum("Member", "Güest") character set latin1)',
      "insert into old values ('zoë', b'1', 'Güest')",
    )
    await views(place(), {
      people: 'select id, id as username, active, false as superuser, active as access, state from old',
      memberships: "select 'zoë' as person_id, 'Pilots' as group_name",
      links: "select 'zoë' as person_id, 9007199254740993 as discord_id",
    })
    const zoe = { ...ANN, id: 'zoë', state: 'Güest' }
    expect(await read(place())).toEqual([zoe, zoe])
  })
})
