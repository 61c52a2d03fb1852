import { expect, test } from 'vitest'
import { nameOf, withEach } from '../../identity/server/servers.ts'
import {
  type ArmedTown,
  armedTown,
  countWrongfulRemovals,
  give,
  holds,
  posted,
  recorded,
  status,
  sweep,
  untilPosted,
  untilTaken,
  writes,
} from '../safety/armed-town.ts'
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
        await source.place.admin(...harm)
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
  })
