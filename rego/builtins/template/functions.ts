// The functions that Go's templates bring.
import { templateError } from './parse.ts'
import { type GoValue, int, isNum, isTrue, JsonNumber, numberText, shown, typeName } from './values.ts'

/** Calls a function by name. Throws BuiltinError. */
export function call(name: string, args: readonly GoValue[]): GoValue {
  const run = functions[name]
  if (run === undefined || !Object.hasOwn(functions, name))
    throw templateError(`1: function ${JSON.stringify(name)} not defined`)
  return run(args)
}

type Callable = (args: readonly GoValue[]) => GoValue

const functions: Readonly<Record<string, Callable>> = {
  not: ([value]) => !isTrue(value),
  len: ([value]) => {
    if (typeof value === 'string') return int(Buffer.byteLength(value))
    if (value instanceof JsonNumber) return int(value.text.length)
    if (value instanceof Map) return int(value.size)
    if (Array.isArray(value)) return int(value.length)
    throw templateError(`1: error calling len: len of ${value === null ? 'nil pointer' : `type ${typeName(value)}`}`)
  },
  index: ([value, ...keys]) => keys.reduce((found: GoValue, key) => indexed(found, key), value),
  slice: ([value, from, to]) => {
    const whole = typeof value === 'string' ? Buffer.from(value) : Array.isArray(value) ? value : undefined
    if (whole === undefined) throw templateError(`1: error calling slice: can't slice item of type ${typeName(value)}`)
    const [start, end] = [from === undefined ? 0 : place(from), to === undefined ? whole.length : place(to)]
    if (start < 0 || end > whole.length || start > end)
      throw templateError('1: error calling slice: index out of range')
    const part = whole.slice(start, end)
    return Buffer.isBuffer(part) ? part.toString() : part
  },
  print: (args) => printed(args),
  println: (args) => `${args.map((one) => shown(one)).join(' ')}\n`,
  printf: ([format, ...args]) => formatted(format, args),
  html: (args) => texts(args).replace(/[&<>"'\0]/g, (sign) => htmlSigns[sign] ?? sign),
  js: (args) => scriptText(texts(args)),
  urlquery: (args) =>
    encodeURIComponent(texts(args))
      .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+'),
  eq: ([first, ...others]) => {
    if (others.length === 0) throw templateError('1: error calling eq: missing argument for comparison')
    return others.some((one) => same('eq', first, one))
  },
  ne: ([a, b]) => !same('ne', a, b),
  lt: ([a, b]) => order('lt', a, b) < 0,
  le: ([a, b]) => order('le', a, b) <= 0,
  gt: ([a, b]) => order('gt', a, b) > 0,
  ge: ([a, b]) => order('ge', a, b) >= 0,
  call: ([value]) => {
    throw templateError(`1: error calling call: non-function of type ${typeName(value)}`)
  },
}

function texts(args: readonly GoValue[]): string {
  const [first] = args
  if (args.length === 1 && typeof first === 'string') return first
  return printed(args.map((one) => one ?? '<no value>'))
}

/** Spaces stand between two operands when neither is a string. */
function printed(args: readonly GoValue[]): string {
  const isText = (one: GoValue): boolean => typeof one === 'string' || one instanceof JsonNumber
  return args.map((one, at) => (at > 0 && !isText(one) && !isText(args[at - 1]) ? ' ' : '') + shown(one)).join('')
}

const htmlSigns: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\0': '\uFFFD',
}

function scriptText(text: string): string {
  return text.replace(/[\\'"<>&=\u0000-\u001f]/g, (sign) =>
    sign === '\\' || sign === "'" || sign === '"'
      ? `\\${sign}`
      : `\\u${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
}

function place(value: GoValue): number {
  if (isNum(value) && !value.float) return value.number
  throw templateError(`1: cannot index slice/array with type ${typeName(value)}`)
}

function indexed(value: GoValue, key: GoValue): GoValue {
  if (value instanceof Map) {
    if (typeof key !== 'string')
      throw templateError(`1: error calling index: value has type ${typeName(key)}; should be string`)
    return value.get(key)
  }
  const at = place(key)
  if (typeof value === 'string') {
    const byte = Buffer.from(value)[at]
    if (byte === undefined) throw templateError(`1: error calling index: index out of range: ${at}`)
    return int(byte)
  }
  if (!Array.isArray(value)) throw templateError(`1: error calling index: can't index item of type ${typeName(value)}`)
  if (at < 0 || at >= value.length) throw templateError(`1: error calling index: index out of range: ${at}`)
  return value[at]
}

function same(by: string, a: GoValue, b: GoValue): boolean {
  for (const one of [a, b])
    if (one instanceof Map || Array.isArray(one))
      throw templateError(`1: error calling ${by}: non-comparable type ${shown(one)}: ${typeName(one)}`)
  if (a === null || a === undefined || b === null || b === undefined)
    return (a === null || a === undefined) === (b === null || b === undefined) && (a ?? null) === (b ?? null)
  checkTypes(by, a, b)
  if (a instanceof JsonNumber && b instanceof JsonNumber) return a.text === b.text
  return isNum(a) && isNum(b) ? a.number === b.number : a === b
}

function order(by: string, a: GoValue, b: GoValue): number {
  checkTypes(by, a, b)
  const [x, y] =
    isNum(a) && isNum(b)
      ? [a.number, b.number]
      : a instanceof JsonNumber && b instanceof JsonNumber
        ? [a.text, b.text]
        : [a, b]
  if ((typeof x === 'number' && typeof y === 'number') || (typeof x === 'string' && typeof y === 'string'))
    return x < y ? -1 : x > y ? 1 : 0
  throw templateError(`1: error calling ${by}: invalid type for comparison`)
}

function checkTypes(by: string, a: GoValue, b: GoValue): void {
  const isText = (one: GoValue): boolean => typeof one === 'string' || one instanceof JsonNumber
  if (typeName(a) !== typeName(b) && !(isText(a) && isText(b)))
    throw templateError(`1: error calling ${by}: incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)
}

/** `printf`, for the verbs that texts, numbers and booleans have. */
function formatted(format: GoValue, args: readonly GoValue[]): string {
  if (typeof format !== 'string')
    throw templateError(`1: wrong type for value; expected string; got ${typeName(format)}`)
  let next = 0
  const text = format.replace(
    /%([-+# 0]*)(\d*)(?:\.(\d*))?([a-zA-Z%]?)/g,
    (_, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%'
      if (verb === '') return '%!(NOVERB)'
      if (next >= args.length) return `%!${verb}(MISSING)`
      const body = verbText(verb, args[next++], precision, flags)
      const wide = Math.min(Number(width === '' ? 0 : width), 1000)
      if (flags.includes('-')) return body.padEnd(wide)
      return flags.includes('0') && /^-?[\d.]+$/.test(body)
        ? body.replace(
            /^(-?)(.*)$/,
            (_all, sign: string, digits: string) => sign + digits.padStart(wide - sign.length, '0'),
          )
        : body.padStart(wide)
    },
  )
  const extra = args.slice(next).map((one) => `${typeName(one)}=${shown(one)}`)
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`
}

function verbText(verb: string, value: GoValue, precision: string | undefined, flags: string): string {
  const bad = `%!${verb}(${value === null || value === undefined ? '<nil>' : `${typeName(value)}=${shown(value)}`})`
  if (verb === 'v') return shown(value)
  if (verb === 'T') return typeName(value)
  if (typeof value === 'string' || value instanceof JsonNumber) {
    const text = typeof value === 'string' ? value : value.text
    const cut = precision === undefined ? text : [...text].slice(0, Number(precision)).join('')
    if (verb === 's') return cut
    if (verb === 'q') return JSON.stringify(cut)
    return verb === 'x'
      ? Buffer.from(cut).toString('hex')
      : verb === 'X'
        ? Buffer.from(cut).toString('hex').toUpperCase()
        : bad
  }
  if (typeof value === 'boolean') return verb === 't' ? String(value) : bad
  if (!isNum(value)) return bad
  const sign = flags.includes('+') && value.number >= 0 ? '+' : ''
  if (!value.float) {
    const bases: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, x: 16, X: 16 }
    const base = bases[verb]
    if (verb === 'c') return String.fromCodePoint(Math.min(Math.max(0, value.number), 0x10ffff))
    if (base === undefined) return bad
    const digits = value.number.toString(base)
    return sign + (verb === 'X' ? digits.toUpperCase() : digits)
  }
  const places = Math.min(precision === undefined ? 6 : Number(precision), 100)
  if (verb === 'f' || verb === 'F') return sign + value.number.toFixed(places)
  if (verb === 'e') return sign + value.number.toExponential(places).replace(/e([+-])(\d)$/, 'e$10$2')
  return verb === 'g' ? sign + numberText(value) : bad
}
