import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { indexClaims } from '#src/core/claims.ts'
import type { Finding } from '#src/core/model.ts'
import { compareIds } from '#src/core/order.ts'
import { peopleOf } from '#src/core/people.ts'
import { survey } from '#src/core/survey.ts'
import { makeClaimColumns, walk } from '#src/core/walk.ts'
import { alignMost, drawFrom, drawWorld, type World } from './awkward.ts'
import { columnsOf } from './columns.ts'

function surveyed({ members, identities, scope }: World) {
  const claims = indexClaims(identities)
  return survey(members, (id) => claims.get(id) ?? [], scope)
}

function walked({ members, identities, scope, bits }: World) {
  const columns = columnsOf(members, bits)
  return walk(columns, makeClaimColumns(columns, peopleOf(identities), scope), scope)
}

function sorted(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => compareIds(a.memberId, b.memberId))
}

describe('the walk over columns', () => {
  it('finds what the survey of plain members finds, in any guild', () => {
    const seen = { narrow: 0, wide: 0, decided: 0, inOrder: 0, bots: 0, rows: 0 }
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const g = drawFrom(seed)
        const world = alignMost(g, drawWorld(g))
        const plain = surveyed(world)
        const columnar = walked(world)
        expect(columnar.counts).toEqual(plain.counts)
        expect(sorted(columnar.findings)).toEqual(sorted(plain.findings))
        const { narrow, wide, decided } = columnar.walked
        seen.narrow += narrow
        seen.wide += wide
        seen.decided += decided
        seen.inOrder += plain.counts.in_order
        seen.bots += plain.counts.bot_filtered
        seen.rows += plain.counts.members
      }),
      { numRuns: 1000 },
    )
    // The guilds drawn went down both ways, and the quick way out was taken.
    expect(seen.narrow).toBeGreaterThan(1000)
    expect(seen.wide).toBeGreaterThan(1000)
    expect(seen.inOrder).toBeGreaterThan(500)
    expect(seen.rows - seen.decided - seen.bots).toBe(seen.inOrder)
  })
})
