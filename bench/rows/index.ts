import type { Row } from '../row.ts'
import { bytesPerMember } from './bytes-per-member.ts'
import { decideAll, decideFew } from './decide.ts'

/** Every row, in the order of the table. */
export const ROWS: readonly Row[] = [bytesPerMember, decideAll, decideFew]
