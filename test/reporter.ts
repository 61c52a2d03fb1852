import type { SerializedError } from 'vitest'
import type { Reporter, TestModule } from 'vitest/node'

/** Says how the tests went in the last line of all, alone, in words that need no knowledge of vitest: `12 passed, 0 failed`. */
export default class LastLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const line = lastLine(modules, unhandled.length)
    process.once('exit', () => process.stdout.write(`${line}\n`))
  }
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
