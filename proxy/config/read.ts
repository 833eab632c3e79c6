// Reads sallyport.yaml against its shape. Collects every mistake with its place; whatever is not known is a mistake.
import { resolve } from 'node:path'
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { unreachable } from '../../rego/unreachable.ts'
import { applyEnvironment } from './environment.ts'
import { configFields } from './fields.ts'
import { nearest } from './nearest.ts'
import { type AnyFields, type Field, keyOf, parseBytes, parseTime, type TextForm } from './shape.ts'

/** One mistake in a configuration. Line and column count from 1; 0 where no line is to blame. */
export interface ConfigProblem {
  readonly line: number
  readonly column: number
  /** The key path: `resources[0].upstream.port`. */
  readonly at: string
  readonly message: string
  readonly help: string
}

/** A path or secret reference that was read, for checking the files behind them. */
export interface FoundFile {
  readonly at: string
  readonly path: string
  readonly secret: boolean
}

/** What reading gave: the values with defaults (only to be trusted without problems), and where things stand. */
export interface ReadResult {
  readonly value: unknown
  readonly problems: readonly ConfigProblem[]
  readonly files: readonly FoundFile[]
  /** Position of a key path, or of its nearest parent that stands in the file. */
  readonly position: (at: string) => { readonly line: number; readonly column: number }
}

/** Longest file that is read. */
export const configBytesMax: number = 1024 * 1024
/** Entries of one list or map. */
const entriesMax = 10_000
const textMax = 4096

/** Reads the text of a file that lies in `folder`. */
export function readConfigText(text: string, folder: string, environment: NodeJS.ProcessEnv): ReadResult {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
    version: '1.2',
  })
  const reader = new Reader(lines, folder)
  for (const error of [...document.errors, ...document.warnings]) {
    reader.complain(error.pos[0], '', error.message.split('\n')[0] ?? 'not YAML', 'see https://yaml.org for the syntax')
  }
  if (document.errors.length > 0) return reader.result(undefined)
  for (const problem of applyEnvironment(document, environment)) reader.problems.push(problem)
  if (!isMap(document.contents)) {
    reader.complain(0, '', 'the file is not a mapping of keys', 'start with `version: 1`')
    return reader.result(undefined)
  }
  return reader.result(reader.object(document.contents, configFields, ''))
}

class Reader {
  readonly problems: ConfigProblem[] = []
  readonly #files: FoundFile[] = []
  readonly #positions = new Map<string, number>()
  readonly #lines: LineCounter
  readonly #folder: string
  #inDefault = 0
  constructor(lines: LineCounter, folder: string) {
    this.#lines = lines
    this.#folder = folder
  }

  result(value: unknown): ReadResult {
    const problems = [...this.problems].sort((a, b) => a.line - b.line || a.column - b.column)
    return { value, problems, files: this.#files, position: (at) => this.#position(at) }
  }

  #position(at: string): { line: number; column: number } {
    for (let path = at; path !== ''; path = parentOf(path)) {
      const offset = this.#positions.get(path)
      if (offset !== undefined) return this.#place(offset)
    }
    return { line: 1, column: 1 }
  }

  #place(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }

