// The steps of a reference: names look up, variables that nothing has bound yet iterate.
import type { Local, Operand } from '../ir/index.ts'
import type { Term } from '../syntax/index.ts'
import { isBound } from './bound.ts'
import { localOperand } from './builder.ts'
import type { Planner, Then } from './planner.ts'

/** Follows the steps of a reference from a value. A variable that is not bound yet iterates. */
export function planSteps(planner: Planner, value: Operand, path: readonly Term[], index: number, then: Then): void {
  const step = path[index]
  if (step === undefined) {
    then(value)
    return
  }
  if (isBound(planner, step)) {
    planner.term(step, (key) => {
      const target = planner.builder.local()
      planner.builder.emit({ kind: 'DotStmt', source: value, key, target })
      planner.steps(localOperand(target), path, index + 1, then)
    })
    return
  }
  scan(planner, value, step, (element) => planner.steps(element, path, index + 1, then))
}

/** Each element of a collection whose key unifies with a step. */
export function scan(planner: Planner, value: Operand, step: Term, then: (element: Operand, key: Local) => void): void {
  const { builder } = planner
  const source = toLocal(planner, value)
  const key = builder.local()
  const element = builder.local()
  const block = builder.block(() =>
    planner.scoped(() => planner.unifyLocal(localOperand(key), step, () => then(localOperand(element), key))),
  )
  builder.emit({ kind: 'ScanStmt', source, key, value: element, block })
}

/** A local that holds the value. */
export function toLocal(planner: Planner, value: Operand): Local {
  if (value.kind === 'local') return value.value
  const target = planner.builder.local()
  planner.builder.emit({ kind: 'AssignVarStmt', source: value, target })
  return target
}
