import { SinkTrouble } from './sink.ts'

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'There is no room left on the disk of the file in SINK_FILE. Make room: it goes on by itself.',
  EDQUOT:
    'The account of the bot has no room left on the disk of the file in SINK_FILE. Make room, or raise its quota: it goes on by itself.',
  EFBIG:
    'The file in SINK_FILE may not grow any further by a limit of this machine. Lift the limit (ulimit -f), or set SINK_FILE_MAX_MB below it.',
  EACCES:
    'The account of the bot may not write the file in SINK_FILE, or not in its folder. Give it that right: it goes on by itself.',
  EPERM:
    'The account of the bot may not write the file in SINK_FILE, or not in its folder. Give it that right: it goes on by itself.',
  EROFS: 'The file in SINK_FILE lies where nothing can be written. Name another place, or mount that one for writing.',
  ENOENT: 'The folder of the file in SINK_FILE is not there. Make it: it goes on by itself.',
  ENOTDIR: 'The folder of the file in SINK_FILE is no folder. Name another place.',
  EISDIR: 'SINK_FILE names a folder. Name a file in it.',
}

/** What keeps a file from being written, in words that say what to do. */
export function fileTrouble(error: unknown): SinkTrouble {
  if (error instanceof SinkTrouble) return error
  const code = (error as NodeJS.ErrnoException | null)?.code
  const words = WORDS[code ?? ''] ?? 'The file in SINK_FILE cannot be written. See that the disk is well.'
  return new SinkTrouble(`${words} (${code ?? 'no reason given'})`)
}