  complain(offset: number, at: string, message: string, help: string): void {
    this.problems.push({ ...this.#place(offset), at, message, help })
  }

  /** The values of an object; missing required keys and unknown keys are problems. */
  object(node: Node, fields: AnyFields, at: string, tag?: string): unknown {
    if (!isMap(node)) return this.#wrong(node, at, 'a mapping of keys')
    const properties = new Map(Object.entries(fields).map(([property, field]) => [keyOf(property, field), property]))
    const values: { [property: string]: unknown } = {}
    const seen = new Set<string>()
    for (const pair of node.items) {
      const key = keyText(pair.key)
      const offset = startOf(pair.key)
      const property = properties.get(key)
      const here = at === '' ? key : `${at}.${key}`
      const field = property === undefined ? undefined : fields[property]
      if (property === undefined || field === undefined) {
        const near = nearest(key, [...properties.keys()])
        const help =
          near === undefined ? `known keys: ${[...properties.keys()].join(', ')}` : `did you mean \`${near}\`?`
        this.complain(offset, here, `unknown key \`${key.slice(0, 80)}\``, help)
        continue
      }
      if (this.#inDefault === 0) this.#positions.set(here, offset)
      seen.add(property)
      if (property === tag) values[property] = key === '' ? undefined : scalarOf(pair.value)
      else if (isEmpty(pair.value) && (field.optional === true || field.otherwise !== undefined)) seen.delete(property)
      else values[property] = this.#field(pair.value, field, here, offset)
    }
    for (const [property, field] of Object.entries(fields)) {
      if (seen.has(property) || property === tag) continue
      const key = keyOf(property, field)
      const here = at === '' ? key : `${at}.${key}`
      if (field.otherwise !== undefined) values[property] = this.#otherwise(field, here)
      else if (field.optional !== true) {
        this.complain(startOf(node), here, `\`${key}\` is missing`, field.about)
      }
    }
    return values
  }

  /** A default, read like a value of the file, so that defaults inside it come too. */
  #otherwise(field: Field, at: string): unknown {
    const node = parseDocument(JSON.stringify(field.otherwise)).contents
    this.#inDefault++
    const value = this.#field(node, field, at, 0)
    this.#inDefault--
    return value
  }

  #field(value: unknown, field: Field, at: string, offset: number): unknown {
    if (isAlias(value)) return this.complain(offset, at, 'aliases are not used here', 'write the value out')
    const node = isNode(value) ? value : undefined
    if (node === undefined || isEmpty(node)) return this.complain(offset, at, `\`${last(at)}\` is empty`, field.about)
    switch (field.kind) {
      case 'object':
        return this.object(node, field.fields, at)
      case 'variants':
        return this.#variants(node, field, at)
      case 'list':
        return this.#list(node, field, at)
      case 'map':
        return this.#map(node, field, at)
      default:
        return this.#scalar(node, field, at)
    }
  }

  #variants(node: Node, field: Extract<Field, { kind: 'variants' }>, at: string): unknown {
    if (!isMap(node)) return this.#wrong(node, at, 'a mapping of keys')
    const found = node.get(field.tag)
    const fields = typeof found === 'string' && Object.hasOwn(field.cases, found) ? field.cases[found] : undefined
    if (fields !== undefined) return this.object(node, fields, at, field.tag)
    const known = Object.keys(field.cases)
    const near = typeof found === 'string' ? nearest(found, known) : undefined
    const help = near === undefined ? `one of ${known.join(', ')}` : `did you mean \`${near}\`?`
    const pair = node.items.find((item) => keyText(item.key) === field.tag)
    const what = found === undefined ? `\`${field.tag}\` is missing` : `\`${field.tag}\` is none that is known`
    this.complain(startOf(pair?.value ?? node), `${at}.${field.tag}`, what, help)
    return undefined
  }

  #list(node: Node, field: Extract<Field, { kind: 'list' }>, at: string): unknown {
    if (!isSeq(node)) return this.#wrong(node, at, 'a list')
    if (node.items.length < (field.min ?? 0)) this.complain(startOf(node), at, `\`${last(at)}\` is empty`, field.about)
    if (node.items.length > entriesMax) return this.#wrong(node, at, `a list of at most ${entriesMax} entries`)
    return node.items.map((item, index) => {
      const here = `${at}[${index}]`
      if (this.#inDefault === 0) this.#positions.set(here, startOf(item))
      return this.#field(item, field.of, here, startOf(item))
    })
  }

  #map(node: Node, field: Extract<Field, { kind: 'map' }>, at: string): unknown {
    if (!isMap(node)) return this.#wrong(node, at, 'a mapping of keys')
    if (node.items.length > entriesMax) return this.#wrong(node, at, `a mapping of at most ${entriesMax} entries`)
    const entries = node.items.map((pair): [string, unknown] => {
      const key = keyText(pair.key)
      return [key, this.#field(pair.value, field.of, `${at}.${key}`, startOf(pair.key))]
    })
    return Object.fromEntries(entries)
  }

