import { sql } from 'drizzle-orm'
import { describe } from 'vitest'
import { allianceAuth } from '#src/identity/alliance-auth/questions.ts'
import { memoryDirectory } from '#src/identity/memory.ts'
import { nativeDirectory } from '#src/identity/native.ts'
import { NOBODY, type People } from '#src/identity/people.ts'
import type { Questions } from '#src/identity/questions.ts'
import { ViewQuestions } from '#src/identity/view/questions.ts'
import { readIdentityFile } from '#src/snapshot/identity-file.ts'
import { type TestDatabase, withDatabases } from '../database.ts'
import { newGuild } from '../store/book.ts'
import { makeTables } from './alliance-auth/fixture.ts'
import { fillWith } from './alliance-auth/people.ts'
import { AT, keepsTheContract, type Subject } from './contract.ts'
import { fill } from './fill.ts'
import { polled } from './polled.ts'
import { COMMON, ODD } from './sample.ts'
import { openAt, type Place, withEach } from './server/servers.ts'
import { fillViews, makeViews } from './view/fixture.ts'

// Every source is told the same people in its own way, and must give the same answers.

describe('people in memory', () => {
  keepsTheContract(async () => inMemory((next) => next), ODD)
})

describe('a snapshot file', () => {
  keepsTheContract(
    async () => ({ ...inMemory((next) => readIdentityFile(snapshotOf(next))), tells: withoutAccounts }),
    COMMON,
  )
})

describe('an identity file', () => {
  keepsTheContract(async () => inMemory((next) => readIdentityFile(fileOf(next))), COMMON)
})

withDatabases('the native directory', (database) => {
  describe('with people whom any source can hold', () => keepsTheContract(async () => ownTables(database), COMMON))
  describe('with people whom only some can hold', () => keepsTheContract(async () => ownTables(database), ODD))
})

withEach('the database of Alliance Auth', (place) => {
  keepsTheContract(async () => {
    await makeTables(place())
    return inDatabase(place(), allianceAuth, fillWith, ['auth_user', 'base table'])
  }, COMMON)
})

withEach('three views', (place) => {
  const open = async () => {
    await makeViews(place())
    return {
      ...inDatabase(place(), new ViewQuestions(), fillViews, ['rolecall_links', 'view']),
      tells: withoutReserved,
    }
  }
  describe('with people whom any source can hold', () => keepsTheContract(open, COMMON))
})

withEach('three views', (place) => {
  const open = async () => {
    await makeViews(place())
    return {
      ...inDatabase(place(), new ViewQuestions(), fillViews, ['rolecall_people', 'view']),
      tells: withoutReserved,
    }
  }
  describe('with people whom only some can hold', () => keepsTheContract(open, ODD))
})

function inMemory(read: (people: People) => People): Subject {
  const directory = memoryDirectory('snapshot', NOBODY, () => AT)
  const lose = async () => {
    directory.fail('The file is away; put it back.')
    return async () => directory.fail(null)
  }
  return { directory, fill: async (next) => directory.replace(read(next)), lose, close: async () => {} }
}

const partOf = ({ names, identities }: People) => ({ ...names, identities })

const snapshotOf = (people: People): string =>
  JSON.stringify({
    ...{ format: 'rolecall-snapshot/1', takenAt: '2026-11-22T12:00:00.000Z' },
    guild: {
      ...{ id: '1000', name: 'Example', ownerId: '1', botUserId: '2' },
      roles: [{ id: '1000', name: '@everyone', position: 0, managed: false }],
      members: [
        {
          user: { id: '2', username: 'rolecall', bot: true },
          nick: null,
          roles: [],
          joined_at: '2026-01-01T00:00:00Z',
        },
      ],
    },
    identity: partOf(people),
  })

const fileOf = (people: People): string =>
  JSON.stringify({
    ...{ format: 'rolecall-identity/1', ...people.names },
    identities: people.identities.map((one) => ({ ...one, accounts: people.accounts?.get(one.id) ?? [] })),
  })

const withoutAccounts = ({ names, identities }: People): People => ({ names, identities })

const withoutReserved = (people: People): People => ({ ...people, names: { ...people.names, reservedNames: [] } })

function ownTables({ opened: { db } }: TestDatabase): Subject {
  const guildId = newGuild()
  const directory = nativeDirectory(
    db,
    guildId,
    () => AT,
    () => () => {},
  )
  return {
    directory,
    fill: async (next) => {
      const imported = await fill(db, guildId, next)
      if (imported) directory.noticeImport(imported)
    },
    lose: async () => {
      await db.execute(sql`alter table identity_links rename to away`)
      return async () => void (await db.execute(sql`alter table away rename to identity_links`))
    },
    close: async () => {},
  }
}

function inDatabase(
  place: Place,
  questions: Questions,
  put: (place: Place, people: People) => Promise<void>,
  [name, kind]: readonly [string, 'view' | 'base table'],
): Subject {
  const server = openAt(place.address)
  const { directory, round } = polled(server, questions, () => AT)
  const rename = async (from: string, to: string) =>
    void (await place.admin(
      place.dialect === 'postgres'
        ? `alter ${kind === 'view' ? kind : 'table'} ${from} rename to ${to}`
        : `rename table ${from} to ${to}`,
    ))
  return {
    directory,
    fill: async (next) => {
      await round()
      await put(place, next)
      await round()
    },
    lose: async () => {
      await rename(name, 'away')
      return () => rename('away', name)
    },
    close: () => server.close(),
  }
}
