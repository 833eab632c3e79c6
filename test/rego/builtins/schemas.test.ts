// JSON Schemas, patterns that meet, certificates and signed requests. What OPA answers is the reference for each.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isArray, isObject, readJson, type Value, writeJson } from '../../../rego/value/index.ts'
import { testKey } from '../../support/keys.ts'
import { callWith } from './call.ts'

const json = (data: unknown): Value => readJson(JSON.stringify(data))

const violations: readonly [unknown, unknown, readonly string[]][] = [
  [{ a: 1 }, { properties: { a: { type: 'integer' } }, required: ['a'] }, []],
  [
    { a: 1 },
    { properties: { a: { minimum: 2, multipleOf: 2 } } },
    ['a: Must be a multiple of 2', 'a: Must be greater than or equal to 2'],
  ],
  [
    { a: 'xy' },
    { properties: { a: { minLength: 3, pattern: '^a', format: 'ipv4' } } },
    [
      "a: Does not match format 'ipv4'",
      "a: Does not match pattern '^a'",
      'a: String length must be greater than or equal to 3',
    ],
  ],
  [
    { a: [1, 1] },
    { properties: { a: { maxItems: 1, uniqueItems: true } } },
    ['a: Array must have at most 1 items', 'a: array items[0,1] must be unique'],
  ],
  [
    { a: 1 },
    { anyOf: [{ required: ['x'] }, { properties: { a: { type: 'string' } } }] },
    ['(Root): Must validate at least one schema (anyOf)', '(Root): x is required'],
  ],
  [
    { a: 1 },
    { oneOf: [{ required: ['a'] }, { properties: { a: { type: 'integer' } } }] },
    ['(Root): Must validate one and only one schema (oneOf)'],
  ],
  [
    { a: 1 },
    JSON.parse('{"if":{"required":["a"]},"then":{"required":["b"]}}'),
    ['(Root): Must validate "then" as "if" was valid', '(Root): b is required'],
  ],
  [
    { a: { b: [{ c: 1 }] } },
    { properties: { a: { properties: { b: { items: { properties: { c: { type: ['string', 'null'] } } } } } } } },
    ['a.b.0.c: Invalid type. Expected: [string,null], given: integer'],
  ],
  [
    { a: 'x' },
    { definitions: { d: { type: 'number' } }, properties: { a: { $ref: '#/definitions/d' } } },
    ['a: Invalid type. Expected: number, given: string'],
  ],
  [
    { a: 1, b: 2 },
    { additionalProperties: false, properties: { a: true } },
    ['(Root): Additional property b is not allowed'],
  ],
]
for (const [document, schema, wanted] of violations) {
  test(`json.match_schema ${JSON.stringify(schema).slice(0, 70)}`, () => {
    const answer = callWith('json.match_schema', [json(document), json(schema)])
    assert.ok(isArray(answer))
    const [valid, found] = answer
    assert.equal(valid, wanted.length === 0)
    assert.ok(isArray(found))
    assert.deepEqual(found.map((one) => (isObject(one) ? one.get('error') : '')).sort(), wanted)
  })
}

test('a schema that refers to itself is followed as far as the document goes, and a bomb of both ends', () => {
  const schema = json({ properties: { next: { $ref: '#' } } })
  assert.equal(writeJson(callWith('json.match_schema', [json({ next: { next: {} } }), schema]) ?? null), '[true,[]]')
  const loop = json({ definitions: { a: { $ref: '#/definitions/a' } }, $ref: '#/definitions/a' })
  assert.match(writeJson(callWith('json.match_schema', [json({}), loop]) ?? null), /nest too deep/)
})

const schemas: readonly [unknown, string][] = [
  [{ type: 'boolean' }, '[true,null]'],
  [{ type: 5 }, '[false,"jsonschema: Invalid type. Expected: type, given: string/Array Of Strings"]'],
  [{ pattern: '(' }, '[false,"jsonschema: pattern must be a valid regex"]'],
  [{ minLength: -1 }, '[false,"jsonschema: minLength must be greater than or equal to 0"]'],
  ['{', '[false,"jsonschema: invalid JSON string"]'],
  [true, '[false,"jsonschema: wrong type, expected string or object"]'],
]
for (const [schema, wanted] of schemas) {
  test(`json.verify_schema ${JSON.stringify(schema)}`, () => {
    assert.equal(writeJson(callWith('json.verify_schema', [json(schema)]) ?? null), wanted)
  })
}

