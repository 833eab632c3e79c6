// Walking and rebuilding trees: one place that knows the children of every node.

import { unreachable } from '../unreachable.ts'
import type { Body, Expr, RefTerm, Term, VarTerm, With } from './ast.ts'

/** How to rebuild the parts of a node. */
export interface Mapping {
  term(term: Term): Term
  body(body: Body): Body
  operator?(operator: VarTerm | RefTerm): VarTerm | RefTerm
}

/** The items rebuilt; the list itself where that changed none. */
export function mapAll<Item>(items: readonly Item[], map: (item: Item) => Item): readonly Item[] {
  let changed: Item[] | undefined
  let at = 0
  for (const item of items) {
    const mapped = map(item)
    // A copy of all items is as long as what comes of it, and has no room to grow.
    if (mapped !== item) changed ??= items.slice()
    if (changed !== undefined) changed[at] = mapped
    at++
  }
  return changed ?? items
}

/** The entries of an object rebuilt; the list itself where that changed none. */
export function mapEntries(
  entries: readonly (readonly [key: Term, value: Term])[],
  map: (term: Term) => Term,
): readonly (readonly [key: Term, value: Term])[] {
  return mapAll(entries, (entry) => {
    const key = map(entry[0])
    const value = map(entry[1])
    return key === entry[0] && value === entry[1] ? entry : ([key, value] as const)
  })
}

/** The term with its children rebuilt; the term itself where that changed none. */
export function mapTerm(term: Term, mapping: Mapping): Term {
  switch (term.kind) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'var':
      return term
    case 'ref': {
      const head = mapping.term(term.head)
      const path = mapAll(term.path, (step) => mapping.term(step))
      return head === term.head && path === term.path ? term : { ...term, head, path }
    }
    case 'array':
    case 'set': {
      const items = mapAll(term.items, (item) => mapping.term(item))
      return items === term.items ? term : { ...term, items }
    }
    case 'object': {
      const entries = mapEntries(term.entries, (part) => mapping.term(part))
      return entries === term.entries ? term : { ...term, entries }
    }
    case 'comprehension': {
      const body = mapping.body(term.body)
      return {
        ...term,
        ...(term.key === undefined ? {} : { key: mapping.term(term.key) }),
        value: mapping.term(term.value),
        body,
      }
    }
    case 'call':
      return {
        ...term,
        operator: mapping.operator?.(term.operator) ?? term.operator,
        args: term.args.map((arg) => mapping.term(arg)),
      }
    case 'template':
      return { ...term, parts: term.parts.map((part) => (typeof part === 'string' ? part : mapExpr(part, mapping))) }
    default:
      return unreachable(term)
  }
}

/** The expression with its children rebuilt. */
export function mapExpr(expr: Expr, mapping: Mapping): Expr {
  const withs: readonly With[] = mapAll(expr.with, (one) => ({
    ...one,
    target: one.mock === undefined ? mapping.term(one.target) : one.target,
    value: one.mock === 'function' ? one.value : mapping.term(one.value),
  }))
  switch (expr.kind) {
    case 'term':
      return { ...expr, term: mapping.term(expr.term), with: withs }
    case 'call':
      return {
        ...expr,
        operator: mapping.operator?.(expr.operator) ?? expr.operator,
        args: expr.args.map((arg) => mapping.term(arg)),
        with: withs,
      }
    case 'some':
      return expr
    case 'some_in':
      return {
        ...expr,
        ...(expr.key === undefined ? {} : { key: mapping.term(expr.key) }),
        value: mapping.term(expr.value),
        domain: mapping.term(expr.domain),
        with: withs,
      }
    case 'every':
      return { ...expr, domain: mapping.term(expr.domain), body: mapping.body(expr.body), with: withs }
    case 'not_body':
      return { ...expr, body: mapping.body(expr.body), with: withs }
    case 'and':
    case 'or':
      return { ...expr, left: mapping.body(expr.left), right: mapping.body(expr.right), with: withs }
    default:
      return unreachable(expr)
  }
}

/** What a visit does at each node; answering true passes its children over. */
export interface Visitor {
  term?(term: Term): boolean
  expr?(expr: Expr): boolean
  /** Called for bodies of comprehensions, `every` and composite negation. */
  closure?(body: Body): boolean
}

/** Visits a term and everything in it. */
export function visitTerm(term: Term, visitor: Visitor): void {
  if (visitor.term?.(term) === true) return
  switch (term.kind) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'var':
      return
    case 'ref':
      visitTerm(term.head, visitor)
      for (const step of term.path) visitTerm(step, visitor)
      return
    case 'array':
    case 'set':
      for (const item of term.items) visitTerm(item, visitor)
      return
    case 'object':
      for (const [key, value] of term.entries) {
        visitTerm(key, visitor)
        visitTerm(value, visitor)
      }
      return
    case 'comprehension':
      if (visitor.closure?.(term.body) === true) return
      if (term.key !== undefined) visitTerm(term.key, visitor)
      visitTerm(term.value, visitor)
      visitBody(term.body, visitor)
      return
    case 'call':
      for (const arg of term.args) visitTerm(arg, visitor)
      return
    case 'template':
      for (const part of term.parts) if (typeof part !== 'string') visitExpr(part, visitor)
      return
    default:
      unreachable(term)
  }
}

/** Visits an expression and everything in it. Operators of calls are not terms. */
export function visitExpr(expr: Expr, visitor: Visitor): void {
  if (visitor.expr?.(expr) === true) return
  switch (expr.kind) {
    case 'term':
      visitTerm(expr.term, visitor)
      break
    case 'call':
      for (const arg of expr.args) visitTerm(arg, visitor)
      break
    case 'some':
      break
    case 'some_in':
      if (expr.key !== undefined) visitTerm(expr.key, visitor)
      visitTerm(expr.value, visitor)
      visitTerm(expr.domain, visitor)
      break
    case 'every':
      visitTerm(expr.domain, visitor)
      if (visitor.closure?.(expr.body) !== true) visitBody(expr.body, visitor)
      break
    case 'not_body':
      if (visitor.closure?.(expr.body) !== true) visitBody(expr.body, visitor)
      break
    case 'and':
    case 'or':
      for (const side of [expr.left, expr.right]) if (visitor.closure?.(side) !== true) visitBody(side, visitor)
      break
    default:
      unreachable(expr)
  }
  for (const one of expr.with) {
    if (one.mock === undefined) visitTerm(one.target, visitor)
    if (one.mock !== 'function') visitTerm(one.value, visitor)
  }
}

/** Visits a body. */
export function visitBody(body: Body, visitor: Visitor): void {
  for (const expr of body) visitExpr(expr, visitor)
}

/** True for terms without variables, references, calls and comprehensions. */
export function isConstant(term: Term): boolean {
  let constant = true
  visitTerm(term, {
    term: (inner) => {
      if (
        inner.kind === 'var' ||
        inner.kind === 'ref' ||
        inner.kind === 'call' ||
        inner.kind === 'comprehension' ||
        inner.kind === 'template'
      )
        constant = false
      return !constant
    },
  })
  return constant
}
