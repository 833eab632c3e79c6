// Doubles as Go's strconv writes them: shortest or rounded to the digits asked for, halves to even.

/** How many digits the fraction of a double has at most: more are zeros. */
const FRACTION_MAX = 1_074

/** The digits of a number, without zeros at its end, and where its point is: it is 0.DIGITS times ten to the point. */
interface Digits {
  readonly digits: string
  readonly point: number
}

/** A double that is not negative, in one of the forms e E f F g G; without a precision with the fewest digits that tell it. */
export function floatText(value: number, verb: string, precision: number | undefined): string {
  const lower = verb.toLowerCase()
  const text =
    lower === 'e' ? exponent(value, precision) : lower === 'f' ? fixed(value, precision) : general(value, precision)
  return verb === lower ? text : text.toUpperCase()
}

function exponent(value: number, precision: number | undefined): string {
  if (precision === undefined) {
    const found = shortest(value)
    return exponentForm(found, Math.max(0, found.digits.length - 1))
  }
  return exponentForm(rounded(exact(value), precision + 1), precision)
}

function fixed(value: number, precision: number | undefined): string {
  const found = precision === undefined ? shortest(value) : exact(value)
  const places = precision ?? Math.max(0, found.digits.length - found.point)
  return fixedForm(rounded(found, found.point + places), places)
}

/** From this exponent on the shortest form is written with one. */
const GENERAL_EXPONENT_MAX = 6

function general(value: number, precision: number | undefined): string {
  const count = precision === 0 ? 1 : precision
  const found = count === undefined ? shortest(value) : rounded(exact(value), count)
  const { length } = found.digits
  const power = found.point - 1
  if (power < -4 || power >= (count ?? GENERAL_EXPONENT_MAX)) return exponentForm(found, length - 1)
  return fixedForm(found, Math.max(0, length - found.point))
}

function exponentForm({ digits, point }: Digits, places: number): string {
  const fraction = digits.slice(1, 1 + places).padEnd(places, '0')
  const power = digits === '' ? 0 : point - 1
  const size = Math.abs(power).toString().padStart(2, '0')
  return `${digits.charAt(0) || '0'}${places > 0 ? '.' : ''}${fraction}e${power < 0 ? '-' : '+'}${size}`
}

function fixedForm({ digits, point }: Digits, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  const fraction = '0'.repeat(Math.max(0, Math.min(places, -point))) + digits.slice(Math.max(0, point))
  return places > 0 ? `${whole}.${fraction.slice(0, places).padEnd(places, '0')}` : whole
}

function shortest(value: number): Digits {
  if (value === 0) return { digits: '', point: 0 }
  const [mantissa = '', power = '0'] = value.toExponential().split('e')
  return { digits: mantissa.replace('.', ''), point: Number(power) + 1 }
}

/** All digits of a double: a power of two is a decimal with an end. */
function exact(value: number): Digits {
  const { mantissa, power } = partsOf(value)
  if (mantissa === 0n) return { digits: '', point: 0 }
  const scaled = power >= 0 ? mantissa << BigInt(power) : mantissa * 5n ** BigInt(-power)
  const written = scaled.toString()
  return { digits: withoutZeros(written), point: written.length + Math.min(0, power) }
}

function rounded({ digits, point }: Digits, count: number): Digits {
  if (count >= digits.length) return { digits, point }
  if (count < 0) return { digits: '', point: 0 }
  const isHalf = digits.charAt(count) === '5' && count + 1 === digits.length
  const before = digits.slice(0, count)
  const up = isHalf ? count > 0 && Number(before.at(-1)) % 2 === 1 : digits.charAt(count) >= '5'
  if (!up) return { digits: withoutZeros(before), point: withoutZeros(before) === '' ? 0 : point }
  let kept = count
  while (kept > 0 && before.charAt(kept - 1) === '9') kept--
  if (kept === 0) return { digits: '1', point: point + 1 }
  return { digits: before.slice(0, kept - 1) + String(Number(before.charAt(kept - 1)) + 1), point }
}

function withoutZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--
  return digits.slice(0, end)
}

/** The integer and the power of two that a double is the product of; the integer has 53 bits unless it is very small. */
function partsOf(value: number): { mantissa: bigint; power: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xf_ffff_ffff_ffffn
  return biased === 0
    ? { mantissa: fraction, power: -FRACTION_MAX }
    : { mantissa: fraction | (1n << 52n), power: biased - 1_075 }
}

/** A double that is not negative as `%b` has it: its mantissa and the power of two. */
export function binaryText(value: number): string {
  const { mantissa, power } = partsOf(value)
  return `${mantissa}p${power < 0 ? '' : '+'}${power}`
}

/** A double that is not negative as `%x` has it: `0x1.8p+01`. */
export function hexText(value: number, precision: number | undefined): string {
  const parts = partsOf(value)
  let { mantissa } = parts
  let power = mantissa === 0n ? 0 : parts.power + 52
  while (mantissa !== 0n && mantissa >> 52n === 0n) {
    mantissa <<= 1n
    power--
  }
  if (precision !== undefined && precision < 13) {
    const dropped = BigInt(52 - precision * 4)
    const rest = mantissa & ((1n << dropped) - 1n)
    let kept = mantissa >> dropped
    const half = 1n << (dropped - 1n)
    if (rest > half || (rest === half && (kept & 1n) === 1n)) kept++
    mantissa = kept << dropped
    if (mantissa >> 53n !== 0n) {
      mantissa >>= 1n
      power++
    }
  }
  const all = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, '0')
  const fraction = precision === undefined ? withoutZeros(all) : all.slice(0, precision).padEnd(precision, '0')
  const size = Math.abs(power).toString().padStart(2, '0')
  return `0x${mantissa >> 52n}${fraction === '' ? '' : '.'}${fraction}p${power < 0 ? '-' : '+'}${size}`
}
