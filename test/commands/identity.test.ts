import { beforeEach, describe, expect, it } from 'vitest'
import { identity } from '#commands/identity.ts'
import type { ManualLink } from '#src/core/link.ts'
import type { Endangered, LookForMissing, Loss } from '#src/core/losses.ts'
import type { Identity } from '#src/core/model.ts'
import { vitalsOf } from '#src/core/truth.ts'
import { ANN, askedBy, BEN, DIRECTORS, EVE, give, HOUR, NOW, SmallCommandWorld } from './small-world.ts'

// What the identity source says, in the words that a moderator reads.

let world: SmallCommandWorld

beforeEach(() => {
  world = new SmallCommandWorld()
})

const NAMES = { groups: ['Pilots', 'Directors'], states: ['Member'], reservedNames: ['Staff'] }

const person = (changes: Partial<Identity> = {}): Identity => ({
  ...{ id: '42', username: 'ann *the* first', active: true, superuser: false, access: true },
  ...{ state: 'Member', groups: ['Pilots', 'Directors'], discordIds: [ANN] },
  ...changes,
})

const account = (name: string, main: boolean) => ({
  ...{ id: name, name, main, organisation: 'Example Corp', parentOrganisation: null },
})

const shown = async (claims: readonly Identity[], total = claims.length, suspect = false) => {
  const told = claims.map((one) => ({ identity: one, accounts: [account('Ann Other', true), account('Alt', false)] }))
  world.who = {
    source: 'alliance-auth',
    memberId: ANN,
    total,
    claims: told,
    link: null,
    links: [],
    suspect,
    age: 3_000,
  }
  return await give(identity, world, 'show', { member: ANN })
}

it('shows who a member is, why they have access, and what they belong to', async () => {
  const reply = await shown([person()])
  expect(reply).toMatchObject({ title: 'Known as ann \\*the\\* first', tone: 'plain' })
  expect(reply.fields).toHaveLength(1)
  const [{ name, value }] = reply.fields as [{ name: string; value: string }]
  expect(name).toContain('(42)')
  for (const words of [
    '**Has access:** active, with the access permission.',
    'State: Member',
    'Groups: Pilots, Directors',
  ])
    expect(value).toContain(words)
  expect(value).toContain('• Ann Other (main), Example Corp\n• Alt, Example Corp')
  expect(value).toContain(`<@${ANN}>`)
  expect(reply.footer).toContain('3 s ago')
})

it.each([
  [{ active: false, superuser: true }, 'switched off'],
  [{ access: false }, 'neither a superuser nor with the access permission'],
  [{ access: false, superuser: true }, '**Has access:** active, and a superuser.'],
  [{ groups: [], state: null }, 'State: none\nGroups: none'],
] as const)('says why of %j', async (changes, words) => {
  const reply = await shown([person(changes as Partial<Identity>)])
  expect(reply.fields?.[0]?.value).toContain(words)
})

it('tells of a conflict, and of nobody', async () => {
  const both = await shown([person(), person({ id: '43', username: 'ben', discordIds: [ANN, BEN] })])
  expect(both).toMatchObject({ title: '2 identities claim this account', tone: 'warn' })
  expect(both.text).toContain('nothing is taken or given until only one does')
  expect((await shown([])).title).toBe('Nobody there has this account')
  expect((await shown([person()], 1, true)).text).toContain('do not take this for certain')
})

it('stays within what Discord takes, whatever people are called', async () => {
  const long = person({
    username: '*'.repeat(200),
    groups: Array.from({ length: 300 }, (_, at) => `_group_${at}_`.repeat(10)),
  })
  await shown([long, long, long, long], 900)
})

it('shows the numbers of a sound source, of a fallen one, and of one that is silent', async () => {
  const now = vitalsOf([person()], NAMES)
  const read = { vitals: now, names: NAMES, truth: { suspect: false, why: [] }, age: 2_000 }
  const noticing = { kind: 'asked', everyMs: 15_000, listens: true, tells: false } as const
  world.standing = { source: 'view', read, problem: null, before: { ...now, linked: 1 }, blind: null, noticing }
  const sound = await give(identity, world, 'status', {})
  expect(sound).toMatchObject({ title: 'The identity source is sound', tone: 'good' })
  expect(sound.fields?.map(({ value }) => value).join('\n')).toContain('2 groups, 1 state, 1 reserved name')
  const before = { ...now, linked: 900 }
  const truth = { suspect: true, why: ['dropped:linked'], fell: { 'dropped:linked': { from: 900, to: 1 } } }
  world.standing = { ...world.standing, read: { ...read, truth }, before, blind: { since: NOW - HOUR } }
  const fallen = await give(identity, world, 'status', {})
  expect(fallen).toMatchObject({ title: 'The identity source failed its health check', tone: 'warn' })
  expect(fallen.fields?.[0]?.value).toContain('Linked accounts: 900 → **1**')
  expect(fallen.text).toContain(
    'linked accounts fell from 900 to 1. So nobody is acted on. `/identity diff` says who is missing.',
  )
  expect(fallen.text).toContain('/acknowledge source')
  expect(fallen.text).toContain('blind since')
  world.standing = { ...world.standing, read: null, problem: 'It is *away*.', before: null, blind: null }
  expect((await give(identity, world, 'status', {})).text).toContain('It is \\*away\\*.')
})

