// A query against compiled modules: its own names, then the same stages as a rule's body.
import { type Body, type Diagnostic, type Module, parseQuery } from '../syntax/index.ts'
import { visitBody } from '../syntax/walk.ts'
import { type CapturedExpr, captureValues, inOrderOf } from './captures.ts'
import { checkQueryTypes } from './check-types.ts'
import { type Compilation, isGenerated } from './context.ts'
import { hoistBody } from './dynamic.ts'
import { expandBody } from './expand.ts'
import { forbiddenCalls } from './forbidden.ts'
import { type Globals, globalsOf } from './globals.ts'
import { droppedCallsIn, shadowedRootsIn } from './keyword-overrides.ts'
import { Names } from './names.ts'
import { type PrintMode, rewritePrintsIn } from './print-calls.ts'
import { orderBody } from './safety.ts'
import { rewriteTemplatesIn } from './template-strings.ts'
import { checkFunctionsIn } from './undefined-functions.ts'
import { bodyVars } from './variables.ts'
import { voidCalls } from './void-calls.ts'
import { checkWithTargetsIn } from './with-targets.ts'

/** A query that is ready to plan. */
export interface CompiledQuery {
  readonly body: Body
  /** The variables whose values are the answer. */
  readonly variables: readonly string[]
  /** The expressions in order of evaluation, where they were asked for. */
  readonly captured: readonly CapturedExpr[]
}

/** How a query is to be read. */
export interface QueryOptions {
  readonly file?: string
  readonly regoVersion?: 0 | 1
  readonly print?: PrintMode
  /** A module whose package and imports the query is written in. */
  readonly within?: Module
  /** Whether the values of its expressions are answered, too. */
  readonly capture?: boolean
  /** The words that are keywords in a v0 query; all of v1 unless said otherwise. */
  readonly keywords?: readonly string[]
}

/** Compiles a query. Diagnostics go to the result, and the compilation keeps none. */
export function compileQuery(
  text: string,
  compilation: Compilation,
  options: QueryOptions = {},
): { readonly query: CompiledQuery | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const parsed = parseQuery(text, {
    file: options.file ?? '<query>',
    ...(options.regoVersion === undefined ? {} : { regoVersion: options.regoVersion }),
    ...(options.keywords === undefined ? {} : { keywords: options.keywords }),
  })
  if (parsed.body === undefined) return { query: undefined, diagnostics: parsed.diagnostics }
  const before = compilation.diagnostics.length
  const query = rewrite(
    parsed.body,
    compilation,
    {
      print: options.print ?? 'erase',
      v1: options.regoVersion !== 0,
      capture: options.capture === true,
      globals: options.within === undefined ? new Map() : globalsOf(options.within, compilation),
    },
    before,
  )
  const found = compilation.diagnostics.splice(before)
  return { query: found.length > 0 ? undefined : query, diagnostics: found }
}

/** The stages of queries, in the order of those of rules. */
function rewrite(
  written: Body,
  compilation: Compilation,
  options: {
    readonly print: PrintMode
    readonly v1: boolean
    readonly capture: boolean
    readonly globals: Globals
  },
  before: number,
): CompiledQuery | undefined {
  let body = written
  let variables: readonly string[] = []
  let captured: readonly CapturedExpr[] = []
  const check = (run: (body: Body) => void) => (): void => run(body)
  const change = (run: (body: Body) => Body) => (): void => {
    body = run(body)
  }
  const stages: readonly (() => void)[] = [
    check((one) => {
      if (options.v1) for (const fault of shadowedRootsIn(one)) compilation.add(fault)
    }),
    change((one) => new Names(compilation, options.globals).query(one)),
    () => {
      variables = [...bodyVars(body, { closures: true })].filter(
        (name) => (options.capture || !name.startsWith('$')) && !isGenerated(name),
      )
    },
    change((one) => {
      if (!options.capture) return one
      const found = captureValues(one, compilation)
      captured = found.captured
      variables = [...variables, ...captured.flatMap(({ variable }) => (variable === undefined ? [] : [variable]))]
      return found.body
    }),
    change((one) => rewriteTemplatesIn(one, compilation)),
    check((one) => visitBody(one, voidCalls(compilation))),
    change((one) => rewritePrintsIn(one, options.print, compilation)),
    change((one) => expandBody(one, compilation)),
    check((one) => checkWithTargetsIn(one, compilation)),
    check((one) => checkFunctionsIn(one, compilation)),
    change((one) => orderBody(one, new Set(), compilation)),
    change((one) => hoistBody(one, compilation)),
    check((one) => checkQueryTypes(one, compilation)),
    check((one) => visitBody(one, forbiddenCalls(compilation))),
    check((one) => {
      if (options.v1) for (const fault of droppedCallsIn(one)) compilation.add(fault)
    }),
  ]
  for (const stage of stages) {
    stage()
    if (compilation.diagnostics.length > before) return undefined
  }
  return { body, variables, captured: inOrderOf(captured, body) }
}
