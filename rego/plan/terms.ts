// Terms to values.
import { INPUT, type Local, type Operand } from '../ir/index.ts'
import type { RefTerm, Term } from '../syntax/index.ts'
import { unreachable } from '../unreachable.ts'
import { boolOperand, localOperand } from './builder.ts'
import { planData } from './documents.ts'
import type { Planner, Then } from './planner.ts'

/** The value of a term. */
export function planTerm(planner: Planner, term: Term, then: Then): void {
  const { builder } = planner
  switch (term.kind) {
    case 'null': {
      const target = builder.local()
      builder.emit({ kind: 'MakeNullStmt', target })
      then(localOperand(target))
      return
    }
    case 'boolean':
      then(boolOperand(term.value))
      return
    case 'number': {
      const target = builder.local()
      builder.emit({ kind: 'MakeNumberRefStmt', index: builder.string(term.text), target })
      then(localOperand(target))
      return
    }
    case 'string':
      then(builder.stringOperand(term.value))
      return
    case 'var':
      if (term.name === 'data') planData(planner, [], 0, [], term, then)
      else if (term.name === 'input') {
        builder.emit({ kind: 'IsDefinedStmt', source: INPUT })
        then(localOperand(INPUT))
      } else then(localOperand(planner.bound(term.name) ?? builder.local()))
      return
    case 'ref':
      planRef(planner, term, then)
      return
    case 'array': {
      const target = builder.local()
      builder.emit({ kind: 'MakeArrayStmt', capacity: term.items.length, target })
      collect(
        planner,
        term.items,
        0,
        (value) => builder.emit({ kind: 'ArrayAppendStmt', value, array: target }),
        () => then(localOperand(target)),
      )
      return
    }
    case 'set': {
      const target = builder.local()
      builder.emit({ kind: 'MakeSetStmt', target })
      collect(
        planner,
        term.items,
        0,
        (value) => builder.emit({ kind: 'SetAddStmt', value, set: target }),
        () => then(localOperand(target)),
      )
      return
    }
    case 'object': {
      const target = builder.local()
      builder.emit({ kind: 'MakeObjectStmt', target })
      insertEntries(planner, term.entries, 0, target, () => then(localOperand(target)))
      return
    }
    case 'comprehension':
      planComprehension(planner, term, then)
      return
    case 'call':
    case 'template':
      throw new TypeError(`a ${term.kind} is rewritten before planning`)
    default:
      unreachable(term)
  }
}

/** Terms one after the other; those that do not iterate go by in a loop, since literals can be long. */
function collect(
  planner: Planner,
  terms: readonly Term[],
  from: number,
  add: (value: Operand) => void,
  then: () => void,
): void {
  for (let index = from; index < terms.length; index++) {
    const term = terms[index]
    if (term === undefined) break
    if (!isFlat(term)) {
      planTerm(planner, term, (value) => {
        add(value)
        collect(planner, terms, index + 1, add, then)
      })
      return
    }
    planTerm(planner, term, add)
  }
  then()
}

function insertEntries(
  planner: Planner,
  entries: readonly (readonly [Term, Term])[],
  from: number,
  object: Local,
  then: () => void,
): void {
  for (let index = from; index < entries.length; index++) {
    const entry = entries[index]
    if (entry === undefined) break
    const flat = entry.every(isFlat)
    planTerm(planner, entry[0], (key) =>
      planTerm(planner, entry[1], (value) => {
        planner.builder.emit({ kind: 'ObjectInsertStmt', key, value, object })
        if (!flat) insertEntries(planner, entries, index + 1, object, then)
      }),
    )
    if (!flat) return
  }
  then()
}

/** True for terms whose value is there once, behind their statements: nothing in them iterates. */
function isFlat(term: Term): boolean {
  switch (term.kind) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
    case 'comprehension':
      return true
    case 'var':
      return term.name !== 'data'
    case 'array':
    case 'set':
      return term.items.every(isFlat)
    case 'object':
      return term.entries.every((entry) => entry.every(isFlat))
    case 'ref':
    case 'call':
    case 'template':
      return false
    default:
      return unreachable(term)
  }
}

function planComprehension(planner: Planner, term: Extract<Term, { kind: 'comprehension' }>, then: Then): void {
  const { builder } = planner
  const target = builder.local()
  if (term.of === 'array') builder.emit({ kind: 'MakeArrayStmt', capacity: 0, target })
  else if (term.of === 'set') builder.emit({ kind: 'MakeSetStmt', target })
  else builder.emit({ kind: 'MakeObjectStmt', target })
  const block = builder.block(() =>
    planner.scoped(() =>
      planner.body(term.body, 0, () => {
        const { key } = term
        if (key !== undefined)
          planner.term(key, (k) =>
            planner.term(term.value, (value) => {
              // A key that has a value already is told where the key is written.
              builder.at(key.location)
              builder.emit({ kind: 'ObjectInsertOnceStmt', key: k, value, object: target })
            }),
          )
        else if (term.of === 'array')
          planner.term(term.value, (value) => builder.emit({ kind: 'ArrayAppendStmt', value, array: target }))
        else planner.term(term.value, (value) => builder.emit({ kind: 'SetAddStmt', value, set: target }))
      }),
    ),
  )
  builder.emit({ kind: 'BlockStmt', blocks: [block] })
  then(localOperand(target))
}

function planRef(planner: Planner, term: RefTerm, then: Then): void {
  const { head } = term
  if (head.kind === 'var' && head.name === 'data') {
    planData(planner, term.path, 0, [], term, then)
    return
  }
  planner.term(head, (value) => planner.steps(value, term.path, 0, then))
}
