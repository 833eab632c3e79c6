// The parser's entries: a module, a query, a term. They collect diagnostics and never throw.

import { declarations } from '../types/declarations.ts'
import { type Anchor, attachBlocks, type MetadataBlock, readBlocks } from './annotations.ts'
import type { Annotations, Body, Import, Module, Rule, Term } from './ast.ts'
import { type LanguageCapabilities, limitCursor } from './capabilities.ts'
import { Cursor, diagnosticsMax, futureKeywords, ParseFault } from './cursor.ts'
import type { Diagnostic, Location } from './diagnostic.ts'
import { lex, sourceLengthMax, type Token, type Tokens } from './lexer.ts'
import { bodies, parseBody, parseStatementBody } from './parse-body.ts'
import { parseImport, parsePackage } from './parse-import.ts'
import { parseRules } from './parse-rule.ts'
import { parseInfix } from './parse-term.ts'
import { ruleFromBody } from './rule-from-body.ts'
import { refString } from './term-string.ts'
import { v1Faults } from './v1-rules.ts'

/** How a text is to be read. */
export interface ParseOptions {
  readonly file: string
  /** 1 unless said otherwise. */
  readonly regoVersion?: 0 | 1
  /** False leaves metadata blocks unread, and so unjudged: they are comments then. */
  readonly metadata?: boolean
  /** Whether a v0 text is held to what v1 asks of rules, too. */
  readonly bothVersions?: boolean
  /** The words of v1 that are keywords in a query or term of v0; all unless said otherwise. */
  readonly keywords?: readonly string[]
  /** What the target understands; everything unless said otherwise. */
  readonly capabilities?: LanguageCapabilities
}

/** What came of a module. The module is there when nothing is wrong. */
export interface ParsedModule {
  readonly module: Module | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Parses a module. */
export function parseModule(source: string, options: ParseOptions): ParsedModule {
  return new ModuleParser(source, options).run()
}

/** Parses statements without asking for a package; what they mean together is not looked at. */
export function parseStatements(
  source: string,
  options: ParseOptions,
): { readonly count: number; readonly diagnostics: readonly Diagnostic[] } {
  return new ModuleParser(source, options).statements()
}

/** Parses a query: a body, optionally with imports known beforehand. */
export function parseQuery(
  source: string,
  options: ParseOptions,
): { readonly body: Body | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = parseWhole(source, options, (cursor) => parseBody(cursor, 'eof'))
  return { body: value, diagnostics }
}

/** Parses one term. */
export function parseTerm(
  source: string,
  options: ParseOptions,
): { readonly term: Term | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = parseWhole(source, options, (cursor) => {
    const term = parseInfix(cursor, true)
    if (!cursor.is('eof')) cursor.unexpected('expected end of input')
    return term
  })
  return { term: value, diagnostics }
}

function parseWhole<T>(
  source: string,
  options: ParseOptions,
  parse: (cursor: Cursor) => T,
): { readonly value: T | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const fault = textFault(source, options.file)
  if (fault !== undefined) return { value: undefined, diagnostics: [fault] }
  const cursor = new Cursor(
    source,
    options.file,
    lex(source, options.file),
    options.regoVersion === 0 ? [] : futureKeywords,
    bodies,
  )
  cursor.version = options.regoVersion ?? 1
  cursor.templates = cursor.version === 1
  if (options.regoVersion === 0) for (const word of options.keywords ?? futureKeywords) cursor.keywords.add(word)
  try {
    return { value: parse(cursor), diagnostics: [] }
  } catch (error) {
    if (!(error instanceof ParseFault)) throw error
    return { value: undefined, diagnostics: [error.diagnostic, ...error.more] }
  }
}

/** What forbids a text as a whole, before anything of it is read. */
function textFault(source: string, file: string): Diagnostic | undefined {
  return source.length > sourceLengthMax ? tooLong(file) : illegalCharacter(source, file)
}

function tooLong(file: string): Diagnostic {
  return {
    code: 'rego_parse_error',
    message: `the text is longer than ${sourceLengthMax} characters`,
    location: { file, row: 1, col: 1, offset: 0, end: 0 },
    help: 'put data into data.json, not into policies',
  }
}

/** What may stand nowhere in a text, strings and comments included. */
const illegalCharacters = [
  ['\u0000', 'illegal null character'],
  ['\ufeff', 'illegal byte-order mark'],
] as const

/** The first character that may stand nowhere; a byte order mark may stand in front of everything. */
function illegalCharacter(source: string, file: string): Diagnostic | undefined {
  const [first] = illegalCharacters
    .map(([character, message]) => ({ message, offset: source.indexOf(character, character === '\ufeff' ? 1 : 0) }))
    .filter(({ offset }) => offset >= 0)
    .sort((a, b) => a.offset - b.offset)
  if (first === undefined) return undefined
  const { message, offset } = first
  const lines = source.slice(0, offset).split('\n')
  const col = offset - source.lastIndexOf('\n', offset)
  const location: Location = { file, row: lines.length, col, offset, end: offset + 1 }
  return { code: 'rego_parse_error', message, location, help: 'remove the character; nobody can see it' }
}

/** A statement that is an expression, until it is known which rule it means. */
interface BodyStatement {
  readonly what: 'body'
  readonly body: Body
}

type Statement =
  | { readonly what: 'package'; readonly value: Module['package'] }
  | { readonly what: 'import'; readonly value: Import }
  | { readonly what: 'rule'; readonly rules: readonly Rule[] }
  | BodyStatement

class ModuleParser {
  readonly #source: string
  readonly #file: string
  readonly #metadata: boolean
  readonly #bothVersions: boolean
  readonly #tokens: Tokens
  readonly #cursor: Cursor
  readonly #diagnostics: Diagnostic[] = []
  readonly #statements: { readonly statement: Statement; readonly start: Token }[] = []

