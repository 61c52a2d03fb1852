import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { triggerStatements } from '#src/identity/alliance-auth/triggers.ts'
import { withEach, withPostgres } from '../../identity/server/servers.ts'
import {
  type ArmedTown,
  armedTown,
  citizens,
  closeLater,
  countWrongfulRemovals,
  give,
  posted,
  recorded,
  storyOf,
  untilPosted,
  untilTaken,
  writes,
} from '../safety/armed-town.ts'
import { MODERATOR } from '../town.ts'
import { allianceAuthKind } from './alliance-auth.ts'
import { openSource, type Source } from './kinds.ts'
import { viewKind } from './view.ts'

// What changes in somebody's identity database is noticed by itself, and whoever it concerns is looked at.

countWrongfulRemovals()

/** So rarely is the database asked that no test would live to see it. */
const NEVER_ASKED = { IDENTITY_POLL_SECONDS: '3600' }

const ANN = '1'

const TWO_PILOTS = [
  [ANN, 'ann'],
  ['105', 'other5'],
] as const

/** From now on these have a right to nothing. */
const demoted = ({ rights }: ArmedTown, gone: readonly string[] = [ANN]): void =>
  rights.earnedBy(citizens.identities.map((one) => (gone.includes(one.id) ? { ...one, groups: [] } : one)))

for (const kind of [allianceAuthKind, viewKind]) {
  const demote = async ({ place }: Source) => void (await place.admin(...kind.demotes(ANN)))

  withEach(`a change in a database of the kind ${kind.source} that is asked again and again`, (_place, dialect) => {
    test('is noticed, and whoever it concerns is looked at', async () => {
      const source = await openSource(kind, dialect)
      const town = await armedTown({ environment: source.environment })
      demoted(town)
      await demote(source)
      await untilTaken(town, 'ann', 'Pilots')
      expect(storyOf(await recorded(town), 'ann')).toEqual(['action.intended', 'action.settled done'])
      expect(writes(town)).toHaveLength(1)
    })

    test('of the name of a group concerns everybody, whoever was in it', async () => {
      const source = await openSource(kind, dialect)
      const town = await armedTown({ environment: source.environment })
      town.rights.governs('Moderator')
      await source.place.admin(...kind.renamesGroup('Directors', 'Moderator'))
      await untilTaken(town, MODERATOR, 'Moderator')
    })

    test('cannot be noticed before the database is there: the bot begins blind, says so, and sees when it comes', async () => {
      const source = await openSource(kind, dialect)
      const door = await openDoor(source)
      const town = await armedTown({ environment: door.environment })
      await town.restart(() => door.shut())
      await untilPosted(town, 'Blind: nobody loses anything', 'nothing listens at')
      await demote(source)
      expect([town.rights.losses(), writes(town)]).toEqual([[], []])
      demoted(town)
      await door.open()
      await untilPosted(town, 'No longer blind')
      await untilTaken(town, 'ann', 'Pilots')
      expect(posted(town).filter((text) => text.includes('Blind: nobody loses anything'))).toHaveLength(1)
    })

    test('that makes too many people of them is refused, and costs nobody anything', async () => {
      const source = await openSource(kind, dialect)
      const most = citizens.identities.length + 3
      const town = await armedTown({ environment: { ...source.environment, IDENTITY_MAX_PEOPLE: String(most) } })
      for (let id = 900; id < 904; id++) await source.place.admin(kind.joins(String(id)))
      give(town, 'other20', 'Directors')
      expect(await untilPosted(town, 'Blind: nobody loses anything')).toMatch(/more than \d+ people/)
      expect([town.rights.losses(), writes(town)]).toEqual([[], []])
    })
  })
}

withPostgres('a database of Alliance Auth with triggers', () => {
  test('tells of a change by itself, and whoever it concerns is looked at within a second', async () => {
    const source = await openSource(allianceAuthKind, 'postgres')
    await source.place.admin(...triggerStatements())
    const town = await armedTown({ environment: { ...source.environment, ...NEVER_ASKED } })
    const [gone, took]: [string[], number[]] = [[], []]
    // Twice, since the machine may have stood still for the first.
    for (const [id, username] of TWO_PILOTS) {
      gone.push(id)
      demoted(town, gone)
      const toldAt = performance.now()
      await source.place.admin(...allianceAuthKind.demotes(id))
      await untilTaken(town, username, 'Pilots')
      took.push(performance.now() - toldAt)
    }
    expect(Math.min(...took)).toBeLessThan(1_000)
  })

  test('is heard again after a lost connection, and then everybody is looked at', async () => {
    const source = await openSource(allianceAuthKind, 'postgres')
    const town = await armedTown({ environment: { ...source.environment, ...NEVER_ASKED } })
    demoted(town)
    // Without triggers nothing tells of this; the lost connection alone makes the bot look.
    await source.place.admin(
      ...allianceAuthKind.demotes(ANN),
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${source.place.address.user}'`,
    )
    await untilTaken(town, 'ann', 'Pilots')
  })
})

interface Door {
  readonly environment: Record<string, string>
  open(): Promise<void>
  shut(): Promise<void>
}

/** A door in front of the database. */
async function openDoor({ place, environment }: Source): Promise<Door> {
  const through = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(place.address.port, place.address.host)
    near.pipe(far).pipe(near)
    for (const end of [near, far]) {
      through.add(end)
      end.on('error', () => {})
      end.on('close', () => {
        near.destroy()
        far.destroy()
      })
    }
  })
  const open = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const shut = async () => {
    for (const end of through) end.destroy()
    through.clear()
    await new Promise((resolve) => server.close(resolve))
  }
  await open(0)
  closeLater(() => server.listening && shut())
  const { port } = server.address() as AddressInfo
  const url = environment.IDENTITY_URL!.replace(/:\d+\/(?=[^/]*$)/, `:${port}/`)
  return { environment: { ...environment, IDENTITY_URL: url }, open: () => open(port), shut }
}
