// OPA's tables of the compiler, of the type checker and of annotations: modules that compile, and modules that do not with
// what is said of them. Only later stages read the text of rewritten rules, and ours are others: such a row holds when its
// module means what that text means (rewritten.ts), and is counted apart where that cannot be told.

import { Compilation, type CompiledModules, compileModules, compileQuery } from '../../../rego/compile/index.ts'
import { buildTree } from '../../../rego/compile/tree.ts'
import { boundBy } from '../../../rego/compile/undeclared.ts'
import { type Diagnostic, parseModule, parseQuery, parseTerm } from '../../../rego/syntax/index.ts'
import { checkBody, TypeEnvironment, typeText } from '../../../rego/types/index.ts'
import { difference, type Entry, goTypeText, isGo, modulesOf, readEntries, textOf, wantedOf } from '../go-tables.ts'
import { meaningDifference } from '../rewritten.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

/** The tables, by the compiler and by the type checker. */
export const suites: readonly Suite[] = [
  suite('compiler-tables', [
    'v1__ast__compile_test',
    'v1__ast__compile_stage_test',
    'v1__ast__compilehelper_test',
    'v1__ast__annotations_test',
  ]),
  suite('type-tables', ['v1__ast__check_test', 'v1__ast__schema_test']),
]

function suite(name: string, files: readonly string[]): Suite {
  return {
    suite: name,
    engine: 'compiler',
    gate: 0.97,
    needs: `go-tables/${files[0]}.json`,
    run: (dataDir, report) => {
      for (const file of files) for (const entry of readEntries(dataDir, file)) report(outcome(entry))
      return Promise.resolve()
    },
  }
}

function outcome(entry: Entry): CaseOutcome {
  const experimental = /AndOr|Logical/.test(entry.func)
  const common = { id: entry.id, ...(experimental ? { experimental } : {}) }
  const answer = entry.call === undefined ? (rows[entry.func] ?? generic)(entry.row) : goHelper
  if (answer === undefined) return { ...common, passed: true }
  if (typeof answer === 'string') return { ...common, passed: false, reason: answer }
  return { ...common, passed: false, skipped: true, reason: answer.skip }
}

/** Undefined when the entry holds, why not otherwise, or why it cannot run. */
type Answer = string | undefined | { readonly skip: string }

const goHelper: Answer = { skip: 'calls a Go helper with Go variables' }
const goInput: Answer = { skip: 'the modules, or what is wanted, are Go expressions' }
const rewritten: Answer = {
  skip: 'asserts the text of rewritten rules, which cannot be compiled again or is never defined; the module compiles',
}
const internals: Answer = {
  skip: 'asserts what only the Go compiler keeps: its graph, its indices, its tree, its features',
}

const errorFields = ['err', 'expErr', 'expErrs', 'expectedErrors', 'expectedErrs', 'expectedError', 'wantErr', 'errs']
const textFields = [
  'exp',
  'expected',
  'expMod',
  'expBody',
  'expectedRule',
  'expRewrittenMap',
  'builtins',
  'exports',
  'expectScope',
]

/** Modules, and the mistakes they have. */
function generic(row: Entry['row']): Answer {
  return checkModules(row, {})
}

interface How {
  readonly version?: 0 | 1
  readonly strict?: boolean
  readonly print?: boolean
  readonly wanted?: unknown
  /** The row stops in front of the check for unsafe variables. */
  readonly beforeSafety?: boolean
  /** Put into each module behind its package. */
  readonly imports?: string
}

function checkModules(row: Entry['row'], how: How): Answer {
  const modules = modulesOf(row)
  if (modules === undefined || modules.length === 0) return goInput
  const field = errorFields.find((name) => row[name] !== undefined && row[name] !== null)
  const want = how.wanted ?? (field === undefined ? undefined : row[field])
  if (typeof want === 'boolean')
    return want === compile(modules, how).length > 0 ? undefined : `wanted ${want ? 'a' : 'no'} mistake`
  const wanted = wantedOf(want)
  if (wanted === undefined) return goInput
  const asserts = textFields.some((name) => row[name] !== undefined && row[name] !== null && name !== field)
  const onlyText = wanted.length === 0 && asserts && how.wanted === undefined
  const found = compile(modules, how)
  // Such rows stop behind the stage that they are about; what later stages find does not concern them.
  const late = onlyText
    ? ['rego_type_error', 'rego_unsafe_var_error']
    : wanted.length === 0 && how.beforeSafety === true
      ? ['rego_unsafe_var_error']
      : []
  const early = found.filter(({ code }) => !late.includes(code))
  return difference(wanted, early) ?? (onlyText ? sameMeaning(modules, wantedText(row), how) : undefined)
}