  #scalar(node: Node, field: Field, at: string): unknown {
    const value = scalarOf(node)
    switch (field.kind) {
      case 'boolean':
        return typeof value === 'boolean' ? value : this.#wrong(node, at, '`true` or `false`')
      case 'integer':
      case 'number': {
        const fits = typeof value === 'number' && value >= field.min && value <= field.max
        if (fits && (field.kind === 'number' || Number.isInteger(value))) return value
        const mayBeAuto = field.kind === 'integer' && field.mayBeAuto === true
        if (mayBeAuto && value === 'auto') return value
        return this.#wrong(
          node,
          at,
          `${field.kind === 'integer' ? 'a whole number' : 'a number'} from ${field.min} to ${field.max}${mayBeAuto ? ', or `auto`' : ''}`,
        )
      }
      case 'choice': {
        if (field.values.some((one) => one === value)) return value
        const near = nearest(String(value), field.values.map(String))
        this.complain(
          startOf(node),
          at,
          `\`${last(at)}\` is not one of ${field.values.join(', ')}`,
          near === undefined ? field.about : `did you mean \`${near}\`?`,
        )
        return undefined
      }
      case 'duration': {
        const ms = typeof value === 'string' ? parseTime(value) : undefined
        if (ms !== undefined && (ms > 0 || field.mayBeZero === true) && ms <= field.maxMs) return ms
        return this.#wrong(
          node,
          at,
          `a duration such as \`30s\` or \`1h30m\`, at most ${Math.round(field.maxMs / 1000)} s`,
        )
      }
      case 'bytes': {
        const bytes = typeof value === 'number' ? value : typeof value === 'string' ? parseBytes(value) : undefined
        if (bytes !== undefined && Number.isInteger(bytes) && bytes > 0 && bytes <= field.max) return bytes
        return this.#wrong(node, at, `a size such as \`64MiB\`, at most ${field.max} bytes`)
      }
      case 'address':
        return parseAddress(value) ?? this.#wrong(node, at, 'an address such as `127.0.0.1:6432` or `[::1]:6432`')
      case 'path':
        return this.#path(node, value, at)
      case 'reference':
        return this.#reference(node, value, at)
      case 'text':
        return this.#text(node, value, field.form ?? 'any', at)
      case 'object':
      case 'variants':
      case 'list':
      case 'map':
        return undefined
      default:
        return unreachable(field)
    }
  }

  #path(node: Node, value: unknown, at: string): unknown {
    if (typeof value !== 'string' || value === '' || value.includes('\0')) return this.#wrong(node, at, 'a path')
    const path = resolve(this.#folder, value)
    this.#files.push({ at, path, secret: false })
    return path
  }

  #reference(node: Node, value: unknown, at: string): unknown {
    const match =
      typeof value === 'string' ? /^(file|env|exec|vault|vault-ssh|vault-otp|rds|projected):(.+)$/s.exec(value) : null
    const rest = match?.[2]
    if (match === null || rest === undefined) {
      // The value may be a secret: it is never repeated.
      const help = 'write `file:PATH`, `env:NAME`, `exec:COMMAND`, `vault:PATH#FIELD` or another kind of reference'
      return this.complain(startOf(node), at, `\`${last(at)}\` is a secret and is only given by reference`, help)
    }
    if (match[1] !== 'file') return value
    const path = resolve(this.#folder, rest)
    this.#files.push({ at, path, secret: true })
    return `file:${path}`
  }

  #text(node: Node, value: unknown, form: TextForm, at: string): unknown {
    if (typeof value !== 'string' || value.length > textMax) return this.#wrong(node, at, 'a text; put it in quotes')
    switch (form) {
      case 'may_be_empty':
        return value.includes('\0') ? this.#wrong(node, at, 'a text without NUL') : value
      case 'any':
        return value !== '' && !value.includes('\0') ? value : this.#wrong(node, at, 'a text that is not empty')
      case 'name':
        return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(value)
          ? value
          : this.#wrong(node, at, 'a name of letters, digits, `.`, `_` and `-`, at most 63')
      case 'pointer':
        return /^\/(input|result)(\/|$)/.test(value)
          ? value
          : this.#wrong(node, at, 'a JSON pointer below /input or /result')
      case 'path_or_url':
        return /^https?:\/\//.test(value) ? this.#text(node, value, 'url', at) : this.#path(node, value, at)
      case 'url':
      case 'http_url': {
        const url = URL.canParse(value) ? new URL(value) : undefined
        const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:'
        if (url === undefined || !isHttp) return this.#wrong(node, at, 'an http or https URL')
        if (url.username === '' && url.password === '') return value
        return this.complain(
          startOf(node),
          at,
          'a URL here has no user or password in it',
          'give the credential by reference',
        )
      }
      default:
        return unreachable(form)
    }
  }

  #wrong(node: Node, at: string, wanted: string): undefined {
    this.complain(startOf(node), at, `\`${last(at)}\` is not ${wanted}`, '')
    return undefined
  }
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value)
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (isScalar(value) && value.value === null)
}

/** A key as text; what the environment added has bare keys. */
function keyText(key: unknown): string {
  if (isScalar(key)) return String(key.value)
  return typeof key === 'string' ? key : ''
}

function scalarOf(value: unknown): unknown {
  return isScalar(value) ? value.value : undefined
}

function startOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || !('range' in value) || !Array.isArray(value.range)) return 0
  const start: unknown = value.range[0]
  return typeof start === 'number' ? start : 0
}

function last(at: string): string {
  return at.slice(at.lastIndexOf('.') + 1)
}

function parentOf(at: string): string {
  const cut = Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))
  return cut <= 0 ? '' : at.slice(0, cut)
}

function parseAddress(value: unknown): { host: string; port: number } | undefined {
  if (typeof value !== 'string') return undefined
  const match = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(value)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host === undefined || port > 65535 ? undefined : { host, port }
}
