import { expect, test } from 'vitest'
import { type SinkFilter, wants } from '#src/core/sink-plan.ts'

const GUILD = '112233445566778899'
const all: SinkFilter = { only: null, not: [], guilds: null }

const rows: readonly (readonly [string, Partial<SinkFilter>, string, string | null, boolean])[] = [
  ['without a filter every line is wanted', {}, 'action.settled', GUILD, true],
  ['those of the installation too', {}, 'leadership.taken', null, true],
  ['a type that is named is wanted', { only: ['run.completed', 'action.settled'] }, 'action.settled', GUILD, true],
  ['another is not', { only: ['action.settled'] }, 'action.intended', GUILD, false],
  ['a star stands for all of a kind', { only: ['action.*'] }, 'action.settled', GUILD, true],
  ['and for nothing of another', { only: ['action.*'] }, 'actions.settled', GUILD, false],
  ['a star alone stands for everything', { only: ['*'] }, 'run.opened', GUILD, true],
  ['what is left out is not wanted', { not: ['finding.*'] }, 'finding.seen', GUILD, false],
  ['and all else is', { not: ['finding.*'] }, 'run.opened', GUILD, true],
  ['to be left out counts for more than to be named', { only: ['*'], not: ['run.*'] }, 'run.opened', GUILD, false],
  ['a server that is named is wanted', { guilds: [GUILD] }, 'run.opened', GUILD, true],
  ['another server is not', { guilds: [GUILD] }, 'run.opened', '998877665544332211', false],
  ['nor is the installation', { guilds: [GUILD] }, 'leadership.taken', null, false],
  ['unless it is named', { guilds: ['installation'] }, 'leadership.taken', null, true],
]
test.each(rows)('%s', (_, filter, type, guildId, wanted) => {
  expect(wants({ ...all, ...filter }, { type, guildId })).toBe(wanted)
})
