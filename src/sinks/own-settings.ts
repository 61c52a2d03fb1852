/** What a sink says of its settings, by their names as they are written for it: those of `file-2` end with _2. */
export function withOwnSettings(text: string, name: string): string {
  const number = /-(\d)$/.exec(name)?.[1]
  return number === undefined ? text : text.replace(/\bSINK_(?:OTLP|WEBHOOK|FILE)[A-Z_]*/g, `$&_${number}`)
}
