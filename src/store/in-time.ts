import { unanswered } from './fault.ts'

/** What `answer` comes to, or a `StoreFault` once it takes longer than this. What is given up may still come about; its error is nobody's any more. */
export async function inTime<T>(answer: PromiseLike<T>, milliseconds: number): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(unanswered(milliseconds / 1_000)), milliseconds)
  const asked = Promise.resolve(answer)
  try {
    return await Promise.race([asked, late.promise])
  } finally {
    clearTimeout(timer)
    asked.catch(() => {})
  }
}