  constructor(source: string, options: ParseOptions) {
    this.#source = source
    this.#file = options.file
    this.#metadata = options.metadata ?? true
    this.#bothVersions = options.bothVersions ?? false
    const textual = textFault(source, options.file)
    if (textual !== undefined) this.#diagnostics.push(textual)
    this.#tokens = lex(textual === undefined ? source : '', options.file)
    const version = options.regoVersion ?? 1
    this.#cursor = new Cursor(source, options.file, this.#tokens, version === 1 ? futureKeywords : [], bodies)
    this.#cursor.version = version
    this.#cursor.templates = version === 1
    if (options.capabilities !== undefined) {
      const fault = limitCursor(this.#cursor, options.capabilities)
      if (fault !== undefined) this.#diagnostics.push({ ...fault, location: { ...fault.location, file: options.file } })
    }
  }

  statements(): { readonly count: number; readonly diagnostics: readonly Diagnostic[] } {
    this.#readStatements()
    return { count: this.#statements.length, diagnostics: this.#diagnostics }
  }

  run(): ParsedModule {
    if (this.#diagnostics.length > 0) return { module: undefined, diagnostics: this.#diagnostics }
    this.#readStatements()
    const blocks = readBlocks(
      this.#metadata ? this.#tokens.comments : [],
      { term: (text) => parseTerm(text, { file: this.#file }).term },
      (fault) => this.#diagnostics.push(fault),
    )
    if (this.#diagnostics.length > 0) return { module: undefined, diagnostics: this.#diagnostics }
    const module = this.#module(blocks)
    return this.#diagnostics.length > 0 || module === undefined
      ? { module: undefined, diagnostics: this.#diagnostics }
      : { module, diagnostics: [] }
  }

  #readStatements(): void {
    const cursor: Cursor = this.#cursor
    while (!cursor.is('eof') && this.#diagnostics.length < diagnosticsMax) {
      cursor.settle()
      const start = cursor.token
      const statement = this.#recovering(() => this.#statement())
      if (statement !== undefined) this.#statements.push({ statement, start })
    }
  }

  /** A package, an import, a rule or an expression, in this order: what is none of one is tried as the next. */
  #statement(): Statement {
    const cursor: Cursor = this.#cursor
    const soft = (fault: Diagnostic): void => {
      this.#diagnostics.push(fault)
    }
    if (cursor.isWord('package')) return { what: 'package', value: parsePackage(cursor) }
    if (cursor.isWord('import')) return { what: 'import', value: parseImport(cursor, soft) }
    const position = cursor.position
    const rules = parseRules(cursor)
    if (rules !== undefined) return { what: 'rule', rules }
    // What the lexer found behind a head is a mistake of the head.
    if (cursor.is('illegal') && cursor.position > position) cursor.unexpected('')
    cursor.reset(position)
    return { what: 'body', body: parseStatementBody(cursor) }
  }

  #module(blocks: readonly MetadataBlock[]): Module | undefined {
    const [first, ...others] = this.#statements
    if (first === undefined) {
      this.#report('empty module', this.#cursor.at(this.#cursor.token), 'a module begins with `package name`')
      return undefined
    }
    if (first.statement.what !== 'package')
      this.#report('package expected', this.#cursor.at(first.start), 'begin the module with `package name`')
    const imports: Import[] = []
    const rules: Rule[] = []
    const anchors: Anchor[] = [{ row: first.start.row, what: 'package' }]
    for (const { statement, start } of others) {
      switch (statement.what) {
        case 'package':
          this.#report('unexpected package', this.#cursor.at(start), 'a module has one package')
          break
        case 'import':
          imports.push(statement.value)
          anchors.push({ row: start.row, what: 'import' })
          break
        case 'rule':
          rules.push(...statement.rules)
          anchors.push({ row: start.row, what: 'rule' })
          break
        case 'body': {
          const rule = this.#ruleFrom(statement)
          if (rule !== undefined) rules.push(rule)
          anchors.push({ row: start.row, what: 'rule' })
        }
      }
    }
    if (this.#cursor.version === 1 || this.#bothVersions)
      for (const rule of rules) this.#diagnostics.push(...v1Faults(rule))
    if (this.#diagnostics.length > 0 || first.statement.what !== 'package') return undefined
    return this.#annotated(
      first.statement.value,
      imports,
      rules,
      attachBlocks(blocks, anchors, (fault) => this.#diagnostics.push(fault)),
    )
  }

  #ruleFrom({ body }: BodyStatement): Rule | undefined {
    const rule = ruleFromBody(body, (name) => declarations.has(name))
    if (typeof rule !== 'string') return rule
    const [expr] = body
    if (expr !== undefined)
      this.#report(rule, expr.location, 'begin a statement with the name of a rule: `name := value` or `name if ...`')
    return undefined
  }

  #annotated(
    packageOf: Module['package'],
    imports: readonly Import[],
    rules: readonly Rule[],
    found: ReturnType<typeof attachBlocks>,
  ): Module {
    const documents = new Map<string, Annotations[]>()
    const byRow = new Map<number, Annotations[]>()
    const firsts = new Map<number, Rule>()
    if (found.length > 0) for (const rule of rules.toReversed()) firsts.set(rule.location.row, rule)
    for (const { annotations, anchor } of found) {
      if (anchor.what !== 'rule') continue
      const first = firsts.get(anchor.row)
      if (annotations.scope !== 'document') byRow.set(anchor.row, [...(byRow.get(anchor.row) ?? []), annotations])
      else if (first !== undefined) documents.set(nameOf(first), [...(documents.get(nameOf(first)) ?? []), annotations])
    }
    return {
      file: this.#file,
      source: this.#source,
      regoVersion: this.#cursor.version,
      package: packageOf,
      imports,
      rules: found.length === 0 ? rules : rules.map((rule) => annotated(rule, documents, byRow)),
      comments: this.#tokens.comments,
      annotations: found.map(({ annotations }) => annotations),
    }
  }

  #report(message: string, location: Location, help: string): void {
    this.#diagnostics.push({ code: 'rego_parse_error', message, location, help })
  }

  /** Parses a statement; a mistake in it is noted, and parsing goes on where the next statement seems to begin. */
  #recovering<T>(parse: () => T): T | undefined {
    const cursor: Cursor = this.#cursor
    const before = cursor.position
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof ParseFault)) throw error
      this.#diagnostics.push(error.diagnostic, ...error.more)
      if (cursor.position === before && !cursor.is('eof')) cursor.reset(before + 1)
      while (
        !cursor.is('eof') &&
        !(cursor.token.col === 1 && cursor.token.kind === 'name' && cursor.token.row > error.diagnostic.location.row)
      )
        cursor.reset(cursor.position + 1)
      return undefined
    }
  }
}

/** The name of a rule up to what is open in it. */
function nameOf({ head: { ref } }: Rule): string {
  if (ref.kind === 'var') return ref.name
  const open = ref.path.findIndex((step) => step.kind === 'var' || step.kind === 'ref' || step.kind === 'call')
  return refString({ ...ref, path: open < 0 ? ref.path : ref.path.slice(0, open) })
}

function annotated(
  rule: Rule,
  documents: ReadonlyMap<string, readonly Annotations[]>,
  byRow: ReadonlyMap<number, readonly Annotations[]>,
): Rule {
  const annotations = [...(documents.get(nameOf(rule)) ?? []), ...(byRow.get(rule.location.row) ?? [])]
  return annotations.length === 0 ? rule : { ...rule, annotations }
}