const patterns: readonly [string, string, boolean][] = [
  ['[a-c]+d', '.d', true],
  ['a.c', 'abd', false],
  ['a\\*b', 'a*b', false],
  ['a\\*b', 'a\\*b', true],
  ['[a-z]+', '[0-9]*', false],
]
for (const [a, b, wanted] of patterns) {
  test(`regex.globs_match ${a} ${b}`, () => {
    assert.equal(callWith('regex.globs_match', [a, b]), wanted)
    assert.equal(callWith('regex.globs_match', [b, a]), wanted)
  })
}
for (const bad of ['*a', '[', '[]', '[z-a]', 'a\\']) {
  test(`regex.globs_match refuses ${bad}`, () => {
    assert.throws(() => callWith('regex.globs_match', [bad, 'a']), { code: 'eval_builtin_error' })
  })
}

test('certificates: what they name, and whom they lead to', () => {
  const [ca, agent] = [testKey('ca.pem'), testKey('agent.pem')]
  const parsed = callWith('crypto.x509.parse_certificates', [agent + ca])
  assert.ok(isArray(parsed))
  assert.deepEqual(
    parsed.map((one) =>
      writeJson(
        isObject(one) ? [one.get('IsCA') ?? null, one.get('URIStrings') ?? null, one.get('ExtKeyUsage') ?? null] : null,
      ),
    ),
    ['[false,["spiffe://example.org/agent-1"],[2]]', '[true,null,null]'],
  )
  const first = (chain: string, options: unknown): Value => {
    const answer = callWith('crypto.x509.parse_and_verify_certificates_with_options', [chain, json(options)])
    return isArray(answer) ? (answer[0] ?? null) : null
  }
  // A built-in's time is the evaluation's: the tests' is 1970, so another is given.
  const now = { CurrentTime: Date.now() * 1_000_000 }
  assert.equal(first(ca + agent, { ...now, KeyUsages: ['KeyUsageClientAuth'] }), true)
  assert.equal(first(ca + agent, now), false)
  assert.equal(first(ca + agent, { KeyUsages: ['KeyUsageAny'] }), false)
  assert.equal(first(ca + testKey('agent-other.pem'), { ...now, KeyUsages: ['KeyUsageAny'] }), false)
  assert.equal(first(ca + testKey('server.pem'), { ...now, DNSName: 'localhost' }), true)
  assert.equal(first(ca + testKey('server.pem'), { ...now, DNSName: 'other' }), false)
  assert.throws(() => callWith('crypto.x509.parse_certificates', ['foobar']), /illegal base64/)
  assert.throws(() => callWith('crypto.x509.parse_certificates', ['MAMB']), /malformed certificate/)
})

test('a key pair fits or is refused; keys are read in every form', () => {
  const pair = callWith('crypto.x509.parse_keypair', [testKey('agent.pem'), testKey('agent.key')])
  assert.ok(isObject(pair))
  assert.throws(
    () => callWith('crypto.x509.parse_keypair', [testKey('agent.pem'), testKey('server.key')]),
    /does not match/,
  )
  const keys = callWith('crypto.parse_private_keys', [testKey('agent.key') + testKey('server.key')])
  assert.equal(isArray(keys) && keys.length, 2)
  assert.equal(callWith('crypto.parse_private_keys', ['']), null)
})

test('a request is signed as AWS wants it, and what is missing is named', () => {
  const config = {
    aws_access_key: 'KEY',
    aws_secret_access_key: 'SECRET',
    aws_service: 'execute-api',
    aws_region: 'eu-west-1',
  }
  const signed = callWith('providers.aws.sign_req', [
    json({ method: 'GET', url: 'https://api.example/a?b=1' }),
    json(config),
    1_451_311_705_000_000_000,
  ])
  const headers = isObject(signed) ? signed.get('headers') : undefined
  assert.ok(isObject(headers))
  assert.match(
    String(headers.get('Authorization')),
    /^AWS4-HMAC-SHA256 Credential=KEY\/20151228\/eu-west-1\/execute-api\/aws4_request,SignedHeaders=host;x-amz-date,Signature=[0-9a-f]{64}$/,
  )
  assert.throws(
    () => callWith('providers.aws.sign_req', [json({}), json(config), 1]),
    /missing required request parameters\(s\): \{"method", "url"\}/,
  )
})