it.each([
  ['alliance-auth', { kind: 'told', askedMs: 300_000 }, 'told by the database itself and heard at once; every 5 min'],
  ['alliance-auth', { kind: 'asked', everyMs: 15_000, listens: true, tells: false }, 'install-triggers'],
  ['alliance-auth', { kind: 'asked', everyMs: 15_000, listens: false, tells: false }, 'noticed by asking, every 15 s.'],
  ['alliance-auth', { kind: 'asked', everyMs: 15_000, listens: false, tells: true }, 'cannot listen there'],
  ['view', { kind: 'asked', everyMs: 15_000, listens: true, tells: false }, 'on the channel `rolecall_identity`'],
  ['native', { kind: 'asked', everyMs: 5_000, listens: false, tells: false }, 'every 5 s.'],
  ['snapshot', { kind: 'never' }, 'start the bot again'],
] as const)('says how changes of the source %s are noticed: %j', async (source, noticing, words) => {
  const read = { vitals: vitalsOf([person()], NAMES), names: NAMES, truth: { suspect: false, why: [] }, age: 2_000 }
  world.standing = { source, read, problem: null, before: read.vitals, blind: null, noticing }
  const { text } = await give(identity, world, 'status', {})
  expect(text).toContain(words)
  expect(text.includes('install-triggers')).toBe(words === 'install-triggers')
})

describe('who is missing', () => {
  const loss = (id: number, changes: Partial<Loss> = {}): Endangered => ({
    loss: {
      ...{ id: String(id), username: null, access: true, discordIds: [ANN], state: 'Member', groups: ['Pilots'] },
      ...changes,
    },
    members: [{ memberId: ANN, roleIds: [DIRECTORS] }],
  })
  const vitals = vitalsOf([person()], NAMES)
  const found = (losses: readonly Endangered[], total = losses.length): LookForMissing => ({
    ...{ kind: 'compared', source: 'view', acceptedAt: NOW - HOUR, people: { before: 1_200, now: 900 }, appeared: 3 },
    ...{ counts: { gone: total, access: 4, accounts: 5, belongings: 6 }, total, endangered: total, losses },
    names: [{ kind: 'group', name: 'Pil*ts', people: 7 }],
    ...{ truth: { suspect: false, why: [] }, before: vitals, vitals, rosterState: 'live' },
  })

  it('is said with the counts first, then one by one with the roles that hang on it', async () => {
    const still = loss(2, { username: 'b*n', access: false, discordIds: [BEN], state: null, groups: [] })
    world.missing = found([loss(1), { ...still, members: [] }])
    const reply = await give(identity, world, 'diff', {})
    expect(reply).toMatchObject({ title: '2 people vanished', tone: 'warn' })
    for (const words of ['with **1,200** people; now it has **900**', '**2** vanished and **3** appeared'])
      expect(reply.text).toContain(words)
    expect(reply.text).toContain(`• **1** vanished: had access; Member, Pilots → <@${ANN}> holds <@&${DIRECTORS}>`)
    expect(reply.text).toContain(`• **b\\*n** (2): lost <@${BEN}> → no linked account`)
    expect(reply.fields).toEqual([{ name: 'Groups and states that they lost', value: 'group Pil\\*ts: 7 people' }])
    expect(world.asked).toEqual([50])
  })

  it('is cut with a count to what Discord takes, and at the console to what was asked for', async () => {
    const long = { state: '*'.repeat(200), groups: Array.from({ length: 50 }, (_, at) => `_${at}_`.repeat(60)) }
    world.missing = found(
      Array.from({ length: 300 }, (_, at) => loss(at, long)),
      12_345,
    )
    const reply = await give(identity, world, 'diff', { limit: 300 })
    expect(world.asked).toEqual([300])
    const shown = reply.text.match(/^• /gm)!.length
    expect(reply.text).toMatch(new RegExp(`and ${(12_345 - shown).toLocaleString('en')} more$`))
    const { text } = await identity.answer(
      askedBy({ subcommand: 'diff', options: { limit: 300 }, memberId: null }),
      world,
    )
    expect(text.match(/^• /gm)).toHaveLength(300)
    expect(text).toMatch(/and 12,045 more$/)
  })

  it('of a source that fell comes with its numbers, and what they are compared with', async () => {
    const truth = { suspect: true, why: ['dropped:access'], fell: { 'dropped:access': { from: 1_100, to: 800 } } }
    world.missing = { ...(found([loss(1)]) as Extract<LookForMissing, { kind: 'compared' }>), truth }
    const { text, fields } = await give(identity, world, 'diff', {})
    expect(text).toContain('people with access fell from 1,100 to 800), so nobody loses anything.')
    expect(text).toContain('the highest numbers of a day')
    expect(fields?.[0]?.name).toBe('Before → now')
  })

  it('that is nobody, and that cannot be said, is said', async () => {
    const nobody = found([])
    world.missing = nobody
    expect(await give(identity, world, 'diff', {})).toMatchObject({ title: 'Nobody is missing', tone: 'good' })
    world.missing = { kind: 'nothing_kept', source: 'view', others: [] }
    await expect(give(identity, world, 'diff', {})).rejects.toThrow(/No accepted reading of .*`view`.*\/audit run/)
    const accepted = { source: 'native', at: NOW - HOUR, people: 12 }
    world.missing = { kind: 'nothing_kept', source: 'view', others: [accepted] }
    await expect(give(identity, world, 'diff', {})).rejects.toThrow(/of another kind, `native` with 12 people/)
    world.missing = { kind: 'unreachable', accepted, problem: 'It is *away*.' }
    await expect(give(identity, world, 'diff', {})).rejects.toThrow(
      'It is \\*away\\*. So nobody can say who is missing.',
    )
  })

  it.each([0, -1, 1.5, 1_001, 'all'])('is not said of %s people', async (limit) => {
    await expect(give(identity, world, 'diff', { limit })).rejects.toThrow('from 1 to 1,000')
  })
})

