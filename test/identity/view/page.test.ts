import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, it, onTestFinished, vi } from 'vitest'
import { readConfig } from '#src/config.ts'
import { identitiesOf } from '#src/core/people.ts'
import { listeningFeed } from '#src/identity/changes/listening.ts'
import { DatabaseDirectory } from '#src/identity/database.ts'
import { ViewQuestions } from '#src/identity/view/questions.ts'
import type { Changed } from '#src/identity/watchers.ts'
import { openAt, type Place, withPostgres } from '../server/servers.ts'
import { refusal } from './opened.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/identity.md'), 'utf8')

function block(kind: string, name: string): string {
  const text = new RegExp(`^\`\`\`${kind} ${name}\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1]
  if (text === undefined) throw new Error(`The page shows no ${name}.`)
  return text
}

const MEMBERS = `
  insert into members values (1, 'Ann', 'full', current_date + 30, 9007199254740993), (2, 'Bob', 'trial', null, 22),
    (3, 'Cy', 'former', current_date + 30, 33), (4, 'Dee', 'full', current_date, null);
  insert into teams values ('Climbing'), ('Chess');
  insert into team_members values (1, 'Climbing'), (3, 'Climbing');`

/** The user of the page, by a name of this database's own: users belong to the whole server. */
const userOf = ({ address }: Place): string => `${address.database}_reader`

async function readerOf(place: Place) {
  const { identity } = readConfig({ DISCORD_TOKEN: 'token', ...parseEnv(block('ini', 'env')) })
  if (identity.source !== 'view') return expect.unreachable('The page sets another source.')
  const { host, port, database } = place.address
  const server = openAt({ ...identity.address, host, port, database, user: userOf(place) })
  onTestFinished(() => server.close())
  const feed = listeningFeed(server)!
  return new DatabaseDirectory({ server, questions: new ViewQuestions(), feed, most: 10, now: Date.now })
}

withPostgres('the page that says how three views are made', (place) => {
  it('leads from a table of members to people who can be judged, and to notices of what changes', async () => {
    const { admin, address } = place()
    await admin(`alter default privileges in schema public revoke select on tables from ${address.user}`)
    await admin(block('sql', 'club'), MEMBERS, block('sql', 'views'))
    await admin(
      block('sql', 'rights')
        .replaceAll('rolecall ', `${userOf(place())} `)
        .replaceAll('to rolecall;', `to ${userOf(place())};`),
    )
    onTestFinished(async () => void (await admin(`drop owned by ${userOf(place())}`, `drop role ${userOf(place())}`)))
    const directory = await readerOf(place())
    const { people, names, vitals } = await directory.snapshot()
    expect(
      [...identitiesOf(people)].map(({ id, active, access, state, groups, discordIds }) => [
        id,
        active,
        access,
        state,
        groups,
        discordIds,
      ]),
    ).toEqual([
      ['1', true, true, 'full', ['Climbing'], ['9007199254740993']],
      ['2', true, false, 'trial', [], ['22']],
      ['3', false, true, 'former', ['Climbing'], ['33']],
      ['4', true, true, 'full', [], []],
    ])
    expect({ groups: names.groups.toSorted(), states: names.states.toSorted() }).toEqual({
      groups: ['Chess', 'Climbing'],
      states: ['former', 'full', 'trial'],
    })
    expect(vitals).toMatchObject({ identities: 4, withAccess: 2, linked: 3 })
    const [tables] = await admin(`select has_table_privilege('${userOf(place())}', 'members', 'select') as open`)
    expect(tables).toEqual({ open: false })
    await admin(`revoke select on rolecall_links from ${userOf(place())}`)
    expect(await refusal(directory.find(['22']))).toMatch('may not read rolecall_links')
    expect(await refusal(directory.find(['22']))).toMatch('rolecall_links cannot be found or may not be read')
    const [who, teams] = block('sql', 'look').split(/(?<=;)\n/)
    expect((await admin(who!)).map(({ username }) => username)).toEqual(['Ann', 'Dee'])
    expect((await admin(teams!)).map(({ group_name, count }) => `${group_name} ${count}`)).toEqual([
      'Chess 0',
      'Climbing 2',
    ])
  })

  it('has a trigger that tells at once who has changed', async () => {
    const { admin } = place()
    await admin(block('sql', 'notices'))
    const heard: Changed[] = []
    const server = openAt(place().address)
    onTestFinished(() => server.close())
    onTestFinished(listeningFeed(server)!((changed) => heard.push(changed)))
    // It listens as soon as a first notice comes through.
    await vi.waitUntil(async () => {
      await admin("update members set standing = 'full' where number = 2")
      return heard.length > 0
    })
    expect(heard[0]).toEqual(['22'])
  })
})
