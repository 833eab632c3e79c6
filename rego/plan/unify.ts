// Unification: variables that nothing has bound yet are bound by what they are compared with.
import type { Operand } from '../ir/index.ts'
import type { Term, VarTerm } from '../syntax/index.ts'
import { visitTerm } from '../syntax/walk.ts'
import { localOperand } from './builder.ts'
import type { Planner } from './planner.ts'

/** Two terms that must be the same. */
export function planUnify(planner: Planner, a: Term, b: Term, then: () => void): void {
  if (isVariable(a)) {
    unifyVar(planner, a, b, then)
    return
  }
  if (isVariable(b)) {
    unifyVar(planner, b, a, then)
    return
  }
  if (a.kind === 'array' && b.kind === 'array') {
    if (a.items.length !== b.items.length) planner.builder.emit({ kind: 'BreakStmt', index: 0 })
    else
      unifyPairs(
        planner,
        a.items.map((item, index) => [item, b.items[index] ?? item] as const),
        0,
        then,
      )
    return
  }
  if (a.kind === 'object' && b.kind === 'object' && !isBound(planner, a) && !isBound(planner, b)) {
    unifyObjects(planner, a, b, then)
    return
  }
  const fromB = (a.kind === 'array' || a.kind === 'object') && !isBound(planner, a)
  if (fromB) planner.term(b, (value) => planner.unifyLocal(value, a, then))
  else planner.term(a, (value) => planner.unifyLocal(value, b, then))
}

function unifyPairs(
  planner: Planner,
  pairs: readonly (readonly [Term, Term])[],
  index: number,
  then: () => void,
): void {
  const pair = pairs[index]
  if (pair === undefined) then()
  else planner.unify(pair[0], pair[1], () => unifyPairs(planner, pairs, index + 1, then))
}

function unifyObjects(
  planner: Planner,
  a: Extract<Term, { kind: 'object' }>,
  b: Extract<Term, { kind: 'object' }>,
  then: () => void,
): void {
  const keyOf = (term: Term): string =>
    JSON.stringify(
      term.kind === 'string'
        ? ['s', term.value]
        : term.kind === 'number'
          ? ['n', term.text]
          : term.kind === 'boolean'
            ? ['b', term.value]
            : term.kind === 'var'
              ? ['v', term.name]
              : [term.kind],
    )
  const others = new Map(b.entries.map(([key, value]) => [keyOf(key), value]))
  const pairs = a.entries.map(([key, value]) => [value, others.get(keyOf(key))] as const)
  if (a.entries.length !== b.entries.length || pairs.some(([, other]) => other === undefined))
    planner.builder.emit({ kind: 'BreakStmt', index: 0 })
  else
    unifyPairs(
      planner,
      pairs.map(([value, other]) => [value, other ?? value] as const),
      0,
      then,
    )
}

function unifyVar(planner: Planner, a: VarTerm, b: Term, then: () => void): void {
  const local = planner.bound(a.name)
  if (local !== undefined) {
    planner.unifyLocal(localOperand(local), b, then)
    return
  }
  planner.term(b, (value) => {
    const target = planner.builder.local()
    planner.bind(a.name, target)
    planner.builder.emit({ kind: 'AssignVarStmt', source: value, target })
    then()
  })
}

/** Unifies a value with a term; variables of the term that are not bound yet are bound by it. */
export function planUnifyLocal(planner: Planner, value: Operand, term: Term, then: () => void): void {
  switch (term.kind) {
    case 'var': {
      if (!isVariable(term)) break
      const local = planner.bound(term.name)
      if (local !== undefined) {
        planner.builder.emit({ kind: 'EqualStmt', a: value, b: localOperand(local) })
        then()
        return
      }
      const target = planner.builder.local()
      planner.bind(term.name, target)
      planner.builder.emit({ kind: 'AssignVarStmt', source: value, target })
      then()
      return
    }
    case 'array':
      if (isBound(planner, term)) break
      unifyArray(planner, value, term.items, then)
      return
    case 'object':
      if (isBound(planner, term)) break
      unifyObject(planner, value, term.entries, then)
      return
    default:
  }
  planner.term(term, (other) => {
    planner.builder.emit({ kind: 'EqualStmt', a: value, b: other })
    then()
  })
}

function unifyArray(planner: Planner, value: Operand, items: readonly Term[], then: () => void): void {
  const { builder } = planner
  builder.emit({ kind: 'IsArrayStmt', source: value })
  sameLength(planner, value, items.length)
  const next = (index: number): void => {
    const item = items[index]
    if (item === undefined) {
      then()
      return
    }
    const key = builder.local()
    const element = builder.local()
    builder.emit({ kind: 'MakeNumberIntStmt', value: BigInt(index), target: key })
    builder.emit({ kind: 'DotStmt', source: value, key: localOperand(key), target: element })
    planner.unifyLocal(localOperand(element), item, () => next(index + 1))
  }
  next(0)
}

function unifyObject(
  planner: Planner,
  value: Operand,
  entries: readonly (readonly [Term, Term])[],
  then: () => void,
): void {
  const { builder } = planner
  builder.emit({ kind: 'IsObjectStmt', source: value })
  sameLength(planner, value, entries.length)
  const next = (index: number): void => {
    const entry = entries[index]
    if (entry === undefined) {
      then()
      return
    }
    planner.term(entry[0], (key) => {
      const element = builder.local()
      builder.emit({ kind: 'DotStmt', source: value, key, target: element })
      planner.unifyLocal(localOperand(element), entry[1], () => next(index + 1))
    })
  }
  next(0)
}

function sameLength(planner: Planner, value: Operand, length: number): void {
  const { builder } = planner
  const wanted = builder.local()
  const found = builder.local()
  builder.emit({ kind: 'MakeNumberIntStmt', value: BigInt(length), target: wanted })
  builder.emit({ kind: 'LenStmt', source: value, target: found })
  builder.emit({ kind: 'EqualStmt', a: localOperand(found), b: localOperand(wanted) })
}

/** True when every variable of a term is bound, so that it can be built and compared whole. */
export function isBound(planner: Planner, term: Term): boolean {
  let all = true
  visitTerm(term, {
    term: (inner) => {
      if (isVariable(inner) && planner.bound(inner.name) === undefined) all = false
      return inner.kind === 'comprehension' || !all
    },
  })
  return all
}

function isVariable(term: Term): term is VarTerm {
  return term.kind === 'var' && term.name !== 'input' && term.name !== 'data'
}
