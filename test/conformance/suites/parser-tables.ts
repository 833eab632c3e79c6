// OPA's tables of the parser: texts that parse, texts that do not and what is said of them, and what their terms are.
import {
  parseModule,
  parseQuery,
  parseStatements,
  parseTerm,
  readAuthor,
  readRelatedResource,
  type Term,
} from '../../../rego/syntax/index.ts'
import { difference, type Entry, isGo, readEntries, textOf, type Wanted, wantedOf } from '../go-tables.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

/** The tables, by the parser. */
export const suites: readonly Suite[] = [
  {
    suite: 'parser-tables',
    engine: 'parser',
    gate: 0.97,
    needs: 'go-tables/v1__ast__parser_test.json',
    run: (dir, report) => runAll(dir, report),
  },
]

const files = ['v1__ast__parser_test', 'v1__ast__parser_ext_test', 'v1__ast__parser_logical_test']

function runAll(dataDir: string, report: (outcome: CaseOutcome) => void): Promise<void> {
  for (const file of files) {
    const experimental = file.includes('logical')
    for (const entry of readEntries(dataDir, file)) {
      const answer = runEntry(entry, experimental)
      const common = { id: entry.id, ...(experimental ? { experimental } : {}) }
      if (answer === undefined) report({ ...common, passed: true })
      else if (typeof answer === 'string') report({ ...common, passed: false, reason: answer })
      else report({ ...common, passed: false, skipped: true, reason: answer.skip })
    }
  }
  return Promise.resolve()
}

/** Undefined when the entry holds, why not otherwise, or why it cannot run. */
type Answer = string | undefined | { readonly skip: string }

const goTerm: Answer = { skip: 'the wanted syntax tree is built by Go expressions' }
const goInput: Answer = { skip: 'the text is a Go variable' }
const internal: Answer = { skip: 'looks at fields that only the Go parser has' }

function runEntry(entry: Entry, logical: boolean): Answer {
  const { func, call, row, args } = entry
  if (call !== undefined) return runCall(func, call, args)
  const handler = rows[func]
  if (handler !== undefined) return handler(row)
  if (logical) return runLogical(row)
  return generic(row)
}

function runCall(func: string, call: string, args: readonly unknown[]): Answer {
  // The first argument is Go's test, the second its note.
  const [, note, input, wanted, options] = args
  // The options of these rows are a variable that asks for v0.
  const regoVersion = func === 'TestRegoV1Import' ? 0 : version(Object(options)['RegoVersion'])
  if (call === 'assertNoParseError') return isGo(note) ? goInput : statement(note, [])
  if (isGo(note) || isGo(input)) return goInput
  if (call === 'assertParseErrorContains')
    return isGo(wanted) ? goInput : statement(input, wantedOf(wanted) ?? [], regoVersion)
  if (call === 'assertParseError') return refused(input)
  if (call === 'assertParseModuleError') return isGo(input) ? goInput : refusedModule(input)
  if (call.startsWith('assertParse')) return typeof input === 'string' ? goTerm : goInput
  return internal
}

function statement(input: unknown, wanted: readonly Wanted[], regoVersion: 0 | 1 = 1): Answer {
  if (typeof input !== 'string') return goInput
  const { count, diagnostics } = parseStatements(input, { file: '', regoVersion })
  if (wanted[0]?.message === 'expected exactly one statement' && diagnostics.length === 0 && count !== 1)
    return undefined
  return difference(wanted, diagnostics)
}

function refused(input: unknown): Answer {
  if (typeof input !== 'string') return goInput
  const { count, diagnostics } = parseStatements(input, { file: '' })
  return diagnostics.length > 0 || count !== 1 ? undefined : 'wanted a mistake, got none'
}

function refusedModule(input: unknown): Answer {
  if (typeof input !== 'string') return goInput
  return parseModule(input, { file: '' }).diagnostics.length > 0 ? undefined : 'wanted a mistake, got none'
}

