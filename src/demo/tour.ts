import type { Line } from '#src/console/markdown.ts'
import { DemoFault } from './fault.ts'
import { buttonsOf, embedOf, excerpt } from './message.ts'
import { prove } from './proof.ts'
import { MODERATOR, NEWCOMER, OWNER } from './sample.ts'
import { reimport, type Setting } from './setting.ts'
import { BROKEN_FILE, CHANNEL, PEOPLE_FILE } from './stage.ts'
import type { Talk } from './talk.ts'

// The story: what is wrong is found, nothing is taken before a human allows it, what is taken is seen to be gone, a hand-given role goes at once,
// a sick identity database costs nobody anything, what was taken can be given back, and nobody can rewrite what was done.

/** The role that the moderator hands out by mistake. */
const HANDED_OUT = 'Capitals'
/** One of those whom the first run took a role from. */
const GIVEN_BACK = 'basil-bright'
/** How long the live path may take on a slow machine. */
const NOTICE_MS = 30_000
/** Pages of findings that are leafed through; the sample has three. */
const MAX_PAGES = 20

export async function tour(talk: Talk, setting: Setting): Promise<void> {
  const stripped = await find(talk)
  await talk.terminal.step('The bot may act by itself from now on, and says what it does in a channel')
  await talk.say(OWNER, `/notices channel channel:#${CHANNEL}`)
  talk.terminal.line()
  await talk.say(OWNER, '/arm realtime')
  await handOut(talk)
  await goDark(talk, setting)
  await undo(talk, stripped)
  await seeAgain(talk, setting)
  await talk.terminal.step(`Why does ${GIVEN_BACK} keep a role now? The bot explains by the very rules that decide`)
  await talk.say(MODERATOR, `/explain member:@${GIVEN_BACK}`)
  await prove(talk, setting)
}

/** Returns the run that took roles. */
async function find(talk: Talk): Promise<string> {
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
  const stripped = talk.lastRun ?? ''
  await tellHeld(talk)
  return stripped
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
  const { guild, sandbox } = stage
  await terminal.step(`The moderator hands ${NEWCOMER} a role by hand, and it does not stay`)
  terminal.typed(MODERATOR, `(in Discord's member list) gives @${NEWCOMER} the role @${HANDED_OUT}`)
  const memberId = stage.memberId(NEWCOMER)
  const { id } = guild.role(HANDED_OUT)
  const posts = talk.posts(CHANNEL)
  const given = performance.now()
  guild.give(memberId, id, { by: stage.memberId(MODERATOR) })
  const gone = sandbox.until(() => !guild.member(memberId)?.roles.includes(id), 'the role to go', NOTICE_MS)
  await terminal.during(() => 'the bot looks, decides, looks again, and acts', gone, false)
  const after = Math.round(performance.now() - given)
  terminal.line()
  terminal.check(`Gone ${after} ms later, counted in the server itself: @${NEWCOMER} had not earned @${HANDED_OUT}.`)
  await talk.posted(CHANNEL, memberId, posts)
}

async function goDark(talk: Talk, setting: Setting): Promise<void> {
  const { terminal, stage } = talk
  await terminal.step('The identity database goes dark: an export has lost every link to Discord')
  const before = stage.rolesHeld()
  const posts = talk.posts(CHANNEL)
  talk.meet(await reimport(BROKEN_FILE, talk.bot, setting))
  terminal.line()
  await talk.say(MODERATOR, '/audit run action:strip')
  if (stage.rolesHeld() !== before)
    throw new DemoFault('Roles were taken on the word of a sick identity database. That must not be: please report it.')
  terminal.line()
  terminal.check('Counted in the server itself: nobody lost anything.')
  await talk.posted(CHANNEL, 'Blind', posts)
}

/** While the identity database is still wrong. */
async function undo(talk: Talk, run: string): Promise<void> {
  const { terminal, stage } = talk
  await terminal.step('Somebody has second thoughts about the first run: it is undone, dark or not')
  const before = stage.rolesHeld()
  const seen = await talk.say(MODERATOR, `/undo run:${run}`)
  const back = stage.rolesHeld() - before
  const said = Number(/([\d,]+) roles?/.exec(`${embedOf(seen).title} ${embedOf(seen).description}`)?.[1] ?? 0)
  if (back === 0 || back !== said)
    throw new DemoFault(
      `The bot says that it gave back ${said} roles, and in the server there are ${back} more. Please report it.`,
    )
  terminal.line()
  terminal.check(`Counted in the server itself: ${back} roles are back with those who had them.`)
}

async function seeAgain(talk: Talk, setting: Setting): Promise<void> {
  await talk.terminal.step('The operator imports a sound export, and the bot sees again by itself')
  const posts = talk.posts(CHANNEL)
  talk.meet(await reimport(PEOPLE_FILE, talk.bot, setting))
  await talk.posted(CHANNEL, 'No longer blind', posts)
}
