// Writes values as YAML, in the form that Go's writer gives them: block style, keys in natural order, quotes where needed.
import { doubleOf, integerOf, isArray, jsonEntries, type Value } from '../value/index.ts'

/** A value as a YAML document. */
export function writeYaml(value: Value): string {
  const lines: string[] = []
  writeNode(lines, '', value, 0)
  return `${lines.join('\n')}\n`
}

const UINT64_MAX = 2n ** 64n - 1n
const INT64_MIN = -(2n ** 63n)

/** Writes a node behind what its line begins with; its further lines stand `depth` levels in. */
function writeNode(lines: string[], begin: string, value: Value, depth: number): void {
  const indent = '  '.repeat(depth)
  const items = isArray(value) ? value : itemsOf(value)
  if (items !== undefined && items.length > 0) {
    items.forEach((item, at) => {
      writeNode(lines, `${at === 0 ? begin : indent}- `, item, depth + 1)
    })
    return
  }
  const entries = entriesOf(value)
  if (entries !== undefined && entries.length > 0) {
    entries.forEach(([key, item], at) => {
      writePair(lines, at === 0 ? begin : indent, key, item, depth)
    })
    return
  }
  lines.push(...`${begin}${scalarText(value, depth === 0 ? 1 : depth)}`.split('\n'))
}

/** A key and its value: on one line where the key fits before a colon, else each behind a sign of its own. */
function writePair(lines: string[], begin: string, key: string, value: Value, depth: number): void {
  const text = stringText(key, depth + 1)
  if (!key.includes('\n') && Buffer.byteLength(key) <= SIMPLE_KEY_MAX) {
    writeEntry(lines, `${begin}${text}:`, value, depth)
    return
  }
  lines.push(...`${begin}? ${text}`.split('\n'))
  writeNode(lines, `${'  '.repeat(depth)}: `, value, depth + 1)
}

/** How many bytes a key may have that stands before a colon. */
const SIMPLE_KEY_MAX = 128

function writeEntry(lines: string[], begin: string, value: Value, depth: number): void {
  const indent = '  '.repeat(depth)
  const items = isArray(value) ? value : itemsOf(value)
  if (items !== undefined && items.length > 0) {
    lines.push(begin)
    writeNode(lines, indent, value, depth)
    return
  }
  if ((entriesOf(value)?.length ?? 0) > 0) {
    lines.push(begin)
    writeNode(lines, `${indent}  `, value, depth + 1)
    return
  }
  lines.push(...`${begin} ${scalarText(value, depth + 1)}`.split('\n'))
}

function itemsOf(value: Value): readonly Value[] | undefined {
  return typeof value === 'object' && value !== null && !isArray(value) && value.kind === 'set'
    ? value.items()
    : undefined
}

function entriesOf(value: Value): readonly (readonly [string, Value])[] | undefined {
  if (typeof value !== 'object' || value === null || isArray(value) || value.kind !== 'object') return undefined
  return [...jsonEntries(value)].sort(([a], [b]) => naturalOrder(a, b))
}

function scalarText(value: Value, depth: number): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return stringText(value, depth)
  if (typeof value === 'number') return String(value)
  if (isArray(value) || value.kind === 'set') return '[]'
  if (value.kind === 'object') return '{}'
  if (value.integer === 0) return value.text.startsWith('-') && value.text !== '-0' ? '-0' : '0'
  const integer = value.exponent > UINT64_DIGITS || /[.eE]/.test(value.text) ? undefined : integerOf(value)
  if (integer !== undefined && integer <= UINT64_MAX && integer >= INT64_MIN) return String(integer)
  const double = doubleOf(value)
  return Number.isFinite(double) ? floatText(double) : value.text
}

const UINT64_DIGITS = 20
const FLOAT_PLACES = 6

/** What is written as a fraction or with an exponent: the shortest form, with an exponent beyond 6 places or below 4. */
function floatText(value: number): string {
  const [digits = '', exponent = '0'] = value.toExponential().split('e')
  if (Number(exponent) >= -4 && Number(exponent) < FLOAT_PLACES) return String(value)
  const size = exponent.replace(/^[+-]/, '')
  return `${digits}e${exponent.startsWith('-') ? '-' : '+'}${size.padStart(2, '0')}`
}

function stringText(text: string, depth: number): string {
  const found = analyze(text)
  if (text.includes('\n')) return found.block && depth > 0 ? literal(text, depth) : doubleQuoted(text)
  if (isOtherwise(text)) return doubleQuoted(text)
  if (found.plain) return text
  return found.single ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text)
}

/** What would not be read back as a string: in YAML 1.1, in later YAML, or in numbers of sixties. */
function isOtherwise(text: string): boolean {
  if (text === '' || text === '~' || WORDS.has(text)) return true
  if (!/^[-+.0-9]/.test(text) || text.length > NUMBER_MAX) return false
  const plain = text.replaceAll('_', '')
  // Digits that are too much for a number are a text.
  if (/^[-+]?(?:0b[01]+|0o?[0-7]+|0x[0-9a-fA-F]+)$/.test(plain) && isWithin64Bits(plain)) return true
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain)) return Number.isFinite(Number(plain))
  if (/^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text)) return true
  return isTime(text)
}

