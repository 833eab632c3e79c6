// Runs of base64 that are looked into together, beside the reference that looks into each alone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { detectorOf } from '../../../../engine/masking/detect/detectors.ts'
import { DecodedRuns, RunFinder } from '../../../../engine/masking/detect/runs.ts'
import { compileDetectors } from '../../../../engine/masking/detect/scanner.ts'
import { detectorNames } from '../../../../engine/masking/index.ts'
import { labelled } from '../../../support/detect-corpus.ts'
import { scanPlainly } from '../../../support/detect-reference/scan.ts'

const compile = (): ReturnType<typeof compileDetectors> =>
  compileDetectors(detectorNames.map((name) => detectorOf(name)))

/** What was found in the runs of a text: where each run is, and by which detector. */
function found(compiled: ReturnType<typeof compile>, text: string, size = text.length): readonly string[] {
  const runs = new RunFinder()
  const decoded = new DecodedRuns()
  const view = Buffer.from(text)
  for (let end = Math.min(size, view.length); ; end = Math.min(end + size, view.length)) {
    runs.find(compiled, view, end, end === view.length, decoded)
    if (end === view.length) break
  }
  const { starts, ends, kinds, size: count } = decoded.marks
  return unique(Array.from({ length: count }, (_, at) => `${starts[at]}-${ends[at]} ${(kinds[at] ?? 0) >> 1}`))
}

/** The same, by the reference: behind each run stand a line end and a zero. */
function foundPlainly(texts: readonly Buffer[], encoding: 'base64' | 'base64url', between: string): readonly string[] {
  let at = 0
  const all: string[] = []
  for (const text of texts) {
    const end = at + text.toString(encoding).length
    const detectors = scanPlainly(Buffer.concat([text, Buffer.from('\n\0')])).map((one) => one.split(' ')[1] ?? '')
    all.push(...detectors.map((detector) => `${at}-${end} ${detector}`))
    at = end + between.length
  }
  return unique(all)
}

const unique = (all: readonly string[]): readonly string[] => [...new Set(all)].sort()

const units = fc.oneof(
  fc.constantFrom(...[...labelled(600, 13)].map(({ value }) => value)),
  fc.constantFrom(
    '4111 ',
    '1.2.3.4',
    'a@b.co',
    '::1',
    'password=',
    'hunter2x1 ',
    'GB82 ',
    '+44 ',
    ' ',
    '\n',
    '-',
    'x',
    'é',
  ),
)
const texts = fc
  .tuple(fc.array(units, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 30 }))
  // Twelve bytes of text somewhere, and letters enough.
  .map(([parts, times]) =>
    Buffer.from(`nothing at all ${parts.join('').repeat(times > 25 ? times : 1)}`).subarray(0, 2_900),
  )

test('finds in each of many runs what the reference finds in it alone', () => {
  const learnt = compile()
  fc.assert(
    fc.property(
      fc.array(texts, { minLength: 1, maxLength: 40 }),
      fc.constantFrom('base64' as const, 'base64url' as const),
      fc.constantFrom('\n', ' | '),
      fc.integer({ min: 30, max: 5_000 }),
      (all, encoding, between, size) => {
        const text = all.map((one) => one.toString(encoding)).join(between)
        const want = foundPlainly(all, encoding, between)
        assert.deepEqual(found(learnt, text), want)
        assert.deepEqual(found(learnt, text, size), want)
      },
    ),
    { numRuns: 150 },
  )
})

test('finds what stands at the beginning of a run, whatever stood at the end of the one before', () => {
  const learnt = compile()
  const numbers = [
    '4111 1111 1111 1111',
    '4111111111111111',
    '378282246310005',
    'GB82 WEST 1234 5698 7654 32',
    '219-09-9999',
  ]
  const others = [
    '+44 20 7946 0958',
    '-----BEGIN RSA PRIVATE ',
    'KEY-----',
    'MIIEow'.repeat(9),
    'password=',
    'hunter2x1',
    '1.2.3.4',
  ]
  const piece = fc.constantFrom(...numbers, ...numbers, ...others, ' ', ' ', '4', 'word ', '"', '-')
  const run = fc
    .array(piece, { minLength: 1, maxLength: 4 })
    .map((parts) => Buffer.from(parts.join('')))
    // Twelve bytes of text somewhere, and letters enough.
    .filter((text) => text.length > 17)
  fc.assert(
    fc.property(fc.array(run, { minLength: 2, maxLength: 30 }), (all) => {
      const text = all.map((one) => one.toString('base64url')).join('|')
      assert.deepEqual(found(learnt, text), foundPlainly(all, 'base64url', '|'))
    }),
    { numRuns: 600 },
  )
})

test('finds the same while the automaton learns its states', () => {
  const all = [...labelled(60, 17)].map(({ before, value, after }) =>
    Buffer.from(`at the beginning ${before}${value}${after}`),
  )
  const text = all.map((one) => one.toString('base64')).join('\n')
  const want = foundPlainly(all, 'base64', '\n')
  assert.ok(want.length > 20)
  assert.deepEqual(found(compile(), text), want)
})

test('finds more values in runs than there is room for at once', () => {
  const all = Array.from({ length: 2_400 }, () => Buffer.from('1.2.3.4 a@b.co ::1 '))
  const text = all.map((one) => one.toString('base64url')).join('\n')
  const want = foundPlainly(all, 'base64url', '\n')
  assert.equal(want.length, 4_800)
  assert.deepEqual(found(compile(), text), want)
})
