// The text of terms in messages: on one line, calls by name, as OPA shows them.
import type { Body, Expr, RefTerm, Term, VarTerm } from './ast.ts'
import { isWildcard, operatorName } from './ast.ts'

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/
const keywords: ReadonlySet<string> = new Set(
  'as contains default else every false if import in not null package some true with'.split(' '),
)

/** What kind of value a term is. */
export function valueName(term: Term): string {
  if (term.kind === 'comprehension') return `${term.of}comprehension`
  if (term.kind === 'template') return 'templatestring'
  if (term.kind === 'var') return term.name === 'input' || term.name === 'data' ? 'ref' : 'var'
  return term.kind
}

/** A reference as it is written, with names where the steps are names. */
export function refString(
  ref: VarTerm | RefTerm,
  shown: (name: string) => string = (name) => (name.startsWith('$') ? '_' : name),
): string {
  if (ref.kind === 'var') return shown(ref.name)
  const steps = ref.path.map((step) =>
    step.kind === 'string' && plainName.test(step.value) && !keywords.has(step.value)
      ? `.${step.value}`
      : `[${termString(step, shown)}]`,
  )
  return `${termString(ref.head, shown)}${steps.join('')}`
}

/** The term on one line, with every variable as `shown` gives it. */
export function termString(
  term: Term,
  shown: (name: string) => string = (name) => (name.startsWith('$') ? '_' : name),
): string {
  const text = (inner: Term): string => termString(inner, shown)
  switch (term.kind) {
    case 'null':
      return 'null'
    case 'boolean':
      return String(term.value)
    case 'number':
      return term.text
    case 'string':
      return JSON.stringify(term.value)
    case 'var':
    case 'ref':
      return refString(term, shown)
    case 'array':
      return `[${term.items.map(text).join(', ')}]`
    case 'set':
      return term.items.length === 0 ? 'set()' : `{${term.items.map(text).join(', ')}}`
    case 'object':
      return `{${term.entries.map(([key, value]) => `${text(key)}: ${text(value)}`).join(', ')}}`
    case 'call':
      return `${operatorName(term.operator) ?? text(term.operator)}(${term.args.map(text).join(', ')})`
    case 'comprehension': {
      const [open, close] = term.of === 'array' ? '[]' : '{}'
      const key = term.key === undefined ? '' : `${text(term.key)}: `
      return `${open}${key}${text(term.value)} | ${bodyString(term.body, shown)}${close}`
    }
    case 'template':
      return `$"${term.parts.map((part) => (typeof part === 'string' ? part : `{${exprString(part, shown)}}`)).join('')}"`
  }
}

function bodyString(body: Body, shown: (name: string) => string): string {
  return body.map((expr) => exprString(expr, shown)).join('; ')
}

function exprString(expr: Expr, shown: (name: string) => string): string {
  const text = (term: Term): string => termString(term, shown)
  const not = expr.negated ? 'not ' : ''
  switch (expr.kind) {
    case 'term':
      return `${not}${text(expr.term)}`
    case 'call': {
      const [a, b] = expr.args
      const name = operatorName(expr.operator) ?? text(expr.operator)
      if (expr.args.length === 2 && a !== undefined && b !== undefined) {
        if (name === 'eq') return `${not}${text(a)} = ${text(b)}`
        if (name === 'assign') return `${not}${text(a)} := ${text(b)}`
      }
      return `${not}${name}(${expr.args.map(text).join(', ')})`
    }
    case 'some':
      return `some ${expr.names.map((name) => (isWildcard(name) ? '_' : shown(name.name))).join(', ')}`
    case 'some_in':
      return `some ${expr.key === undefined ? '' : `${text(expr.key)}, `}${text(expr.value)} in ${text(expr.domain)}`
    case 'every': {
      const key = expr.key === undefined ? '' : `${text(expr.key)}, `
      return `every ${key}${text(expr.value)} in ${text(expr.domain)} { ${bodyString(expr.body, shown)} }`
    }
    case 'not_body':
      return `not { ${bodyString(expr.body, shown)} }`
    case 'and':
    case 'or':
      return `{ ${bodyString(expr.left, shown)} } ${expr.kind} { ${bodyString(expr.right, shown)} }`
  }
}
