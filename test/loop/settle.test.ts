import { expect, test } from 'vitest'
import { settleOpenIntents } from '#src/loop/settle.ts'
import { DIRECTORS, GUILD, makeSmallWorld, PILOTS } from './small-world.ts'

const removal = (memberId: string, roleId: string) =>
  ({ kind: 'remove_role', guildId: GUILD, memberId, roleId }) as const

test('acts that a killed process left open are settled by what Discord shows', async () => {
  const world = makeSmallWorld([])
  world.discord.put('3', [PILOTS])
  world.discord.put('4', [])
  world.book.open = [
    { id: 'a', act: removal('3', PILOTS) },
    { id: 'b', act: removal('4', DIRECTORS) },
    { id: 'c', act: removal('9', DIRECTORS) },
  ]
  expect(await settleOpenIntents(world)).toBe(3)
  expect(world.steps.filter((step) => step.startsWith('settle'))).toEqual([
    `settle 3 ${PILOTS} failed`,
    `settle 4 ${DIRECTORS} done`,
    `settle 9 ${DIRECTORS} gone`,
  ])
})
