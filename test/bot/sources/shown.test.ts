import { expect, test, vi } from 'vitest'
import { withMariaDb, withPostgres } from '../../identity/server/servers.ts'
import { type ArmedTown, armedTown, countWrongfulRemovals, sweep, untilPosted } from '../safety/armed-town.ts'
import { idOf, MODERATOR, say, shownBy, withBook } from '../town.ts'
import { allianceAuthKind } from './alliance-auth.ts'
import { type Kind, openSource, type Source } from './kinds.ts'
import { viewKind } from './view.ts'

// What a moderator is told of somebody's database, through the bot that reads it.

countWrongfulRemovals()

const told = async ({ guild }: ArmedTown, what: string, options: Record<string, string | number> = {}) =>
  shownBy(await say(guild, MODERATOR, `identity ${what}`, options))

/** What happens at Discord is heard of in a moment. */
const untilDoctorSays = ({ guild }: ArmedTown, ...words: readonly string[]) =>
  vi.waitFor(async () => {
    const { whole } = shownBy(await say(guild, MODERATOR, 'doctor'))
    for (const word of words) expect(whole).toContain(word)
  }, 20_000)

withMariaDb('the identity database, as a moderator is shown it', () => {
  test('is described with its numbers and its people, and when it fails with what is amiss', async () => {
    const source = await openSource(allianceAuthKind, 'mysql')
    const town = await armedTown({ environment: source.environment })
    expect(await told(town, 'status')).toMatchObject({ title: 'The identity source is sound' })
    const well = shownBy(await say(town.guild, MODERATOR, 'doctor'))
    expect(well.whole).toContain('the bot could act on')
    expect(well.whole).toContain('is sound')
    await source.place.admin("insert into auth_group values (70, 'Scouts')")
    town.guild.createRole({ name: 'Pilots' })
    town.guild.moveRole('Directors', 50)
    town.guild.editRole('rolecall', { permissions: ['VIEW_AUDIT_LOG'] })
    await untilDoctorSays(
      town,
      'lacks the permission Manage Roles',
      'Scouts',
      '2 governed roles have one name',
      'too low',
    )
    const ann = await told(town, 'show', { member: idOf('ann') })
    expect(ann.title).toBe('Known as ann')
    for (const words of ['Has access', 'Groups: Pilots', 'State: Member']) expect(ann.whole).toContain(words)
    expect((await told(town, 'show', { member: idOf('eve') })).title).toBe('Nobody there has this account')
    await source.place.admin(`update discord_discorduser set uid = ${idOf('ann')} where user_id = 2`)
    expect((await told(town, 'show', { member: idOf('ann') })).title).toBe('2 identities claim this account')
    expect(shownBy(await say(town.guild, MODERATOR, 'doctor')).whole).toContain('claimed by two identities or more')
    await source.place.admin('delete from discord_discorduser')
    const fallen = await told(town, 'status')
    expect([fallen.title, fallen.whole]).toEqual([
      'The identity source failed its health check',
      expect.stringContaining('Linked accounts: 15 → **0**'),
    ])
    await source.place.admin('alter table auth_group rename to group_of_old')
    expect((await told(town, 'status')).title).toBe('The identity source does not answer')
    expect((await told(town, 'show', { member: idOf('ann') })).whole).toContain('nothing can be said of them')
    expect(shownBy(await say(town.guild, MODERATOR, 'doctor'))).toMatchObject({
      title: expect.stringContaining('to mend'),
    })
  })
})

/** Lets the source lose everybody but a few, as a copy does that was cut off in the middle. */
async function cutOff(kind: Kind, { place }: Source): Promise<void> {
  const { harm } = kind.sicknesses.find(({ fault }) => fault === 'has lost its second page')!
  await place.admin('begin', ...harm, 'commit')
}

/** As an operator's own tools would, while the bot is at work. */
const alter = ({ place }: ArmedTown, ...statements: readonly string[]) =>
  withBook(place, async ({ sql }) => {
    for (const statement of statements) await sql.unsafe(statement)
  })

const KINDS = [
  { kind: allianceAuthKind, describeAt: withMariaDb, dialect: 'mysql', noticed: 'by asking, every 5 s.' },
  { kind: viewKind, describeAt: withPostgres, dialect: 'postgres', noticed: 'on the channel `rolecall_identity`' },
] as const

for (const { kind, describeAt, dialect, noticed } of KINDS)
  describeAt(`who vanished from a database of the kind ${kind.source}`, () => {
    test('is said with the roles that hang on it, beside what was last accepted and not what looked sick since', async () => {
      const source = await openSource(kind, dialect)
      const town = await armedTown({ environment: source.environment })
      const pilots = `holds <@&${town.guild.role('Pilots').id}>`
      // The channel is opened beside everything else.
      await vi.waitUntil(async () => (await told(town, 'status')).text.includes(noticed), { timeout: 20_000 })
      expect(await told(town, 'diff')).toMatchObject({
        title: 'Nobody is missing',
        text: expect.stringContaining('with **15** people; now it has **15**'),
      })
      await cutOff(kind, source)
      expect(await untilPosted(town, 'Blind: nobody loses anything', '/identity diff')).toContain('fell from 15 to')
      const { text: verdict } = await sweep(town)
      for (const words of ['linked accounts fell from 15 to', '`/identity diff`']) expect(verdict).toContain(words)
      expect((await told(town, 'status')).text).toContain('`/identity diff` says who is missing')
      const missing = await told(town, 'diff')
      expect(missing.title).toMatch(/^[79] people vanished$/)
      expect(missing.text).toContain('with **15** people; now it has')
      for (const pilot of [5, 6, 11])
        expect(missing.text).toContain(
          `• **${100 + pilot}** vanished: had access; Member, Pilots → <@${idOf(`other${pilot}`)}> ${pilots}`,
        )
      const two = await told(town, 'diff', { limit: 2 })
      expect(two.text).toMatch(/^and [57] more$/m)
      await source.restore()
      await untilPosted(town, 'No longer blind')
      expect((await told(town, 'diff')).title).toBe('Nobody is missing')
      await source.place.admin(kind.joins('900'))
      expect((await told(town, 'diff')).text).toContain('**0** vanished and **1** appeared')
    })

    test('cannot be said where nothing was accepted, where that was another kind of source, and where it is silent', async () => {
      const source = await openSource(kind, dialect)
      const town = await armedTown({ environment: source.environment })
      const silent = kind.sicknesses.findLast((one) => one.silent)!
      await source.place.admin(...silent.harm)
      const { text } = await told(town, 'diff')
      expect(text).toContain('So nobody can say who is missing.')
      expect(text).toContain(`\`${kind.source}\` with 15 people`)
      await alter(town, 'delete from accepted_people', "update accepted_snapshots set source = 'native'")
      expect((await told(town, 'diff')).text).toContain('is of another kind, `native` with 15 people')
      await alter(town, 'delete from accepted_snapshots')
      expect((await told(town, 'diff')).text).toContain('there is nothing to compare with')
    })
  })
