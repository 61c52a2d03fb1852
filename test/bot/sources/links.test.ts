import { expect, test } from 'vitest'
import { cloneEngineFolder, withServer } from '../../database.ts'
import { withEach } from '../../identity/server/servers.ts'
import {
  type ArmedTown,
  armedTown,
  citizens,
  closeLater,
  countWrongfulRemovals,
  give,
  holds,
  recorded,
  sweep,
  untilPosted,
  untilTaken,
  writes,
} from '../safety/armed-town.ts'
import { idOf, MODERATOR, OWNER, say, shownBy, withBook } from '../town.ts'
import { allianceAuthKind } from './alliance-auth.ts'
import { openSource } from './kinds.ts'
import { viewKind } from './view.ts'

// Accounts that are linked by hand, through the bot that is armed: whoever is linked is judged as the one whom the link names.

countWrongfulRemovals()

const ANN = '1'
const EVE = { member: idOf('eve') }

const told = async ({ guild }: ArmedTown, what: string, options: Record<string, string>, as = OWNER) =>
  shownBy(await say(guild, as, what, options))

const link = (town: ArmedTown, username: string, identity: string, as = OWNER) =>
  told(town, 'identity link', { member: idOf(username), identity, reason: 'changed phones' }, as)

const unlink = (town: ArmedTown, username: string) => told(town, 'identity unlink', { member: idOf(username) })

/** Ann's rights are Eve's too, for as long as a link says so. */
const linkedInTruth = ({ rights }: ArmedTown, is: boolean): void =>
  rights.earnedBy(
    citizens.identities.map((one) =>
      is && one.id === ANN ? { ...one, discordIds: [...one.discordIds, EVE.member] } : one,
    ),
  )

/** Eve is a guest who holds Pilots by hand. She is linked to Ann, swept, and unlinked. */
async function linkedAndUnlinked(town: ArmedTown): Promise<void> {
  expect((await told(town, 'explain', EVE)).title).toContain('Out of order')
  linkedInTruth(town, true)
  const made = await link(town, 'eve', ANN)
  expect(made).toMatchObject({ title: 'Linked by hand', text: expect.stringContaining('is judged as ann') })
  expect(made.text).toContain(`they earn <@&${town.guild.role('Pilots').id}>`)
  expect((await told(town, 'explain', EVE)).title).toBe('In order')
  const shown = await told(town, 'identity show', EVE)
  expect(shown).toMatchObject({ title: 'Known as ann', whole: expect.stringContaining('changed phones') })
  // Bob alone is out of order now.
  expect((await sweep(town)).title).toContain('1 member out of order')
  expect([holds(town, 'eve', 'Pilots'), holds(town, 'bob', 'Directors')]).toEqual([true, false])
  linkedInTruth(town, false)
  expect((await unlink(town, 'eve')).title).toBe('The link is taken back')
  await untilTaken(town, 'eve', 'Pilots')
  expect((await unlink(town, 'eve')).title).toBe('There was none')
}

const LINES = [
  [
    'link.made',
    `member:${EVE.member}`,
    `discord:${idOf(OWNER)}`,
    { before: null, after: { identityId: ANN, source: 'native' } },
  ],
  [
    'link.removed',
    `member:${EVE.member}`,
    `discord:${idOf(OWNER)}`,
    { before: { identityId: ANN, source: 'native' }, after: null },
  ],
]

test('a link by hand makes the roles that a guest holds their own; when it is taken back, they are taken at once', async () => {
  const town = await armedTown()
  await linkedAndUnlinked(town)
  const lines = (await recorded(town)).filter(({ type }) => type.startsWith('link.'))
  expect(lines.map(({ type, subject, actor, data }) => [type, subject, actor, data])).toMatchObject(LINES)
  expect(JSON.stringify(lines)).not.toContain('changed phones')
})

test('a link by hand does the same on the embedded engine', async () => {
  const { folder, remove } = cloneEngineFolder()
  closeLater(remove)
  await linkedAndUnlinked(await armedTown({ place: { dataDir: folder } }))
})

test('a link by hand is made by whoever has the capability for it, and by no other moderator', async () => {
  const town = await armedTown()
  linkedInTruth(town, true)
  const refused = await link(town, 'eve', ANN, MODERATOR)
  expect(refused.text).toContain('needs the capability "link"')
  expect((await told(town, 'identity show', EVE)).title).toBe('Nobody there has this account')
  const role = town.guild.role('Moderator').id
  await told(town, 'capability grant', { role, capability: 'override' })
  expect((await link(town, 'eve', ANN, MODERATOR)).text).toContain('needs the capability "link"')
  await told(town, 'capability grant', { role, capability: 'link' })
  expect((await link(town, 'eve', ANN, MODERATOR)).title).toBe('Linked by hand')
})