/** The rewritten text that a row wants. */
function wantedText(row: Entry['row']): string | undefined {
  return textOf(row['expMod'] ?? row['exp'] ?? row['expected'] ?? row['expectedRule'])
}

/** Whether modules mean what the rewritten text of the first of them does. */
function sameMeaning(modules: Sources, wanted: string | undefined, how: How): Answer {
  const [first, ...others] = modules
  const path = first?.text.match(/package\s+([\w.]+)/)?.[1]
  if (first === undefined || wanted === undefined || path === undefined) return rewritten
  const imports = first.text.match(/^\s*import (?:future|rego)\..*$/gm) ?? []
  const text = wanted.trim().startsWith('package')
    ? wanted.trim().replace(/^package .*$/m, (line) => [line, ...imports].join('\n'))
    : [`package ${path}`, ...imports, wanted].join('\n')
  const source = compileAll(modules, how)
  const { version: _, ...other } = how
  const makes = ([1, 0] as const).map((version) =>
    compileAll([{ file: first.file, text }, ...others], { ...other, version, strict: false }),
  )
  const made = makes.find(({ compilation }) => compilation !== undefined)
  const different = made === undefined ? null : meaningDifference(source, made, path)
  return different === null ? rewritten : different
}

type Sources = readonly { readonly file: string; readonly text: string }[]

/** The mistakes of modules: in the version that they can be read in. */
function compile(modules: Sources, how: How): readonly Diagnostic[] {
  const compiled = compileAll(modules, how)
  return compiled.diagnostics
}

function compileAll(modules: Sources, how: How): CompiledModules {
  const plain = modules.map(({ file, text }) => ({ file, text: withImports(text, how.imports) }))
  const reads = (list: Sources, version: 0 | 1): boolean =>
    list.every(({ file, text }) => parseModule(text, { file, regoVersion: version }).module !== undefined)
  // Some rows are read as v0 with all keywords that can be imported.
  const imported = plain.map(({ file, text }) => ({ file, text: withImports(text, 'import future.keywords') }))
  const texts = !reads(plain, 0) && !reads(plain, 1) && reads(imported, 0) ? imported : plain
  const readable = (version: 0 | 1): boolean =>
    texts.every(({ file, text }) => parseModule(text, { file, regoVersion: version }).module !== undefined)
  const version = how.version ?? (readable(1) || !readable(0) ? 1 : 0)
  return compileModules(
    texts.map((one) => ({ ...one, regoVersion: version })),
    { print: how.print === false ? 'erase' : 'keep', strict: how.strict === true },
  )
}

function withImports(text: string, imports: string | undefined): string {
  return imports === undefined ? text : text.replace(/(package [^\n]*)/, `$1 ${imports}`)
}

const logic = 'import future.keywords.and import future.keywords.or'

