// The analyzer of one upstream database: text in, facts out, remembered by exact text, session and catalog snapshot.

import { aftermath, changesNamesWithin } from './analyze/aftermath.ts'
import { routineBody, ruleBody, script, textBody, viewBody } from './analyze/bodies.ts'
import { Collector, type Site, sharedName } from './analyze/collector.ts'
import type { Context, Walk } from './analyze/context.ts'
import { expression } from './analyze/expression.ts'
import { fromItem } from './analyze/from.ts'
import { namesOf } from './analyze/names.ts'
import { withSchemas } from './analyze/pin.ts'
import { call } from './analyze/routines.ts'
import { bodyStatement, query, readStatement } from './analyze/statement.ts'
import { declareType } from './analyze/type.ts'
import type { Field } from './analyze/value.ts'
import type { Catalog } from './catalog/catalog.ts'
import type {
  ProtectionMode,
  ProtectionTerms,
  ServerMajor,
  SqlAnalysis,
  SqlAnalyzer,
  SqlRefusal,
  SqlResult,
  Substitution,
} from './contract.ts'
import type { SqlColumnRef, SqlStatement } from './facts.ts'
import {
  cacheTextBytesMax,
  inlineBytesMax,
  inlineDepthMax,
  inlineOperatorsMax,
  statementDepthMax,
  statementOperatorsMax,
  statementTokensMax,
} from './limits.ts'
import { type Grammar, loadGrammar, type Parsed } from './parser/grammar.ts'
import { parserPool } from './parser/pool.ts'
import { askedConstants, list, type Tree } from './parser/tree.ts'
import { SqlSession } from './session.ts'
import {
  provision,
  type Substituted,
  type SubstitutionParts,
  substitute,
  substitutedAlike,
} from './substitute/substitute.ts'
import { type Blanked, blankComments, checkText } from './text.ts'
import { Texts } from './texts.ts'
import { WholeNumbers } from './whole-numbers.ts'

const walk: Walk = {
  expression,
  query,
  call,
  type: declareType,
  routine: routineBody,
  view: viewBody,
  rule: ruleBody,
  text: textBody,
  statement: bodyStatement,
  script,
  from: fromItem,
}

/** Loads the grammar of a server's major and makes an analyzer over a catalog snapshot. */
export async function createSqlAnalyzer(
  major: ServerMajor,
  catalog: Catalog,
  mode: ProtectionMode = 'inline',
): Promise<SqlAnalyzer> {
  return new Analyzer(await loadGrammar(major), catalog, mode)
}

class Analyzer implements SqlAnalyzer {
  readonly #grammar: Grammar
  #catalog: Catalog
  readonly #mode: ProtectionMode
  readonly #cache = new Texts()
  /** What begins and ends transactions: it depends on all of the session, and is remembered with it. */
  #transactions = new WeakMap<SqlSession, Map<string, SqlResult>>()
  readonly #numbers = new WholeNumbers()
  /** The last substitution of an analysis. An analysis belongs to one catalog, and is forgotten with it. */
  #substituted = new WeakMap<SqlAnalysis, ProtectionTerms & { readonly key: string; readonly made: Substituted }>()

  constructor(grammar: Grammar, catalog: Catalog, mode: ProtectionMode) {
    this.#grammar = grammar
    this.#catalog = catalog
    this.#mode = mode
  }

  get catalog(): Catalog {
    return this.#catalog
  }

  get major(): ServerMajor {
    return this.#grammar.major
  }

  useCatalog(catalog: Catalog): void {
    this.#catalog = catalog
    this.#cache.clear()
    this.#numbers.clear()
    this.#transactions = new WeakMap()
    this.#substituted = new WeakMap()
  }