const linkOf = (changes: Partial<ManualLink> = {}): ManualLink => ({
  ...{
    discordId: ANN,
    identityId: '42',
    source: 'native',
    reason: 'changed *phones*',
    by: `discord:${BEN}`,
    at: NOW - HOUR,
  },
  ...changes,
})

describe('a link by hand', () => {
  it('is shown with who made it and why, beside what the source links', async () => {
    const accounts = { identity: person({ discordIds: [] }), accounts: [] }
    const links = [linkOf(), linkOf({ discordId: EVE })]
    world.who = { ...world.who, total: 1, claims: [accounts], link: { ...linkOf(), isKnown: true }, links }
    const reply = await give(identity, world, 'show', { member: ANN })
    expect(reply.text).toContain(`Linked by hand to 42 by <@${BEN}>`)
    expect(reply.text).toContain('changed \\*phones\\*')
    expect(reply.fields?.[0]?.value).toContain(`Discord: none\nLinked by hand: <@${ANN}> <@${EVE}>`)
  })

  it('to somebody who is gone is said to claim nothing', async () => {
    world.who = { ...world.who, link: { ...linkOf(), isKnown: false } }
    const reply = await give(identity, world, 'show', { member: ANN })
    expect(reply.title).toBe('Nobody there has this account')
    expect(reply.text).toContain('knows nobody of that id now, so the link claims nothing')
    world.who = { ...world.who, source: 'view' }
    expect((await give(identity, world, 'show', { member: ANN })).text).toContain('of the source `native`')
  })

  const wanted = { member: BEN, identity: ' 42 ', reason: 'changed phones' }

  it('is made of what was typed, and what follows is said', async () => {
    world.linkedTo = person({ discordIds: [] })
    const reply = await give(identity, world, 'link', wanted)
    expect(world.deeds).toMatchObject([{ name: 'linkByHand', what: { memberId: BEN, identityId: '42' } }])
    expect(world.deeds[0]?.by.reason).toBe('changed phones')
    expect(reply).toMatchObject({ title: 'Linked by hand', tone: 'good' })
    expect(reply.text).toContain(`<@${BEN}> is judged as ann \\*the\\* first (42) from now on.`)
    expect(reply.text).toContain('that is a conflict')
  })

  it('to somebody without access, or of somebody who is not here, says so', async () => {
    world.linkedTo = person({ active: false })
    expect((await give(identity, world, 'link', wanted)).text).toContain('no access, so by it they earn nothing')
    world.absent.add(BEN)
    const absent = await give(identity, world, 'link', wanted)
    expect(absent).toMatchObject({
      tone: 'warn',
      text: expect.stringContaining('take it back with `/identity unlink`'),
    })
  })

  it('that is made, though nobody can say what follows, is not called undone', async () => {
    world.follows = null
    const reply = await give(identity, world, 'link', wanted)
    expect(reply).toMatchObject({ title: 'Linked by hand', text: expect.stringContaining('could not be found out') })
  })

  it('is refused without a reason', async () => {
    await expect(give(identity, world, 'link', { ...wanted, reason: ' ' })).rejects.toThrow('needs a reason')
    expect(world.deeds).toEqual([])
  })

  it('is taken back, and where there was none nothing is said to have changed', async () => {
    expect((await give(identity, world, 'unlink', { member: ANN })).title).toBe('There was none')
    world.linkNow = linkOf()
    const reply = await give(identity, world, 'unlink', { member: ANN })
    expect(reply).toMatchObject({ title: 'The link is taken back', text: expect.stringContaining('the identity 42') })
  })
})
