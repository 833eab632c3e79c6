// The kernel of the matcher against its reference, and against its own sources.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { DetectorName } from '../../../../engine/masking/detect/detectors.ts'
import { detectorOf } from '../../../../engine/masking/detect/detectors.ts'
import { compileDetectors, Scanner, type Sink } from '../../../../engine/masking/detect/scanner.ts'
import { detectorNames } from '../../../../engine/masking/index.ts'
import { compileKernel } from '../../../../tools/kernel.mjs'
import { labelled } from '../../../support/detect-corpus.ts'
import { type Found, references, scanPlainly, tailText, unique } from '../../../support/detect-reference/scan.ts'

const names = detectorNames
const compiled = compileDetectors(names.map((name: DetectorName) => detectorOf(name)))

/** What the kernel finds in a text that comes in pieces. */
function scanned(text: Uint8Array, sizes: readonly number[]): readonly string[] {
  const scanner = new Scanner(compiled)
  const all: Found[] = []
  const sink: Sink = (start, end, detector, tail) => {
    all.push({ detector, start, end, tail: tailText(tail) })
    return false
  }
  // What stands behind the bytes that are here must not matter.
  const view = new Uint8Array(text.length + 64).fill(0x39)
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const end = Math.min(text.length, at + (sizes[turn % sizes.length] ?? 1))
    view.set(text.subarray(at, end), at)
    scanner.scan(view, end, false, sink)
    at = end
  }
  view.fill(0x0a, text.length)
  scanner.scan(view, text.length, true, sink)
  return unique(all)
}

const units = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...[...labelled(600, 11)].map(({ value }) => value)) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...['4111', '4111 ', '41-1 ', '4111-1111-1111-1111', '378282 246310 005', '3782 822463 10005', '13 ', '1', '55'],
      ...[
        'GB82',
        'GB82 WEST 1234 5698 7654 32',
        'NO93 8601 1117 947',
        'NO93 ',
        'AT20 ',
        'DE89-',
        '3704',
        'XX00',
        'MT31',
      ],
      ...[
        'a@',
        '@',
        'a@b.co',
        '.co',
        'x@y.png',
        'a@b.js',
        'a@b.c1',
        'a@b.c-',
        'u@xn--p1ai.xn--p1ai',
        '://u:pw@host.io',
        '://',
        '://:',
        '@x.org',
      ],
      ...['1.2.3.4', '.1.2.3', '256.1.1.1', '01.2.3.4', '2001:db8::1', '::', 'a::1', 'fe80:', '1:2:3:4:5:6:7:8', ':'],
      ...[
        'password=',
        'passwd: "',
        'secret_token: ',
        'Bearer ',
        'api_key',
        '_url',
        '=>',
        ' = ',
        'hunter2!x',
        'not_set',
      ],
      ...[
        'Abcdef1234567890xyz',
        'changeme',
        '2026-01-02',
        '150ms',
        '$NAME',
        '***',
        '--password ',
        'authorization: basic ',
      ],
      ...['eyJhbGciOiJIUzI1NiJ9', '.eyJ', 'eyJ4IjoxLCJ5IjoyfQ', 'ewogICJraWQiOiAx', 'AKIA', 'ABCDEFGHIJKLMNOP', 'ghp_'],
      ...['AccountKey=', 'sig=', '?', '7Q~', 'abc7Q~', 'abcdefghijklmnopqrstuvwxyz0123456', 'xoxb-', '1//0', 'ya29.'],
      ...[
        '-----BEGIN RSA PRIVATE KEY-----',
        '-----BEGIN',
        ' PRIVATE',
        '-----',
        '\nProc-Type: 4',
        'MIIEowIBAAKCAQEAabcdefgh',
      ],
      ...[
        '+44 20 7946 0958',
        '+1 (415) 555-2671',
        '+(4',
        '219-09-9999',
        '000-12-1234',
        '(415) 555-2671',
        '1-415-555-2671',
      ],
      ...[' ', ' ', '-', '.', '\n', '\t', 'x', 'é', '_', '"', "'", '`', ',', '&', '%', '\\', '(', ')', '+', '/'],
    ),
  },
  { weight: 2, arbitrary: fc.string({ maxLength: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 9_999_999 }).map(String) },
)
const texts = fc.array(fc.tuple(units, fc.integer({ min: 1, max: 24 })), { maxLength: 24 }).map((parts) =>
  // Mostly once, now and then many times.
  Buffer.from(parts.map(([unit, times]) => unit.repeat(times > 20 ? times : 1)).join('')),
)

