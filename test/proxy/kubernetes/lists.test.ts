// Lists are masked as they stand where that comes to the same as taking each object apart; here both ways are compared.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseJsonPath } from '../../../proxy/kubernetes/response/json-path.ts'
import { ListAnswer } from '../../../proxy/kubernetes/response/list-answer.ts'
import { ObjectMasker } from '../../../proxy/kubernetes/response/object-masker.ts'
import type { AnswerTerms } from '../../../proxy/kubernetes/response/terms.ts'

const hashKey = Buffer.from('key')

function termsOf(
  paths: readonly (readonly [string, string])[],
  detect: AnswerTerms['detect'],
  more: Partial<AnswerTerms> = {},
): AnswerTerms {
  return {
    paths: paths.map(([text, strategy]) => ({ text, path: parseJsonPath(text) ?? [], strategy })),
    detect,
    filters: [],
    counts: false,
    encoded: new Set(),
    tables: true,
    place: '/api/v1/pods',
    hidesFailures: false,
    metadataOnly: true,
    ...more,
  }
}

interface Masked {
  readonly text: string
  readonly counts: ReadonlyMap<string, number>
  readonly objects: number
}

/** What comes out of a list that is cut into chunks of some bytes. */
async function streamed(terms: AnswerTerms, text: string, chunkBytes: number): Promise<Masked> {
  const masker = new ObjectMasker(terms, hashKey)
  let objects = 0
  const stream = new ListAnswer(terms, masker, hashKey, (more) => {
    objects += more
    return true
  })
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += chunkBytes) stream.write(Buffer.from(bytes.subarray(at, at + chunkBytes)))
  stream.end()
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return { text: Buffer.concat(chunks).toString(), counts: masker.counts, objects }
}

/** What comes out when every element is parsed. */
function apart(terms: AnswerTerms, head: string, part: 'object' | 'row', elements: readonly unknown[]): Masked {
  const masker = new ObjectMasker(terms, hashKey)
  const shown = elements.flatMap((one) => masker.apply(part, JSON.stringify(one)) ?? [])
  return { text: `${head}${shown.join(',')}]}`, counts: masker.counts, objects: masker.objects }
}

const counted = ({ counts }: Masked): readonly (readonly [string, number])[] =>
  [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => (a < b ? -1 : 1))

