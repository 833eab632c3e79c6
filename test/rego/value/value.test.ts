import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  ArithmeticError,
  add,
  ceil,
  compare,
  compareStrings,
  divide,
  equal,
  floor,
  JSON_DEPTH_MAX,
  JsonError,
  keyOf,
  multiply,
  numberFromText,
  numberText,
  RegoObject,
  RegoSet,
  readJson,
  readJsonInTurns,
  remainder,
  round,
  runeCount,
  subtract,
  type Value,
  valueFromData,
  writeJson,
  writeRego,
} from '../../../rego/value/index.ts'

function number(text: string): Exclude<ReturnType<typeof numberFromText>, undefined> {
  const read = numberFromText(text)
  if (read === undefined) throw new Error(`no number: ${text}`)
  return read
}

const anyNumber = fc.oneof(
  fc.integer(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map((n) => number(n.toString())),
  fc.tuple(fc.integer(), fc.integer({ min: -30, max: 30 })).map(([c, e]) => number(`${c}e${e}`)),
)
const anyValue: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    anyNumber,
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new RegoObject(entries)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new RegoSet(items)),
  ),
})).value

test('order, equality and keys agree over all values', () => {
  fc.assert(
    fc.property(anyValue, anyValue, anyValue, (a, b, c) => {
      const ab = compare(a, b)
      assert.equal(Math.sign(ab), -Math.sign(compare(b, a)) + 0)
      assert.equal(ab === 0, equal(a, b))
      assert.equal(ab === 0, keyOf(a) === keyOf(b))
      if (ab <= 0 && compare(b, c) <= 0) assert.ok(compare(a, c) <= 0)
    }),
    { numRuns: 400 },
  )
})

test('strings are ordered by their UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
      assert.equal(Math.sign(compareStrings(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
  assert.ok(compareStrings('\u{1f600}', '\uffff') > 0)
  assert.equal(runeCount('a\u{1f600}é'), 3)
})

test('types are ordered null, boolean, number, string, array, object, set', () => {
  const ordered: Value[] = [null, false, true, -1, number('0.5'), 1, 'a', [], new RegoObject(), new RegoSet()]
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) assert.equal(Math.sign(compare(a, b)), Math.sign(i - j))
  }
})

test('what JSON wrote reads back as the same value', () => {
  const json = anyNumber.chain(() => fc.json()).map((text) => readJson(text))
  fc.assert(fc.property(json, (value) => assert.ok(equal(readJson(writeJson(value)), value))))
  fc.assert(fc.property(anyNumber, (value) => assert.ok(equal(readJson(writeJson(value)), value))))
})

test('JSON keeps numbers exactly and refuses what is no JSON', () => {
  assert.equal(
    writeJson(readJson('[1.50,12345678901234567890,1e3,-0,1E400]')),
    '[1.50,12345678901234567890,1e3,-0,1E400]',
  )
  assert.ok(equal(readJson('1.50'), readJson('15e-1')))
  const refused = [
    '',
    '01',
    '1.',
    '.5',
    '+1',
    '[1,]',
    '{"a"}',
    '"\n"',
    '"\\x"',
    'nul',
    '1 2',
    '1e999999999',
    '"abc',
    'NaN',
  ]
  for (const text of refused) assert.throws(() => readJson(text), JsonError, text)
  assert.doesNotThrow(() => readJson('['.repeat(JSON_DEPTH_MAX) + ']'.repeat(JSON_DEPTH_MAX)))
  const deep = JSON_DEPTH_MAX + 2
  assert.throws(() => readJson('['.repeat(deep) + ']'.repeat(deep)), { fault: 'depth' })
})

test('sets and odd keys show in JSON as OPA shows them', () => {
  const value = new RegoObject([
    [new RegoSet([2, 1]), 'set'],
    [['a'], 'array'],
    ['b', new RegoSet(['y', 'x', 'x'])],
  ])
  assert.equal(writeJson(value), '{"[\\"a\\"]":"array","[1,2]":"set","b":["x","y"]}')
  assert.equal(writeRego(value), '{"b": {"x", "y"}, ["a"]: "array", {1, 2}: "set"}')
  assert.equal(writeRego(new RegoSet()), 'set()')
  assert.equal(writeRego('a"\u0001\u00e9\u200b\n'), '"a\\"\\x01\u00e9\\u200b\\n"')
})

