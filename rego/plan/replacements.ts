// `with`: documents are replaced while an expression is planned, functions by what stands for them in a frame.
import { DATA, INPUT, type Local } from '../ir/index.ts'
import { type Expr, operatorName, type Term, type With } from '../syntax/index.ts'
import { localOperand } from './builder.ts'
import { operands } from './calls.ts'
import { Frame, type Mock, type Mocked } from './frame.ts'
import type { Planner } from './planner.ts'
import type { Target } from './reach.ts'
import { toLocal } from './references.ts'
import { goesBehindWith } from './straight.ts'

/** An expression with replacements. */
export function planWith(planner: Planner, expr: Expr, then: () => void): void {
  const before = planner.frame
  const documents: { readonly local: Local; readonly path: readonly string[]; readonly value: Term }[] = []
  const replacements: { readonly name: string; readonly value: Term }[] = []
  const removed: (readonly string[])[] = []
  const mocks: [string, Mocked][] = []
  for (const one of expr.with) {
    const document = one.mock === undefined ? documentOf(one) : undefined
    if (document === undefined) {
      const replacement = addMock(planner, one, mocks)
      if (replacement !== undefined) replacements.push(replacement)
      continue
    }
    documents.push(document)
    if (document.local === DATA && before.find(document.path) !== undefined) removed.push(document.path)
  }
  const frame =
    removed.length === 0 && mocks.length === 0
      ? before
      : new Frame(before.tree, [...before.removed, ...removed], new Map([...before.mocks, ...mocks]))
  const isBehind = goesBehindWith(planner, expr)
  let goesOn = false
  operands(
    planner,
    [...documents, ...replacements].map((one) => one.value),
    0,
    [],
    (values) => {
      for (const [index, one] of replacements.entries()) {
        const value = values[documents.length + index]
        if (value !== undefined) planner.bind(one.name, toLocal(planner, value))
      }
      const saved = isBehind
        ? []
        : [...new Set(documents.map((one) => one.local))].map((local) => {
            const copy = planner.builder.local()
            planner.builder.emit({ kind: 'AssignVarStmt', source: localOperand(local), target: copy })
            return { local, copy }
          })
      const restore = (index: number): void => {
        const one = saved[index]
        if (one === undefined) {
          if (isBehind) goesOn = true
          else planner.inFrame(before, then)
          return
        }
        const block = planner.builder.block(() => restore(index + 1))
        planner.builder.emit({ kind: 'WithStmt', local: one.local, path: [], value: localOperand(one.copy), block })
      }
      const replace = (index: number): void => {
        const one = documents[index]
        const value = values[index]
        if (one === undefined || value === undefined) {
          planner.inFrame(frame, () => planner.expr({ ...expr, with: [] }, () => restore(0)))
          return
        }
        const block = planner.builder.block(() => replace(index + 1))
        planner.builder.emit({
          kind: 'WithStmt',
          local: one.local,
          path: one.path.map((name) => planner.builder.string(name)),
          value,
          block,
        })
      }
      replace(0)
    },
  )
  if (goesOn) then()
}

function documentOf(
  one: With,
): { readonly local: Local; readonly path: readonly string[]; readonly value: Term } | undefined {
  const { target, value } = one
  const head = target.kind === 'ref' ? target.head : target
  if (head.kind !== 'var' || (head.name !== 'input' && head.name !== 'data')) return undefined
  const steps = target.kind === 'ref' ? target.path : []
  if (!steps.every((step) => step.kind === 'string')) return undefined
  return {
    local: head.name === 'input' ? INPUT : DATA,
    path: steps.map((step) => (step.kind === 'string' ? step.value : '')),
    value,
  }
}

/** Notes what replaces a function; a value that replaces it must be planned and carried. */
function addMock(
  planner: Planner,
  one: With,
  mocks: [string, Mocked][],
): { readonly name: string; readonly value: Term } | undefined {
  const { target, value } = one
  if (target.kind !== 'var' && target.kind !== 'ref') return undefined
  const name = operatorName(target) ?? ''
  const callee = planner.compilation.callee(target)
  const replaced: Target = callee?.kind === 'function' ? { kind: 'data', path: callee.path } : { kind: 'builtin', name }
  const note = (by: Mock): number => mocks.push([name, { replaced, by }])
  if ((one.mock === 'function' || one.mock === 'rule') && (value.kind === 'var' || value.kind === 'ref')) {
    note({ kind: one.mock, target: value })
    return undefined
  }
  const carried = planner.nextMock()
  note({ kind: 'value', carried })
  return { name: carried, value }
}
