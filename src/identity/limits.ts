import { DirectoryUnreachable } from '#src/core/directory.ts'
import { MOST_ROWS } from './server/server.ts'

export const tooMany = (most: number): DirectoryUnreachable =>
  new DirectoryUnreachable(
    `The identity database holds more than ${most.toLocaleString('en')} people, which is more than the bot reads (IDENTITY_MAX_PEOPLE). Nobody is judged on a part of them. If this is the right database and it really has so many, raise that number.`,
  )

/** More than anybody has of them on average. */
const EACH = 25
const LEAST_ROWS = 1_000_000

/**
 * To be called for each row that says something of people, groups or links each by itself. A join that lacks its condition pairs everybody with
 * everything: few people, and more rows than a machine can hold.
 */
export function rowLimit(most: number): () => void {
  const limit = Math.max(LEAST_ROWS, EACH * most)
  let count = 0
  return () => {
    if (++count > limit) throw tooManyRows(limit)
  }
}

const tooManyRows = (limit: number): DirectoryUnreachable =>
  new DirectoryUnreachable(
    `The identity database tells of more than ${limit.toLocaleString('en')} memberships or links, which is more than the bot reads for so many people (IDENTITY_MAX_PEOPLE). Nobody is judged on a part of them. See that no join there lacks its condition; if there really are so many, raise that number.`,
  )

/** Names of groups, or of states. */
export const MOST_NAMES = MOST_ROWS

export const tooManyNames = (): DirectoryUnreachable =>
  new DirectoryUnreachable(
    `The identity database tells of more than ${MOST_NAMES.toLocaleString('en')} groups or states. Nobody is judged on a part of them. See that it names groups there and not people.`,
  )
