/** The oid of `text[]`, the same in every PostgreSQL. */
const TEXT_ARRAY_OID = 1_009

type Texts = readonly (string | null)[]

/**
 * The one kind of array that is sent and read here. The driver (postgres 3.4.9) would ask each new connection for all kinds that there are, and where
 * that connection is lost before the answer, nobody can catch what it throws: the program would end.
 */
export const TEXT_ARRAY = {
  to: TEXT_ARRAY_OID,
  from: [TEXT_ARRAY_OID],
  /** What is a string already is the whole array in Postgres' own form. */
  serialize: (texts: Texts | string): string =>
    typeof texts === 'string' ? texts : `{${texts.map(written).join(',')}}`,
  parse: readTexts,
}

const written = (text: string | null): string => (text === null ? 'NULL' : `"${text.replace(/["\\]/g, '\\$&')}"`)

/** What has no quotes around it is plain, or NULL. */
const ELEMENT = /"((?:[^"\\]|\\.)*)"|([^,{}]+)/gs

function readTexts(array: string): Texts {
  return [...array.matchAll(ELEMENT)].map(([, quoted, bare = '']) => {
    if (quoted !== undefined) return quoted.replace(/\\(.)/gs, '$1')
    return bare === 'NULL' ? null : bare
  })
}
