// One operand of sprintf as Go's fmt writes it: integers, doubles and strings by verb and flags.
import { bytesOfText, quote, runes } from '../value/index.ts'
import { binaryText, floatText, hexText } from './go-float.ts'

/** An operand as Go has it. Integers beyond 64 bits are formatted by math/big, which has rules of its own. */
export type Argument =
  | { readonly type: 'int64'; readonly value: bigint }
  | { readonly type: 'big'; readonly value: bigint }
  | { readonly type: 'float64'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }

/** What a directive asks for. */
export interface Spec {
  readonly verb: string
  readonly plus: boolean
  readonly minus: boolean
  readonly sharp: boolean
  readonly space: boolean
  readonly zero: boolean
  readonly width: number | undefined
  readonly precision: number | undefined
}

const PLAIN: Spec = {
  verb: 'v',
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  width: undefined,
  precision: undefined,
}

/** An operand as one directive shows it. */
export function formatted(arg: Argument, spec: Spec): string {
  if (spec.verb === 'T') return padded(cut(typeOf(arg), spec.precision), spec)
  // `%+v` and `%#v` ask for Go's syntax, of which only quotes around strings and the sign of big integers are left here.
  const isValue = spec.verb === 'v'
  if (isValue && spec.sharp && arg.type === 'string') return padded(quoted(arg.value, { ...spec, sharp: false }), spec)
  const plain = isValue && arg.type !== 'big' ? { ...spec, sharp: false, plus: false } : spec
  return withVerb(arg, plain) ?? bad(arg, spec)
}

/** An operand nobody asked for, with its type. */
export function extra(arg: Argument): string {
  return `${typeOf(arg)}=${formatted(arg, PLAIN)}`
}

function typeOf(arg: Argument): string {
  return arg.type === 'big' ? '*big.Int' : arg.type
}

function bad(arg: Argument, spec: Spec): string {
  if (arg.type === 'big') return `%!${spec.verb}(big.Int=${arg.value})`
  return `%!${spec.verb}(${arg.type}=${withVerb(arg, { ...spec, verb: 'v' }) ?? ''})`
}

function withVerb(arg: Argument, spec: Spec): string | undefined {
  switch (arg.type) {
    case 'int64':
      return integer(arg.value, spec)
    case 'big':
      return bigInteger(arg.value, spec)
    case 'float64':
      return float(arg.value, spec)
    case 'string':
      return string(arg.value, spec)
  }
}

/** Fills up to the width; `head` stays before zeros. */
function padded(text: string, spec: Spec, head = ''): string {
  const missing = (spec.width ?? 0) - runes(head + text).length
  if (missing <= 0) return head + text
  if (spec.minus) return head + text + ' '.repeat(missing)
  return spec.zero ? head + '0'.repeat(missing) + text : ' '.repeat(missing) + head + text
}

const BASES: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }

function integer(value: bigint, spec: Spec): string | undefined {
  const base = BASES[spec.verb]
  if (base === undefined) return rune(value, spec)
  if (value === 0n && spec.precision === 0) return padded('', { ...spec, zero: false })
  const sign = signOf(value < 0n, spec)
  const zeros = spec.zero && spec.precision === undefined ? (spec.width ?? 0) - sign.length : 0
  const digits = digitsOf(value, base, spec).padStart(spec.precision ?? zeros, '0')
  return padded(sign + prefixOf(digits, spec) + digits, { ...spec, zero: false })
}

function digitsOf(value: bigint, base: number, spec: Spec): string {
  const digits = (value < 0n ? -value : value).toString(base)
  return spec.verb === 'X' ? digits.toUpperCase() : digits
}

function prefixOf(digits: string, { verb, sharp }: Spec): string {
  if (verb === 'O') return sharp && !digits.startsWith('0') ? '0o0' : '0o'
  if (!sharp) return ''
  return verb === 'b'
    ? '0b'
    : verb === 'o'
      ? digits.startsWith('0')
        ? ''
        : '0'
      : verb === 'x'
        ? '0x'
        : verb === 'X'
          ? '0X'
          : ''
}

function signOf(negative: boolean, spec: Spec): string {
  return negative ? '-' : spec.plus ? '+' : spec.space ? ' ' : ''
}

const REPLACEMENT = 0xfffd

