// sprintf with the verbs and flags of Go's fmt. Operands are integers of any size, doubles and strings; everything else
// is formatted as the string it prints as.
import { integerOf, isDecimal, isNumber, quote, runes, type Value, writeRego } from '../value/index.ts'
import { type Builtin, BuiltinError } from './contract.ts'
import { arrayOperand, stringOperand } from './operands.ts'

/** How wide or precise a verb may ask to be. */
const WIDTH_MAX = 10_000

/** How long the result may be. */
const RESULT_MAX = 16 * 1024 * 1024

/** sprintf by name. */
export const formatting: Readonly<Record<string, Builtin>> = {
  sprintf: (context, args) => {
    const format = stringOperand(args, 1)
    const text = new Formatter(format, arrayOperand(args, 2)).result()
    context.spend(1 + (text.length >> 4))
    return text
  },
}

type Argument =
  | { readonly type: 'int'; readonly value: bigint; readonly go: 'int64' | '*big.Int' }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }

function argumentOf(value: Value): Argument {
  if (typeof value === 'number') return { type: 'int', value: BigInt(value), go: 'int64' }
  if (isDecimal(value)) {
    if (value.text.includes('.')) return { type: 'float', value: value.toDouble() }
    const integer = isNumber(value) && /^-?[0-9]+$/.test(value.text) ? integerOf(value) : undefined
    if (integer === undefined) return { type: 'string', value: value.text }
    return { type: 'int', value: integer, go: BigInt.asIntN(64, integer) === integer ? 'int64' : '*big.Int' }
  }
  return { type: 'string', value: typeof value === 'string' ? value : writeRego(value) }
}

interface Spec {
  readonly plus: boolean
  readonly minus: boolean
  readonly sharp: boolean
  readonly space: boolean
  readonly zero: boolean
  readonly width: number | undefined
  readonly precision: number | undefined
  readonly verb: string
}

class Formatter {
  readonly #format: readonly string[]
  readonly #args: readonly Argument[]
  #at = 0
  #next = 0

  constructor(format: string, args: readonly Value[]) {
    this.#format = runes(format)
    this.#args = args.map(argumentOf)
  }

  result(): string {
    let text = ''
    while (this.#at < this.#format.length) {
      const rune = this.#format[this.#at++] ?? ''
      text += rune === '%' ? this.#directive() : rune
      if (text.length > RESULT_MAX) throw new BuiltinError('eval_builtin_error', 'string beyond the limit')
    }
    const extra = this.#args.slice(this.#next)
    return extra.length === 0
      ? text
      : `${text}%!(EXTRA ${extra.map((arg) => `${goType(arg)}=${plainText(arg)}`).join(', ')})`
  }

