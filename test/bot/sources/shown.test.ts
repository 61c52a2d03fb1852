import { expect, test } from 'vitest'
import { withMariaDb } from '../../identity/server/servers.ts'
import { type ArmedTown, armedTown, countWrongfulRemovals } from '../safety/armed-town.ts'
import { idOf, MODERATOR, say, shownBy } from '../town.ts'
import { allianceAuthKind } from './alliance-auth.ts'
import { openSource } from './kinds.ts'

// What a moderator is told of somebody's database, through the bot that reads it.

countWrongfulRemovals()

const told = async ({ guild }: ArmedTown, what: string, options: Record<string, string> = {}) =>
  shownBy(await say(guild, MODERATOR, `identity ${what}`, options))

withMariaDb('the identity database, as a moderator is shown it', () => {
  test('is described with its numbers and its people, and when it fails with what is amiss', async () => {
    const source = await openSource(allianceAuthKind, 'mysql')
    const town = await armedTown({ environment: source.environment })
    expect(await told(town, 'status')).toMatchObject({ title: 'The identity source is sound' })
    const well = shownBy(await say(town.guild, MODERATOR, 'doctor'))
    expect(well.whole).toContain('the bot could act on')
    expect(well.whole).toContain('is sound')
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