function rune(value: bigint, spec: Spec): string | undefined {
  const isRune = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn)
  const text = String.fromCodePoint(isRune ? Number(value) : REPLACEMENT)
  switch (spec.verb) {
    case 'c':
      return padded(text, spec)
    case 'q':
      return padded(`'${text === "'" ? "\\'" : text === '"' ? '"' : written(text, spec).slice(1, -1)}'`, spec)
    case 'U': {
      const digits = BigInt.asUintN(64, value)
        .toString(16)
        .toUpperCase()
        .padStart(Math.max(4, spec.precision ?? 0), '0')
      return padded(`U+${digits}${spec.sharp && isPrintable(text) ? ` '${text}'` : ''}`, { ...spec, zero: false })
    }
    default:
      return undefined
  }
}

function bigInteger(value: bigint, spec: Spec): string | undefined {
  const base = spec.verb === 's' ? 10 : BASES[spec.verb]
  if (base === undefined) return undefined
  const digits = digitsOf(value, base, spec).padStart(spec.precision ?? 0, '0')
  const sharp =
    spec.sharp && spec.verb === 'o' ? '0' : prefixOf('', { ...spec, sharp: spec.sharp && spec.verb !== 'O' })
  const isZero = spec.zero && spec.precision === undefined
  return padded(digits, { ...spec, zero: isZero }, signOf(value < 0n, spec) + sharp)
}

function float(value: number, spec: Spec): string | undefined {
  const magnitude = Math.abs(value)
  const text = magnitudeText(magnitude, spec)
  if (text === undefined) return undefined
  const shown = spec.sharp && spec.verb !== 'b' ? withPoint(text, spec) : text
  return padded(shown, spec, signOf(value < 0 || Object.is(value, -0), spec))
}

function magnitudeText(value: number, { verb, precision }: Spec): string | undefined {
  switch (verb) {
    case 'v':
      return floatText(value, 'g', precision)
    case 'g':
    case 'G':
      return floatText(value, verb, precision)
    case 'e':
    case 'E':
    case 'f':
      return floatText(value, verb, precision ?? 6)
    case 'F':
      return floatText(value, 'f', precision ?? 6)
    case 'b':
      return binaryText(value)
    case 'x':
      return hexText(value, precision)
    case 'X':
      return hexText(value, precision).toUpperCase()
    default:
      return undefined
  }
}

/** `#` always shows a point, and in the general forms all the digits. */
function withPoint(text: string, { verb, precision }: Spec): string {
  const at = text.search(verb === 'x' || verb === 'X' ? /p/i : /e/i)
  const [number, tail] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)]
  const pointed = number.includes('.') ? number : `${number}.`
  if (!'vgGx'.includes(verb)) return pointed + tail
  const significant = number === '0' ? 1 : number.replace('.', '').replace(/^0+/, '').length
  return pointed + '0'.repeat(Math.max(0, (precision ?? 6) - significant)) + tail
}

function string(value: string, spec: Spec): string | undefined {
  const { precision } = spec
  switch (spec.verb) {
    case 's':
    case 'v':
      return padded(cut(value, precision), spec)
    case 'q':
      return padded(quoted(cut(value, precision), spec), spec)
    case 'x':
    case 'X': {
      const bytes = bytesOfText(value).subarray(0, precision)
      const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'))
      const mark = spec.sharp && pairs.length > 0 ? '0x' : ''
      const hex = spec.space ? pairs.map((pair) => mark + pair).join(' ') : mark + pairs.join('')
      return padded(spec.verb === 'X' ? hex.toUpperCase() : hex, spec)
    }
    default:
      return undefined
  }
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : runes(text).slice(0, precision).join('')
}

function quoted(text: string, spec: Spec): string {
  return spec.sharp && canBackquote(text) ? `\`${text}\`` : written(text, spec)
}

/** In double quotes; `+` leaves nothing beyond ASCII. */
function written(text: string, { plus }: Spec): string {
  const all = quote(text)
  if (!plus) return all
  return runes(all)
    .map((rune) => {
      const code = rune.codePointAt(0) ?? 0
      const hex = code.toString(16)
      return code < 0x80 ? rune : code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
    })
    .join('')
}

function isPrintable(rune: string): boolean {
  return rune === '"' || rune === '\\' || quote(rune) === `"${rune}"`
}

/** Whether a text can stand between backquotes: no control characters but tabs, and no backquote. */
function canBackquote(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if ((code < 0x20 && code !== 9) || code === 0x60 || code === 0x7f || code === 0xfeff) return false
  }
  return true
}
