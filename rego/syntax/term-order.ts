// The order of terms: by kind as OPA has it, then by what they hold. Sets and objects of a syntax tree stand in it.
import { compare, compareStrings, numberFromText } from '../value/index.ts'
import type { Term } from './ast.ts'
import { termString } from './term-string.ts'

const kinds: readonly Term['kind'][] = ['null', 'boolean', 'number', 'string', 'var', 'ref', 'array', 'object', 'set']

/** Negative, zero or positive, as `a` stands before, with or behind `b`. */
export function compareTerms(a: Term, b: Term): number {
  const byKind = rank(a) - rank(b)
  if (byKind !== 0) return byKind
  if (a.kind === 'boolean' && b.kind === 'boolean') return Number(a.value) - Number(b.value)
  if (a.kind === 'number' && b.kind === 'number')
    return compare(numberFromText(a.text) ?? 0, numberFromText(b.text) ?? 0)
  if (a.kind === 'string' && b.kind === 'string') return compareStrings(a.value, b.value)
  if (a.kind === 'var' && b.kind === 'var') return compareStrings(a.name, b.name)
  if (a.kind === 'ref' && b.kind === 'ref') return compareLists([a.head, ...a.path], [b.head, ...b.path])
  if (a.kind === 'array' && b.kind === 'array') return compareLists(a.items, b.items)
  if (a.kind === 'set' && b.kind === 'set') return compareLists(sorted(a.items), sorted(b.items))
  if (a.kind === 'object' && b.kind === 'object') {
    const left = [...a.entries].sort(([x], [y]) => compareTerms(x, y))
    const right = [...b.entries].sort(([x], [y]) => compareTerms(x, y))
    return compareLists(left.flat(), right.flat())
  }
  return compareStrings(termString(a), termString(b))
}

/** True when nothing of a term is known only while it is evaluated. */
export function isGround(term: Term): boolean {
  switch (term.kind) {
    case 'array':
    case 'set':
      return term.items.every(isGround)
    case 'object':
      return term.entries.every((entry) => entry.every(isGround))
    default:
      return rank(term) < kinds.indexOf('var')
  }
}

function rank(term: Term): number {
  const at = kinds.indexOf(term.kind)
  if (at !== -1) return at
  if (term.kind === 'comprehension') return kinds.length + ['array', 'object', 'set'].indexOf(term.of)
  return kinds.length + (term.kind === 'call' ? 3 : 4)
}

function compareLists(a: readonly Term[], b: readonly Term[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const order = compareTerms(one, other)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function sorted(terms: readonly Term[]): readonly Term[] {
  return [...terms].sort(compareTerms)
}
