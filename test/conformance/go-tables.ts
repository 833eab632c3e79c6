// Rows of Go test tables. Values that were literals in Go are plain JSON here; other expressions are objects whose keys
// begin with `$`. The few that only wrap a text or a type are read; a row that needs any other cannot run without Go.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnostic } from '../../rego/syntax/index.ts'
import { opaText } from '../../rego/syntax/index.ts'

/** One row, or one call of a helper. */
export interface Entry {
  readonly id: string
  readonly func: string
  readonly call: string | undefined
  readonly row: { readonly [field: string]: unknown }
  readonly args: readonly unknown[]
}

/** All entries of a table. */
export function readEntries(dataDir: string, file: string): readonly Entry[] {
  const table: unknown = JSON.parse(readFileSync(join(dataDir, 'go-tables', `${file}.json`), 'utf8'))
  const entries: readonly unknown[] = Object(table).entries
  return entries.map((one, index) => {
    const { func, call, entry, args } = Object(one)
    const row = Object(entry)
    const note = row.note ?? row.name ?? row.input ?? row.rule ?? (Array.isArray(args) ? args[1] : undefined)
    return {
      id: `${file}#${index} ${func} ${typeof note === 'string' ? note.slice(0, 80) : ''}`.trim(),
      func,
      call,
      row,
      args: Array.isArray(args) ? args : [],
    }
  })
}

/** True for an expression of Go that is no literal. */
export function isGo(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).some((key) => key.startsWith('$') && !['$t', '$v', '$kv', '$key'].includes(key))
  )
}

/** A text: a literal, or a literal that Go parses or makes an error of. Undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  const { $call: call, args, $op: op, l, r } = Object(value)
  if (op === '+') {
    const [left, right] = [textOf(l), textOf(r)]
    return left === undefined || right === undefined ? undefined : left + right
  }
  const wrappers = [
    'MustParseModule',
    'MustParseModuleWithOpts',
    'module',
    'errors.New',
    'Error',
    'MustParseBody',
    'MustParseRule',
  ]
  return wrappers.includes(call) ? textOf(args[0]) : undefined
}

/** Texts by name: a list, a mapping, or a call that makes modules of texts. */
export function modulesOf(row: Entry['row']): readonly { readonly file: string; readonly text: string }[] | undefined {
  const one = row['module'] ?? row['mod'] ?? row['policy']
  const text = textOf(one)
  if (text !== undefined) return [{ file: 'test.rego', text }]
  const many = row['modules']
  if (many === undefined) return undefined
  const { $call: call, args } = Object(many)
  const list = call === 'modules' ? args : many
  if (Array.isArray(list)) {
    const texts = list.map(textOf)
    if (texts.some((each) => each === undefined)) return undefined
    return texts.map((each, index) => ({ file: `mod${index}.rego`, text: each ?? '' }))
  }
  if (isGo(list)) return undefined
  const named = Object.entries(Object(list)).filter(([name]) => !name.startsWith('$'))
  const found = named.map(([file, each]) => ({ file, text: textOf(each) }))
  return found.some((each) => each.text === undefined)
    ? undefined
    : found.map(({ file, text: each }) => ({ file, text: each ?? '' }))
}

/** A mistake that a row wants. */
export interface Wanted {
  readonly message: string
  readonly code?: string
  readonly row?: number
  readonly col?: number
}

/** The mistakes that a row wants; undefined when they are told by Go alone. */
export function wantedOf(value: unknown): readonly Wanted[] | undefined {
  if (value === undefined || value === null) return []
  const text = textOf(value)
  if (text !== undefined) return wantedText(text)
  const { $v: list, $call: call } = Object(value)
  if (call !== undefined) return undefined
  const items: unknown = Array.isArray(value) ? value : (list ?? [value])
  if (!Array.isArray(items)) return undefined
  const wanted = items.map(wantedItem)
  return wanted.some((one) => one === undefined) ? undefined : wanted.flatMap((one) => (one === undefined ? [] : [one]))
}

/** What a whole message wants: each mistake with its row and code. Lines of source below a mistake are not compared. */
function wantedText(whole: string): readonly Wanted[] {
  const text = whole.replace(/^contains: /, '')
  const found: Wanted[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('\t') || line === '' || /^\d+ errors? occurred:$/.test(line)) continue
    const bare = line.replace(/^\d+ errors? occurred: /, '')
    const placed = bare.match(/^(?:[^\s:]*[^\s:\d][^\s:]*:)?(\d+)(?::(\d+))?: (rego_[a-z_]+): (.*)$/)
    const coded = bare.match(/^(rego_[a-z_]+): (.*)$/)
    if (placed !== null) {
      const [, first = '', col, code = '', message = ''] = placed
      found.push({ message, code, row: Number(first), ...(col === undefined ? {} : { col: Number(col) }) })
    } else if (coded !== null) found.push({ code: coded[1] ?? '', message: coded[2] ?? '' })
    else {
      const last = found.pop()
      found.push(last === undefined ? { message: bare } : { ...last, message: `${last.message}\n${bare}` })
    }
  }
  return found
}

