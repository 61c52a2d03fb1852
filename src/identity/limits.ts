import { DirectoryUnreachable } from '#src/core/directory.ts'

export const tooMany = (most: number): DirectoryUnreachable =>
  new DirectoryUnreachable(
    `The identity database holds more than ${most.toLocaleString('en')} people, which is more than the bot reads (IDENTITY_MAX_PEOPLE). Nobody is judged on a part of them. If this is the right database and it really has so many, raise that number.`,
  )
