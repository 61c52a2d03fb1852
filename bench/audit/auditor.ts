import { answer } from '../peer.ts'
import { withStalls } from '../stall.ts'
import { openOurs } from './ours.ts'
import type { Audited, Auditor, AuditQuestion } from './side.ts'
import { openTheirs } from './theirs.ts'

// The process in which one side audits everybody. Its argument is whose side it is.

let auditor: Auditor

answer(async (question: AuditQuestion) => {
  switch (question.ask) {
    case 'open':
      auditor = await (process.argv[2] === 'ours' ? openOurs : openTheirs)(question)
      globalThis.gc!()
      return null
    case 'run': {
      const { value: stored, ms, stallMs } = await withStalls(() => auditor.run())
      return { ms, stallMs, stored: await stored() } satisfies Audited
    }
    case 'close':
      await auditor.close()
      return null
  }
})
