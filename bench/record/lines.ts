import type { TrailDraft } from '#src/core/trail.ts'
import { type ChainedLine, FIRST_HASH, hashOf } from '#src/trail/line.ts'

// Lines such as a run leaves them: of each act what was held before and after, and by which rule.

const ROLE = 700_000_000_000_000_000n
const MEMBER = 200_000_000_000_000_000n
const HELD = 6

/** What a run says of the act on its nth member. */
export function draftOf(guildId: string, nth: number): TrailDraft {
  const before = Array.from({ length: HELD }, (_, role) => String(ROLE + BigInt((nth * 7 + role) % 256)))
  const [role, ...after] = before
  const rule = { category: 'role_drift', policyAction: 'strip', decidedBy: 'policy' }
  return {
    ...{ guildId, type: 'action.intended', actor: 'system:schedule', subject: `member:${MEMBER + BigInt(nth)}` },
    run: '0198c0de-0000-7000-8000-000000000000',
    data: {
      act: 'remove_role',
      role,
      before,
      after,
      identity: String(nth),
      rule,
      excessRoles: [role],
      missingRoles: [],
    },
  }
}

/** The same as the record has it, chained from the first line on. */
export function* chainOf(guildId: string, count: number, at: number): Generator<ChainedLine> {
  let prevHash = FIRST_HASH
  for (let seq = 1; seq <= count; seq += 1) {
    const { data = {}, cause = null, run = null, ...draft } = draftOf(guildId, seq)
    const id = `0198c0de-0000-7000-8${guildId.padStart(3, '0').slice(-3)}-${String(seq).padStart(12, '0')}`
    const line = { ...draft, seq, id, at, cause, run, data }
    const hash = hashOf(prevHash, line)
    yield { ...line, prevHash, hash }
    prevHash = hash
  }
}
