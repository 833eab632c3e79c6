// Calls of built-ins with constant globs, patterns and networks, and texts that come close to matching them.
import fc from 'fast-check'

/** How one built-in is called with constants, and with what. */
export interface ConstantCalls {
  /** The Rego of the arguments before the subject, with the built-in's name. */
  readonly call: fc.Arbitrary<string>
  readonly subject: fc.Arbitrary<string>
}

const quoted = (text: string): string => JSON.stringify(text)

const joined = (parts: readonly string[], maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...parts), { maxLength }).map((all) => all.join(''))

const globParts = [
  'a',
  'b',
  'ab',
  '.',
  '/',
  '*',
  '**',
  '?',
  '[ab]',
  '[!a]',
  '[a-c]',
  '[à-ÿ]',
  '{a,b}',
  '{ab,*.b,}',
  '\\*',
  'ü',
  '𝄞',
  '-',
  ',',
  '}',
  ':',
]
const delimiters = fc.oneof(
  fc.constant('null'),
  fc.array(fc.constantFrom('.', '/', ':', 'ü'), { maxLength: 3 }).map((all) => JSON.stringify(all)),
)

/** glob.match with random globs and delimiters. */
export const globs: ConstantCalls = {
  call: fc.tuple(joined(globParts, 5), delimiters).map(([glob, all]) => `glob.match(${quoted(glob)}, ${all}, `),
  subject: joined(['a', 'b', 'c', '.', '/', ':', 'ü', 'é', '𝄞', '*', '\n', '-', ','], 6),
}

const atoms = [
  'a',
  'b',
  'k',
  'S',
  '.',
  'ü',
  '[ab]',
  '[^a]',
  '[^ü]',
  '[à-ÿk]',
  '\\d',
  '\\W',
  '\\w',
  '\\S',
  '\\.',
  '[a-c0-9_-]',
  '(a|b)',
  '(?:ab|b)',
  '^',
  '$',
  '\\A',
  '\\z',
  '𝄞',
  '\\x{fc}',
  '\\x61',
  '(?i)',
  '(?s)',
  '(?i:k)',
  '(?is:s.)',
  '(?P<n>a)',
  '\\b',
  '\\pL',
]
const times = ['', '', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '|']

/** regex.match with random patterns, some of which are none. */
export const patterns: ConstantCalls = {
  call: fc
    .array(fc.tuple(fc.constantFrom(...atoms), fc.constantFrom(...times)), { minLength: 1, maxLength: 6 })
    .map((parts) => `regex.match(${quoted(parts.map((part) => part.join('')).join(''))}, `),
  subject: joined(['a', 'b', 'c', 'A', 'K', 's', '\u212a', '\u017f', '0', 'ü', 'Ü', '𝄞', '\n', ' ', '.', '_'], 7),
}

const octet = fc.constantFrom('0', '1', '10', '127', '128', '192', '255', '256', '01', '')
const v4 = fc.array(octet, { minLength: 3, maxLength: 5 }).map((all) => all.join('.'))
const good4 = fc
  .array(fc.constantFrom('0', '1', '10', '128', '255'), { minLength: 4, maxLength: 4 })
  .map((all) => all.join('.'))
const group = fc.constantFrom('0', '1', 'ffff', 'FFFF', '8000', 'db8', '7fff', '00000', 'g', '')
const v6 = fc
  .tuple(
    fc.array(group, { maxLength: 8 }),
    fc.constantFrom('', '::', ':', '::ffff:'),
    fc.array(group, { maxLength: 8 }),
    fc.oneof(fc.constant(''), good4),
  )
  .map(([head, gap, tail, end]) => `${head.join(':')}${gap}${[...tail, ...(end === '' ? [] : [end])].join(':')}`)
const good6 = fc
  .tuple(
    fc.integer({ min: 0, max: 7 }),
    fc.array(fc.constantFrom('0', '1', 'ffff', '8000'), { minLength: 7, maxLength: 7 }),
  )
  .map(([at, all]) => [...all.slice(0, at), '', ...all.slice(at, 6)].join(':').replace(/^:/, '::').replace(/:$/, '::'))
const address = fc.oneof(
  v4,
  good4,
  good4,
  v6,
  good6,
  good4.map((text) => `::ffff:${text}`),
)
const prefix = fc.oneof(
  fc.integer({ min: 0, max: 33 }),
  fc.integer({ min: 30, max: 130 }),
  fc.constantFrom('', '08', '0000', 'x', '1/2'),
)
const network = fc.tuple(fc.oneof(good4, good4, good6, address), prefix).map(([text, length]) => `${text}/${length}`)

/** net.cidr_contains with random networks, some of which are none. */
export const networks: ConstantCalls = {
  call: fc
    .oneof(
      network,
      good4.map((text) => `${text}/8`),
    )
    .map((text) => `net.cidr_contains(${quoted(text)}, `),
  subject: fc.oneof(address, network),
}

/** Whole calls on `input.x`. */
export function constantCalls(calls: ConstantCalls): fc.Arbitrary<string> {
  return calls.call.map((call) => `${call}input.x)`)
}

/** Some texts, and now and then what is no text. */
export function subjects(calls: ConstantCalls): fc.Arbitrary<unknown[]> {
  return fc.array(
    fc.oneof({ weight: 12, arbitrary: calls.subject }, { weight: 1, arbitrary: fc.constantFrom(7, null) }),
    {
      minLength: 6,
      maxLength: 10,
    },
  )
}
