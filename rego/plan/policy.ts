// Whole policies: the plans of entry points and of queries, with the functions they reach.
import type { Compilation } from '../compile/context.ts'
import type { CompiledQuery } from '../compile/query.ts'
import { mergeTree, type TreeNode } from '../compile/tree.ts'
import { DATA, INPUT, type Plan, PlanError, type Policy, type UnplannedRule } from '../ir/index.ts'
import { type Location, nowhere, refTerm, stringTerm, varTerm } from '../syntax/index.ts'
import { localOperand } from './builder.ts'
import { Planner } from './planner.ts'

/** An entry point that names nothing. */
export class EntrypointError extends Error {
  readonly entrypoint: string
  constructor(entrypoint: string) {
    super(`entrypoint "${entrypoint}" does not refer to a rule or policy decision`)
    this.name = 'EntrypointError'
    this.entrypoint = entrypoint
  }
}

/** Plans entry points, named by slashes: `sallyport/decision`. Throws EntrypointError, and PlanError beyond limits. */
export function planEntrypoints(compilation: Compilation, entrypoints: readonly string[]): Policy {
  const planner = new Planner(compilation)
  const plans = [...entrypoints].map((name): Plan => {
    const path = name.split('/')
    if (compilation.tree.find(path) === undefined) throw new EntrypointError(name)
    const place: Location = { ...nowhere, file: '<query>', row: 1, col: 1 }
    const term = refTerm(
      varTerm('data', place),
      path.map((part) => stringTerm(part, place)),
      place,
    )
    return planAnswer(planner, name, (answer) => planner.term(term, (value) => answer([['result', value]])))
  })
  return finish(planner, plans)
}

/** Plans a query as the entry point `eval`: one object of bindings for each answer. */
export function planQuery(compilation: Compilation, query: CompiledQuery): Policy {
  const planner = new Planner(compilation)
  const plan = planAnswer(planner, 'eval', (answer) =>
    planner.body(query.body, 0, () =>
      answer(
        query.variables.flatMap((name) => {
          const local = planner.bound(name)
          return local === undefined ? [] : [[name, localOperand(local)] as const]
        }),
      ),
    ),
  )
  return finish(planner, [plan])
}

type Answer = (bindings: readonly (readonly [string, ReturnType<typeof localOperand>])[]) => void

/** The plan of one answer. What is known to nest has limits of its own; anything else that the stack is too short for ends here. */
function planAnswer(planner: Planner, name: string, plan: (answer: Answer) => void): Plan {
  try {
    return planWhole(planner, name, plan)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new PlanError('limit', `plan ${name}`, 'nested too deep to plan; split what is long into smaller rules', {
      cause,
    })
  }
}

function planWhole(planner: Planner, name: string, plan: (answer: Answer) => void): Plan {
  const whole = planner.apart((): Plan => {
    const { builder } = planner
    builder.at({ ...nowhere, file: '<query>', row: 1, col: 1 })
    const input = builder.local()
    const data = builder.local()
    if (input !== INPUT || data !== DATA) throw new TypeError('input and data are the first locals')
    const vars = new Map([
      ['input', input],
      ['data', data],
    ])
    const block = builder.block(() =>
      planner.withVars(vars, () =>
        plan((bindings) => {
          const object = builder.local()
          builder.emit({ kind: 'MakeObjectStmt', target: object })
          for (const [key, value] of bindings)
            builder.emit({ kind: 'ObjectInsertStmt', key: builder.stringOperand(key), value, object })
          builder.emit({ kind: 'ResultSetAddStmt', value: object })
        }),
      ),
    )
    return { name, blocks: [block] }
  })
  planner.finish()
  return whole
}

function finish(planner: Planner, plans: readonly Plan[]): Policy {
  const { builder } = planner
  const reached = new Set(builder.funcs.map((func) => JSON.stringify(func.path?.slice(1))))
  const unplannedRules: UnplannedRule[] = []
  const visit = (node: TreeNode, path: readonly string[]): void => {
    if (node.rules.length > 0 && !reached.has(JSON.stringify(path))) {
      for (const rule of node.rules) unplannedRules.push({ path, place: builder.place(rule.location) })
    }
    for (const [name, child] of node.children) visit(child, [...path, name])
  }
  visit(mergeTree(planner.compilation.tree).root, [])
  return {
    strings: builder.strings,
    builtins: builder.builtins,
    files: builder.files,
    plans,
    funcs: builder.funcs,
    unplannedRules,
  }
}
