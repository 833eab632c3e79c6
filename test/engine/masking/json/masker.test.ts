// JSON masked while it goes by: the same for any cut of the bytes, and the same as masking the parsed value.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compilePaths, EventMasker, JsonMaskError, JsonMasker } from '../../../../engine/masking/index.ts'
import { maskReference, pathText, type ReferenceStep } from '../../../support/json-masking.ts'

const hashKey = new Uint8Array(32)

function run(text: string | Buffer, path: string, strategy: string, step = Number.POSITIVE_INFINITY): string {
  const paths = compilePaths([{ path, strategy }])
  assert.ok(paths, path)
  return through(new JsonMasker(paths, { hashKey }), Buffer.from(text), step)
}

function through(masker: { push(bytes: Buffer): Buffer; end(): Buffer }, bytes: Buffer, step: number): string {
  const out: Buffer[] = []
  for (let at = 0; at < bytes.length; at += step) out.push(Buffer.from(masker.push(bytes.subarray(at, at + step))))
  out.push(masker.end())
  return Buffer.concat(out).toString('utf8')
}

const document =
  '{"users":[{"card":"4111111111111111","n":1},{"c\\u0061rd":"55","n":[1,{"card":{"x":1}}]}],"card":12.5e3 , "z":null}'
const cases: readonly (readonly [path: string, want: string])[] = [
  ['$.users[*].card', document.replace('"4111111111111111"', '"************1111"').replace('"55"', '"**"')],
  [
    '$..card',
    document
      .replace('"4111111111111111"', '"************1111"')
      .replace('"55"', '"**"')
      .replace('{"x":1}', 'null')
      .replace('12.5e3', 'null'),
  ],
  ['$.users', '{"users":null,"card":12.5e3 , "z":null}'],
  ['$.users[0]', document.replace('{"card":"4111111111111111","n":1}', 'null')],
  ['$["users"][0]["card"]', document.replace('"4111111111111111"', '"************1111"')],
  ["$['users'][1].n[0]", document.replace('[1,', '[null,')],
  ['$.*', '{"users":null,"card":null , "z":null}'],
  ['$.none', document],
]
for (const [path, want] of cases)
  test(`${path} masks what it names, for every cut of the bytes`, () => {
    for (const step of [1, 2, 3, 5, 7, 1000]) assert.equal(run(document, path, 'last4', step), want)
  })

test('a name that is there twice is masked twice, and one written with escapes too', () => {
  assert.equal(
    run('{"a":"secret","a":"hidden","\\u0061":"more"}', '$.a', 'redact'),
    '{"a":"[redacted]","a":"[redacted]","\\u0061":"[redacted]"}',
  )
})

test('numbers pass digit by digit, however many they have', () => {
  const text = '{"big":12345678901234567890.000100,"a":-0,"b":1E+400}'
  assert.equal(run(text, '$.none', 'redact', 1), text)
})

test('the result is what masking the parsed value gives', () => {
  const names = ['a', 'b', 'card', 'x y', 'é', '']
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'grapheme' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  const step: fc.Arbitrary<ReferenceStep> = fc.oneof(fc.constantFrom('a', 'b', 'card', 'x y', 'é', '*'), fc.nat(3))
  const below = fc.tuple(fc.constant<ReferenceStep>('..'), fc.constantFrom<ReferenceStep>('a', 'card'))
  const steps = fc
    .tuple(fc.array(step, { maxLength: 2 }), fc.option(below, { nil: undefined }), fc.array(step, { maxLength: 1 }))
    .map(([before, middle, after]) => [...before, ...(middle ?? []), ...after])
    .filter((one) => one.length > 0)
  fc.assert(
    fc.property(value, steps, fc.integer({ min: 1, max: 9 }), fc.boolean(), (root, path, size, spaced) => {
      const text = JSON.stringify(root, undefined, spaced ? 1 : undefined)
      const got: unknown = JSON.parse(run(text, pathText(path), 'last4', size))
      assert.deepEqual(got, JSON.parse(JSON.stringify(maskReference(root, path, 'last4', hashKey))))
    }),
    { numRuns: 500 },
  )
})

const bad = [
  '',
  '{',
  '[1,]',
  '{"a":1,}',
  "{'a':1}",
  '{a:1}',
  '[1 2]',
  '{"a" 1}',
  '{"a":1 "b":2}',
  'nul',
  'nulls',
  '01',
  '1.',
  '.5',
  '+1',
  '-',
  '1e',
  '0x1',
  'NaN',
  'Infinity',
  '"a',
  '"\n"',
  '"\\x"',
  '"\\u12g4"',
  '[',
  ']',
  '{}}',
  '{} {}',
  '[1]x',
  '/**/1',
  '1//',
  '\ufeff1',
  '{"a":}',
  '{:1}',
  '["a":1]',
  '{"a",1}',
  '{1:1}',
  ',',
  '[,1]',
  'tru e',
  '\0',
  '"\0"',
]
test('what is not JSON is an error for every cut, never a guess', () => {
  for (const text of bad)
    for (const step of [1, 2, 100])
      assert.throws(() => run(text, '$.a', 'redact', step), JsonMaskError, JSON.stringify(text))
})

