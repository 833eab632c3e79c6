// OAUTHBEARER (RFC 7628) as a server: a client of PostgreSQL 18 brings its token by SASL instead of as a password, and one
// that has none is told where tokens are issued.
import type { OAuthOffer } from './contract.ts'
import { Goodbye } from './goodbye.ts'
import { decodeSaslInitial, type Frame } from './wire/index.ts'

/** The name of the mechanism. */
export const oauthBearer = 'OAUTHBEARER'

const separator = '\u0001'
const passwordMessage = 112

/** Reads the client's first message. The token is empty when the client only asks where to get one. */
export function readBearer(frame: Frame): string {
  if (frame.type !== passwordMessage) throw violation('a SASL message was expected, and nothing else')
  const { mechanism, data } = decodeSaslInitial(frame.body)
  if (mechanism !== oauthBearer) throw violation('the client chose a SASL mechanism that was not offered')
  if (data === undefined) throw violation('the client did not begin the exchange')
  const [header, ...rest] = data.split(separator)
  // `n` and `y`: no channel binding. What stands between the commas would be an identity to act as.
  if (header !== 'n,,' && header !== 'y,,') throw violation('channel binding and acting as another are not taken here')
  const pairs = rest.slice(0, -2)
  if (rest.length < 2 || rest.at(-1) !== '' || rest.at(-2) !== '')
    throw violation('the message does not end as it must')
  const values = pairs.filter((pair) => pair.startsWith('auth=')).map((pair) => pair.slice('auth='.length))
  const [value] = values
  if (value === undefined || values.length > 1) throw violation('the message has not exactly one `auth`')
  if (pairs.some((pair) => !isPair(pair))) throw violation('the message has a part that is no key and value')
  if (value === '') return ''
  const [scheme = '', ...words] = value.split(' ')
  const [token, ...more] = words.filter((word) => word !== '')
  if (scheme.toLowerCase() !== 'bearer' || token === undefined || more.length > 0)
    throw violation('`auth` is not a bearer token')
  return token
}

/** What a client is answered whose token does not count: where tokens come from (RFC 7628 3.2.2). */
export function bearerFailure({ issuer, scope }: OAuthOffer): string {
  const base = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer
  return JSON.stringify({
    status: 'invalid_token',
    'openid-configuration': `${base}/.well-known/openid-configuration`,
    scope,
  })
}

/** The client's answer to a failure is one byte; nothing else may follow it. */
export function checkFailureAnswer(frame: Frame): void {
  if (frame.type !== passwordMessage || frame.body.length !== 1 || frame.body[0] !== 1)
    throw violation('the client answered a failure with something else')
}

function isPair(pair: string): boolean {
  const equals = pair.indexOf('=')
  return equals > 0 && [...pair.slice(0, equals)].every((letter) => /[a-zA-Z]/.test(letter))
}

function violation(message: string): Goodbye {
  return new Goodbye('08P01', message)
}
