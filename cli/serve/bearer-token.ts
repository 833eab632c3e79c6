// The bearer token of a request (RFC 6750 2.1).

const tokenCharactersMax = 16 * 1024

/** The token of an Authorization field; undefined when there is none. */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > tokenCharactersMax) return undefined
  const scheme = 'bearer '
  if (authorization.slice(0, scheme.length).toLowerCase() !== scheme) return undefined
  const token = authorization.slice(scheme.length).trim()
  return token === '' ? undefined : token
}
