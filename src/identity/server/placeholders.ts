/** A question with each `?` outside of quotes put as this server wants it; `put` is given its number from 0. Throws where there are more or fewer than the values. */
export function placed(question: string, values: readonly string[], put: (index: number) => string): string {
  const places = [...question.matchAll(PARTS)].filter(([part]) => part === '?').length
  if (places !== values.length)
    throw new Error(`The question has ${places} places for values, and ${values.length} were given.`)
  let index = 0
  return question.replace(PARTS, (part) => (part === '?' ? put(index++) : part))
}

/** What is quoted, and what stands for a value. */
const PARTS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g