/** Rows with a form of their own. */
const rows: { readonly [func: string]: (row: Entry['row']) => Answer } = {
  TestOutputVarsForNode: outputVars,
  TestCompilerGetExports: () => internals,
  TestRuleTreeWithDotsInHeads: () => internals,
  TestRuleIndices: () => internals,
  TestCompilerCheckSafetyBodyReordering: ({ body, expected, ...row }) => {
    const moduleOf = (text: unknown): string => `package t\n${logic.replace(' import', '\nimport')}\np if { ${text} }`
    const want = textOf(expected)
    const exp = want === undefined ? expected : moduleOf(want)
    return checkModules({ ...row, exp, module: moduleOf(body) }, {})
  },
  TestCompilerCheckSafetyBodyErrors: bodyErrors,
  TestSafetyErrorSliceGeneratedVars: () => internals,
  TestCompilerCheckSafetyAssignmentDirectional: ({ module, wantUnsafe }) =>
    checkModules(
      { module: `package t\n${String(module)}` },
      { wanted: typeof wantUnsafe === 'string' ? `var ${wantUnsafe} is unsafe` : '' },
    ),
  TestCompilerQueryCompilerCheckUndefinedFuncs: ({ query, err }) => checkQuery(query, err),
  TestCompilerExprExpansion: () => internals,
  TestCompilerRewriteExprTerms: ({ expected, ...row }) =>
    checkModules(row, isErrors(expected) ? { wanted: expected } : {}),
  TestCompilerCheckUnusedImports: () => ({ skip: 'run by the suite of strict mode' }),
  TestCheckUnusedFunctionArgVars: () => ({ skip: 'run by the suite of strict mode' }),
  TestCompileUnusedAssignedVarsErrorLocations: () => ({ skip: 'run by the suite of strict mode' }),
  TestCompilerCheckUnusedAssignedVar: () => ({ skip: 'run by the suite of strict mode' }),
  TestCompileUnusedDeclaredVarsErrorLocations: (row) => checkModules(row, {}),
  TestCompilerCheckRuleHeadRefs: (row) => checkModules(row, { beforeSafety: true }),
  TestCompilerCheckRuleConflictsDotsInRuleHeads: (row) => checkModules(row, { beforeSafety: true }),
  TestCompilerAndOrRegoVersionParity: () => ({ skip: 'turns single keywords on in the Go parser' }),
  TestCompilerCheckDuplicateImports: (row) => checkModules(row, { version: 1 }),
  TestCompilerCheckKeywordOverrides: ({ module, expectedErrors }) =>
    checkModules({ module }, { wanted: expectedErrors ?? '', version: 0, strict: true }),
  TestCompilerRefHeadsNeedCapability: () => ({ skip: 'asks for capabilities of a Go build' }),
  TestCompilerCapabilitiesFeatures: () => ({ skip: 'asks for capabilities of a Go build' }),
  TestCompilerBuildRequiredCapabilities: () => internals,
  TestCompilerBuildComprehensionIndexKeySet: () => internals,
  TestCompilerSetGraph: () => internals,
  TestCompilerGetRulesExact: () => internals,
  TestCompilerGetRulesForVirtualDocument: () => internals,
  TestCompilerGetRulesWithPrefix: () => internals,
  TestCompilerGetRules: () => internals,
  TestCompilerGetRulesDynamic: () => internals,
  TestCompilerWithUnsafeBuiltins: () => internals,
  TestCompilerRewriteTestRulesForTracing: (row) => checkModules(row, {}),
  TestCompilerStageSkipping: () => internals,
  TestWithOnlyStagesUpToInternal: () => internals,
  TestAnnotationSet_Flatten: () => internals,
  TestAnnotationSet_Chain: () => internals,
  TestCompilerRewriteDoubleEq: ({ input, exp }) => fragment(input, undefined, textOf(exp)),
  TestCompilerRewriteDynamicTerms: ({ input, expected }) => fragment(input, undefined, textOf(expected)),
  TestCompilerRewriteWithValue: ({ input, wantErr, opts, ...row }) => {
    if (isGo(opts)) return goInput
    const failure = textOf(wantErr ?? row['err'])
    return failure === undefined && isGo(wantErr) ? goInput : fragment(input, failure, textOf(row['expected']))
  },
  TestCompilerRewriteTermsInHead: (row) => checkModules(row, {}),
  TestCompilerRewritePrintCallsErasure: (row) => checkModules(row, { print: false }),
  TestCompilerRewritePrintCallsErrors: ({ module, exp, exps }) => checkModules({ module }, { wanted: exps ?? exp }),
  TestCompilerRewriteTemplateStringsErrors: ({ module, exp }) => checkModules({ module }, { wanted: exp }),
  TestCompilerMockFunction: mockFunction,
  TestQueryCompiler: (row) => checkQuery(row['q'], row['expected'], row),
  TestQueryCompilerRewrittenVars: ({ q }) => checkQuery(q, undefined),
  TestQueryCompilerWithUnsafeBuiltins: () => goInput,
  TestQueryCompilerWithDeprecatedBuiltins: ({ query, expectedErrors }) => checkQuery(query, expectedErrors),
  TestQueryCompilerWithUnusedAssignedVar: () => ({ skip: 'strict mode of queries is not offered' }),
  TestQueryCompilerCheckKeywordOverrides: ({ query, expectedErrors }) => checkQuery(query, expectedErrors),
  TestQueryCompilerRewriteTemplateStrings: ({ query }) => checkQuery(query, undefined),
  TestQueryCompilerRewriteTemplateStringsErrors: ({ query, expErr }) => checkQuery(query, expErr),
  TestQueryCompilerAndOrImports: () => ({ skip: 'turns single keywords on in the Go parser' }),
  TestCompileInvalidEqAssignExpr: () => goInput,
  TestCompile_DefaultRegoVersion: (row) =>
    checkModules(row, JSON.stringify(row['modules']).includes('RegoV0') ? { version: 0 } : {}),
  TestCustomBuiltinWithCompileModulesWithOpt: ({ module, expectedErrorCode }) => {
    const [code] = compile([{ file: 'm', text: String(module) }], {}).map((one) => one.code)
    return code === expectedErrorCode ? undefined : `got ${code}`
  },
  TestCompileModules_DefaultRegoVersion: (row) => checkModules(row, { version: 1 }),
  TestCompileModulesWithOpt_DefaultRegoVersion: (row) => checkModules(row, { version: 1 }),
  TestCompileRegoV1Import: (row) => checkModules(row, { version: 0 }),
  TestCompilerAndOrImports: (row) => checkModules(row, { imports: logic, version: 1 }),
  TestCompilerLogicalGroupRewrites: (row) => checkModules(row, { imports: logic, version: 1 }),
  TestEntrypointAnnotationScopeRequirements: ({ module, expectError }) =>
    checkModules({ module }, { wanted: expectError }),
  // The type checker.
  TestCheckInference: ({ query, expected }) =>
    String(query).includes('fake_') ? { skip: 'declares a built-in in Go' } : inference(query, expected),
  TestCheckInferenceRecursiveTypes: () => goInput,
  TestCheckInferenceRules: () => goInput,
  TestCheckInferenceOverlapWithRules: () => goInput,
  TestCheckMatchErrors: ({ query }) => oneFault(query),
  TestCheckBuiltinErrors: ({ query }) => oneFault(query),
  TestCheckBadCardinality: ({ body }) => oneFault(body),
  TestVoidBuiltins: () => ({ skip: 'declares a built-in in Go' }),
  TestCheckRefErrInvalid: () => goInput,
  TestFunctionsTypeInference: functionInference,
  TestCheckWithModifiers: ({ modules, err }) => checkModules({ modules }, { wanted: err ?? '' }),
  TestCheckAnnotationRules: annotationRules,
  TestCheckExpectedErrors: ({ policy, expectedError, expectedErrors }) =>
    checkModules({ module: policy }, { wanted: expectedError ?? expectedErrors ?? '' }),
}