  analyze(text: string, before: SqlSession, done: (result: SqlResult) => void): SqlResult | undefined {
    const session = before.settled(this.#catalog)
    if (text.length <= inlineBytesMax) {
      const known = this.#known(text, session)
      if (known !== undefined) return known
    }
    const refused = checkText(text)
    if (refused !== undefined) return refused
    const blanked = blankComments(text)
    if (isInline(blanked)) return this.analyzeNow(text, session)
    if (
      blanked.tokens > statementTokensMax ||
      blanked.operators > statementOperatorsMax ||
      blanked.depth > statementDepthMax
    )
      return tooInvolved
    parserPool(this.major).parse(blanked.text, (answer) => {
      done('refused' in answer ? refusals(answer.refused) : this.#answered(blanked.text, answer, session))
    })
    return undefined
  }

  analyzeNow(text: string, session: SqlSession): SqlResult {
    const known = this.#known(text, session)
    if (known !== undefined) return known
    const sessionKey = isRemembered(text) ? sessionKeyOf(session) : undefined
    let tree: Tree | undefined
    let result: SqlResult | undefined
    const asked = askedConstants(() => {
      result = this.#read(text, session, (seen) => {
        tree = seen
      })
    })
    if (result === undefined) return refusals('parser_failed')
    const stateful = result.kind === 'analysis' && result.after.some((after) => after !== undefined)
    const namesState = result.kind === 'analysis' && result.statements.some(({ kind }) => namedKinds.has(kind))
    const failed = result.kind === 'refusal' && result.code !== 'syntax_error'
    if (stateful && result.kind === 'analysis' && isTransactional(result)) this.#keepTransaction(session, text, result)
    if (sessionKey === undefined || stateful || namesState || failed) return result
    this.#cache.set(sessionKey, text, result)
    if (result.kind === 'analysis') this.#numbers.learn(sessionKey, text, tree, result, asked)
    return result
  }

