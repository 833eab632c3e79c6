// Calls of built-ins, of functions that rules make, and of what replaces them.
import type { Callee } from '../compile/context.ts'
import type { Operand } from '../ir/index.ts'
import { type Expr, operatorName, type Term } from '../syntax/index.ts'
import { boolOperand, localOperand } from './builder.ts'
import type { Planner } from './planner.ts'
import { toLocal } from './references.ts'

/** A call as an expression. */
export function planCall(planner: Planner, expr: Extract<Expr, { kind: 'call' }>, then: () => void): void {
  const { operator, args } = expr
  if (operator.kind === 'var' && operator.name === 'eq') {
    const [a, b] = args
    if (a !== undefined && b !== undefined) {
      planner.unify(a, b, then)
      return
    }
  }
  const name = operatorName(operator) ?? ''
  const callee = planner.compilation.callee(operator)
  if (callee === undefined) throw new TypeError(`checked calls have a callee: ${name}`)
  const inputs = args.slice(
    0,
    callee.arity === 0 && callee.kind === 'builtin' && callee.declaration.decl.variadic !== undefined
      ? args.length
      : callee.arity,
  )
  const output = args[inputs.length]
  operands(planner, inputs, 0, [], (operands) => {
    invoke(planner, callee, name, operands, (result, relation, isVoid) => {
      if (relation) eachOf(planner, result, output, then)
      else if (isVoid) then()
      else if (output === undefined) {
        planner.builder.emit({ kind: 'NotEqualStmt', a: result, b: boolOperand(false) })
        then()
      } else planner.unifyLocal(result, output, then)
    })
  })
}

/** Calls a function, or what replaces it. */
function invoke(
  planner: Planner,
  callee: Callee,
  name: string,
  operands: readonly Operand[],
  then: (result: Operand, relation: boolean, isVoid: boolean) => void,
): void {
  const mock = planner.frame.mocks.get(name)?.by
  if (mock?.kind === 'value') {
    const local = planner.bound(mock.carried)
    if (local === undefined) throw new TypeError('a frame passes on what its mocks need')
    then(localOperand(local), false, false)
    return
  }
  if (mock?.kind === 'rule') {
    // The rule sees all that is replaced where the function is called, but not that it stands for the function itself.
    const { frame } = planner
    planner.inFrame(frame.without(name), () =>
      planner.term(mock.target, (value) => planner.inFrame(frame, () => then(value, false, false))),
    )
    return
  }
  if (mock !== undefined) {
    const target = planner.compilation.callee(mock.target)
    if (target === undefined) throw new TypeError('a mock is checked before it is planned')
    // What replaces a function sees no mocks: it may call what it replaces, and calls no other mock. What follows the call
    // sees them all again.
    const { frame } = planner
    planner.inFrame(frame.withoutMocks(), () =>
      plainCall(planner, target, operands, (...answer) => planner.inFrame(frame, () => then(...answer))),
    )
    return
  }
  plainCall(planner, callee, operands, then)
}

function plainCall(
  planner: Planner,
  callee: Callee,
  operands: readonly Operand[],
  then: (result: Operand, relation: boolean, isVoid: boolean) => void,
): void {
  const result = planner.builder.local()
  if (callee.kind === 'builtin') {
    const func = planner.builder.builtin(callee.declaration)
    planner.builder.emit({ kind: 'CallStmt', func, args: operands, result })
    then(localOperand(result), callee.declaration.relation === true, callee.void)
    return
  }
  const node = planner.frame.find(callee.path)
  const planned = node === undefined || node.rules.length === 0 ? undefined : planner.ruleFunction(node, callee.path)
  if (planned === undefined) {
    // The function was replaced away with its package: a call of nothing is undefined.
    planner.builder.emit({ kind: 'BreakStmt', index: 0 })
    return
  }
  const { func, passed } = planned
  planner.builder.emit({ kind: 'CallStmt', func, args: [...passed, ...operands], result })
  then(localOperand(result), false, false)
}

/** A relation's result is a list of results; each of them counts. */
function eachOf(planner: Planner, result: Operand, output: Term | undefined, then: () => void): void {
  const { builder } = planner
  if (output === undefined) {
    const length = builder.local()
    const zero = builder.local()
    builder.emit({ kind: 'LenStmt', source: result, target: length })
    builder.emit({ kind: 'MakeNumberIntStmt', value: 0n, target: zero })
    builder.emit({ kind: 'NotEqualStmt', a: localOperand(length), b: localOperand(zero) })
    then()
    return
  }
  const key = builder.local()
  const value = builder.local()
  const block = builder.block(() => planner.unifyLocal(localOperand(value), output, then))
  builder.emit({ kind: 'ScanStmt', source: toLocal(planner, result), key, value, block })
}

/** The values of terms, in their order. */
export function operands(
  planner: Planner,
  terms: readonly Term[],
  index: number,
  done: readonly Operand[],
  then: (operands: readonly Operand[]) => void,
): void {
  const term = terms[index]
  if (term === undefined) then(done)
  else planner.term(term, (value) => operands(planner, terms, index + 1, [...done, value], then))
}
