import { CAPABILITIES, type Capability, WITH_MANAGE_ROLES } from '#src/core/capability.ts'
import type { Id } from '#src/core/model.ts'
import { type Asked, byOf, type Command, type CommandWorld, type Option, type Reply } from '#src/discord/command.ts'
import { mustBeRole, mustBeWord, noSuchCommand } from './given.ts'
import { reasonOption } from './reason-option.ts'
import { roleNote } from './there-words.ts'
import { paragraphs, roleList } from './wording.ts'

/** What each capability lets somebody do, and nothing else. */
const CAPABILITY_WORDS: Readonly<Record<Capability, string>> = {
  run: 'start, resume and give up audits, get notices by direct message',
  read: 'see status, runs and findings, and explain members',
  undo: 'give back what a run took',
  stop: 'halt everything',
  acknowledge: 'accept the identity source, approve plans',
  schedule: 'set when the bot looks by itself',
  protect: 'protect members and roles',
  override: 'set another policy for one member',
  link: 'say whose an account is, where the identity database does not',
  bots: 'say which accounts are bots',
  roles: 'say which roles the identity database decides',
  policy: 'change the policy',
  notices: 'say where the bot posts',
}

const OPTIONS: readonly Option[] = [
  { name: 'role', description: 'Whose holders', type: 'role', required: true },
  {
    name: 'capability',
    description: 'What they may do',
    type: 'string',
    required: true,
    choices: CAPABILITIES.map((value) => ({ name: `${value}: ${CAPABILITY_WORDS[value]}`, value })),
  },
  reasonOption,
]

/** `/capability`: who may ask what of the bot. None contains another, and no grant gives the right to grant. */
export const capability: Command = {
  name: 'capability',
  description: 'Who may ask what of the bot',
  needs: 'administrator',
  subcommands: [
    { name: 'grant', description: 'Let the holders of a role do one thing', options: OPTIONS },
    { name: 'revoke', description: 'Let the holders of a role do it no longer', options: OPTIONS },
    { name: 'list', description: 'Which roles may do what', changes: 'nothing', options: [] },
  ],
  answer,
}

async function answer(asked: Asked, world: CommandWorld): Promise<Reply> {
  switch (asked.subcommand) {
    case 'grant':
      return grant(asked, world)
    case 'revoke':
      return revoke(asked, world)
    case 'list':
      return list(asked.guildId, world)
    default:
      throw noSuchCommand()
  }
}

async function grant(asked: Asked, world: CommandWorld): Promise<Reply> {
  const roleId = mustBeRole(asked)
  const wanted = mustBeWord(asked, 'capability', CAPABILITIES)
  const came = await world.grantCapability(asked.guildId, wanted, roleId, byOf(asked))
  const note = await roleNote(asked.guildId, [roleId], '/capability revoke', world)
  return {
    tone: note === null ? 'good' : 'warn',
    title: came === 'granted' ? 'Granted' : 'Granted already',
    text: paragraphs([
      `Whoever holds ${roleList([roleId])} may ${CAPABILITY_WORDS[wanted]} (\`${wanted}\`), and nothing else by this. If Discord hides the commands from them, show them in Server Settings → Integrations.`,
      note,
    ]),
  }
}

async function revoke(asked: Asked, world: CommandWorld): Promise<Reply> {
  const roleId = mustBeRole(asked)
  const wanted = mustBeWord(asked, 'capability', CAPABILITIES)
  const came = await world.revokeCapability(asked.guildId, wanted, roleId, byOf(asked))
  const still = WITH_MANAGE_ROLES.has(wanted)
    ? ' Whoever has the permission "Manage Roles" still may, as may Administrators.'
    : ' Administrators still may.'
  return {
    tone: came === 'revoked' ? 'good' : 'warn',
    title: came === 'revoked' ? 'Revoked' : 'Was not granted',
    text: `${roleList([roleId])} gives nobody \`${wanted}\` (${CAPABILITY_WORDS[wanted]}).${still}`,
  }
}

async function list(guildId: Id, world: CommandWorld): Promise<Reply> {
  const held = await world.capabilities(guildId)
  const lines = CAPABILITIES.map((each) => {
    const roleIds = held.get(each) ?? []
    const everybody = WITH_MANAGE_ROLES.has(each) ? ['whoever has Manage Roles'] : []
    const holders = [...everybody, ...(roleIds.length > 0 ? [roleList(roleIds)] : [])]
    return `**${each}** (${CAPABILITY_WORDS[each]}): ${holders.join(', ') || 'Administrators alone'}`
  })
  return {
    tone: 'plain',
    title: 'Who may ask what',
    text: [
      'The owner and Administrators may do everything. To arm, to lift the first-run lock and to grant is theirs alone.',
      lines.join('\n'),
    ].join('\n\n'),
  }
}