/** Rows whose fields say it all: a text and its mistakes. */
function generic(row: Entry['row']): Answer {
  const wanted = wantedOf(row['err'] ?? row['expErr'] ?? row['expErrs'] ?? row['expErrors'] ?? row['expectedErrors'])
  const tree = row['exp'] ?? row['expected'] ?? row['expBody'] ?? row['expExpr']
  const module = textOf(row['module'] ?? row['mod'])
  if (module !== undefined && isModule(module)) {
    if (wanted === undefined) return goTerm
    const found = parseModule(module, { file: '', regoVersion: version(row['regoVersion']) }).diagnostics
    const differs = difference(wanted, found)
    return differs ?? (wanted.length === 0 && tree !== undefined && tree !== null ? goTerm : undefined)
  }
  const text = row['input'] ?? row['rule'] ?? row['body'] ?? row['expr']
  if (typeof text !== 'string') return goInput
  if (wanted !== undefined && wanted.length > 0) return statement(text, wanted)
  return tree === undefined || tree === null || isGoDeep(tree) ? goTerm : internal
}

function isModule(text: string): boolean {
  return /^\s*(#[^\n]*\n\s*)*package\b/.test(text)
}

function version(value: unknown): 0 | 1 {
  return Object(value).$id === 'RegoV0' ? 0 : 1
}

function isGoDeep(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return isGo(value) || Object.values(value).some(isGoDeep)
}

/** Rows with a form of their own. */
const rows: { readonly [func: string]: (row: Entry['row']) => Answer } = {
  TestNumberTerms: ({ input, expected, expectedError }) =>
    expectedError === undefined
      ? term(input, (got) => got.kind === 'number' && sameNumber(got.text, expected))
      : statement(input, wantedOf(expectedError) ?? []),
  TestStringTerms: ({ input, expected }) => term(input, (got) => got.kind === 'string' && got.value === expected),
  TestRegoV1Import: ({ module: text, expectedErrors }) => module(text, wantedOf(expectedErrors) ?? [], 0),
  TestRuleContainsFail: ({ rule, expected }) => statement(rule, wantedOf(expected) ?? []),
  TestRuleFromBody: ({ input }) => module(`package a.b.c\nimport future.keywords\n${String(input)}`, [], 0),
  TestRuleFromBodyRefs: (row) => {
    const text = textOf(row['rule'])
    if (text === undefined) return goInput
    return module(`package a.b.c\n${text}`, [], version(row['regoVersion']))
  },
  TestBraceBracketParenMatchingErrors: ({ input, err }) => module(input, wantedOf(err) ?? [], 0),
  TestParseErrorDetails: ({ input, err }) => (err === undefined ? internal : module(input, wantedOf(err) ?? [], 0)),
  TestNamespacedBuiltins: ({ expr, wantErr }) => (wantErr === true ? refused(expr) : statement(expr, [])),
  TestParserText: ({ input }) => statement(input, []),
  TestNestedCallText: ({ input }) => statement(input, []),
  TestExprWithLocation: withLocations,
  TestAnnotations: annotations,
  TestAnnotationsAttachedToRule: attached,
  TestAnnotationsAugmentedError: ({ module: text, expErrorHint, expErrorRow }) => {
    if (typeof text !== 'string' || typeof expErrorHint !== 'string') return goInput
    const { diagnostics } = parseModule(text, { file: '' })
    const row = typeof expErrorRow === 'number' ? { row: expErrorRow } : {}
    return difference([{ message: expErrorHint, ...row }], diagnostics)
  },
  TestAuthorAnnotation: ({ raw, expected }) => fields(readAuthor(raw), expected, { name: 'Name', email: 'Email' }),
  TestRelatedResourceAnnotation: ({ raw, expected }) =>
    fields(readRelatedResource(Array.isArray(Object(raw).$v) ? {} : raw), expected, {
      ref: 'Ref',
      description: 'Description',
    }),
  TestComments: () => internal,
  TestCommentsV0: () => internal,
  TestCommentsWhitespace: comments,
  TestTemplateStringError: ({ expr, expError }) => statement(expr, wantedOf(expError) ?? []),
  TestTemplateStringLocation: ({ expr, exp }) => {
    const { Row: row, Col: col } = Object(exp)
    return term(expr, ({ location }) => location.row === row && location.col === col)
  },
  TestTemplateStringCapabilities: () => ({ skip: 'asks for capabilities of a Go build' }),
  TestMaxParsingRecursionDepth: () => goInput,
  TestAnnotationsEndLocNotAliased: () => goInput,
  TestOneLineRuleBodyMatchesBracedBody: ({ imports, body }) => {
    if (typeof body !== 'string') return goInput
    const head = `package test\n${typeof imports === 'string' ? imports : ''}\n`
    return module(`${head}p if ${body}\n`, []) ?? module(`${head}p if { ${body} }\n`, [])
  },
  TestOneLineRuleBodyLeadingBraceIsBody: ({ module: text, expErr }) => module(text, wantedOf(expErr) ?? []),
  TestNotOperandErrorMessages: ({ module: text, expErrs }) => module(text, wantedOf(expErrs) ?? []),
  TestNotParenGroupingIsImportIndependent: ({ body, expErr }) =>
    typeof body !== 'string'
      ? goInput
      : expErr === true
        ? refusedModule(`package t\nimport future.keywords.not\np if { ${body} }`)
        : goTerm,
  TestNotOperandRegoV0: ({ body, expErr }) => {
    if (typeof body !== 'string') return goInput
    if (typeof expErr !== 'string') return goTerm
    const text = `package t\nimport future.keywords.not\np { ${body} }`
    return difference([{ message: expErr }], parseModule(text, { file: '', regoVersion: 0 }).diagnostics)
  },
  TestOperandRenderRoundTrip: () => ({ skip: 'asserts how the Go tree prints; the printer has its own suite' }),
  TestParseModule_DefaultRegoVersion: ({ mod }) => module(mod, []),
  TestParseBody_DefaultRegoVersion: ({ body }) => query(body),
}

function term(input: unknown, holds: (term: Term) => boolean): Answer {
  if (typeof input !== 'string') return goInput
  const { term: got, diagnostics } = parseTerm(input, { file: '' })
  if (got === undefined) return `does not parse: ${diagnostics.map(({ message }) => message).join(' | ')}`
  return holds(got) ? undefined : `got ${JSON.stringify(got).slice(0, 200)}`
}

function sameNumber(text: string, expected: unknown): boolean {
  return text === expected || Number(text) === Number(expected)
}

function module(text: unknown, wanted: readonly Wanted[], regoVersion: 0 | 1 = 1): Answer {
  return typeof text === 'string'
    ? difference(wanted, parseModule(text, { file: '', regoVersion }).diagnostics)
    : goInput
}

function query(text: unknown): Answer {
  return typeof text === 'string' ? difference([], parseQuery(text, { file: '' }).diagnostics) : goInput
}

function withLocations({ input, expected }: Entry['row']): Answer {
  if (typeof input !== 'string' || !Array.isArray(expected)) return goInput
  const { body } = parseQuery(input, { file: '' })
  const got = (body ?? []).flatMap((expr) =>
    expr.with.map(({ location: { row, col, offset, end } }) => [row, col, offset, input.slice(offset, end)]),
  )
  const want = expected.map((one: unknown) => {
    const { Row, Col, Offset, Text } = Object(one)
    return [Row, Col, Offset, Text]
  })
  return JSON.stringify(got) === JSON.stringify(want) ? undefined : `got ${JSON.stringify(got)}`
}

function annotations(row: Entry['row']): Answer {
  const text = textOf(row['module'])
  if (text === undefined) return goInput
  const wanted = wantedOf(row['expError'])
  if (wanted === undefined) return goTerm
  const { module: parsed, diagnostics } = parseModule(text, { file: '' })
  const differs = difference(wanted, diagnostics)
  if (differs !== undefined || wanted.length > 0) return differs
  const { expNumComments: count, expAnnotations: want } = row
  if (typeof count === 'number' && parsed?.comments.length !== count)
    return `wanted ${count} comments, got ${parsed?.comments.length}`
  const blocks = Object(want).$v ?? want
  return Array.isArray(blocks) && parsed?.annotations.length !== blocks.length
    ? `wanted ${blocks.length} blocks, got ${parsed?.annotations.length}`
    : undefined
}

function attached({ module: text, expAnnotations }: Entry['row']): Answer {
  if (typeof text !== 'string') return goInput
  const { module: parsed, diagnostics } = parseModule(text, { file: '' })
  if (parsed === undefined) return diagnostics.map(({ message }) => message).join(' | ')
  const pairs: unknown = Object(expAnnotations).$kv
  if (!Array.isArray(pairs)) return goTerm
  for (const [row, blocks] of pairs) {
    const rule = parsed.rules.find(({ location }) => location.row === row)
    const got = (rule?.annotations ?? []).map(({ scope, title }) => `${scope} ${title}`).sort()
    const want = blocks.map((one: unknown) => `${Object(one).Scope} ${Object(one).Title}`).sort()
    if (JSON.stringify(got) !== JSON.stringify(want))
      return `row ${row}: wanted ${want.join(', ')}, got ${got.join(', ')}`
  }
  return undefined
}

function fields(got: object | string, expected: unknown, names: { readonly [mine: string]: string }): Answer {
  const failure = textOf(expected)
  if (failure !== undefined) return got === failure ? undefined : `wanted ${failure}, got ${JSON.stringify(got)}`
  if (typeof got === 'string') return `got ${got}`
  for (const [mine, theirs] of Object.entries(names)) {
    const wanted = Object(expected)[theirs]
    const text = Object(wanted).$call === 'mustParseURL' ? Object(wanted).args[0] : (wanted ?? '')
    if (Object(got)[mine] !== text) return `wanted ${mine} ${text}, got ${Object(got)[mine]}`
  }
  return undefined
}

function comments({ module: text, expected }: Entry['row']): Answer {
  if (typeof text !== 'string' || !Array.isArray(expected)) return goInput
  const { module: parsed, diagnostics } = parseModule(`package p\n${text}`, { file: '' })
  if (parsed === undefined) return diagnostics.map(({ message }) => message).join(' | ')
  const got = parsed.comments.map(({ text: one }) => one)
  return JSON.stringify(got) === JSON.stringify(expected) ? undefined : `got ${JSON.stringify(got)}`
}

/** Rows about `and` and `or`: a query in a rule that imports all that is not yet in the language. */
function runLogical(row: Entry['row']): Answer {
  const wanted = wantedOf(row['expected'] ?? row['expectErr'] ?? row['expErr'])
  const module = textOf(row['module'] ?? row['v1'])
  if (module !== undefined) {
    const imports = 'import future.keywords.and\nimport future.keywords.or'
    const text = row['v1'] === undefined ? module : module.replace('\n', `\n${imports}\n`)
    const { diagnostics } = parseModule(text, { file: '' })
    return row['note'] !== undefined && String(row['note']).includes('only future')
      ? diagnostics.length > 0
        ? undefined
        : 'wanted a mistake'
      : difference([], diagnostics)
  }
  const { input } = row
  if (typeof input !== 'string') return goInput
  if (row['enable'] !== undefined) return { skip: 'turns single keywords on in the Go parser' }
  if (isModule(input)) {
    const text = input.replace(
      '\n',
      '\nimport future.keywords.and\nimport future.keywords.or\nimport future.keywords.not\n',
    )
    return difference(wanted ?? [], parseModule(text, { file: '' }).diagnostics)
  }
  if (row['exp'] !== undefined && (wanted === undefined || wanted.length === 0)) return goTerm
  const imports = 'import future.keywords.and\nimport future.keywords.or\nimport future.keywords.not\n'
  const { diagnostics } = parseStatements(`${imports}${input}`, { file: '' })
  return difference(wanted ?? [], diagnostics)
}
