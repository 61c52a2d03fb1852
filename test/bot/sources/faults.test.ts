import { expect, test } from 'vitest'
import { nameOf, withEach } from '../../identity/server/servers.ts'
import {
  type ArmedTown,
  armedTown,
  citizens,
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
} from '../safety/armed-town.ts'
import { MODERATOR, OWNER, say, shownBy } from '../town.ts'
import { allianceAuthKind } from './alliance-auth.ts'
import { openSource } from './kinds.ts'
import { viewKind } from './view.ts'

// Somebody's identity database is sick in every way that databases are, behind the back of an armed bot. Nobody loses anything until it is well.

countWrongfulRemovals()

const blindPosts = (town: ArmedTown) => posted(town).filter((text) => text.includes('Blind: nobody loses anything'))

/** Without what keeps Discord from reading names as formatting. */
const plain = (text: string) => text.replaceAll('\\', '')

/** Nobody lost anything, Other20 holds what nobody gave a right to, and the bot is blind. */
async function isBlind(town: ArmedTown): Promise<void> {
  expect((await status(town)).title).toBe('Blind: nobody loses anything')
  expect([town.rights.losses(), writes(town), holds(town, 'other20', 'Directors')]).toEqual([[], [], true])
}

async function isWellAgain(town: ArmedTown): Promise<void> {
  await untilPosted(town, 'No longer blind')
  await untilTaken(town, 'other20', 'Directors')
  expect((await status(town)).title).toBe('Ready')
  expect(blindPosts(town)).toHaveLength(1)
}

for (const kind of [allianceAuthKind, viewKind])
  withEach(`a sick source of the kind ${kind.source}`, (_place, dialect) => {
    test.each(kind.sicknesses)(
      'that $fault costs nobody anything; when it is well, what waited is done',
      async ({ harm, said, silent, governsNothing }) => {
        const source = await openSource(kind, dialect)
        const town = await armedTown({ environment: source.environment })
        // At one moment: half of it would be another sickness.
        await source.place.admin('begin', ...harm, 'commit')
        give(town, 'other20', 'Directors')
        expect(plain(await untilPosted(town, 'Blind: nobody loses anything'))).toContain(said)
        const { title, text } = await sweep(town)
        expect(title).toBe(silent ? 'The audit could not be made' : 'The identity source failed its health check')
        expect(text).toContain('Nothing was changed')
        await isBlind(town)
        await source.restore()
        await isWellAgain(town)
        const lines = await recorded(town)
        const found = lines.find(({ type, data }) => type === 'finding.seen' && data.gates)
        if (!silent && !governsNothing) expect(found?.data.gates).toEqual(['identity_suspect'])
      },
    )

    test(`that never answers (${nameOf(dialect)}, a lock) costs nobody anything; when it answers, what waited is done`, async () => {
      const source = await openSource(kind, dialect)
      const town = await armedTown({ environment: source.environment })
      const [lock, unlock] =
        dialect === 'postgres'
          ? [`begin; lock table ${kind.locks} in access exclusive mode`, 'rollback']
          : [`lock tables ${kind.locks} write`, 'unlock tables']
      await source.place.admin(lock)
      give(town, 'other20', 'Directors')
      await untilPosted(town, 'Blind: nobody loses anything')
      await isBlind(town)
      await source.place.admin(unlock)
      await isWellAgain(town)
    })

    // Once for each kind: it takes seconds, and which server it is makes no difference to it.
    if ((kind === viewKind) === (dialect === 'postgres')) {
      test('that falls in the middle of a sweep stops it, and what was not reached can go on when it is well', async () => {
        const source = await openSource(kind, dialect)
        const town = await armedTown({ environment: source.environment, rateScale: 0.1, before: crowd(38) })
        const { harm } = kind.sicknesses.find(({ fault }) => fault === 'says that nobody has access any more')!
        town.sandbox.faults.before(REMOVAL, async () => void (await source.place.admin('begin', ...harm, 'commit')))
        const shown = await sweep(town)
        expect(shown.title).toBe('The audit was cut short')
        expect(writes(town).length).toBeLessThan(30)
        expect(town.rights.losses()).toHaveLength(writes(town).length)
        await source.restore()
        await untilPosted(town, 'No longer blind')
        await say(town.guild, MODERATOR, 'audit resume', { run: shown.runId! })
        // Those four who were in hand at that moment are listed as failed, and the next run finds them.
        expect(town.rights.losses().length).toBeGreaterThanOrEqual(36)
      })

      test('that people have really left is believed once an Administrator accepts the numbers', async () => {
        const source = await openSource(kind, dialect)
        const town = await armedTown({ environment: source.environment })
        const identities = citizens.identities.filter(({ id }) => !['100', '101', '102', '103'].includes(id))
        await kind.fill(source.place, { ...citizens, identities })
        town.rights.earnedBy(identities)
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

      test('by which somebody earns the role while a sweep is under way lets them keep it', async () => {
        const source = await openSource(kind, dialect)
        const guest = { ...citizens.identities[0]!, id: '500', username: 'late', groups: [], discordIds: [guestId(37)] }
        await kind.fill(source.place, { ...citizens, identities: [...citizens.identities, guest] })
        const { environment } = source
        const town = await armedTown({ environment, rateScale: 0.1, before: crowd(38) })
        town.rights.earnedBy([...citizens.identities, { ...guest, groups: ['Directors'] }])
        const promotion = kind.promotes('500', 'Directors')
        town.sandbox.faults.before(REMOVAL, async () => void (await source.place.admin(promotion)))
        const shown = await sweep(town)
        expect(town.guild.holds(guestId(37), 'Directors')).toBe(true)
        expect(shown.title).toBe('40 members out of order, 39 role changes made')
      })
    }
  })