// The right-hand sides were printed by Go's math/big with the mantissa OPA uses.
const arithmetic: readonly (readonly [string, Value, string])[] = [
  ['0.1 + 0.2', add(number('0.1'), number('0.2')), '0.3'],
  ['1 / 3', divide(1, 3), '0.33333333333333333334'],
  ['1e-7 / 3', divide(number('1e-7'), 3), '3.3333333333333333333e-08'],
  ['1234567.5 * 1', multiply(number('1234567.5'), 1), '1.2345675e+06'],
  ['1e30 + 0.5', add(number('1e30'), number('0.5')), '1000000000000000000000000000000'],
  ['2 / 0.0001', divide(2, number('0.0001')), '20000'],
  [
    '2^64 * (2^64 + 1)',
    multiply(number('18446744073709551616'), number('18446744073709551617')),
    '340282366920938463481821351505477763072',
  ],
  ['2^53 + 1', add(9007199254740991, 2), '9007199254740993'],
  ['0.3 - 0.3', subtract(number('0.3'), number('0.3')), '0'],
  ['-7 % 3', remainder(-7, 3), '-1'],
  ['6 / 3', divide(6, 3), '2'],
  ['round 2.5', round(number('2.5')), '3'],
  ['round -2.5', round(number('-2.5')), '-3'],
  ['ceil -1.99999', ceil(number('-1.99999')), '-1'],
  ['floor -1.5', floor(number('-1.5')), '-2'],
]
for (const [name, result, printed] of arithmetic) {
  test(`${name} is ${printed}`, () => assert.equal(writeRego(result), printed))
}

test('division and remainder refuse zero, remainder refuses fractions', () => {
  assert.throws(() => divide(1, 0), ArithmeticError)
  assert.throws(() => remainder(1, 0), { fault: 'modulo by zero' })
  assert.throws(() => remainder(number('1.1'), 1), { fault: 'modulo on floating-point number' })
})

test('integers are exact at any size', () => {
  const big = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n })
  fc.assert(
    fc.property(big, big, (a, b) => {
      const [x, y] = [number(a.toString()), number(b.toString())]
      assert.equal(numberText(add(x, y)), (a + b).toString())
      assert.equal(numberText(multiply(x, y)), (a * b).toString())
      if (b !== 0n) assert.equal(numberText(remainder(x, y)), (a % b).toString())
    }),
  )
})

test('objects are copied, not changed, by with and without', () => {
  const object = new RegoObject([['a', 1]])
  const wider = object.with([1], 2)
  assert.equal(writeRego(object), '{"a": 1}')
  assert.equal(writeRego(wider), '{"a": 1, [1]: 2}')
  assert.equal(writeRego(wider.without([1])), '{"a": 1}')
  assert.equal(writeRego(valueFromData({ a: { b: 1 } })), '{"a": {"b": 1}}')
  const merged = new RegoObject([
    ['a', object],
    ['b', 1],
  ]).merge(
    new RegoObject([
      ['a', new RegoObject([['c', 2]])],
      ['b', 2],
    ]),
  )
  assert.equal(writeRego(merged), '{"a": {"a": 1, "c": 2}, "b": 1}')
})

test('a document that is read in turns is the same document, or wrong at the same place', async () => {
  let turns = 0
  const turn = (): Promise<void> => {
    turns++
    return Promise.resolve()
  }
  const same = async (text: string): Promise<void> => {
    const [now] = await Promise.allSettled([Promise.resolve().then(() => readJson(text))])
    const [later] = await Promise.allSettled([readJsonInTurns(text, turn)])
    if (now?.status === 'rejected') assert.deepEqual(later, now, text)
    else assert.ok(later?.status === 'fulfilled' && equal(later.value, now?.value ?? null), text)
  }
  const texts = fc.oneof(
    fc.json(),
    fc.json({ maxDepth: 6 }).map((text) => ` {"a": [${text}, {"a":1,"a":2}]\n}`),
  )
  await fc.assert(
    fc.asyncProperty(
      texts,
      fc.nat(),
      fc.constantFrom('', ' ', ',', ']', '}', '"', '1', ':'),
      async (text, at, sign) => {
        await same(text)
        const place = at % (text.length + 1)
        await same(text.slice(0, place) + sign + text.slice(place))
        await same(text.slice(0, place) + text.slice(place + 1))
      },
    ),
  )
  assert.ok(turns > 100, `${turns}`)
  for (const text of ['', '[', '{"a"', '[1,]', '{,}', '[]]', `${'['.repeat(1002)}${']'.repeat(1002)}`]) await same(text)
})