function isWithin64Bits(text: string): boolean {
  const digits = text.replace(/^[-+]/, '')
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits}` : digits)
  return text.startsWith('-') ? value <= 1n << 63n : value < 1n << 64n
}

const TIME =
  /^[0-9]{4}-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]|( +))([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?)?$/

/** Whether a text would be read as a time, in one of the four forms that Go's reader knows and with parts that there are. */
function isTime(text: string): boolean {
  const parts = TIME.exec(text)
  if (parts === null) return false
  const [, month = '', day = '', space, hour, minute = '', second = '', zone] = parts
  if (hour !== undefined && (space === undefined) === (zone === undefined)) return false
  const [zoneHour = 0, zoneMinute = 0] = zone === undefined || zone === 'Z' ? [] : zone.slice(1).split(':').map(Number)
  const date = new Date(0)
  date.setUTCFullYear(Number(text.slice(0, 4)), Number(month) - 1, Number(day))
  const isDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
  const isClock = Number(hour ?? 0) < 24 && Number(minute) < 60 && Number(second) < 60
  return isDay && isClock && zoneHour <= 24 && zoneMinute <= 60
}

/** No number or time is longer. */
const NUMBER_MAX = 400

const WORDS: ReadonlySet<string> = new Set(
  ['null', 'true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n', '.nan', '.inf', '+.inf', '-.inf']
    .flatMap((word) => [word, word.toUpperCase(), word.replace(/[a-z]/, (letter) => letter.toUpperCase())])
    .concat('.NaN'),
)

interface Allowed {
  readonly plain: boolean
  readonly single: boolean
  readonly block: boolean
}

/** Which styles can hold a text. */
function analyze(text: string): Allowed {
  let indicators = text.startsWith('---') || text.startsWith('...')
  let special = false
  let spaceBreak = false
  let breakSpace = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    const next = text[at + 1]
    const beforeBlank = next === undefined || next === ' ' || next === '\t' || next === '\n'
    if (at === 0) {
      indicators ||= '#,[]{}&*!|>\'"%@`'.includes(char) || ('?:-'.includes(char) && beforeBlank)
    } else if (char === ':') indicators ||= beforeBlank
    else if (char === '#') indicators ||= ' \t\n'.includes(text[at - 1] ?? '')
    if (char === ' ' && next === '\n') spaceBreak = true
    if (char === '\n' && next === ' ') breakSpace = true
    special ||= char !== '\n' && !isPrintable(text.charCodeAt(at))
  }
  const edges = /^[ \n]/.test(text) || /[ \n]$/.test(text)
  const quotable = !spaceBreak && !special
  return {
    plain: quotable && !edges && !indicators && !breakSpace,
    single: quotable && !breakSpace,
    block: quotable && !text.endsWith(' '),
  }
}

/** Runes beyond the first plane are not. */
function isPrintable(unit: number): boolean {
  if (unit < 0x7f) return unit >= 0x20
  return unit === 0x85 || (unit >= 0xa0 && unit < 0xd800) || (unit >= 0xe000 && unit <= 0xfffd && unit !== 0xfeff)
}

function literal(text: string, depth: number): string {
  const hint = /^[ \n]/.test(text) ? '2' : ''
  const chomp = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : ''
  const body = text.endsWith('\n') ? text.slice(0, -1) : text
  const indent = '  '.repeat(depth)
  return `|${hint}${chomp}\n${body
    .split('\n')
    .map((line) => (line === '' ? '' : indent + line))
    .join('\n')}`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function doubleQuoted(text: string): string {
  let quoted = '"'
  for (const rune of text) quoted += ESCAPES[rune] ?? (isWritable(rune) ? rune : escaped(rune.codePointAt(0) ?? 0))
  return `${quoted}"`
}

function isWritable(rune: string): boolean {
  return rune.length === 1 && isPrintable(rune.charCodeAt(0))
}

function escaped(code: number): string {
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** Letters behind other signs, and digits side by side as one number. */
function naturalOrder(a: string, b: string): number {
  const [x, y] = [[...a], [...b]]
  let inDigits = false
  for (let at = 0; at < x.length && at < y.length; at++) {
    const [left, right] = [x[at] ?? '', y[at] ?? '']
    if (left === right) {
      inDigits = isDigit(left)
      continue
    }
    const [leftLetter, rightLetter] = [isLetter(left), isLetter(right)]
    if (leftLetter && rightLetter) return left < right ? -1 : 1
    if (leftLetter || rightLetter) return inDigits ? (leftLetter ? -1 : 1) : leftLetter ? 1 : -1
    return numberOrder(x, y, at) || ((left.codePointAt(0) ?? 0) < (right.codePointAt(0) ?? 0) ? -1 : 1)
  }
  return x.length - y.length
}

/** The order of the numbers that begin at a place, where both do. */
function numberOrder(x: readonly string[], y: readonly string[], from: number): number {
  let start = from
  if (x[from] === '0' || y[from] === '0') {
    while (start > 0 && isDigit(x[start - 1] ?? '')) start--
  }
  const [left, right] = [digitsAt(x, from), digitsAt(y, from)]
  const sameLead = start < from && [...x.slice(start, from)].some((digit) => digit !== '0')
  if (sameLead && left.length !== right.length) return left.length - right.length
  const [a, b] = [Number(left), Number(right)]
  if (a !== b && !Number.isNaN(a - b)) return a - b
  return left.length - right.length
}

function digitsAt(runes: readonly string[], from: number): string {
  let digits = ''
  for (let at = from; at < runes.length && isDigit(runes[at] ?? ''); at++) digits += runes[at]
  return digits
}

function isDigit(rune: string): boolean {
  return rune >= '0' && rune <= '9'
}

function isLetter(rune: string): boolean {
  return /^\p{L}$/u.test(rune)
}
