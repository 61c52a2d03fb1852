import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { identitiesOf } from '#src/core/people.ts'
import { ViewQuestions } from '#src/identity/view/questions.ts'
import type { Changed } from '#src/identity/watchers.ts'
import { people, person } from '../sample.ts'
import { withEach } from '../server/servers.ts'
import { fillViews, makeViews } from './fixture.ts'
import { open, refusal, TWO } from './opened.ts'

withEach('views of people', (place) => {
  beforeAll(() => makeViews(place()))
  beforeEach(() => fillViews(place(), TWO))

  describe('that contradict themselves are not believed, whoever is asked for', () => {
    const rows: readonly (readonly [string, readonly string[], string | RegExp])[] = [
      [
        'a member whom nobody knows',
        ["insert into person_team values ('3', 'Pilots')"],
        'rolecall_memberships speaks of "3", who is not in rolecall_people',
      ],
      [
        'a link of somebody whom nobody knows',
        ["insert into discord values ('3', 33)"],
        'rolecall_links speaks of "3", who is not in rolecall_people',
      ],
      [
        'a member of another case',
        ["update person set id = 'ann' where id = '2'", "update discord set person = 'Ann' where person = '2'"],
        'rolecall_links speaks of "Ann"',
      ],
      ['a member with a blank behind', ["update person_team set person = '1 '"], 'rolecall_memberships speaks of "1 "'],
      ['somebody twice', ['insert into person select * from person'], /two rows with the id "[12]"/],
      ['a link of nobody', ['insert into discord values (null, 33)'], 'the Discord account "33" with null'],
      ['no word about access', ["update person set access = null where id = '2'"], 'does not say of "2"'],
      ['no word about being active', ["update person set active = null where id = '2'"], 'does not say of "2"'],
      ['a person without an id', ["update person set id = null where id = '2'"], 'a row without an id'],
      ['an account that is nought', ["insert into discord values ('1', 0)"], 'the discord_id "0"'],
    ]
    for (const [what, statements, says] of rows)
      it(what, async () => {
        await place().admin(...statements)
        const { directory } = open(place())
        // Somebody else, nobody and everybody.
        expect(await refusal(directory.find(['11']))).toMatch(says)
        expect(await refusal(directory.find([]))).toMatch(says)
        expect(await refusal(directory.snapshot())).toMatch(says)
      })
  })

  it('tell people apart whom the database takes for one', async () => {
    const ids = ['ann', 'Ann', 'ann ', 'änn']
    const twins = ids.map((id, at) => person(id, { groups: at === 1 ? ['Pilots'] : [], discordIds: [`${50 + at}`] }))
    await fillViews(place(), people(twins))
    const { directory, server } = open(place())
    const { claims } = await directory.find(['50', '51', '52', '53'])
    expect([...claims.values()]).toEqual(twins.map((twin) => [twin]))
    const asked = await server.read((session) => new ViewQuestions().identities(session, ['Ann', 'ANN']))
    expect([...asked]).toEqual([['Ann', twins[1]]])
  })

  it('may say the same twice, and nothing of teams and accounts of those who have none', async () => {
    await place().admin(
      'insert into person_team select * from person_team',
      'insert into discord select * from discord',
      "insert into person_team values ('1', null)",
      "insert into discord values ('2', null)",
    )
    const { directory } = open(place())
    const { people: everybody, vitals } = await directory.snapshot()
    const told = [...identitiesOf(everybody)].map(({ id, groups, discordIds }) => [id, groups, discordIds]).sort()
    expect(told).toEqual([
      ['1', ['Pilots'], ['11']],
      ['2', [], ['22']],
    ])
    expect(vitals).toMatchObject({ linked: 2, perGroup: new Map(Object.entries({ Pilots: 1, Directors: 0 })) })
    const { claims } = await directory.find(['11'])
    expect(claims.get('11')).toMatchObject([{ id: '1', groups: ['Pilots'], discordIds: ['11'] }])
  })

  it('are not read beyond the number that may be', async () => {
    const { directory } = open(place(), 1)
    expect(await refusal(directory.snapshot())).toMatch(/more than 1 people/)
    expect(await refusal(directory.find(['11']))).toMatch(/IDENTITY_MAX_PEOPLE/)
  })

  it('are not held beyond it either by whoever looks for changes, and are all looked at when they are fewer again', async () => {
    const { directory, round } = open(place(), 3)
    const heard: Changed[] = []
    directory.watch((changed) => heard.push(changed))
    await round()
    const many = Array.from({ length: 5 }, (_, at) => `('${90 + at}', 'one of many', true, false, false, null)`)
    await place().admin(`insert into person values ${many.join(', ')}`, "insert into discord values ('90', 99)")
    await round()
    expect(heard).toEqual([])
    await place().admin('delete from discord where uid = 99', "delete from person where name = 'one of many'")
    await round()
    expect(heard).toEqual(['all'])
  })

  // The views are others from here on.
  it('are refused before they are held where a join pairs everybody with everything', async () => {
    const { admin, dialect } = place()
    const { directory } = open(place())
    const numbers = (to: number) =>
      dialect === 'postgres' ? `generate_series(1, ${to}) n` : `(select seq as n from seq_1_to_${to}) n`
    const text = dialect === 'postgres' ? 'text' : 'char(20)'
    const tell = (group: string, times: number) =>
      admin(
        'drop view rolecall_memberships',
        `create view rolecall_memberships as select cast('1' as ${text}) as person_id, cast(${group} as ${text}) as group_name from ${numbers(times)}`,
      )
    await tell("'Pilots'", 1_000_000)
    expect((await directory.snapshot()).vitals).toMatchObject({ identities: 2 })
    await tell("'Pilots'", 1_000_001)
    expect(await refusal(directory.snapshot())).toMatch(/more than 1,000,000 memberships or links/)
    await tell('n', 100_001)
    expect(await refusal(directory.snapshot())).toMatch(/more than 100,000 groups or states/)
  })
})
