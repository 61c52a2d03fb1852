import { describe, expect, it } from 'vitest'
import { isAbout, type Told } from '#src/core/about.ts'

const ANN = '200000000000000001'
const BEN = '200000000000000002'

describe('what was typed with a line is about a member', () => {
  const rows: readonly (readonly [string, Told, boolean])[] = [
    ['whom the line speaks of', { subject: `member:${ANN}`, data: {} }, true],
    ['who is named among its facts', { subject: 'run:1', data: { only: { memberId: ANN, roleId: null } } }, true],
    ['who was an option of a command', { subject: 'invocation:1', data: { options: { member: ANN } } }, true],
    ['who came into a list', { subject: 'setting:x', data: { before: [BEN], after: [BEN, ANN] } }, true],
    ['who went out of a list', { subject: 'setting:x', data: { before: { ids: [ANN] }, after: { ids: [] } } }, true],
    ['who stayed in a list', { subject: 'setting:x', data: { before: [ANN], after: [ANN, BEN] } }, false],
    ['of another', { subject: `member:${BEN}`, data: { before: null, after: { action: 'report' } } }, false],
    ['whose id is part of another id', { subject: `member:${ANN}0`, data: { options: { member: `${ANN}0` } } }, false],
  ]
  for (const [who, told, about] of rows) it(`${who}: ${about}`, () => expect(isAbout(told, ANN)).toBe(about))
})
