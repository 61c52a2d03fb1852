/**
 * The start of a text, at most `most` UTF-16 units and never half a character: within a limit of Discord's whichever of units and code
 * points that limit counts.
 */
export function cutUnits(text: string, most: number): string {
  const short = text.slice(0, Math.max(0, most))
  return short.isWellFormed() ? short : short.slice(0, -1)
}
