// units.parse units.parse_bytes: amounts with SI and binary units.
import {
  integerOf,
  isNumber,
  multiply,
  numberFromBigInt,
  numberFromParts,
  numberFromText,
  truncated,
  type Value,
} from '../value/index.ts'
import { type Builtin, BuiltinError } from './contract.ts'
import { stringOperand } from './operands.ts'

/** How many digits an exponent may have. */
const EXPONENT_DIGITS_MAX = 6

/** How many decimals an amount that is no integer is given with. */
const DECIMALS = 10

/** The double nearest to a thousandth, exactly: what milli stands for. */
const MILLI = { numerator: 1152921504606847n, denominator: 2n ** 60n }

/** The built-ins on units by name. */
export const units: Readonly<Record<string, Builtin>> = {
  'units.parse': (_, args) => parse(stringOperand(args, 1).replaceAll('"', '')),
  'units.parse_bytes': (_, args) => parseBytes(stringOperand(args, 1).toLowerCase().replaceAll('"', '')),
}

const PREFIXES = ['k', 'm', 'g', 't', 'p', 'e']

function factor(unit: string): bigint | undefined {
  const power = PREFIXES.indexOf(unit.charAt(0).toLowerCase()) + 1
  if (power === 0) return undefined
  return unit.length === 1 ? 1000n ** BigInt(power) : 1024n ** BigInt(power)
}

function parse(text: string): Value {
  const { amount, unit: written } = split(text, 'units.parse', 'amount')
  const unit = written.slice(0, 1) + written.slice(1).toLowerCase()
  const known = unit === '' || /^(?:[kKMgGtTpPeE]|[kKmMgGtTpPeE]i|m)$/.test(unit)
  if (!known) throw failed('units.parse', `unit ${unit} not recognized`)
  const { coefficient, exponent } = decimal(amount, 'units.parse', 'amount')
  const numerator = unit === 'm' ? MILLI.numerator : unit === '' ? 1n : (factor(unit) ?? 1n)
  const scaled = coefficient * numerator * 10n ** BigInt(Math.max(0, exponent))
  const divisor = (unit === 'm' ? MILLI.denominator : 1n) * 10n ** BigInt(Math.max(0, -exponent))
  if (scaled % divisor === 0n) return numberFromBigInt(scaled / divisor)
  const rounded = roundedQuotient(scaled * 10n ** BigInt(DECIMALS), divisor)
  return numberFromText(decimalText(rounded)) ?? 0
}

function parseBytes(text: string): Value {
  const { amount, unit } = split(text, 'units.parse_bytes', 'byte amount')
  const known = unit === '' || /^[kmgtpe](?:b|i|ib)?$/.test(unit)
  if (!known) throw failed('units.parse_bytes', `byte unit ${unit} not recognized`)
  const { coefficient, exponent } = decimal(amount, 'units.parse_bytes', 'byte amount')
  const number = numberFromParts(coefficient, exponent)
  if (number === undefined) throw failed('units.parse_bytes', 'exponent too large')
  const by = unit === '' ? 1n : (factor(unit.includes('i') ? unit : unit.charAt(0)) ?? 1n)
  return numberFromBigInt(truncated(multiply(number, numberFromBigInt(by))))
}

function failed(name: string, message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', `${name}: ${message}`)
}

/** The number at the start of a text and the unit after it. */
function split(text: string, name: string, noun: string): { amount: string; unit: string } {
  if (text.includes(' ')) throw failed(name, 'spaces not allowed in resource strings')
  let at = 0
  while (at < text.length && /[0-9.+-]/.test(text.charAt(at))) at++
  if (/^[eE][0-9+-]/.test(text.slice(at))) {
    const digits = /^[eE][+-]?([0-9]*)/.exec(text.slice(at))
    if ((digits?.[1]?.length ?? 0) > EXPONENT_DIGITS_MAX) throw failed(name, 'exponent too large')
    at += digits?.[0].length ?? 0
    while (at < text.length && /[0-9.+-]/.test(text.charAt(at))) at++
  }
  if (at === 0) throw failed(name, `no ${noun} provided`)
  return { amount: text.slice(0, at), unit: text.slice(at) }
}

function decimal(amount: string, name: string, noun: string): { coefficient: bigint; exponent: number } {
  const parts = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(amount)
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts ?? []
  if (parts === null || whole + fraction === '') throw failed(name, `could not parse ${noun} to a number`)
  const number = numberFromText(
    `${sign === '-' ? '-' : ''}${BigInt(whole + fraction)}e${Number(exponent) - fraction.length}`,
  )
  if (!isNumber(number)) throw failed(name, 'exponent too large')
  if (typeof number === 'number') return { coefficient: integerOf(number) ?? 0n, exponent: 0 }
  return { coefficient: number.coefficient, exponent: number.exponent }
}

/** Halves away from zero. */
/** A count of units in the last of the decimals, with all of them. */
function decimalText(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(DECIMALS + 1, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`
}

function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  const magnitude = dividend < 0n ? -dividend : dividend
  const quotient = (2n * magnitude + divisor) / (2n * divisor)
  return dividend < 0n ? -quotient : quotient
}
