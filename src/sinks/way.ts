// Why no answer came, in words that name no address: that is known to whoever set it, and may hold a secret.

const WORDS: readonly (readonly [RegExp, string])[] = [
  [
    /^ECONNREFUSED$/,
    'Nobody listens at that address and port. See that the other side runs, and that the port is right.',
  ],
  [
    /^(?:ENOTFOUND|EAI_\w+|ENODATA)$/,
    'The name in the address is not known to this machine’s name server. See that it is spelt right.',
  ],
  [
    /^(?:ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/,
    'No connection came about in time. See that no firewall stands in between.',
  ],
  [/^(?:EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'There is no way from this machine to that address.'],
  [
    /^(?:ERR_SSL_\w+|EPROTO|ERR_TLS_(?!CERT)\w+)$/,
    'The other side does not speak TLS there. See whether the address should begin with http:// or have another port.',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH/,
    'The certificate of the other side is not believed. Put it right; or name the authority that signed it in a file in NODE_EXTRA_CA_CERTS.',
  ],
  [
    /^(?:HTTPParserError|Z_\w+|HPE_\w+|UND_ERR_RES\w*|UND_ERR_HEADERS_OVERFLOW|UND_ERR_HTTP_PARSER)$/,
    'What came back is not HTTP, or was cut in the middle. See that the port is right.',
  ],
  [
    /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|ERR_STREAM_PREMATURE_CLOSE)$/,
    'The other side cut the connection before it had answered.',
  ],
]

/** Faults deeper than this are not looked at: a library may wrap its errors in a circle. */
const DEEPEST = 5

/** The code that Node or the library gives a fault, wherever in it that stands. */
function codeOf(error: unknown, depth = 0): string | null {
  if (!(error instanceof Error) || depth > DEEPEST) return null
  if ('code' in error && typeof error.code === 'string') return error.code
  // The one fault of fetch that has no code.
  if (error.name === 'HTTPParserError') return error.name
  return codeOf(error.cause, depth + 1)
}

/** One or two sentences, ended by the code. `asked`: whoever made the call may break it off; `late`: so may the time that an answer is given. */
export function wayWords(error: unknown, asked: AbortSignal, late: AbortSignal, patienceMs: number): string {
  if (asked.aborted) return 'It was broken off before an answer came.'
  if (late.aborted)
    return `No whole answer came within ${patienceMs / 1000} s. See that the other side is not overloaded.`
  const code = codeOf(error)
  const words = WORDS.find(([codes]) => code !== null && codes.test(code))?.[1] ?? 'No answer came.'
  return `${words} (${code ?? 'no reason given'})`
}
