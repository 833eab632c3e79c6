import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  DecisionError,
  explainDecision,
  failedDecision,
  parseDuration,
  readDecision,
  stricterStrategy,
} from '../../../engine/decision/index.ts'

const envelope = { id: 'd-1', bundle: { revision: '7', digest: 'ab' }, cost: { micros: 3, fuel: 10 } }
const read = (result: unknown) => readDecision(result, envelope)

test('allows with masks, filters and limits merged, strictest first', () => {
  const decision = read({
    effect: 'allow',
    allow: ['policy.a.allow'],
    deny: [],
    hold: [],
    mask: [
      { column: 'public.cards.number', with: 'last4' },
      { column: 'public.cards.number', with: 'redact' },
      { detect: 'iban', with: 'hash' },
    ],
    filter: [
      { relation: 'public.orders', where: 'tenant_id = 42' },
      { relation: 'public.orders', where: 'tenant_id = 42' },
    ],
    limit: [{ rows: 100 }, { rows: 10, bytes: 5 }],
    record: ['metadata'],
  })
  assert.equal(decision.effect, 'allow')
  assert.deepEqual(decision.effect === 'allow' && decision.masks, [
    { column: 'public.cards.number', with: 'redact' },
    { detect: 'iban', with: 'hash' },
  ])
  assert.deepEqual(decision.effect === 'allow' && decision.filters, [
    { relation: 'public.orders', where: 'tenant_id = 42' },
  ])
  assert.deepEqual(decision.effect === 'allow' && decision.limits, { rows: 10, bytes: 5 })
  assert.equal(decision.record, 'metadata')
  assert.deepEqual(decision.rules, ['policy.a.allow'])
})

test('refuses when nothing allows', () => {
  const decision = read({ allow: [], deny: [] })
  assert.equal(decision.effect, 'deny')
  assert.deepEqual(decision.effect === 'deny' && decision.denials.map((denial) => denial.rule), ['sallyport.default'])
})

test('a denial overrides an allow and a hold', () => {
  const decision = read({
    allow: ['a'],
    hold: [{ rule: 'h', reason: 'r' }],
    deny: [{ rule: 'no', message: 'not this' }],
  })
  assert.equal(decision.effect, 'deny')
  assert.deepEqual(decision.rules, ['a', 'h', 'no'])
})

test('a hold without an allow is refused', () => {
  assert.equal(read({ allow: [], hold: [{ rule: 'h', reason: 'r' }] }).effect, 'deny')
})

test('a hold has one approval and 15 minutes unless it says otherwise', () => {
  const decision = read({
    allow: ['a'],
    hold: [
      { rule: 'h', reason: 'r', reviewers: ['dba'] },
      { rule: 'i', reason: 's', quorum: 2, expires: '1h' },
    ],
  })
  assert.deepEqual(decision.effect === 'hold' && decision.holds, [
    { rule: 'h', reason: 'r', reviewers: ['dba'], quorum: 1, expiresMs: 900_000 },
    { rule: 'i', reason: 's', reviewers: [], quorum: 2, expiresMs: 3_600_000 },
  ])
})

test('throws a named error on whatever is not the contract', () => {
  const cases: readonly [unknown, string][] = [
    [undefined, 'undefined'],
    [true, 'not_an_object'],
    [[], 'not_an_object'],
    [{ allow: true }, 'bad_field'],
    [{ allow: ['a'], allows: [] }, 'unknown_field'],
    [{ allow: ['a'], deny: ['text'] }, 'not_an_object'],
    [{ allow: ['a'], deny: [{ rule: 'r', message: 'm', extra: 1 }] }, 'unknown_field'],
    [{ allow: ['a'], deny: [{ rule: 'r' }] }, 'bad_field'],
    [{ allow: ['a'], mask: [{ column: 'a', json: 'b', with: 'redact' }] }, 'bad_field'],
    [{ allow: ['a'], mask: [{ column: 'a', with: 'sparkle' }] }, 'bad_field'],
    [{ allow: ['a'], mask: [{ with: 'redact' }] }, 'bad_field'],
    [{ allow: ['a'], filter: [{ relation: 'x' }] }, 'bad_field'],
    [{ allow: ['a'], limit: [{ rows: -1 }] }, 'bad_field'],
    [{ allow: ['a'], limit: [{ row: 1 }] }, 'unknown_field'],
    [{ allow: ['a'], hold: [{ rule: 'r', reason: 'x', quorum: 0 }] }, 'bad_field'],
    [{ allow: ['a'], hold: [{ rule: 'r', reason: 'x', expires: 'soon' }] }, 'bad_field'],
    [{ allow: ['a'], record: 'all' }, 'bad_field'],
    [{ allow: ['a'], effect: 'hold' }, 'bad_field'],
    [{ allow: [], effect: 'allow' }, 'bad_field'],
    [{ allow: Array.from({ length: 1001 }, () => 'a') }, 'too_many'],
  ]
  for (const [result, code] of cases) {
    assert.throws(
      () => read(result),
      (error) => error instanceof DecisionError && error.code === code,
      JSON.stringify(result),
    )
  }
})

test('no result whatever becomes an allow without an allowing package', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (result) => {
      try {
        const decision = read(result)
        if (decision.effect !== 'deny') {
          assert.ok(
            typeof result === 'object' &&
              result !== null &&
              'allow' in result &&
              Array.isArray(result.allow) &&
              result.allow.length > 0,
          )
        }
      } catch (error) {
        assert.ok(error instanceof DecisionError)
      }
    }),
  )
})

test('the order in which policies speak never changes the decision', () => {
  const masks = [
    { column: 'a', with: 'last4' },
    { column: 'a', with: 'last2' },
    { column: 'a', with: 'hash' },
    { json: '$.a', with: 'null' },
    { json: '$.a', with: 'first3' },
  ]
  const wanted = JSON.stringify(read({ allow: ['x'], mask: masks }))
  fc.assert(
    fc.property(fc.shuffledSubarray(masks, { minLength: masks.length }), (shuffled) => {
      assert.equal(JSON.stringify(read({ allow: ['x'], mask: shuffled })), wanted)
    }),
  )
})

test('the stricter of two strategies hides at least as much, else everything is redacted', () => {
  assert.equal(stricterStrategy('last4', 'last2'), 'last2')
  assert.equal(stricterStrategy('last4', 'first4'), 'redact')
  assert.equal(stricterStrategy('hash', 'null'), 'null')
  assert.equal(stricterStrategy('date:day', 'date:year'), 'date:year')
  assert.equal(stricterStrategy('nonsense', 'last4'), 'redact')
})

test('reads durations and refuses what is none', () => {
  assert.equal(parseDuration('1h30m'), 5_400_000)
  assert.equal(parseDuration('500ms'), 500)
  for (const text of ['', '15', 'm', '15 m', '-5m', '1d', '25h', '0s', '1e3s'])
    assert.equal(parseDuration(text), undefined, text)
})

test('a policy that failed is a refusal that names no internals', () => {
  const decision = failedDecision(envelope)
  assert.equal(decision.effect, 'deny')
  assert.deepEqual(explainDecision(decision), [
    'refused',
    '  sallyport.error: the policy could not decide this action',
    '  rules: sallyport.error',
    '  decision d-1, bundle 7, 3.0 us',
  ])
})
