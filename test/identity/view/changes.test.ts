import { beforeAll, expect, it } from 'vitest'
import type { Changed } from '#src/identity/watchers.ts'
import { withEach } from '../server/servers.ts'
import { fillViews, makeViews } from './fixture.ts'
import { open, TWO } from './opened.ts'

const CHANGES: readonly (readonly [string, Changed | null])[] = [
  ["update person set active = not active where id = '1'", ['11']],
  ["update person set access = not access where id = '1'", ['11']],
  ["update person set superuser = not superuser where id = '2'", ['22']],
  ["update person set standing = 'Member' where id = '2'", ['22']],
  ["update person set name = 'somebody else'", null],
  ["insert into person_team values ('2', 'Pilots')", ['22']],
  ["update person_team set team = 'Directors' where person = '2'", ['22']],
  ["delete from person_team where person = '2'", ['22']],
  ["update discord set uid = 33 where person = '2'", ['22', '33']],
  // Columns that look alike when they are written one behind the other.
  ["insert into team values ('x'), ('2|x')", 'all'],
  ["insert into person values ('1|2', 'odd', true, false, true, 'Member')", null],
  ["insert into person_team values ('1', '2|x')", ['11']],
  ["update person_team set person = '1|2', team = 'x' where team = '2|x'", ['11']],
  ["insert into person values ('9', 'nine', false, false, false, null)", null],
  ["insert into discord values ('9', 99)", ['99']],
  ["update discord set person = '1' where uid = 99", 'all'],
  ["delete from discord where person = '1'", 'all'],
  ["insert into team values ('Scouts')", 'all'],
  ["update team set name = 'scouts' where name = 'Scouts'", 'all'],
  ["delete from standing where name = 'Guest'", 'all'],
  ["update account set name = 'another'", null],
]

withEach('a change behind the views', (place) => {
  beforeAll(async () => {
    await makeViews(place())
    await fillViews(place(), TWO)
  })

  it('is told at the next look, with whom it concerns, and nothing else is', async () => {
    const { directory, round } = open(place())
    const heard: Changed[] = []
    directory.watch((changed) => heard.push(changed))
    await round()
    await round()
    expect(heard).toEqual([])
    for (const [statement, expected] of CHANGES) {
      await place().admin(statement)
      await round()
      const told = heard.splice(0).map((changed) => (changed === 'all' ? changed : changed.toSorted()))
      expect([statement, told]).toEqual([statement, expected === null ? [] : [expected]])
    }
  })

  // With these numbers the plain checksums of the four rows before and after add up to the same.
  it('is told where two people change places between two looks', async () => {
    const { admin } = place()
    await admin(
      "insert into team values ('26'), ('51')",
      "insert into person values ('30703', 'one', true, false, true, 'Member'), ('43810', 'other', true, false, true, 'Member')",
      "insert into person_team values ('30703', '26'), ('43810', '51')",
      "insert into discord values ('30703', 801), ('43810', 802)",
    )
    const { directory, round } = open(place())
    const heard: Changed[] = []
    directory.watch((changed) => heard.push(changed))
    await round()
    await admin(
      "update person_team set team = '51' where person = '30703'",
      "update person_team set team = '26' where person = '43810'",
    )
    await round()
    expect(heard.flat().toSorted()).toEqual(['801', '802'])
  })
})
