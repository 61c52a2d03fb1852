import type { Row } from '../row.ts'
import { auditFull } from './audit.ts'
import { bytesPerMember } from './bytes-per-member.ts'
import { decideAll, decideFew } from './decide.ts'
import { demoTour } from './demo-tour.ts'
import { dispatchToHandler } from './dispatch.ts'
import { fillRoster } from './fill.ts'
import { findingsWrite } from './findings-write.ts'
import { historyPages } from './history.ts'
import { identityMariaDb, identityPostgres, identityStall } from './identity.ts'
import { relayThroughput } from './relay.ts'
import { stripBurst } from './strip-burst.ts'
import { stripLimits } from './strip-limits.ts'
import { stripLive } from './strip-live.ts'
import { stripSweep } from './strip-sweep.ts'
import { trailAppendEmbedded, trailAppendServer } from './trail-append.ts'
import { trailVerify } from './trail-verify.ts'

/** Every row, in the order of the table. */
export const ROWS: readonly Row[] = [
  bytesPerMember,
  decideAll,
  decideFew,
  dispatchToHandler,
  fillRoster,
  demoTour,
  stripLive,
  stripBurst,
  stripLimits,
  stripSweep,
  identityPostgres,
  identityMariaDb,
  identityStall,
  auditFull,
  relayThroughput,
  findingsWrite,
  trailAppendEmbedded,
  trailAppendServer,
  trailVerify,
  historyPages,
]
