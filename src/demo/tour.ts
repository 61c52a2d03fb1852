import type { Line } from '#src/console/markdown.ts'
import { DemoFault } from './fault.ts'
import { buttonsOf, embedOf, excerpt } from './message.ts'
import { MODERATOR, NEWCOMER, OWNER } from './sample.ts'
import type { Talk } from './talk.ts'

// The story: what is wrong is found, nothing is taken before a human allows it, and what is taken is seen to be gone.

/** The role that the moderator hands out by mistake. */
const HANDED_OUT = 'Capitals'
/** How long the live path may take on a slow machine. */
const NOTICE_MS = 30_000
/** Pages of findings that are leafed through; the sample has three. */
const MAX_PAGES = 20

export async function tour(talk: Talk): Promise<void> {
  await find(talk)
  await handOut(talk)
  await talk.terminal.step('Why? The bot explains a member by the very rules that decide')
  await talk.say(MODERATOR, `/explain member:@${NEWCOMER}`)
}

async function find(talk: Talk): Promise<void> {
  const { terminal } = talk
  await terminal.step('A moderator asks what is out of order')
  await talk.say(MODERATOR, '/audit run')
  const report = talk.lastRun
  await terminal.step('Who is it?')
  await talk.say(MODERATOR, `/audit findings run:${report}`)
  await terminal.step('Nothing is taken before a human has read a report: the first-run lock holds')
  await stripTakes(talk, 'none')
  await terminal.step('The owner has read the report and lifts the lock')
  await talk.say(OWNER, `/acknowledge first-run run:${report}`)
  await terminal.step('Now roles are taken away, and called gone only when they are seen to be gone')
  await stripTakes(talk, 'some')
  await tellHeld(talk)
}

/** What the bot says it did is held against the server itself. */
async function stripTakes(talk: Talk, expected: 'none' | 'some'): Promise<void> {
  const before = talk.stage.rolesHeld()
  const seen = await talk.say(MODERATOR, '/audit run action:strip')
  const gone = before - talk.stage.rolesHeld()
  const said = Number(/([\d,]+) role changes? made and seen/.exec(embedOf(seen).description ?? '')?.[1] ?? 0)
  if (gone !== said || (expected === 'some') !== gone > 0)
    throw new DemoFault(
      `The bot says that it took ${said} roles, and in the server ${gone} are gone. That must not be: please report it.`,
    )
  talk.terminal.line()
  talk.terminal.check(
    gone === 0
      ? 'Counted in the server itself: every role is where it was.'
      : `Counted in the server itself: ${gone} roles are gone, as many as the bot says.`,
  )
}

/** Leafs through the findings as a moderator would, and shows those that a gate held. */
async function tellHeld(talk: Talk): Promise<void> {
  let seen = await talk.ask(MODERATOR, `/audit findings run:${talk.lastRun}`)
  const held: Line[] = [...excerpt(seen, ', held by ', talk.stage)]
  for (let page = 1; page < MAX_PAGES; page += 1) {
    const next = buttonsOf(seen).findIndex(({ label, disabled }) => label === 'Next' && !disabled)
    if (next < 0) break
    seen = await talk.press(next + 1)
    held.push(...excerpt(seen, ', held by ', talk.stage))
  }
  talk.terminal.check('Held back, each by the gate that it names:')
  for (const line of held) talk.terminal.say(line, '  ')
}

async function handOut(talk: Talk): Promise<void> {
  const { terminal, stage } = talk
  const { guild } = stage
  await terminal.step(`The moderator hands ${NEWCOMER} a role by hand, and the bot notices at once`)
  terminal.typed(MODERATOR, `(in Discord's member list) gives @${NEWCOMER} the role @${HANDED_OUT}`)
  const memberId = stage.memberId(NEWCOMER)
  const role = guild.role(HANDED_OUT)
  const given = Date.now()
  guild.give(memberId, role.id, { by: stage.memberId(MODERATOR) })
  const after = await talk.noticed(memberId, role.id, given, NOTICE_MS)
  terminal.line()
  terminal.check(
    `Recorded ${after} ms later: @${NEWCOMER} holds @${HANDED_OUT} without having earned it. Nothing was taken: acting unattended is not armed.`,
  )
}
