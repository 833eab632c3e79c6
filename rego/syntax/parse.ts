// The parser's entries: a module, a query, a term. They collect diagnostics and never throw.
import { type Anchor, readAnnotations } from './annotations.ts'
import type { Body, Expr, Import, Module, RefTerm, Rule, Term, VarTerm } from './ast.ts'
import { type BodyParsers, Cursor, diagnosticsMax, futureKeywords, ParseFault } from './cursor.ts'
import type { Diagnostic, Location } from './diagnostic.ts'
import { type Lexed, lex, sourceLengthMax, type Token } from './lexer.ts'
import { parseBody, parseLiteral } from './parse-body.ts'
import { parseRules } from './parse-rule.ts'
import { parseInfix, parseTerm as parseTermAt } from './parse-term.ts'

/** How a text is to be read. */
export interface ParseOptions {
  readonly file: string
  /** 1 unless said otherwise. */
  readonly regoVersion?: 0 | 1
}

/** What came of a module. The module is there when nothing is wrong. */
export interface ParsedModule {
  readonly module: Module | undefined
  readonly diagnostics: readonly Diagnostic[]
}

const bodies: BodyParsers = {
  body: parseBody,
  templateExpr: (cursor: Cursor): Expr => {
    const expr = parseLiteral(cursor)
    const settles = expr.kind === 'call' && (expr.infix === ':=' || expr.infix === '=')
    if (expr.negated || settles || (expr.kind !== 'term' && expr.kind !== 'call')) {
      cursor.fail(
        'unexpected expression in template string',
        expr.location,
        'only a value can stand between the braces',
      )
    }
    if (!cursor.is('eof')) cursor.unexpected('expected }')
    return expr
  },
}

/** Parses a module. */
export function parseModule(source: string, options: ParseOptions): ParsedModule {
  return new ModuleParser(source, options).run()
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
  const lexed = lexBounded(source, options.file)
  if (lexed.diagnostics.length > 0) return { value: undefined, diagnostics: lexed.diagnostics }
  const cursor = new Cursor(source, options.file, lexed.tokens, options.regoVersion === 0 ? [] : futureKeywords, bodies)
  if (options.regoVersion === 0) for (const word of futureKeywords) cursor.keywords.add(word)
  try {
    return { value: parse(cursor), diagnostics: [] }
  } catch (error) {
    if (!(error instanceof ParseFault)) throw error
    return { value: undefined, diagnostics: [error.diagnostic] }
  }
}

function lexBounded(source: string, file: string): Lexed {
  if (source.length <= sourceLengthMax) return lex(source, file)
  const location: Location = { file, row: 1, col: 1, offset: 0, end: 0 }
  const end: Token = { kind: 'eof', text: '', offset: 0, end: 0, row: 1, col: 1, spaced: false }
  return {
    tokens: [end],
    comments: [],
    diagnostics: [
      {
        code: 'rego_parse_error',
        message: `the text is longer than ${sourceLengthMax} characters`,
        location,
        help: 'put data into data.json, not into policies',
      },
    ],
  }
}

class ModuleParser {
  readonly #source: string
  readonly #file: string
  readonly #lexed: Lexed
  readonly #cursor: Cursor
  readonly #diagnostics: Diagnostic[]
  readonly #imports: Import[] = []
  readonly #rules: Rule[] = []
  readonly #anchors: Anchor[] = []
  #version: 0 | 1