  /** What is known of a text, or of one that differs from it only in numbers. */
  #known(text: string, session: SqlSession): SqlResult | undefined {
    const sessionKey = sessionKeyOf(session)
    if (sessionKey !== undefined) {
      const numbers = this.#numbers
      const known =
        numbers.findRecent(sessionKey, text) ?? this.#cache.get(sessionKey, text) ?? numbers.find(sessionKey, text)
      if (known !== undefined) return known
    }
    return this.#transactions.get(session)?.get(text)
  }

  #keepTransaction(session: SqlSession, text: string, result: SqlResult): void {
    if (text.length > transactionTextMax) return
    const texts = this.#transactions.get(session) ?? new Map<string, SqlResult>()
    this.#transactions.set(session, texts)
    if (texts.size < transactionTextsMax) texts.set(text, result)
  }

  substitute(analysis: SqlAnalysis, session: SqlSession, terms: ProtectionTerms): Substitution {
    if (terms.masks.length === 0 && terms.filters.length === 0)
      return { kind: 'forward', text: analysis.forward, reaches: false, gateway: [], masked: [] }
    const { like } = analysis
    if (like !== undefined) {
      const alike = substitutedAlike(analysis, like, this.#substitutedOnce(like, session, terms))
      if (alike !== undefined) return alike
    }
    return this.#substitutedOnce(analysis, session, terms).substitution
  }

  #substitutedOnce(analysis: SqlAnalysis, session: SqlSession, terms: ProtectionTerms): Substituted {
    const known = this.#substituted.get(analysis)
    if (known !== undefined && known.masks === terms.masks && known.filters === terms.filters) return known.made
    const { masks, filters } = terms
    const key = JSON.stringify([masks, filters])
    const made = known?.key === key ? known.made : this.#substitute(analysis, session, terms)
    this.#substituted.set(analysis, { masks, filters, key, made })
    return made
  }

  #substitute(analysis: SqlAnalysis, session: SqlSession, terms: ProtectionTerms): Substituted {
    return substitute(analysis, terms, { ...this.#parts(session.catalog(this.#catalog)), mode: this.#mode })
  }

  provision(terms: ProtectionTerms, login: string): ReturnType<SqlAnalyzer['provision']> {
    return provision(terms, login, this.#parts(this.#catalog))
  }

  #parts(catalog: Catalog): Omit<SubstitutionParts, 'mode'> {
    return {
      catalog,
      grammar: this.#grammar,
      analyze: (text) => this.analyzeNow(text, viewSession),
      isShort: (text) => isInline(blankComments(text)),
    }
  }

  #read(text: string, session: SqlSession, seen: (tree: Tree) => void): SqlResult {
    const refused = checkText(text)
    if (refused !== undefined) return refused
    const blanked = blankComments(text)
    if (!isInline(blanked)) return refusals('parser_busy')
    const parsed = this.#grammar.parse(blanked.text)
    if (parsed.ok) seen(parsed.tree)
    return this.#answered(blanked.text, parsed, session)
  }

  #answered(forward: string, parsed: Parsed, session: SqlSession): SqlResult {
    if (parsed.ok) return this.#pinned(forward, parsed.tree, session)
    if (!parsed.clean) return refusals('parser_failed')
    return { kind: 'refusal', code: 'syntax_error', message: parsed.message, position: parsed.position }
  }

  /** Names that could become another relation's are written with their schemas; what is forwarded is what was judged. */
  #pinned(forward: string, tree: Tree, session: SqlSession): SqlAnalysis {
    const pins = new Map<number, string>()
    const judged = this.#judge(forward, tree, session, pins)
    if (pins.size === 0) return judged
    const text = withSchemas(forward, pins)
    const parsed = isInline(blankComments(text)) ? this.#grammar.parse(text) : undefined
    pins.clear()
    const again = parsed?.ok === true ? this.#judge(text, parsed.tree, session, pins) : undefined
    if (again !== undefined && pins.size === 0) return again
    const statements = judged.statements.map((one) => ({
      ...one,
      complete: false,
      reasons: [...one.reasons, sharedName].sort(),
    }))
    return { ...judged, complete: false, statements }
  }

  #judge(forward: string, tree: Tree, session: SqlSession, pins: Map<number, string>): SqlAnalysis {
    const statements: SqlStatement[] = []
    const after: (SqlSession | undefined)[] = []
    const sites: (readonly Site[])[] = []
    const computed: (readonly SqlColumnRef[])[] = []
    const deleted: (readonly string[])[] = []
    let changesBeside = false
    let current = session
    const bytes = Buffer.from(forward)
    const raws = list(tree, 'stmts')
    for (const [index, raw] of raws.entries()) {
      // Several statements are one transaction, as far as they do not say otherwise.
      if (raws.length > 1) current = current.implied()
      const node = raw as Tree
      const start = Number(node['stmt_location'] ?? 0)
      const length = Number(node['stmt_len'] ?? 0)
      const own = bytes
        .subarray(start, length === 0 ? bytes.length : start + length)
        .toString('utf8')
        .trim()
      const { statement, next, facts } = this.#statement(own, node['stmt'], current)
      statements.push(statement)
      sites.push([...facts.sites.values()])
      for (const [location, schema] of facts.pins) pins.set(location, schema)
      computed.push([...facts.computed])
      deleted.push([...facts.deleted])
      if (facts.changesBeside) changesBeside = true
      // With its last statement a text has ended.
      const ends = index > 0 && index === raws.length - 1 && next.inImplicit
      const then = ends ? next.committed(this.#catalog) : next
      const before = ends ? (after.findLast((one) => one !== undefined) ?? session) : current
      after.push(then === before ? undefined : then)
      current = next
    }
    const [only] = statements
    return {
      kind: 'analysis',
      forward,
      verb: strongest(statements),
      operation: only === undefined ? 'empty' : statements.length > 1 ? 'script' : only.kind,
      complete: statements.every((one) => one.complete),
      statements,
      after,
      sites,
      computed,
      deleted,
      changesBeside,
    }
  }

  #statement(
    own: string,
    node: unknown,
    session: SqlSession,
  ): { readonly statement: SqlStatement; readonly next: SqlSession; readonly facts: Collector } {
    const facts = new Collector()
    const catalog = session.catalog(this.#catalog)
    const names = namesOf(catalog, session.searchPath, session.role)
    const context: Context = {
      names,
      running: names,
      session,
      shared: this.#catalog,
      grammar: this.#grammar,
      facts,
      walk,
      bodies: [],
      depth: { now: 0, walked: 0, met: Number.POSITIVE_INFINITY, partial: new Map() },
    }
    if (catalog.stale !== undefined) facts.incomplete('the catalog snapshot is out of date')
    const read = readStatement(context, node)
    if (changesNamesWithin(read, node, facts)) facts.incomplete('search path not known')
    return {
      statement: statementOf(own, read.kind, verbOf(read.verb, facts), facts, read.outputs, read.limit),
      next: aftermath(read, node, facts, { shared: this.#catalog, catalog }),
      facts,
    }
  }
}

/** What a remembered analysis depends on beside its text; undefined for what is not remembered. */
function sessionKeyOf(session: SqlSession): string | undefined {
  const key = session.cacheKey()
  if (key === undefined || !session.inTransaction) return key
  return `T${key}`
}

/** Prepared statements and cursors are part of what a text means, and not of the session's key. */
function isRemembered(text: string): boolean {
  return text.length <= cacheTextBytesMax && !namesSomething.test(text)
}

/** Texts that begin or end a transaction, of one session. */
const transactionTextsMax = 16
const transactionTextMax = 256

function isTransactional({ statements }: SqlAnalysis): boolean {
  const [only, ...others] = statements
  return others.length === 0 && (only?.kind === 'begin' || only?.kind === 'commit' || only?.kind === 'rollback')
}

/** Kinds of statements that mean what the session has named. */
const namedKinds: ReadonlySet<string> = new Set(['execute', 'fetch', 'move', 'deallocate', 'close'])

/** Words by which a text runs what the session has named. */
const namesSomething = /execute|current\s+of/i

/** The texts of views are written with qualified names. */
const viewSession = SqlSession.start('', [])

const tooInvolved: SqlRefusal = {
  kind: 'refusal',
  code: 'too_many_tokens',
  message: 'the statement is too long or too deeply nested to be judged',
  position: 0,
}

/** Whether a text is parsed in this thread. */
function isInline({ text, operators, depth }: Blanked): boolean {
  return text.length <= inlineBytesMax && operators <= inlineOperatorsMax && depth <= inlineDepthMax
}

function refusals(code: SqlRefusal['code']): SqlRefusal {
  const messages: { readonly [code in SqlRefusal['code']]?: string } = {
    parser_timeout: 'the statement takes too long to be parsed',
    parser_busy: 'too many long statements wait to be parsed',
    parser_failed: 'the statement cannot be parsed safely',
  }
  return { kind: 'refusal', code, message: messages[code] ?? 'the statement cannot be judged', position: 0 }
}

const verbRank = ['read', 'write', 'transfer', 'execute', 'define', 'grant', 'admin'] as const

function strongest(statements: readonly SqlStatement[]): SqlStatement['verb'] {
  let rank = 0
  for (const { verb } of statements) rank = Math.max(rank, verbRank.indexOf(verb))
  return verbRank[rank] ?? 'admin'
}

/** Settings that say as whom statements run. */
const identities: ReadonlySet<string> = new Set(['role', 'session_authorization'])

/** A statement that begins by reading can end by writing: what it touches decides. */
function verbOf(verb: SqlStatement['verb'], facts: Collector): SqlStatement['verb'] {
  // A function can do what SET ROLE does.
  if (facts.settings.some(({ name }) => identities.has(name))) return 'admin'
  if (verb !== 'read') return verb
  if ([...facts.relations.values()].some((touch) => touch.access === 'write')) return 'write'
  const effects = [...facts.functions.values()].map((called) => called.effects)
  if (effects.some((effect) => effect === 'external' || effect === 'unknown')) return 'execute'
  return effects.includes('write') ? 'write' : 'read'
}

function statementOf(
  own: string,
  kind: string,
  verb: SqlStatement['verb'],
  facts: Collector,
  outputs: readonly Field[],
  limit: number | null,
): SqlStatement {
  const reasons = [...facts.reasons].sort()
  return {
    kind,
    verb,
    text: own,
    relations: [...facts.relations.values()].map((touch) => ({
      schema: touch.schema,
      name: touch.name,
      access: touch.access,
      columns: [...touch.columns].sort(),
      resolved: touch.resolved,
      kind: touch.kind,
      via: touch.via,
    })),
    functions: [...facts.functions.values()],
    outputs: outputs.map(({ name, sources, known, direct }) => ({
      name,
      sources: sorted(sources),
      known: known && name !== '*',
      direct,
    })),
    predicates: [...facts.predicates].map(([source, uses]) => ({ ...source, uses: [...uses].sort() })),
    assignments: [...facts.assignments].map(({ target, value }) => ({
      ...target,
      sources: sorted(value.sources),
      known: value.known,
    })),
    objects: [...facts.objects.values()],
    options: [...facts.options].sort(),
    where: facts.where ?? null,
    limit,
    returning: facts.returning,
    dynamic: facts.dynamic,
    settings: facts.settings.map(({ name, value }) => ({ name, value })),
    complete: reasons.length === 0,
    reasons,
    ...(facts.unresolved.size === 0 ? {} : { unresolved: [...facts.unresolved].sort() }),
  }
}

function sorted(sources: readonly SqlColumnRef[]): readonly SqlColumnRef[] {
  return [...sources].sort((a, b) =>
    `${a.schema}.${a.relation}.${a.column}` < `${b.schema}.${b.relation}.${b.column}` ? -1 : 1,
  )
}