test('a link by hand hands out nothing that ranks at or above whoever makes it, and that the member does not hold', async () => {
  const town = await armedTown()
  const { guild } = town
  await told(town, 'capability grant', { role: guild.role('Moderator').id, capability: 'link' })
  guild.moveRole('Pilots', 3)
  expect((await link(town, OWNER, ANN, MODERATOR)).text).toContain('do not rank below your own highest one: Pilots.')
  expect((await told(town, 'identity show', { member: idOf(OWNER) })).title).toBe('Nobody there has this account')
  expect((await link(town, 'eve', ANN, MODERATOR)).title).toBe('Linked by hand')
  expect((await link(town, OWNER, ANN)).title).toBe('Linked by hand')
})

test('a link by hand never stands against the source, nor against another link, nor for nobody', async () => {
  const town = await armedTown()
  linkedInTruth(town, true)
  expect((await link(town, 'ann', '2')).text).toContain('itself names ann (1)')
  expect((await link(town, 'ann', ANN)).text).toContain('itself names ann (1)')
  for (const nobody of ['77', 'ann', '01', `${ANN} or 1=1`])
    expect((await link(town, 'eve', nobody)).text).toContain('knows nobody')
  expect((await link(town, 'eve', ANN)).title).toBe('Linked by hand')
  expect((await link(town, 'eve', '2')).text).toContain('linked by hand already, to the identity 1')
  expect((await told(town, 'identity show', { member: idOf('ann') })).whole).toContain(
    `Linked by hand: <@${EVE.member}>`,
  )
  expect((await recorded(town)).filter(({ type }) => type.startsWith('link.'))).toHaveLength(1)
})

/** As an operator's own tools would, while the bot is at work. */
const alter = ({ place }: ArmedTown, statement: string) => withBook(place, ({ sql }) => sql.unsafe(statement))

withServer('links by hand that cannot be read', () => {
  test('cost nobody anything; when they can be read again, what waited is done', async () => {
    const town = await armedTown()
    linkedInTruth(town, true)
    await link(town, 'eve', ANN)
    await alter(town, 'alter table manual_links rename to links_of_old')
    for (const username of ['eve', 'other20']) give(town, username, 'Directors')
    expect(await untilPosted(town, 'Blind: nobody loses anything')).toContain('links that were made by hand')
    await sweep(town)
    expect([town.rights.losses(), writes(town)]).toEqual([[], []])
    await alter(town, 'alter table links_of_old rename to manual_links')
    await untilPosted(town, 'No longer blind')
    for (const username of ['eve', 'other20']) await untilTaken(town, username, 'Directors')
    expect(holds(town, 'eve', 'Pilots')).toBe(true)
  })
})

for (const kind of [allianceAuthKind, viewKind])
  withEach(`a link by hand over a database of the kind ${kind.source}`, (_place, dialect) => {
    const open = async () => {
      const source = await openSource(kind, dialect)
      return { source, town: await armedTown({ environment: source.environment }) }
    }

    test('makes the roles that a guest holds their own; when it is taken back, they are taken at once', async () => {
      const { town } = await open()
      await linkedAndUnlinked(town)
    })

    test('has whoever is linked looked at by itself when the one whom it names has changed', async () => {
      const { source, town } = await open()
      linkedInTruth(town, true)
      await link(town, 'eve', ANN)
      town.rights.earnedBy(citizens.identities.filter(({ id }) => id !== ANN))
      await source.place.admin(...kind.demotes(ANN))
      await untilTaken(town, 'eve', 'Pilots')
    })

    test('and a link of the source to somebody else are a conflict, and nothing is touched', async () => {
      const { source, town } = await open()
      linkedInTruth(town, true)
      await link(town, 'eve', ANN)
      await kind.fill(source.place, withAccounts({ '2': [idOf('eve')] }))
      await untilShown(town, '2 identities claim this account')
      give(town, 'eve', 'Directors')
      await sweep(town)
      expect([holds(town, 'eve', 'Pilots'), holds(town, 'eve', 'Directors')]).toEqual([true, true])
      expect((await told(town, 'explain', EVE)).title).toContain('claimed by more than one identity')
      expect(writes(town).filter(({ path }) => path.includes(EVE.member))).toEqual([])
    })

    test('claims nothing once whom it names is gone from the source', async () => {
      const { source, town } = await open()
      linkedInTruth(town, true)
      await link(town, 'eve', ANN)
      expect((await sweep(town)).title).toContain('1 member out of order')
      town.rights.earnedBy(WITHOUT_ANN)
      await kind.fill(source.place, { ...citizens, identities: WITHOUT_ANN })
      await untilShown(town, 'Nobody there has this account')
      expect((await told(town, 'identity show', EVE)).text).toContain('the link claims nothing')
      await sweep(town)
      expect(holds(town, 'eve', 'Pilots')).toBe(false)
    })
  })

const WITHOUT_ANN = citizens.identities.filter(({ id }) => id !== ANN)

/** The same people with other accounts. */
const withAccounts = (accounts: Readonly<Record<string, readonly string[]>>) => ({
  ...citizens,
  identities: citizens.identities.map((one) => ({ ...one, discordIds: accounts[one.id] ?? one.discordIds })),
})

async function untilShown(town: ArmedTown, title: string): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) if ((await told(town, 'identity show', EVE)).title === title) return
  throw new Error(`Eve was never shown as: ${title}`)
}