test('what JSON.parse refuses is refused, and what it reads passes unchanged', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"a"',
    '"',
    '\\',
    '1',
    '-',
    '.',
    'e',
    '0',
    'true',
    'null',
    ' ',
    '\n',
    '\t',
    'u',
    '\u0001',
    'é',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), fc.integer({ min: 1, max: 4 }), (pieces, step) => {
      const text = pieces.join('')
      let reads = true
      try {
        JSON.parse(text)
      } catch {
        reads = false
      }
      if (reads) assert.equal(run(text, '$.none', 'redact', step), text)
      else assert.throws(() => run(text, '$.none', 'redact', step), JsonMaskError)
    }),
    { numRuns: 3000 },
  )
})

test('bytes that are not UTF-8 are an error, wherever they are cut', () => {
  for (const hex of ['c0af', 'c1a1', 'e080af', 'eda080', 'f4908080', 'f8808080', '80', 'c3', 'e282', 'ff', 'fe']) {
    const bytes = Buffer.concat([Buffer.from('{"'), Buffer.from(hex, 'hex'), Buffer.from('":1}')])
    for (const step of [1, 2, 3, 4, 100])
      assert.throws(() => run(bytes, '$.a', 'redact', step), JsonMaskError, `${hex} by ${step}`)
  }
  for (const step of [1, 2, 3, 5])
    assert.equal(run('{"é€😀":"x"}', '$["é€😀"]', 'redact', step), '{"é€😀":"[redacted]"}')
})

test('depth is bounded; a masked string that is too long is not shown', () => {
  assert.throws(() => run('['.repeat(600) + ']'.repeat(600), '$.a', 'redact'), { code: 'too_deep' })
  assert.equal(run('['.repeat(500) + ']'.repeat(500), '$.a', 'redact').length, 1000)
  assert.equal(run(`{"a":"${'x'.repeat(2 * 1024 * 1024)}"}`, '$.a', 'last4', 65536), '{"a":null}')
})

test('a name far longer than any that is wanted is not collected, and the next one is found', () => {
  assert.equal(
    run(`{"${'a\\u0061'.repeat(5000)}":"x","a":"y"}`, '$.a', 'redact', 11).endsWith('"a":"[redacted]"}'),
    true,
  )
})

test('paths that are not understood are none', () => {
  for (const path of [
    '',
    '$',
    'a',
    '$.',
    '$..',
    '$.a.',
    '$.a[',
    '$.a[-1]',
    '$.a[01]',
    '$[?(@.a)]',
    '$.a["b]',
    '$.a..',
    '$a',
    `$${'.a'.repeat(100)}`,
  ])
    assert.equal(compilePaths([{ path, strategy: 'redact' }]), undefined, path)
})

test('several strategies for one value are applied in turn, and what is counted is counted', () => {
  const paths = compilePaths([
    { path: '$.items[*].a', strategy: 'redact' },
    { path: '$..a', strategy: 'null' },
  ])
  assert.ok(paths)
  const masker = new JsonMasker(paths, { hashKey })
  const out = Buffer.concat([
    masker.push(Buffer.from('{"items":[{"a":"x"},{"a":"y"},[1,2]],"m":{"n":[1]}}')),
    masker.end(),
  ])
  assert.equal(out.toString(), '{"items":[{"a":null},{"a":null},[1,2]],"m":{"n":[1]}}')
  assert.equal(masker.masked, 2)
  assert.equal(masker.elements, 3)
})

test('JSON Lines are documents one after another', () => {
  const paths = compilePaths([{ path: '$.a', strategy: 'redact' }])
  assert.ok(paths)
  const lines = '{"a":"x"}\n{"b":1}\n{"a":"y"}\n'
  for (const step of [1, 4, 100])
    assert.equal(
      through(new JsonMasker(paths, { hashKey, many: true }), Buffer.from(lines), step),
      lines.replace(/"[xy]"/g, '"[redacted]"'),
    )
})

test('server-sent events are masked one by one, for every cut; unknown fields and comments are not relayed', () => {
  const paths = compilePaths([{ path: '$.card', strategy: 'last4' }])
  assert.ok(paths)
  const text =
    '\ufeffevent: a\r\ndata: {"card":\r\ndata: "4111111111111111"}\r\n\r\n: secret\nid: 7\nx-data: {"card":"1"}\n\ndata:{"card":"12345678"}\r\rdata: [DONE]\n\ndata: cut'
  const want =
    'event: a\ndata: {"card":\ndata: "************1111"}\n\n:\nid: 7\n\ndata: {"card":"****5678"}\n\ndata: [DONE]\n\n'
  for (const step of [1, 2, 3, 7, 1000])
    assert.equal(through(new EventMasker(paths, [], hashKey), Buffer.from(text), step), want)
  assert.throws(() => through(new EventMasker(paths, [], hashKey), Buffer.from('data: no json\n\n'), 5), JsonMaskError)
  assert.equal(
    through(
      new EventMasker(undefined, [{ detector: 'credit_card', strategy: 'redact' }], hashKey),
      Buffer.from('data: pay 4111 1111 1111 1111 now\n\n'),
      3,
    ),
    'data: pay [redacted] now\n\n',
  )
})
