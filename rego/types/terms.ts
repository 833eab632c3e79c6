// Terms as the type checker needs them: constants as values, keys to find them by, and their text in messages.
import type { Body, Expr, Term } from '../syntax/index.ts'
import { numberFromText, RegoObject, RegoSet, type Value, writeJsonString } from '../value/index.ts'

/** The value of a term without variables, references, calls and comprehensions; undefined for any other. */
export function constantOf(term: Term): Value | undefined {
  switch (term.kind) {
    case 'null':
      return null
    case 'boolean':
    case 'string':
      return term.value
    case 'number':
      return numberFromText(term.text)
    case 'array':
      return constantsOf(term.items)
    case 'set': {
      const items = constantsOf(term.items)
      return items === undefined ? undefined : new RegoSet(items)
    }
    case 'object': {
      const object = new RegoObject()
      for (const [key, value] of term.entries) {
        const name = constantOf(key)
        const held = constantOf(value)
        if (name === undefined || held === undefined) return undefined
        object.insert(name, held)
      }
      return object
    }
    default:
      return undefined
  }
}

function constantsOf(terms: readonly Term[]): readonly Value[] | undefined {
  const values: Value[] = []
  for (const term of terms) {
    const value = constantOf(term)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

/** A text that two terms share only when they are the same name or constant. */
export function termKey(term: Term): string {
  if (term.kind === 'string') return `s${term.value}`
  if (term.kind === 'var') return `v${term.name}`
  return `t${termText(term)}`
}

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The term on one line, with every name as `shown` gives it. */
export function termText(term: Term, shown: (name: string) => string = wildcardText): string {
  const text = (inner: Term): string => termText(inner, shown)
  switch (term.kind) {
    case 'null':
      return 'null'
    case 'boolean':
      return String(term.value)
    case 'number':
      return term.text
    case 'string':
      return writeJsonString(term.value)
    case 'var':
      return shown(term.name)
    case 'ref':
      return refText(term.head, term.path, shown)
    case 'array':
      return `[${term.items.map(text).join(', ')}]`
    case 'set':
      return term.items.length === 0 ? 'set()' : `{${term.items.map(text).join(', ')}}`
    case 'object':
      return `{${term.entries.map(([key, value]) => `${text(key)}: ${text(value)}`).join(', ')}}`
    case 'call':
      return `${text(term.operator)}(${term.args.map(text).join(', ')})`
    case 'comprehension': {
      const [open, close] = term.of === 'array' ? '[]' : '{}'
      const key = term.key === undefined ? '' : `${text(term.key)}: `
      return `${open}${key}${text(term.value)} | ${bodyText(term.body, shown)}${close}`
    }
    case 'template':
      return '$"..."'
  }
}

/** A reference as it is written, with names where the steps are names. */
export function refText(head: Term, path: readonly Term[], shown: (name: string) => string = wildcardText): string {
  const steps = path.map((step) =>
    step.kind === 'string' && plainName.test(step.value) ? `.${step.value}` : `[${termText(step, shown)}]`,
  )
  return `${termText(head, shown)}${steps.join('')}`
}

function bodyText(body: Body, shown: (name: string) => string): string {
  return body.map((expr) => exprText(expr, shown)).join('; ')
}

function exprText(expr: Expr, shown: (name: string) => string): string {
  const not = expr.negated ? 'not ' : ''
  if (expr.kind === 'term') return not + termText(expr.term, shown)
  if (expr.kind === 'call') {
    const [a, b] = expr.args
    if (expr.operator.kind === 'var' && expr.operator.name === 'eq' && a !== undefined && b !== undefined)
      return `${not}${termText(a, shown)} = ${termText(b, shown)}`
    return `${not}${termText(expr.operator, shown)}(${expr.args.map((arg) => termText(arg, shown)).join(', ')})`
  }
  return `${not}${expr.kind}`
}

function wildcardText(name: string): string {
  return name.startsWith('$') ? '_' : name
}