const text = fc.oneof(
  fc.constantFrom(
    '4111111111111111',
    'mail a@example.org now',
    'line\n4111111111111111',
    'a"b\\c',
    '',
    '  ',
    '/slash/',
    'ünïcode 𝄞',
    '4111 1111',
    '-----BEGIN',
    '[redacted]',
  ),
  fc.string({ maxLength: 12 }),
)
const leaf = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(null),
  fc.boolean(),
)
const inner = fc.dictionary(fc.constantFrom('a', 'owner', 'b', '0'), fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })), {
  noNullPrototype: true,
})
const object = fc.record(
  {
    metadata: fc.record(
      {
        name: text,
        uid: text,
        annotations: fc.dictionary(
          fc.constantFrom('owner', 'note', 'kubectl.kubernetes.io/last-applied-configuration'),
          fc.oneof(
            text,
            inner.map((one) => JSON.stringify({ spec: one })),
          ),
          { noNullPrototype: true },
        ),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
    spec: inner,
    list: fc.array(fc.oneof(inner, leaf), { maxLength: 3 }),
  },
  { requiredKeys: [], noNullPrototype: true },
)
const terms = fc
  .tuple(
    fc.subarray([
      '$.spec.owner',
      '$.spec.*',
      '$..a',
      '$.list[*].b',
      '$.metadata.annotations.owner',
      '$.list[0]',
      '$.spec',
    ]),
    fc.constantFrom('redact', 'last4', 'null', 'hash', 'partial'),
    fc.subarray(['credit_card', 'email'] as const),
  )
  .filter(([paths, , detect]) => paths.length + detect.length > 0)
  .map(([paths, strategy, detect]) =>
    termsOf(
      paths.map((path) => [path, strategy]),
      detect.map((detector) => ({ detector, strategy: 'redact' })),
    ),
  )

test('a list is masked as its objects are, one by one, however it is cut', async () => {
  const head = '{"kind":"ThingList","metadata":{},"items":['
  await fc.assert(
    fc.asyncProperty(
      terms,
      fc.array(object, { maxLength: 5 }),
      fc.integer({ min: 1, max: 400 }),
      async (is, all, cut) => {
        const got = await streamed(is, `${head}${all.map((one) => JSON.stringify(one)).join(',')}]}`, cut)
        const want = apart(is, head, 'object', all)
        assert.deepEqual(JSON.parse(got.text), JSON.parse(want.text))
        assert.deepEqual(counted(got), counted(want))
        assert.equal(got.objects, want.objects)
      },
    ),
    { numRuns: 400 },
  )
})

test('rows of a table are masked as one by one, cells and all', async () => {
  const head = '{"kind":"Table","metadata":{},"rows":['
  const row = fc.record({ cells: fc.array(leaf, { maxLength: 4 }), object: fc.oneof(object, fc.constant(null)) })
  await fc.assert(
    fc.asyncProperty(terms, fc.array(row, { maxLength: 4 }), fc.integer({ min: 1, max: 300 }), async (is, all, cut) => {
      const got = await streamed(is, `${head}${all.map((one) => JSON.stringify(one)).join(',')}]}`, cut)
      const want = apart(is, head, 'row', all)
      assert.deepEqual(JSON.parse(got.text), JSON.parse(want.text))
      assert.deepEqual(counted(got), counted(want))
    }),
    { numRuns: 200 },
  )
})

const list = (...items: readonly string[]): string => `{"kind":"ThingList","items":[${items.join(',')}]}`

test('what needs no change goes on byte for byte, and numbers keep their digits beside what is masked', async () => {
  const is = termsOf([['$.spec.owner', 'redact']], [{ detector: 'email', strategy: 'redact' }])
  const untouched = list('{ "spec" : {"a": 1.0, "n": 123456789012345678901234567890} }')
  assert.equal((await streamed(is, untouched, 7)).text, untouched)
  const { text: shown } = await streamed(is, list('{"spec":{"n":12345678901234567890,"owner":"me"}}'), 11)
  assert.equal(shown, list('{"spec":{"n":12345678901234567890,"owner":"[redacted]"}}'))
})

test('a name that is written with escapes hides nothing', async () => {
  const is = termsOf([['$.spec.owner', 'redact']], [])
  assert.doesNotMatch((await streamed(is, list('{"spec":{"\\u006fwner":"secret"}}'), 9)).text, /secret/)
  const copy =
    '{"metadata":{"annotations":{"kubectl.kubernetes.io\\/last-applied-configuration":"{\\"spec\\":{\\"owner\\":\\"secret\\"}}"}}}'
  assert.doesNotMatch((await streamed(is, list(copy), 9)).text, /secret/)
})

test('an element that is no object, or not JSON, ends the list', async () => {
  const is = termsOf([['$.spec.owner', 'redact']], [])
  for (const broken of ['"text"', '[]', '1', '{"a":}', '{"a":1]', '{"a" 1}', '{"spec":{"owner":"x"']) {
    await assert.rejects(streamed(is, list(broken), 5), /list|JSON/, broken)
  }
})

test('paths of a table are those of the objects in its rows', async () => {
  const is = termsOf([['$.spec.owner', 'redact']], [{ detector: 'email', strategy: 'redact' }])
  const table = (owner: string, cell: string): string =>
    `{"kind":"Table","rows":[{"cells":["web","${cell}"],"object":{"spec":{"owner":"${owner}"}}},{"cells":["b"],"object":null}]}`
  const { text: shown, counts } = await streamed(is, table('secret', 'a@example.org'), 20)
  assert.equal(shown, table('[redacted]', '[redacted]'))
  assert.deepEqual([...counts].sort(), [
    ['$.spec.owner', 1],
    ['email', 1],
  ])
  const { text: plain } = await streamed(is, table('secret', 'b'), 1000)
  assert.equal(plain, table('[redacted]', 'b'))
})
