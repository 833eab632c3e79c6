// Runs a parsed template of Go's text/template on values as Go would have them from JSON: numbers are texts that compare
// with nothing but each other, a missing key is nothing.
import type { BuiltinContext } from '../contract.ts'
import { type Block, type Node, type Num, type Operand, type Pipe, type Template, templateError } from './parse.ts'

/** A value in a template. `undefined` is Go's missing value, null its nil. */
export type GoValue =
  | null
  | undefined
  | boolean
  | string
  | Num
  | JsonNumber
  | readonly GoValue[]
  | ReadonlyMap<string, GoValue>

/** A number that came as JSON. */
export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const outputMax = 4 * 1024 * 1024
const depthMax = 100
const stepsPerUnit = 16

interface Variable {
  readonly name: string
  value: GoValue
}

class Interrupt extends Error {
  readonly what: 'break' | 'continue'
  constructor(what: 'break' | 'continue') {
    super(what)
    this.what = what
  }
}

/** The text of a template. Throws BuiltinError. */
export function runTemplate(template: Template, data: GoValue, context: BuiltinContext): string {
  const runner = new Runner(template, context)
  runner.list(template.nodes, data, [{ name: '$', value: data }], 0)
  return runner.out.join('')
}

class Runner {
  readonly out: string[] = []
  readonly #template: Template
  readonly #context: BuiltinContext
  #length = 0
  #steps = 0

  constructor(template: Template, context: BuiltinContext) {
    this.#template = template
    this.#context = context
  }

  list(nodes: readonly Node[], dot: GoValue, variables: Variable[], depth: number): void {
    if (depth > depthMax) throw templateError('1: exceeded maximum template depth')
    const known = variables.length
    for (const node of nodes) this.#node(node, dot, variables, depth)
    variables.length = known
  }

  #node(node: Node, dot: GoValue, variables: Variable[], depth: number): void {
    if (++this.#steps % stepsPerUnit === 0) this.#context.spend(1)
    switch (node.kind) {
      case 'text':
        this.#write(node.text)
        return
      case 'action': {
        const value = this.#pipe(node.pipe, dot, variables)
        if (node.pipe.variables.length === 0)
          this.#write(value === undefined || value === null ? '<undefined>' : shown(value))
        return
      }
      case 'if':
      case 'with': {
        const known = variables.length
        const value = this.#pipe(node.pipe, dot, variables)
        if (isTrue(value)) this.list(node.body, node.kind === 'with' ? value : dot, variables, depth + 1)
        else this.list(node.otherwise, dot, variables, depth + 1)
        variables.length = known
        return
      }
      case 'range':
        this.#range(node, dot, variables, depth)
        return
      case 'template': {
        const body = this.#template.named.get(node.name)
        if (body === undefined) throw templateError(`1: template ${JSON.stringify(node.name)} not defined`)
        const value = node.pipe === undefined ? null : this.#pipe(node.pipe, dot, variables)
        this.list(body, value, [{ name: '$', value }], depth + 1)
        return
      }
      case 'break':
      case 'continue':
        throw new Interrupt(node.kind)
    }
  }