  #directive(): string {
    const flags = new Set<string>()
    while ('+-# 0'.includes(this.#format[this.#at] ?? '_')) flags.add(this.#format[this.#at++] ?? '')
    const width = this.#amount()
    let precision: number | undefined
    if (this.#format[this.#at] === '.') {
      this.#at++
      precision = this.#amount() ?? 0
    }
    const verb = this.#format[this.#at++]
    if (verb === undefined) return '%!(NOVERB)'
    if (verb === '%') return '%'
    const arg = this.#args[this.#next]
    if (arg === undefined) return `%!${verb}(MISSING)`
    this.#next++
    const minus = flags.has('-') || (width ?? 0) < 0
    return formatted(arg, {
      plus: flags.has('+'),
      minus,
      sharp: flags.has('#'),
      space: flags.has(' '),
      zero: flags.has('0') && !minus,
      width: width === undefined ? undefined : Math.abs(width),
      precision: precision !== undefined && precision < 0 ? undefined : precision,
      verb,
    })
  }

  #amount(): number | undefined {
    if (this.#format[this.#at] === '*') {
      this.#at++
      const arg = this.#args[this.#next++]
      return arg?.type === 'int' ? checked(Number(arg.value)) : undefined
    }
    let digits = ''
    while (/^[0-9]$/.test(this.#format[this.#at] ?? '')) digits += this.#format[this.#at++]
    return digits === '' ? undefined : checked(Number(digits))
  }
}

function checked(amount: number): number {
  if (Math.abs(amount) > WIDTH_MAX) throw new BuiltinError('eval_builtin_error', 'width beyond the limit')
  return amount
}

function goType(arg: Argument): string {
  return arg.type === 'int' ? arg.go : arg.type === 'float' ? 'float64' : 'string'
}

function plainText(arg: Argument): string {
  return arg.type === 'float' ? general(arg.value, undefined, 'e') : String(arg.value)
}

function formatted(arg: Argument, spec: Spec): string {
  const text =
    arg.type === 'int'
      ? integerText(arg.value, asInteger(arg.go, spec))
      : arg.type === 'float'
        ? floatText(arg.value, spec)
        : stringText(arg.value, spec)
  if (text === undefined) return `%!${spec.verb}(${goType(arg)}=${plainText(arg)})`
  return padded(text, spec, arg.type !== 'string' && !/[cqU]/.test(spec.verb))
}

/** Go's big integers take `%s` for `%d`. */
function asInteger(go: string, spec: Spec): Spec {
  return go === '*big.Int' && spec.verb === 's' ? { ...spec, verb: 'd' } : spec
}

function padded(text: string, spec: Spec, numeric: boolean): string {
  const missing = (spec.width ?? 0) - runes(text).length
  if (missing <= 0) return text
  if (spec.minus) return text + ' '.repeat(missing)
  if (!spec.zero) return ' '.repeat(missing) + text
  const sign = numeric && /^[+\- ]/.test(text) ? text.charAt(0) : ''
  return sign + '0'.repeat(missing) + text.slice(sign.length)
}

const BASES: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }
const PREFIXES: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' }

function integerText(value: bigint, spec: Spec): string | undefined {
  const base = BASES[spec.verb]
  if (base === undefined) {
    const code = Number(value)
    const rune = code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
    if (spec.verb === 'c') return rune
    if (spec.verb === 'q') return `'${rune === "'" ? "\\'" : rune === '"' ? '"' : quote(rune).slice(1, -1)}'`
    return spec.verb === 'U' ? `U+${value.toString(16).toUpperCase().padStart(4, '0')}` : undefined
  }
  const negative = value < 0n
  let digits = (negative ? -value : value).toString(base).padStart(spec.precision ?? 0, '0')
  if (spec.verb === 'X') digits = digits.toUpperCase()
  const prefix = spec.verb === 'O' ? '0o' : spec.sharp ? (PREFIXES[spec.verb] ?? '') : ''
  return signOf(negative, spec) + prefix + digits
}

function signOf(negative: boolean, spec: Spec): string {
  return negative ? '-' : spec.plus ? '+' : spec.space ? ' ' : ''
}

function floatText(value: number, spec: Spec): string | undefined {
  const sign = signOf(value < 0, spec)
  const magnitude = Math.abs(value)
  switch (spec.verb) {
    case 'f':
    case 'F':
      return sign + fixed(magnitude, spec.precision ?? 6)
    case 'e':
      return sign + exponential(magnitude, spec.precision ?? 6, 'e')
    case 'E':
      return sign + exponential(magnitude, spec.precision ?? 6, 'E')
    case 'v':
    case 'g':
      return sign + general(magnitude, spec.precision, 'e')
    case 'G':
      return sign + general(magnitude, spec.precision, 'E')
    default:
      return undefined
  }
}

/** How many decimals toFixed takes, and from where on it writes an exponent. */
const FIXED_DIGITS_MAX = 100
const FIXED_VALUE_MAX = 1e21

function fixed(value: number, digits: number): string {
  const shown = Math.min(digits, FIXED_DIGITS_MAX)
  const zeros = '0'.repeat(digits - shown)
  if (value < FIXED_VALUE_MAX) return value.toFixed(shown) + zeros
  return BigInt(value).toString() + (digits === 0 ? '' : `.${'0'.repeat(digits)}`)
}

function exponential(value: number, digits: number | undefined, e: string): string {
  const text = digits === undefined ? value.toExponential() : value.toExponential(Math.min(digits, FIXED_DIGITS_MAX))
  const [mantissa = '', power = '0'] = text.split('e')
  const amount = Math.abs(Number(power)).toString().padStart(2, '0')
  return `${mantissa}${e}${power.startsWith('-') ? '-' : '+'}${amount}`
}

function general(value: number, precision: number | undefined, e: string): string {
  const digits = precision === undefined ? undefined : Math.min(Math.max(precision, 1), FIXED_DIGITS_MAX)
  const rounded = digits === undefined ? value.toExponential() : value.toExponential(digits - 1)
  const [mantissa = '', power = '0'] = rounded.split('e')
  const exponent = Number(power)
  const significant = trimZeros(mantissa)
  const threshold = digits === undefined ? GENERAL_EXPONENT_MAX : digits
  if (exponent < -4 || exponent >= threshold)
    return exponential(Number(rounded), significant.replace('.', '').length - 1, e)
  return trimZeros(
    Number(rounded).toFixed(
      Math.min(FIXED_DIGITS_MAX, Math.max(0, significant.replace('.', '').length - 1 - exponent)),
    ),
  )
}

/** From this exponent on the shortest form is written with one. */
const GENERAL_EXPONENT_MAX = 6

function trimZeros(text: string): string {
  if (!text.includes('.')) return text
  let end = text.length
  while (text.charCodeAt(end - 1) === 0x30) end--
  return text.slice(0, text.charCodeAt(end - 1) === 0x2e ? end - 1 : end)
}

function stringText(value: string, spec: Spec): string | undefined {
  const text = spec.precision === undefined ? value : runes(value).slice(0, spec.precision).join('')
  switch (spec.verb) {
    case 's':
      return text
    case 'v':
      return spec.sharp ? quote(text) : text
    case 'q':
      return spec.sharp && !text.includes('`') && !/[\n\r]/.test(text) ? `\`${text}\`` : quote(text)
    case 'x':
    case 'X': {
      const hex = Buffer.from(text).toString('hex')
      return spec.verb === 'X' ? hex.toUpperCase() : hex
    }
    default:
      return undefined
  }
}