function isErrors(value: unknown): boolean {
  return Array.isArray(Object(value).$v)
}

function fragment(input: unknown, failure?: string, wanted?: string): Answer {
  if (typeof input !== 'string') return goInput
  const base = 'package test\nimport data.doc1 as d\nx := 2\ny := {"a": 1}\nz := [1]\nstr := "s"\nnum := 1\nf(v) := v\n'
  const text = input.trim().startsWith('package') ? input : `${base.replace(/^x .*$|^y .*$|^z .*$/gm, '')}${input}`
  const found = compile([{ file: 't', text }], {})
  if (failure !== undefined) return difference([{ message: failure }], found)
  const early = found.filter(({ code }) => code !== 'rego_type_error' && code !== 'rego_unsafe_var_error')
  const faults = difference([], early)
  if (faults !== undefined || wanted === undefined) return faults ?? rewritten
  const head = /^\s*(.*?\bif) *\{/.exec(input)?.[1]
  const rule = head === undefined || / if \{/.test(wanted) ? wanted : `${head} { ${wanted} }`
  // The rules around the first one are rewritten to what they are.
  const rest = input.trim().split('\n').slice(1).join('\n')
  return sameMeaning([{ file: 't', text }], `${text.slice(0, text.length - input.length)}${rule}\n${rest}`, {})
}

function outputVars({ query, exp, arities, extraSafe }: Entry['row']): Answer {
  if (arities !== undefined) return { skip: 'declares a function in Go' }
  if (typeof query !== 'string' || typeof exp !== 'string') return goInput
  const { body, diagnostics } = parseQuery(query, { file: '' })
  if (body === undefined) return diagnostics.map(({ message }) => message).join(' | ')
  const { term } = parseTerm(typeof extraSafe === 'string' ? extraSafe : 'set()', { file: '' })
  const safe = new Set(term?.kind === 'set' ? term.items.flatMap((one) => (one.kind === 'var' ? [one.name] : [])) : [])
  const bound = boundBy(body, safe, new Compilation([], buildTree([]), { prefix: 't' }))
  const got = [...bound].filter((name) => !name.startsWith('$') && !safe.has(name))
  return sameSet(got, exp)
}

function sameSet(got: readonly string[], exp: string): Answer {
  const { term } = parseTerm(exp, { file: '' })
  const want =
    term?.kind === 'set'
      ? term.items.map((one) => (one.kind === 'var' ? one.name : one.kind === 'string' ? one.value : '?'))
      : []
  const shown = JSON.stringify([...got].sort())
  return shown === JSON.stringify([...want].sort()) ? undefined : `wanted ${exp}, got ${shown}`
}

function bodyErrors({ moduleContent, expected }: Entry['row']): Answer {
  if (typeof moduleContent !== 'string' || typeof expected !== 'string') return goInput
  const imports =
    'import input.aref.b.c as foo\nimport input.avar as bar\nimport data.m.n as baz\nimport future.keywords.and\nimport future.keywords.or'
  const found = compile([{ file: 'm', text: `package a.b\n${imports}\n${moduleContent}` }], { version: 1 })
  const others = found.filter((one) => one.code !== 'rego_unsafe_var_error')
  if (others.length > 0) return difference([], others)
  return sameSet(
    found.map(({ message }) => message.replace(/^var (.*) is unsafe.*$/, '$1')),
    expected,
  )
}

function mockFunction(row: Entry['row']): Answer {
  const { note } = row
  if (typeof note === 'string' && note.includes('custom built-in')) return { skip: 'declares a built-in in Go' }
  return checkModules(row, {})
}

function checkQuery(query: unknown, expected: unknown, context: Entry['row'] = {}): Answer {
  if (typeof query !== 'string') return goInput
  if (context['pkg'] || (Array.isArray(context['imports']) && context['imports'].length > 0))
    return { skip: 'queries within a package are not offered' }
  const failure = isGo(expected) ? textOf(expected) : undefined
  const wanted = failure ?? (typeof expected === 'string' && context['q'] === undefined ? expected : undefined)
  const { compilation } = compileModules([{ file: 'a', text: 'package a.b.c\np := 1' }])
  if (compilation === undefined) return 'the base does not compile'
  const isV0 = Object(context['regoVersion']).$id === 'RegoV0'
  const how = isV0 ? ({ regoVersion: 0, keywords: [] } as const) : {}
  const { diagnostics } = compileQuery(query, compilation, { file: '', ...how })
  return (
    difference(wanted === undefined ? [] : (wantedOf(wanted) ?? []), diagnostics) ??
    (wanted === undefined ? rewritten : undefined)
  )
}

function inference(query: unknown, expected: unknown): Answer {
  const body = typeof query === 'string' ? parseQuery(query, { file: '' }).body : undefined
  const pairs: unknown = Object(expected).$kv
  if (body === undefined || !Array.isArray(pairs)) return goInput
  const { env } = checkBody(body, new TypeEnvironment(), { shown: (name) => name })
  for (const [name, type] of pairs) {
    const variable = Object(name).args?.[0]
    const wanted = goTypeText(type)
    if (wanted === undefined || wanted.includes('?') || typeof variable !== 'string') return goInput
    const got = typeText(env.variable(variable))
    if (got !== wanted) return `${variable}: wanted ${wanted}, got ${got}`
  }
  return undefined
}

function oneFault(query: unknown): Answer {
  const body = typeof query === 'string' ? parseQuery(query, { file: '' }).body : undefined
  if (body === undefined) return goInput
  const { faults } = checkBody(body, new TypeEnvironment(), { shown: (name) => name })
  return faults.length === 1 ? undefined : `wanted one mistake, got ${faults.map(({ message }) => message).join(' | ')}`
}

/** The schemas that the rows name. */
const schemaTypes = ['string', 'boolean', 'number', 'integer', 'object', 'array']

function annotationRules(row: Entry['row']): Answer {
  const modules = modulesOf(row)
  if (modules === undefined) return goInput
  const schemas = new Map<string, unknown>(schemaTypes.map((type) => [`schema.${type}`, { type }]))
  const found = compileModules(
    modules.map(({ text }, index) => ({ file: `test${index + 1}.rego`, text, regoVersion: 0 })),
    { schemas },
  ).diagnostics
  return difference(wantedOf(row['err']) ?? [], found)
}

function functionInference({ body, wantErr }: Entry['row']): Answer {
  if (typeof body !== 'string') return goInput
  const base = [
    'package base',
    'foo([a, b]) = y { split(a, b, y) }',
    'bar(x) = y { count(x, y) }',
    'baz([x, y]) = z { sprintf("%s%s", [x, y], z) }',
    'qux({"bar": x, "foo": y}) = {a: b} { upper(y, a); json.unmarshal(x, b) }',
    'corge(x) = y { qux({"bar": x, "foo": x}, a); baz([a["{5: true}"], "BUZ"], y) }',
  ].join('\n')
  const modules = [
    { file: 'base', text: base.replaceAll(' { ', ' if { ') },
    { file: 'test', text: `package test\n${body}` },
  ]
  const failed = compile(modules, { version: 1 }).length > 0
  return failed === (wantErr === true) ? undefined : `wanted ${wantErr === true ? 'a' : 'no'} mistake`
}
