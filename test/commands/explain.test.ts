import { beforeEach, describe, expect, it } from 'vitest'
import { explain } from '#commands/explain.ts'
import { explain as explanationOf } from '#src/core/explain.ts'
import type { Identity, Member } from '#src/core/model.ts'
import type { Scope } from '#src/core/scope.ts'
import type { Explained } from '#src/discord/command.ts'
import { member, person, PILOTS as ROLE, rule, SCOUTS, scopeWith } from '../core/small.ts'
import { ANN, give, HOUR, NOW, SmallCommandWorld } from './small-world.ts'

// The words of an explanation, of verdicts that the core itself has come to.

let world: SmallCommandWorld

beforeEach(() => {
  world = new SmallCommandWorld()
})

async function explained(
  who: Member,
  claims: readonly Identity[],
  scope: Scope,
  leftAlone: Explained['leftAlone'] = [],
) {
  const explanation = explanationOf(who, claims, scope)
  world.explain = async () => ({
    explanation,
    roster: { state: 'live', age: 0 },
    identityAge: 0,
    identityNames: [],
    leftAlone,
  })
  const reply = await give(explain, world, null, { member: who.id })
  const field = (name: string) => reply.fields?.find((one) => one.name.startsWith(name))?.value ?? ''
  return { ...reply, wanted: field('What is wanted'), held: field('What holds it back') }
}

describe('an explanation', () => {
  it('lays what an override says at the door of whoever set it', async () => {
    const override = { memberId: '3', action: 'report', expiresAt: NOW + HOUR, reason: 'on *leave*' } as const
    world.placed.set('3', { ...override, by: `discord:${ANN}`, at: NOW })
    const until = `until <t:${(NOW + HOUR) / 1_000}:f>, by <@${ANN}> (on \\*leave\\*)`
    const reply = await explained(member([ROLE]), [], scopeWith({ settings: { overrides: [override] } }))
    expect(reply.text).toContain(`An override says \`report\` ${until}, so nothing would be done.`)
    expect(reply.wanted).toContain(`**▸ override: report, ${until}**`)
    expect(reply.wanted).toContain('default: strip')
    expect(reply.wanted).toContain('Nothing to say: category, by_group, by_state')
  })

  it('says that a guest who holds nothing is in order', async () => {
    const reply = await explained(member(), [], scopeWith())
    expect(reply).toMatchObject({ title: 'In order (guest: no identity claims this account)', tone: 'good' })
    expect(reply.text).toContain('holds nothing that the identity database decides, so there is nothing to take.')
    expect(reply.held).toBe('Nothing is to be done, so there is nothing to hold back.')
  })

  it('but not one who is to be kicked', async () => {
    const asked = { policy: { unknown_guest: rule('strip_kick') }, invocation: { action: 'strip' } } as const
    const reply = await explained(member(), [], scopeWith(asked))
    expect(reply.title).toBe('Out of order: guest: no identity claims this account')
    expect(reply.text).toContain('The policy says `strip_kick`, but')
    expect(reply.held).toContain('this run may kick nobody; one with `action:strip_kick` may')
  })

  it('names what is left alone whatever follows, and says nothing of it elsewhere', async () => {
    const scope = scopeWith()
    const all = (reply: Awaited<ReturnType<typeof explained>>) => reply.fields?.map(({ name }) => name)
    expect(all(await explained(member([ROLE]), [], scope))).not.toContain('What is left alone all the same')
    const reply = await explained(member([ROLE]), [], scope, [{ roleId: ROLE, why: 'Discord refuses it.' }])
    expect(reply.fields).toContainEqual({
      name: 'What is left alone all the same',
      value: `<@&${ROLE}>: Discord refuses it.`,
    })
  })

  it('asks nobody about somebody in order', async () => {
    const reply = await explained(member([ROLE]), [person(['Pilots'])], scopeWith())
    expect(reply.wanted).toBe('Nothing is out of order, so nobody is asked.')
    expect(reply.held).toBe('Nothing is to be done, so there is nothing to hold back.')
  })

  it('names what holds it back, exactly where that is known, and what else was looked at', async () => {
    const scope = scopeWith({ settings: { protectedRoles: [SCOUTS] } })
    const reply = await explained(member([ROLE, SCOUTS]), [], scope)
    expect(reply.held).toMatch(/^\*\*`protected_member`\*\*: protected by Scouts\n/)
    expect(reply.held).toMatch(/Nothing else\. Looked at: whose account it is, who owns the server, /)
  })

  it('says of a conflict what has to be settled first', async () => {
    const reply = await explained(member([ROLE]), [person(), person([], { id: '43' })], scopeWith())
    expect(reply.text).toContain(
      'so nobody can say what it has earned. Until a human has settled that, nothing is done.',
    )
    expect(reply.held).toBe('**`identity_conflict`**: two or more identities claim the account; a human must settle it')
  })
})