function wantedItem(item: unknown): Wanted | undefined {
  const text = textOf(item)
  if (text !== undefined) return wantedText(text)[0]
  if (Array.isArray(item)) {
    const [message, row] = item
    return typeof message === 'string' && typeof row === 'number' ? { message, row } : undefined
  }
  const { Message: message, Location: location, Code: code } = Object(item)
  if (typeof message !== 'string') return undefined
  const { $call: call, args, Row, Col } = Object(location)
  const [, , row, col] = call === 'NewLocation' ? args : [undefined, undefined, Row, Col]
  // Go compares codes only where they stand in the text.
  const known = typeof code === 'string' ? code : undefined
  return {
    message,
    ...(known === undefined ? {} : { code: known }),
    ...(typeof row === 'number' && row > 0 ? { row } : {}),
    ...(typeof col === 'number' && col > 0 ? { col } : {}),
  }
}

/** How what was found differs from what is wanted; undefined when it does not. */
export function difference(wanted: readonly Wanted[], found: readonly Diagnostic[]): string | undefined {
  const shown = found.length === 0 ? 'nothing' : found.map(fullText).join(' | ').slice(0, 400)
  if (wanted.length === 0) return found.length === 0 ? undefined : `wanted no mistake, got ${shown}`
  for (const want of wanted) {
    const there = found.some(
      (one) =>
        fullText(one).includes(want.message) &&
        (want.code === undefined || want.code === one.code) &&
        (want.row === undefined || want.row === one.location.row) &&
        (want.col === undefined || want.col === one.location.col),
    )
    if (!there) return `wanted ${JSON.stringify(want)}, got ${shown}`
  }
  return undefined
}

/** The mistake as OPA prints it, with the lines below it. */
function fullText(one: Diagnostic): string {
  return [opaText(one), ...(one.details ?? [])].join('\n\t')
}

/** The type that Go's constructors make, as messages show it; undefined when it is none of them. */
export function goTypeText(value: unknown): string | undefined {
  const { $id: id, $call: call, args } = Object(value)
  if (typeof id === 'string') return goTypeNames[id]
  if (typeof call !== 'string') return undefined
  const list: readonly unknown[] = Array.isArray(args) ? args : []
  const part = (one: unknown): string => (one === null ? '' : (goTypeText(one) ?? '?'))
  const items = (one: unknown): readonly string[] => {
    const { $v: many } = Object(one)
    const all: unknown = Array.isArray(one) ? one : many
    return Array.isArray(all) ? all.map(part) : []
  }
  const angled = (all: readonly string[]): string => (all.length === 0 ? '' : `<${all.join(', ')}>`)
  const squared = (text: string): string => (text === '' ? '' : `[${text}]`)
  switch (call) {
    case 'types.NewArray':
      return `array${angled(items(list[0]))}${squared(part(list[1] ?? null))}`
    case 'types.NewObject':
      return `object${angled(items(list[0]))}${squared(part(list[1] ?? null))}`
    case 'types.NewSet':
      return `set[${part(list[0])}]`
    case 'types.NewAny':
    case 'types.Or':
      return `any${angled(list.map(part).sort(compareTypeTexts))}`
    case 'types.NewStaticProperty':
    case 'types.NewDynamicProperty': {
      const [key, held] = list
      const name = typeof key === 'string' ? key : (numberOf(key) ?? part(key))
      return `${name}: ${part(held)}`
    }
    default:
      return goTypeNames[call]
  }
}

function numberOf(value: unknown): string | undefined {
  const { $call: call, args } = Object(value)
  return call === 'json.Number' ? String(args[0]) : undefined
}

const goTypeNames: { readonly [name: string]: string } = {
  'types.A': 'any',
  'types.B': 'boolean',
  'types.N': 'number',
  'types.S': 'string',
  'types.Nl': 'null',
  'types.NewNull': 'null',
  'types.NewBoolean': 'boolean',
  'types.NewNumber': 'number',
  'types.NewString': 'string',
  'types.SetOfAny': 'set[any]',
  'types.SetOfStr': 'set[string]',
  'types.SetOfNum': 'set[number]',
}

const typeOrder = ['null', 'boolean', 'number', 'string', 'array', 'object', 'set', 'any']

/** Unions are sorted by what their members are made of. */
function compareTypeTexts(a: string, b: string): number {
  const ranks = (text: string): readonly number[] =>
    (text.match(/[a-z]+/g) ?? []).map((name) => typeOrder.indexOf(name))
  const [left, right] = [ranks(a), ranks(b)]
  for (const [index, rank] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    if (rank !== other) return rank - other
  }
  return left.length - right.length
}
