// sprintf with the directives of Go's fmt: flags, widths, precisions, verbs, and operands by their place.
import { integerOf, isDecimal, runes, type Value, writeRego } from '../value/index.ts'
import { type Builtin, BuiltinError } from './contract.ts'
import { type Argument, extra, formatted, type Spec } from './go-format.ts'
import { arrayOperand, stringOperand } from './operands.ts'

/** How wide or precise a verb may ask to be: Go's limit. */
const WIDTH_MAX = 1_000_000

/** How long the result may be. */
const RESULT_MAX = 16 * 1024 * 1024

/** sprintf by name. */
export const formatting: Readonly<Record<string, Builtin>> = {
  sprintf: (context, args) => {
    const format = stringOperand(args, 1)
    return new Formatter(format, arrayOperand(args, 2), (length) => context.spend(1 + (length >> 4))).result()
  },
}

function argumentOf(value: Value): Argument {
  if (typeof value === 'number') return { type: 'int64', value: BigInt(value) }
  if (!isDecimal(value)) return { type: 'string', value: typeof value === 'string' ? value : writeRego(value) }
  const { text } = value
  if (text.includes('.')) {
    const double = Number(text)
    return Number.isFinite(double) ? { type: 'float64', value: double } : { type: 'string', value: text }
  }
  const integer = /^-?[0-9]+$/.test(text) ? integerOf(value) : undefined
  if (integer === undefined) return { type: 'string', value: text }
  return { type: BigInt.asIntN(64, integer) === integer ? 'int64' : 'big', value: integer }
}

class Formatter {
  readonly #format: readonly string[]
  readonly #args: readonly Argument[]
  readonly #spend: (length: number) => void
  #at = 0
  #next = 0
  /** Whether a directive named its operand: then none is told as left over. */
  #isReordered = false
  /** Whether the operand that the directive names is there. */
  #isGood = true
  /** Whether a place was just named, which the width, precision or verb behind it goes by. */
  #isPlaced = false

  constructor(format: string, args: readonly Value[], spend: (length: number) => void) {
    spend(format.length)
    this.#spend = spend
    this.#format = runes(format)
    this.#args = args.map(argumentOf)
  }

  result(): string {
    let text = ''
    while (this.#at < this.#format.length) {
      const rune = this.#format[this.#at++] ?? ''
      const shown = rune === '%' ? this.#directive() : rune
      if (rune === '%') this.#spend(shown.length)
      text += shown
      if (text.length > RESULT_MAX) throw new BuiltinError('eval_builtin_error', 'string beyond the limit')
    }
    const left = this.#isReordered ? [] : this.#args.slice(this.#next)
    return left.length === 0 ? text : `${text}%!(EXTRA ${left.map(extra).join(', ')})`
  }

  #directive(): string {
    const flags = new Set<string>()
    while ('+-# 0'.includes(this.#format[this.#at] ?? '_')) flags.add(this.#format[this.#at++] ?? '')
    this.#isGood = true
    this.#isPlaced = false
    let faults = ''
    this.#place()
    let width: number | undefined
    if (this.#take('*')) {
      width = this.#amountOperand()
      if (width === undefined) faults += '%!(BADWIDTH)'
    } else {
      width = this.#amount()
      if (width !== undefined && this.#isPlaced) this.#isGood = false
    }
    let precision: number | undefined
    if (this.#take('.')) {
      if (this.#isPlaced) this.#isGood = false
      this.#place()
      if (this.#take('*')) {
        precision = this.#amountOperand()
        if (precision !== undefined && precision < 0) precision = undefined
        if (precision === undefined) faults += '%!(BADPREC)'
      } else {
        precision = this.#amount() ?? 0
      }
    }
    if (!this.#isPlaced) this.#place()
    const verb = this.#format[this.#at++]
    if (verb === undefined) return `${faults}%!(NOVERB)`
    const minus = flags.has('-') || (width ?? 0) < 0
    return (
      faults +
      this.#shown({
        verb,
        plus: flags.has('+'),
        minus,
        sharp: flags.has('#'),
        space: flags.has(' '),
        zero: flags.has('0') && !minus,
        width: width === undefined ? undefined : Math.abs(width),
        precision,
      })
    )
  }

  #shown(spec: Spec): string {
    if (spec.verb === '%') return '%'
    if (!this.#isGood) return `%!${spec.verb}(BADINDEX)`
    const arg = this.#args[this.#next]
    if (arg === undefined) return `%!${spec.verb}(MISSING)`
    this.#next++
    return formatted(arg, spec)
  }

  /** Reads the place of an operand in brackets, counted from one. */
  #place(): void {
    this.#isPlaced = false
    if (this.#format[this.#at] !== '[') return
    this.#isReordered = true
    const end = this.#format.indexOf(']', this.#at)
    const inside = end < 0 ? '' : this.#format.slice(this.#at + 1, end).join('')
    this.#at = end < 0 ? this.#at + 1 : end + 1
    this.#isPlaced = /^[0-9]{1,6}$/.test(inside)
    const index = this.#isPlaced ? Number(inside) - 1 : -1
    if (index >= 0 && index < this.#args.length) this.#next = index
    else this.#isGood = false
  }

  #take(rune: string): boolean {
    if (this.#format[this.#at] !== rune) return false
    this.#at++
    return true
  }

  #amountOperand(): number | undefined {
    this.#isPlaced = false
    const arg = this.#args[this.#next]
    if (arg === undefined) return undefined
    this.#next++
    return arg.type === 'int64' && arg.value <= WIDTH_MAX && arg.value >= -WIDTH_MAX ? Number(arg.value) : undefined
  }

  #amount(): number | undefined {
    let digits = ''
    while (/^[0-9]$/.test(this.#format[this.#at] ?? '')) digits += this.#format[this.#at++]
    if (digits === '') return undefined
    if (Number(digits) <= WIDTH_MAX) return Number(digits)
    // Go gives up on the rest of the format.
    this.#at = this.#format.length
    return undefined
  }
}