  constructor(source: string, options: ParseOptions) {
    this.#source = source
    this.#file = options.file
    this.#version = options.regoVersion ?? 1
    this.#lexed = lexBounded(source, options.file)
    this.#diagnostics = [...this.#lexed.diagnostics]
    this.#cursor = new Cursor(
      source,
      options.file,
      this.#lexed.tokens,
      this.#version === 1 ? futureKeywords : [],
      bodies,
    )
  }

  run(): ParsedModule {
    const packageTerm = this.#package()
    while (!this.#cursor.is('eof') && this.#diagnostics.length < diagnosticsMax)
      this.#recovering(() => this.#statement())
    if (packageTerm === undefined || this.#diagnostics.length > 0) {
      // What the lexer found comes first where both complain about one place.
      const lexed = new Set(this.#lexed.diagnostics.map(({ location }) => location.offset))
      const unique = this.#diagnostics.filter(
        (one) => !lexed.has(one.location.offset) || this.#lexed.diagnostics.includes(one),
      )
      return { module: undefined, diagnostics: unique.sort((a, b) => a.location.offset - b.location.offset) }
    }
    const found = readAnnotations(this.#lexed.comments, this.#anchors, {
      report: (diagnostic) => this.#diagnostics.push(diagnostic),
    })
    const rules = this.#rules.map((rule) => {
      const mine = found
        .filter(({ anchor }) => anchor.what === 'rule' && anchor.row === rule.location.row)
        .map(({ annotations }) => annotations)
      return mine.length > 0 ? { ...rule, annotations: mine } : rule
    })
    const module: Module = {
      file: this.#file,
      source: this.#source,
      regoVersion: this.#version,
      package: packageTerm,
      imports: this.#imports,
      rules,
      comments: this.#lexed.comments,
      annotations: found.map(({ annotations }) => annotations),
    }
    return this.#diagnostics.length > 0
      ? { module: undefined, diagnostics: this.#diagnostics }
      : { module, diagnostics: [] }
  }

  #package(): Module['package'] | undefined {
    const cursor: Cursor = this.#cursor
    if (cursor.is('eof')) {
      this.#diagnostics.push({
        code: 'rego_parse_error',
        message: 'empty module',
        location: cursor.at(cursor.token),
        help: 'a module begins with `package name`',
      })
      return undefined
    }
    return this.#recovering(() => {
      const start = cursor.token
      if (!cursor.takeWord('package')) cursor.fail('package expected', start, 'begin the module with `package name`')
      this.#anchors.push({ row: start.row, what: 'package' })
      if (cursor.token.kind !== 'name' || (cursor.isKeyword(cursor.token.text) && !isFuture(cursor.token.text)))
        cursor.unexpected('expected var', 'write a name behind `package`')
      const term = parseTermAt(cursor)
      const path = packagePath(term)
      if (path === undefined)
        cursor.fail(
          'unexpected package path: expected strings',
          term.location,
          'a package path is names and strings: `package a.b["c"]`',
        )
      return { path, location: cursor.since(start) }
    })
  }

  #statement(): void {
    const cursor: Cursor = this.#cursor
    if (cursor.take(';')) return
    const start = cursor.token
    if (cursor.isWord('import')) {
      this.#anchors.push({ row: start.row, what: 'import' })
      this.#import(start)
    } else {
      this.#anchors.push({ row: start.row, what: 'rule' })
      this.#rules.push(...parseRules(cursor, this.#version === 1))
    }
    if (!cursor.is('eof') && !cursor.is(';') && cursor.token.row === cursor.before.row)
      cursor.unexpected('expected \\n or end of input', 'begin the next statement on a line of its own')
  }

  #import(start: Token): void {
    const cursor: Cursor = this.#cursor
    cursor.next()
    if (cursor.token.kind !== 'name') cursor.unexpected('expected path', 'write `import data.name`')
    const path = parseTermAt(cursor)
    if (path.kind !== 'var' && path.kind !== 'ref')
      cursor.fail('unexpected import path', path.location, 'write `import data.name`')
    const root = path.kind === 'var' ? path.name : path.head.kind === 'var' ? path.head.name : ''
    if (!['data', 'future', 'input', 'rego'].includes(root)) {
      cursor.fail(
        `unexpected import path, must begin with one of: {data, future, input, rego}, got: ${root}`,
        path.location,
        'import what lies below data or input',
      )
    }
    if (path.kind === 'ref' && !path.path.every((step) => step.kind === 'string'))
      cursor.fail('unexpected import path: expected strings', path.location)
    let alias: string | undefined
    if (cursor.takeWord('as')) {
      if (!cursor.isName()) cursor.unexpected('expected var', 'write a name behind `as`')
      alias = cursor.next().text
    }
    if (root === 'future' || root === 'rego') this.#feature(path, alias)
    this.#imports.push({ path, ...(alias === undefined ? {} : { alias }), location: cursor.since(start) })
  }

  #feature(path: VarTerm | RefTerm, alias: string | undefined): void {
    const cursor: Cursor = this.#cursor
    const words = path.kind === 'ref' ? path.path.map((step) => (step.kind === 'string' ? step.value : '')) : []
    const root = path.kind === 'ref' && path.head.kind === 'var' ? path.head.name : ''
    if (root === 'rego') {
      if (words.length !== 1 || words[0] !== 'v1')
        cursor.fail(`invalid import '${['rego', ...words].join('.')}', must be \`rego.v1\``, path.location)
      if (alias !== undefined) cursor.fail('`rego` imports cannot be aliased', path.location)
      this.#version = 1
      for (const word of futureKeywords) cursor.keywords.add(word)
      return
    }
    const [first, word] = words
    if (first !== 'keywords' || words.length > 2)
      cursor.fail('invalid import, must be `future.keywords`', path.location, 'write `import future.keywords`')
    if (alias !== undefined) cursor.fail('`future` imports cannot be aliased', path.location)
    if (word === undefined) for (const one of futureKeywords) cursor.keywords.add(one)
    else if (futureKeywords.includes(word)) {
      cursor.keywords.add(word)
      if (word === 'every') cursor.keywords.add('in')
    } else if (word === 'not') cursor.compositeNot = true
    else if (word === 'and' || word === 'or') {
      cursor.logic = new Set([...cursor.logic, word])
      cursor.keywords.add(word)
    } else
      cursor.fail(
        `unexpected keyword, must be one of [${[...futureKeywords, 'not'].sort().join(' ')}], got: ${word}`,
        path.location,
      )
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

function isFuture(word: string): boolean {
  return futureKeywords.includes(word)
}

function packagePath(term: Term): readonly string[] | undefined {
  if (term.kind === 'var') return [term.name]
  if (term.kind !== 'ref' || term.head.kind !== 'var') return undefined
  const path = [term.head.name]
  for (const step of term.path) {
    if (step.kind !== 'string') return undefined
    path.push(step.value)
  }
  return path
}
