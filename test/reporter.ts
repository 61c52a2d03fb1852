import type { SerializedError } from 'vitest'
import type { Reporter, TestModule } from 'vitest/node'

/** Says how the tests went in the last line of all, alone, in words that need no knowledge of vitest: `12 passed, 0 failed`. */
export default class LastLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const lines = [...slowOnce(modules), lastLine(modules, unhandled.length)]
    process.once('exit', () => process.stdout.write(`${lines.join('\n')}\n`))
  }
}

/** Whoever keeps the tests should know of each that had to be given a second time. */
function slowOnce(modules: readonly TestModule[]): readonly string[] {
  const slow = modules.flatMap((module) => [...module.children.allTests()].filter((test) => test.diagnostic()?.flaky))
  return slow.map((test) => `Waited in vain at first, and passed when it was given again: ${test.fullName}`)
}

/** A file that could not be loaded, a hook that failed and an error that nobody caught count as a failure each. */
function lastLine(modules: readonly TestModule[], unhandled: number): string {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const count = (state: string) => tests.filter((test) => test.result().state === state).length
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()])
  const broken = suites.filter((suite) => suite.errors().length > 0).length
  const skipped = count('skipped')
  const line = `${count('passed')} passed, ${count('failed') + broken + unhandled} failed`
  return skipped > 0 ? `${line}, ${skipped} skipped` : line
}
