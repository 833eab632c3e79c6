import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { BuiltinError } from '../../../rego/builtins/index.ts'
import { type Value, writeJson, writeRego } from '../../../rego/value/index.ts'
import { call } from './call.ts'

const pairs: readonly (readonly [string, { publicKey: KeyObject; privateKey: KeyObject }])[] = [
  ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['EdDSA', generateKeyPairSync('ed25519')],
]
const text = (value: string): string => JSON.stringify(value)

function signedBy(alg: string, jwk: string, payload = '{"iss": "a", "exp": 100}'): string {
  const token = call('io.jwt.encode_sign', `{"alg": ${text(alg)}}`, payload, jwk)
  assert.equal(typeof token, 'string')
  return String(token)
}

function verified(token: string, constraints: string): Value | undefined {
  const answer = call('io.jwt.decode_verify', text(token), constraints)
  assert.ok(Array.isArray(answer))
  return answer[0]
}

for (const [alg, { publicKey, privateKey }] of pairs) {
  const jwk = JSON.stringify(privateKey.export({ format: 'jwk' }))
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const verify = `io.jwt.verify_${alg.toLowerCase()}`

  test(`${alg}: what was signed verifies, and what was changed does not`, () => {
    const token = signedBy(alg, jwk)
    assert.equal(call(verify, text(token), text(pem)), true)
    assert.equal(verified(token, `{"cert": ${text(pem)}, "iss": "a"}`), true)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const changed = `${header}.${payload.slice(0, -1)}${payload.endsWith('A') ? 'B' : 'A'}.${signature}`
    assert.equal(call(verify, text(changed), text(pem)), false)
    assert.equal(call(verify, text(`${header}.${payload}.${signature.slice(4)}`), text(pem)), false)
  })

  test(`${alg}: a token keyed by the public key's text does not verify`, () => {
    const secret = JSON.stringify({ kty: 'oct', k: Buffer.from(pem).toString('base64url') })
    assert.equal(verified(signedBy('HS256', secret), `{"cert": ${text(pem)}}`), false)
  })
}

const secret = JSON.stringify({ kty: 'oct', k: Buffer.from('secret').toString('base64url') })

const judged: readonly (readonly [string, string, boolean])[] = [
  ['{"iss": "a"}', '{"secret": "secret"}', true],
  ['{"iss": "a"}', '{"secret": "other"}', false],
  ['{"iss": "a"}', '{"secret": "secret", "iss": "b"}', false],
  ['{"iss": "a"}', '{"secret": "secret", "alg": "HS512"}', false],
  ['{"aud": ["x", "y"]}', '{"secret": "secret", "aud": "y"}', true],
  ['{"aud": "x"}', '{"secret": "secret"}', false],
  ['{}', '{"secret": "secret", "aud": "x"}', false],
  ['{"exp": 10}', '{"secret": "secret", "time": 9999999999}', true],
  ['{"exp": 10}', '{"secret": "secret", "time": 10000000000}', false],
  ['{"nbf": 10}', '{"secret": "secret", "time": 9999999999}', false],
]
for (const [claims, constraints, wanted] of judged) {
  test(`claims ${claims} under ${constraints} are ${wanted ? 'accepted' : 'refused'}`, () => {
    assert.equal(verified(signedBy('HS256', secret, claims), constraints), wanted)
  })
}

const encoded = (value: string): string => Buffer.from(value).toString('base64url')

test('a token without an algorithm, or with something critical that is unknown, does not verify', () => {
  for (const header of ['{}', '{"alg":"none"}', '{"alg":"HS256","crit":["b64"]}']) {
    assert.equal(verified(`${encoded(header)}.${encoded('{}')}.`, '{"secret": "secret"}'), false)
  }
})

test('decoding shows header, payload and signature without judging them', () => {
  const token = `${encoded('{"alg":"none"}')}.${encoded('{"a":1}')}.${Buffer.from([1, 2]).toString('base64url')}`
  assert.equal(writeRego(call('io.jwt.decode', text(token)) ?? null), '[{"alg": "none"}, {"a": 1}, "0102"]')
})

const refusals: readonly (readonly [string, readonly string[], string])[] = [
  ['io.jwt.decode', ['"a"'], 'encoded JWT had no period separators'],
  ['io.jwt.decode', ['"a.b"'], 'encoded JWT must have 3 sections, found 2'],
  [
    'io.jwt.decode',
    [text(`${encoded('[]')}.${encoded('{}')}.`)],
    'bad JWT header: decoded JSON type was not an Object',
  ],
  ['io.jwt.decode', [text(`${encoded('{"enc":"x"}')}.e30.`)], 'JWT is a JWE object, which is not supported'],
  ['io.jwt.decode_verify', ['"a.b.c"', '{}'], 'no key constraint'],
  ['io.jwt.decode_verify', ['"a.b.c"', '{"other": 1}'], 'unknown token validation constraint: other'],
  ['io.jwt.verify_rs256', ['"a.b.c"', '"{"'], 'failed to parse a JWK key (set)'],
  ['io.jwt.encode_sign', ['{"alg": "none"}', '{}', secret], 'unknown JWS algorithm: none'],
  ['io.jwt.encode_sign', ['{"alg": "RS256"}', '{}', secret], 'key does not fit algorithm RS256'],
]
for (const [name, args, wanted] of refusals) {
  test(`${name}(${args.map((arg) => writeJson(arg)).join(', ')}) is refused: ${wanted}`, () => {
    const isRefusal = (error: unknown): boolean => error instanceof BuiltinError && error.message.startsWith(wanted)
    assert.throws(() => call(name, ...args), isRefusal)
  })
}
