import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import type { Identity } from '#src/core/model.ts'
import { openDatabase } from '#src/store/database.ts'
import { anyPlace, cloneEngineFolder, withServer } from '../../database.ts'
import { idOf, MODERATOR, OWNER, type Place, say, shownBy, store } from '../town.ts'
import {
  type ArmedTown,
  armedTown,
  citizens,
  closeLater,
  countWrongfulRemovals,
  crowd,
  give,
  guestId,
  holds,
  posted,
  pressTheButton,
  REMOVAL,
  recorded,
  status,
  sweep,
  untilPosted,
  untilTaken,
  writes,
} from './armed-town.ts'

// The identity source is sick in every way that sources are, behind the back of an armed bot. Nobody loses anything until it is well.

countWrongfulRemovals()

interface Sickness {
  readonly fault: string
  readonly harm: string
  /** Absent: the operator imports the people again. */
  readonly mend?: string
  /** What the moderators are told of it. */
  readonly said: string
  /** It does not answer at all. */
  readonly silent?: true
  /** By what it says no role is governed, so that nobody is out of order. */
  readonly governsNothing?: true
  /** Shown on the embedded engine too, whose every start takes seconds. */
  readonly onBoth?: true
}

const SICKNESSES: readonly Sickness[] = [
  { fault: 'is empty', harm: 'delete from identity_people', said: 'it holds nobody' },
  {
    fault: 'has lost its second page',
    harm: 'delete from identity_people where id in (select id from identity_people order by id limit 7)',
    said: 'linked accounts fell',
    onBoth: true,
  },
  {
    fault: 'lacks the column that links people to Discord',
    harm: 'alter table identity_links rename column discord_id to discord',
    mend: 'alter table identity_links rename column discord to discord_id',
    said: '42703',
    silent: true,
    onBoth: true,
  },
  {
    fault: 'has lost every link to Discord',
    harm: 'delete from identity_links',
    said: 'linked accounts fell',
  },
  {
    fault: 'says that nobody has access any more',
    harm: 'update identity_people set access = false',
    mend: 'update identity_people set access = true',
    said: 'nobody in it has access',
  },
  {
    fault: 'has nobody in the groups any more',
    harm: 'delete from identity_memberships',
    said: 'group Pilots fell',
  },
  {
    fault: 'holds neither groups nor states',
    harm: 'delete from identity_memberships; delete from identity_groups; update identity_people set state = null; delete from identity_states',
    said: 'it holds neither groups nor states',
    governsNothing: true,
  },
  {
    fault: 'cannot be reached',
    harm: 'alter table identity_people rename to identity_people_elsewhere',
    mend: 'alter table identity_people_elsewhere rename to identity_people',
    said: '42P01',
    silent: true,
  },
]

/** Behind the bot's back: on a server while it runs; the embedded engine is one process's, so there while it is away. */
async function beside(town: ArmedTown, deed: string | (() => Promise<void>)): Promise<void> {
  const { place } = town
  const act = typeof deed === 'string' ? () => inSql(place, deed) : deed
  await (place.url === undefined ? town.restart(act) : act())
}

async function inSql({ url, dataDir }: Place, statements: string): Promise<void> {
  if (url !== undefined) {
    const sql = postgres(url, { max: 1, onnotice: () => {} })
    await sql.unsafe(statements).finally(() => sql.end())
    return
  }
  const database = await openDatabase({ dataDir, log: () => {} })
  await database.sql.unsafe(statements).finally(() => database.close())
}

const blindPosts = (town: ArmedTown) => posted(town).filter((text) => text.includes('Blind: nobody loses anything'))

function sick(sicknesses: readonly Sickness[], newPlace: () => Promise<Place>): void {
  for (const { fault, harm, mend, said, silent, governsNothing } of sicknesses)
    test(`a source that ${fault} costs nobody anything; when it is well, what waited is done`, {
      timeout: 120_000,
    }, async () => {
      const town = await armedTown({ place: await newPlace() })
      await beside(town, harm)
      give(town, 'other20', 'Directors')
      expect(await untilPosted(town, 'Blind: nobody loses anything')).toContain(said)
      const { title, text } = await sweep(town)
      expect(title).toBe(silent ? 'The audit could not be made' : 'The identity source failed its health check')
      expect(text).toContain('Nothing was changed')
      expect((await status(town)).title).toBe('Blind: nobody loses anything')
      expect([town.rights.losses(), writes(town), holds(town, 'other20', 'Directors')]).toEqual([[], [], true])
      await beside(town, mend ?? (() => store(town.place, town.guild, citizens)))
      await untilPosted(town, 'No longer blind')
      await untilTaken(town, 'other20', 'Directors')
      expect((await status(town)).title).toBe('Ready')
      expect(blindPosts(town)).toHaveLength(1)
      const lines = await recorded(town)
      const sight = lines.map(({ type }) => type).filter((type) => /^guild\.(?:blinded|sighted)$/.test(type))
      expect(sight).toEqual(['guild.blinded', 'guild.sighted'])
      // A source that answers is judged, and its gate named; where it is silent nobody is judged at all.
      const found = lines.find(
        ({ type, subject }) => type === 'finding.seen' && subject === `member:${idOf('other20')}`,
      )
      expect(found?.data.gates).toEqual(silent || governsNothing ? undefined : ['identity_suspect'])
    })
}

