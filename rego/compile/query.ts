// A query against compiled modules: its own names, then the same stages as a rule's body.
import { type Body, type Diagnostic, parseQuery } from '../syntax/index.ts'
import { visitBody } from '../syntax/walk.ts'
import { checkCall } from './checks.ts'
import { type Compilation, isGenerated } from './context.ts'
import { hoistBody } from './dynamic.ts'
import { expandBody } from './expand.ts'
import { Names, type PrintMode } from './names.ts'
import { orderBody } from './safety.ts'
import { bodyVars } from './variables.ts'

/** A query that is ready to plan. */
export interface CompiledQuery {
  readonly body: Body
  /** The variables whose values are the answer. */
  readonly variables: readonly string[]
}

/** Compiles a query. Diagnostics go to the result, and the compilation keeps none. */
export function compileQuery(
  text: string,
  compilation: Compilation,
  options: { readonly file?: string; readonly regoVersion?: 0 | 1; readonly print?: PrintMode } = {},
): { readonly query: CompiledQuery | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const parsed = parseQuery(text, {
    file: options.file ?? '<query>',
    ...(options.regoVersion === undefined ? {} : { regoVersion: options.regoVersion }),
  })
  if (parsed.body === undefined) return { query: undefined, diagnostics: parsed.diagnostics }
  const before = compilation.diagnostics.length
  const query = rewrite(parsed.body, compilation, options.print ?? 'erase', before)
  const found = compilation.diagnostics.splice(before)
  return { query: found.length > 0 ? undefined : query, diagnostics: found }
}

function rewrite(body: Body, compilation: Compilation, print: PrintMode, before: number): CompiledQuery | undefined {
  const failed = (): boolean => compilation.diagnostics.length > before
  const named = new Names(compilation, new Map(), print).query(body)
  if (failed()) return undefined
  const variables = [...bodyVars(named, { closures: true })].filter(
    (name) => !name.startsWith('$') && !isGenerated(name),
  )
  const expanded = expandBody(named, compilation)
  visitBody(expanded, {
    expr: (expr) => {
      if (expr.kind === 'call') checkCall(expr, compilation)
      return false
    },
  })
  if (failed()) return undefined
  const ordered = orderBody(expanded, new Set(), compilation)
  if (failed()) return undefined
  return { body: hoistBody(ordered, compilation), variables }
}
