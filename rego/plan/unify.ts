// Unification: variables that nothing has bound yet are bound by what they are compared with.
import type { Operand } from '../ir/index.ts'
import type { Term, VarTerm } from '../syntax/index.ts'
import { isBound, isVariable } from './bound.ts'
import { localOperand } from './builder.ts'
import { type Pair, WaitingPairs } from './pairs.ts'
import type { Planner } from './planner.ts'
import { isStraightTerm } from './straight.ts'

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
  if ((a.kind === 'array' && b.kind === 'array') || (isOpenObject(planner, a) && isOpenObject(planner, b))) {
    const pairs: Pair[] = []
    if (addPairs(planner, a, b, pairs)) unifyPairs(planner, pairs, then)
    else planner.builder.emit({ kind: 'BreakStmt', index: 0 })
    return
  }
  const fromB = (a.kind === 'array' || a.kind === 'object') && !isBound(planner, a)
  if (fromB) planner.term(b, (value) => planner.unifyLocal(value, a, then))
  else planner.term(a, (value) => planner.unifyLocal(value, b, then))
}

function isOpenObject(planner: Planner, term: Term): boolean {
  return term.kind === 'object' && !isBound(planner, term)
}

/** Adds what must be the same for two terms to be; false where they can never be. */
function addPairs(planner: Planner, a: Term, b: Term, pairs: Pair[]): boolean {
  if (a.kind === 'array' && b.kind === 'array') {
    if (a.items.length !== b.items.length) return false
    return a.items.every((item, index) => addPairs(planner, item, b.items[index] ?? item, pairs))
  }
  if (a.kind === 'object' && b.kind === 'object' && isOpenObject(planner, a) && isOpenObject(planner, b)) {
    const others = new Map(b.entries.map(([key, value]) => [keyText(key), value]))
    if (a.entries.length !== b.entries.length) return false
    return a.entries.every(([key, value]) => {
      const other = others.get(keyText(key))
      return other !== undefined && addPairs(planner, value, other, pairs)
    })
  }
  pairs.push([a, b])
  return true
}

function keyText(term: Term): string {
  switch (term.kind) {
    case 'string':
      return JSON.stringify(['s', term.value])
    case 'number':
      return JSON.stringify(['n', term.text])
    case 'boolean':
      return JSON.stringify(['b', term.value])
    case 'var':
      return JSON.stringify(['v', term.name])
    default:
      return JSON.stringify([term.kind])
  }
}

/**
 * Pairs in their order, but for those of which nothing is known yet: `[x, y] = [y, 1]` says first what `y` is. Those that
 * hold at most once go by in a loop, since patterns can be long.
 */
function unifyPairs(planner: Planner, pairs: readonly Pair[], then: () => void): void {
  const waiting = new WaitingPairs(planner, pairs)
  for (let pair = waiting.next(); pair !== undefined; pair = waiting.next()) {
    if (!pair.every((term) => isStraightTerm(planner, term))) {
      const left = waiting.left()
      planner.unify(pair[0], pair[1], () => unifyPairs(planner, left, then))
      return
    }
    let goesOn = false
    planner.unify(pair[0], pair[1], () => {
      goesOn = true
    })
    if (!goesOn) return
    waiting.bound(pair)
  }
  then()
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
  const next = (from: number): void => {
    for (let index = from; index < items.length; index++) {
      const item = items[index]
      if (item === undefined) break
      const key = builder.local()
      const element = builder.local()
      builder.emit({ kind: 'MakeNumberIntStmt', value: BigInt(index), target: key })
      builder.emit({ kind: 'DotStmt', source: value, key: localOperand(key), target: element })
      if (!isStraightTerm(planner, item)) {
        planner.unifyLocal(localOperand(element), item, () => next(index + 1))
        return
      }
      let goesOn = false
      planner.unifyLocal(localOperand(element), item, () => {
        goesOn = true
      })
      if (!goesOn) return
    }
    then()
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
  const next = (from: number): void => {
    for (let index = from; index < entries.length; index++) {
      const entry = entries[index]
      if (entry === undefined) break
      const isStraight = entry.every((term) => isStraightTerm(planner, term))
      let goesOn = false
      planner.term(entry[0], (key) => {
        const element = builder.local()
        builder.emit({ kind: 'DotStmt', source: value, key, target: element })
        planner.unifyLocal(localOperand(element), entry[1], () => {
          if (isStraight) goesOn = true
          else next(index + 1)
        })
      })
      if (!goesOn) return
    }
    then()
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