describe('a sick source, on the embedded engine', () => {
  const both = SICKNESSES.filter(({ onBoth }) => onBoth)
  sick(both, async () => {
    const { folder, remove } = cloneEngineFolder()
    closeLater(remove)
    return { dataDir: folder }
  })
})

withServer('a sick source, on a server', () => {
  const newPlace = async () => {
    const { place, drop } = await anyPlace()
    closeLater(drop)
    return place
  }
  sick(SICKNESSES, newPlace)

  test('a source that never answers costs nobody anything; when it answers again, what waited is done', async () => {
    const town = await armedTown({ place: await newPlace() })
    const sql = postgres(town.place.url!, { max: 1, onnotice: () => {} })
    closeLater(() => sql.end({ timeout: 0 }))
    const locked = await sql.reserve()
    await locked.unsafe('begin; lock table identity_people in access exclusive mode')
    give(town, 'other20', 'Directors')
    expect(await untilPosted(town, 'Blind: nobody loses anything')).toContain('has said nothing since')
    expect([town.rights.losses(), writes(town), holds(town, 'other20', 'Directors')]).toEqual([[], [], true])
    await locked.unsafe('rollback')
    locked.release()
    await untilPosted(town, 'No longer blind')
    await untilTaken(town, 'other20', 'Directors')
  })

  test('people who really left are believed once an Administrator accepts the numbers, and no more is taken than may be at once', async () => {
    const town = await armedTown({ place: await newPlace() })
    const left = ['100', '101', '102', '103']
    await inSql(town.place, `delete from identity_people where id in (${left.map((id) => `'${id}'`).join()})`)
    town.rights.earnedBy(citizens.identities.filter(({ id }) => !left.includes(id)))
    give(town, 'other20', 'Directors')
    await untilPosted(town, 'Blind: nobody loses anything')
    const question = await say(town.guild, OWNER, 'acknowledge source')
    expect(shownBy(question).text).toContain('linked accounts fell')
    expect(town.rights.losses()).toEqual([])
    await pressTheButton(question, 'Accepted: these numbers count as right')
    await untilPosted(town, 'No longer blind')
    await untilTaken(town, 'other20', 'Directors')
    expect((await sweep(town)).title).toBe('The plan is too large and waits')
    expect(town.rights.losses()).toEqual([])
  })

  test('a moderator cannot accept what an empty source says, and neither can the owner', async () => {
    const town = await armedTown({ place: await newPlace() })
    await inSql(town.place, 'delete from identity_people')
    const question = shownBy(await say(town.guild, OWNER, 'acknowledge source'))
    expect(question.title).toBe('This cannot be accepted')
    await sweep(town)
    expect(town.rights.losses()).toEqual([])
  })

  test('a fall in the middle of a sweep stops it, and what was not reached can go on when the source is well', async () => {
    const town = await armedTown({ place: await newPlace(), rateScale: 0.1, before: crowd(38) })
    town.sandbox.faults.before(REMOVAL, () => inSql(town.place, 'update identity_people set access = false'))
    const shown = await sweep(town)
    expect(shown.title).toBe('The audit was cut short')
    expect(writes(town).length).toBeLessThan(30)
    expect(town.rights.losses().length).toBe(writes(town).length)
    await inSql(town.place, 'update identity_people set access = true')
    await untilPosted(town, 'No longer blind')
    await say(town.guild, MODERATOR, 'audit resume', { run: shown.runId! })
    // Those four who were in hand at that moment are listed as failed, and the next run finds them.
    expect(town.rights.losses().length).toBeGreaterThanOrEqual(36)
  })

  test('somebody who earns the role while the sweep is under way keeps it, and is listed', async () => {
    const town = await armedTown({ place: await newPlace(), rateScale: 0.1, before: crowd(38) })
    const { guild, rights } = town
    const promoted: Identity = {
      ...citizens.identities[0]!,
      id: '500',
      groups: ['Directors'],
      discordIds: [guestId(37)],
    }
    rights.earnedBy([...citizens.identities, promoted])
    const wanted = { ...citizens, identities: [...citizens.identities, promoted] }
    town.sandbox.faults.before(REMOVAL, () => store(town.place, guild, wanted))
    const shown = await sweep(town)
    expect(guild.holds(guestId(37), 'Directors')).toBe(true)
    expect(shown.title).toBe('40 members out of order, 39 role changes made')
    expect(shown.whole).toContain('changed')
  })
})
