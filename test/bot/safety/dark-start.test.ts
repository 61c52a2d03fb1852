import postgres from 'postgres'
import { expect, test } from 'vitest'
import { anyPlace, withServer } from '../../database.ts'
import {
  armedTown,
  closeLater,
  countWrongfulRemovals,
  posted,
  recorded,
  untilPosted,
  untilTaken,
} from './armed-town.ts'

// The bot begins while the identity source is dark: what it would look at first waits, and nobody is bothered with tries.

countWrongfulRemovals()

withServer('a bot that begins while its source is dark', () => {
  test('posts one notice and opens no run, and looks at everybody once the source is well', async () => {
    const { place, drop } = await anyPlace()
    closeLater(drop)
    const sql = postgres(place.url!, { max: 1, onnotice: () => {} })
    closeLater(() => sql.end())
    const town = await armedTown({ place })
    await town.restart(() =>
      sql.unsafe('alter table identity_people rename to identity_people_elsewhere').then(() => {}),
    )
    await untilPosted(town, 'Blind: nobody loses anything')
    await sql.unsafe('alter table identity_people_elsewhere rename to identity_people')
    await untilTaken(town, 'bob', 'Directors')
    await untilPosted(town, 'role changes made')
    const titles = posted(town).map((text) => /"title":"([^"]*)"/.exec(text)?.[1])
    expect(titles.slice(1)).toEqual([
      'Blind: nobody loses anything',
      'No longer blind',
      'Review of one change: 2 members out of order, 2 role changes made',
    ])
    const lines = await recorded(town)
    expect(lines.filter(({ type, data }) => type === 'run.opened' && data.purpose === 'group')).toHaveLength(1)
  })
})