  #range(node: Block, dot: GoValue, variables: Variable[], depth: number): void {
    const { pipe, body, otherwise } = node
    const known = variables.length
    const value = this.#pipe({ ...pipe, variables: [] }, dot, variables)
    const entries = entriesOf(value)
    if (entries.length === 0) this.list(otherwise, dot, variables, depth + 1)
    for (const [key, item] of entries) {
      const [first, second] = pipe.variables
      const given: readonly (readonly [string, GoValue])[] =
        second !== undefined && first !== undefined
          ? [
              [first, key],
              [second, item],
            ]
          : first !== undefined
            ? [[first, item]]
            : []
      for (const [name, one] of given) {
        if (pipe.declares) variables.push({ name, value: one })
        else this.#set(name, one, variables)
      }
      try {
        this.list(body, item, variables, depth + 1)
      } catch (error) {
        if (!(error instanceof Interrupt)) throw error
        if (error.what === 'break') break
      } finally {
        variables.length = known
      }
    }
  }

  #pipe({ variables: names, declares, commands }: Pipe, dot: GoValue, variables: Variable[]): GoValue {
    let value: GoValue
    commands.forEach((command, at) => {
      value = this.#command(command, dot, variables, at > 0 ? [value] : [])
    })
    for (const name of names) {
      if (declares) variables.push({ name, value })
      else this.#set(name, value, variables)
    }
    return value
  }

  #set(name: string, value: GoValue, variables: readonly Variable[]): void {
    const found = variables.findLast((one) => one.name === name)
    if (found === undefined) throw templateError(`1: undefined variable ${JSON.stringify(name)}`)
    found.value = value
  }

  #command(command: readonly Operand[], dot: GoValue, variables: Variable[], piped: readonly GoValue[]): GoValue {
    const [first, ...rest] = command
    if (first === undefined) throw templateError('1: missing value for command')
    if (first.kind === 'function') {
      // `and` and `or` look at no more than they need.
      if (first.name === 'and' || first.name === 'or') {
        let value: GoValue
        for (const one of rest) {
          value = this.#operand(one, dot, variables)
          if (isTrue(value) === (first.name === 'or')) return value
        }
        return piped.length > 0 ? piped[0] : value
      }
      return call(first.name, [...rest.map((one) => this.#operand(one, dot, variables)), ...piped])
    }
    if (first.kind === 'nil') throw templateError('1: nil is not a command')
    if (rest.length > 0 || piped.length > 0) throw templateError(`1: can't give argument to non-function`)
    return this.#operand(first, dot, variables)
  }

  #operand(operand: Operand, dot: GoValue, variables: Variable[]): GoValue {
    switch (operand.kind) {
      case 'dot':
        return dot
      case 'nil':
        return null
      case 'constant':
        return operand.value
      case 'function':
        return call(operand.name, [])
      case 'field':
        return fieldsOf(dot, operand.fields)
      case 'variable': {
        const found = variables.findLast(({ name }) => name === operand.name)
        if (found === undefined) throw templateError(`1: undefined variable ${JSON.stringify(operand.name)}`)
        return fieldsOf(found.value, operand.fields)
      }
      case 'pipe':
        return fieldsOf(this.#pipe(operand.pipe, dot, variables), operand.fields)
    }
  }

  #write(text: string): void {
    this.#length += text.length
    if (this.#length > outputMax) throw templateError('1: the result is too long')
    this.out.push(text)
  }
}

function fieldsOf(value: GoValue, fields: readonly string[]): GoValue {
  let found = value
  for (const field of fields) {
    if (found === null || found === undefined) throw templateError(`1: nil pointer evaluating interface {}.${field}`)
    if (!(found instanceof Map)) throw templateError(`1: can't evaluate field ${field} in type interface {}`)
    found = found.get(field)
  }
  return found
}

function entriesOf(value: GoValue): readonly (readonly [GoValue, GoValue])[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.map((item: GoValue, at) => [int(at), item])
  if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1))
  if (isNum(value) && !value.float) {
    if (value.number > 1_000_000) throw templateError('1: range over too much')
    return Array.from({ length: Math.max(0, value.number) }, (_, at) => [int(at), int(at)])
  }
  throw templateError(`1: range can't iterate over ${shown(value)}`)
}

function isNum(value: GoValue): value is Num {
  return typeof value === 'object' && value !== null && 'float' in value
}

function int(number: number): Num {
  return { number, float: false }
}

/** What `if` takes for true: a number of the data is a text, and so it is. */
function isTrue(value: GoValue): boolean {
  if (value === null || value === undefined) return false
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value !== ''
  if (value instanceof JsonNumber) return value.text !== ''
  if (isNum(value)) return value.number !== 0
  return value instanceof Map ? value.size > 0 : Array.isArray(value) && value.length > 0
}

/** A value as Go's `%v` has it. */
function shown(value: GoValue): string {
  if (value === undefined || value === null) return '<nil>'
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (value instanceof JsonNumber) return value.text
  if (isNum(value)) return numberText(value)
  if (value instanceof Map)
    return `map[${[...value]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${key}:${shown(item)}`)
      .join(' ')}]`
  return Array.isArray(value) ? `[${value.map(shown).join(' ')}]` : ''
}

function numberText({ number, float }: Num): string {
  if (!float) return String(number)
  const [digits = '', exponent = '0'] = number.toExponential().split('e')
  if (Number(exponent) >= -4 && Number(exponent) < 21) return String(number)
  return `${digits}e${exponent.startsWith('-') ? '-' : '+'}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`
}

function call(name: string, args: readonly GoValue[]): GoValue {
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
  return args.length === 1 && typeof first === 'string' ? first : printed(args)
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

function typeName(value: GoValue): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (value instanceof JsonNumber) return 'json.Number'
  if (isNum(value)) return value.float ? 'float64' : 'int'
  return value instanceof Map ? 'map[string]interface {}' : '[]interface {}'
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