test('the reference is of the same detectors', () => {
  assert.deepEqual(
    references.map(({ name }) => name),
    names,
  )
})

test('finds what the reference finds, however the text is cut', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (text, sizes) => {
      const want = scanPlainly(text)
      assert.deepEqual(scanned(text, [Number.POSITIVE_INFINITY]), want)
      assert.deepEqual(scanned(text, sizes), want)
    }),
    { numRuns: 1_000 },
  )
})

test('finds what the reference finds in bytes of few kinds', () => {
  const alphabets = [
    '0123456789 .-',
    '12ab:.@ -=',
    '4 1-',
    'AT20 1',
    'a@b.co ',
    '+()-. 15',
    'eyJ0._-',
    'secrt_token=:" 1A!',
  ]
  const noise = fc
    .constantFrom(...alphabets)
    .chain((letters) =>
      fc.array(fc.constantFrom(...letters), { maxLength: 400 }).map((parts) => Buffer.from(parts.join(''))),
    )
  fc.assert(
    fc.property(noise, fc.integer({ min: 1, max: 90 }), (text, size) => {
      assert.deepEqual(scanned(text, [size]), scanPlainly(text))
    }),
    { numRuns: 600 },
  )
})

/** Digits with the last one so that Luhn's check holds, or as they are. */
function card(digits: string, isValid: boolean): string {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
  const last = digits.length - 1
  let sum = 0
  for (let at = 0; at < last; at++)
    sum += (last - at) % 2 === 1 ? (doubled[Number(digits[at])] ?? 0) : Number(digits[at])
  return isValid ? digits.slice(0, last) + String((10 - (sum % 10)) % 10) : digits
}

/** A text in groups of some sizes. */
function grouped(text: string, sizes: readonly number[], separators: string): string {
  const groups: string[] = []
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    groups.push(text.slice(at, at + size))
    at += size
  }
  return groups.reduce((all, group, turn) => all + (separators[turn % separators.length] ?? '') + group)
}

test('finds what the reference finds in cards of every grouping, one behind the other', () => {
  const sizes = fc.oneof(
    fc.constantFrom(
      [4],
      [4, 6, 5],
      [4, 6, 4],
      [4, 4, 4, 4, 3],
      [4, 4, 4, 4, 2],
      [4, 4, 4, 1],
      [4, 4, 5],
      [20],
      [2],
      [1],
    ),
    fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 6 }),
  )
  const number = fc
    .tuple(
      fc.constantFrom('4', '51', '2221', '2720', '34', '37', '36', '3000', '3095', '3528', '65', '62', '50', '81', '9'),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 18, maxLength: 18 }),
      fc.integer({ min: 12, max: 20 }),
      fc.boolean(),
      sizes,
      fc.constantFrom(' ', '-', ' ', '-', ' -', '  -'),
      fc.constantFrom(' ', '-', '\n', ' x', 'x', '.', '. ', '', '  '),
    )
    .map(
      ([prefix, digits, length, isValid, groups, separators, behind]) =>
        grouped(card((prefix + digits.join('')).slice(0, length), isValid), groups, separators) + behind,
    )
  fc.assert(
    fc.property(fc.array(number, { maxLength: 8 }), fc.integer({ min: 1, max: 70 }), (numbers, size) => {
      const text = Buffer.from(numbers.join(''))
      assert.deepEqual(scanned(text, [size]), scanPlainly(text))
    }),
    { numRuns: 600 },
  )
})

test('finds what the reference finds in a text longer than its window', () => {
  const text = Buffer.from([...labelled(6_000, 5)].map(({ before, value, after }) => before + value + after).join(''))
  assert.ok(text.length > 300_000)
  assert.deepEqual(scanned(text, [text.length]), scanPlainly(text))
})

test('finds a number at the end of a run that is longer than its window', () => {
  const text = Buffer.from(`${'NO93 '.repeat(40_000)}GB82 WEST 1234 5698 7654 32 x`)
  const start = text.length - 'GB82 WEST 1234 5698 7654 32 x'.length
  for (const size of [text.length, 50_000])
    assert.deepEqual(
      scanned(text, [size]).map((found) => found.split(' ')[0]),
      [`${start}-${start + 27}`],
    )
})

test('is what its sources compile to', async () => {
  const bytes = await compileKernel(fileURLToPath(new URL('../../../..', import.meta.url)))
  assert.ok(
    Buffer.from(bytes).equals(readFileSync(new URL('../../../../engine/masking/kernel/kernel.wasm', import.meta.url))),
  )
})
