// Source substitution: a protected relation is replaced where it is read by a subselect that masks its columns and
// filters its rows, so that every expression above it sees only what it may. The text is changed by its bytes, parsed
// again, and must then be the tree that was meant; anything else refuses the statement.

import type { Site } from '../analyze/collector.ts'
import { quoted } from '../analyze/identifiers.ts'
import { argumentStep } from '../analyze/named.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { ForeignKey, Relation } from '../catalog/types.ts'
import type { ProtectionMode, ProtectionTerms, SqlAnalysis, SqlResult, Substitution } from '../contract.ts'
import type { SqlRelation, SqlStatement } from '../facts.ts'
import type { Grammar } from '../parser/grammar.ts'
import { as, child, isTree, list, noTree, number, type Tree } from '../parser/tree.ts'
import {
  copyEdit,
  type Edit,
  ordered,
  type Piece,
  readEdit,
  respliced,
  rewrite,
  type Source,
  sourceOf,
  writeEdit,
} from './edits.ts'
import { printFilter } from './filter.ts'
import { isKeyed, maskExpression, type Wording } from './mask-expression.ts'
import { gatewayMasks, type Protection, type Protections, relationKey } from './protection.ts'
import { referenceEdit } from './references.ts'
import { type Remembered, remembered } from './remembered.ts'
import { aroundRefusal, dropsKeys, keyStep, reachRefusal } from './rules.ts'
import { isPlain, notPlain, shownColumns, shownKey } from './shown.ts'
import { keyedColumns, type ProtectedSource, provisionStatements, viewName, viewSchema } from './views.ts'

/** What substitution works with. */
export interface SubstitutionParts {
  readonly catalog: Catalog
  readonly grammar: Grammar
  /** Analyzes the text of a view, whose names are qualified. */
  readonly analyze: (text: string) => SqlResult
  /** Whether a text may be parsed in this thread. */
  readonly isShort: (text: string) => boolean
  /** Where what is protected is replaced: in the text, or by views that were provisioned. */
  readonly mode: ProtectionMode
}

/** Views inside of views. */
export const viewDepthMax = 16

/** Texts that are remembered for a set of masks and filters: each set of columns that come out has its own. */
const sourcesMax = 1024

/** A substitution, and the changes of the text that it is made of. */
export interface Substituted {
  readonly substitution: Substitution
  readonly pieces: readonly Piece[]
}

/** Substitutes in every statement of a text. */
export function substitute(analysis: SqlAnalysis, terms: ProtectionTerms, parts: SubstitutionParts): Substituted {
  const known = remembered(terms, parts)
  if (known === undefined) return refused('only column masks can be enforced on a database')
  try {
    return new Substituter(known, parts).run(analysis)
  } catch (error) {
    if (error instanceof Refused) return refused(error.message)
    throw error
  }
}

/**
 * The substitution of an analysis, from that of the one it is `like`: the same changes at the same places. Its numbers
 * stand where nothing was changed, so that the tree that was checked for the one is that of the other, but for their
 * values. Undefined where that is not so.
 */
export function substitutedAlike(
  analysis: SqlAnalysis,
  { numbers }: SqlAnalysis,
  { substitution, pieces }: Substituted,
): Substitution | undefined {
  if (substitution.kind === 'refuse') return substitution
  if (numbers?.some((number) => pieces.some(({ start, end }) => start < number.end && number.start < end)) !== false)
    return undefined
  return { ...substitution, text: respliced(analysis.forward, pieces) }
}

function refused(why: string): Substituted {
  return { substitution: { kind: 'refuse', why }, pieces: [] }
}

/** What `sallyport resource provision` runs on the server for the `views` mode, or why it cannot. */
export function provision(
  terms: ProtectionTerms,
  login: string,
  parts: Omit<SubstitutionParts, 'mode'>,
): { readonly ok: true; readonly statements: readonly string[] } | { readonly ok: false; readonly why: string } {
  const inline: SubstitutionParts = { ...parts, mode: 'inline' }
  const known = remembered(terms, inline)
  if (known === undefined) return { ok: false, why: 'only column masks can be provisioned' }
  const { protections } = known
  const [keyed] = keyedColumns(protections)
  if (keyed !== undefined) return { ok: false, why: `the mask of ${keyed} needs a key, which no view can hold` }
  for (const [key, { masks, schema, name }] of protections) {
    const relation = parts.catalog.relation(schema, name)
    const missing = [...masks.keys()].find((column) => relation?.columns.every((at) => at.name !== column) !== false)
    if (relation === undefined || missing !== undefined)
      return { ok: false, why: `there is no ${key} with such a column` }
  }
  try {
    const { sources, reaching } = new Substituter(known, inline).provisions()
    return { ok: true, statements: provisionStatements(parts.catalog, protections, sources, reaching, login) }
  } catch (error) {
    if (error instanceof Refused) return { ok: false, why: error.message }
    throw error
  }
}

/** Unwinds from wherever a refusal is found. */
class Refused extends Error {}

class Substituter {
  readonly #protections: Protections
  readonly #parts: SubstitutionParts
  readonly #sources: Map<string, Source | undefined>
  /** Columns that the gateway masks in the result, by lineage; undefined where all that it masks are read as they are. */
  #shown: ReadonlySet<string> | undefined
  #shownKey = ''
  #viewDepth = 0

  constructor({ protections, sources }: Remembered, parts: SubstitutionParts) {
    this.#protections = protections
    this.#sources = sources
    this.#parts = parts
  }

  run(analysis: SqlAnalysis): Substituted {
    if (this.#parts.mode === 'inline') this.#shows(analysis)
    const reached = this.#judge(analysis)
    if (this.#shownKey !== '') this.#plain(analysis)
    const edits = reached ? this.#edits(analysis) : []
    const text = this.#rewritten(analysis.forward, edits)
    const masked = analysis.statements.map((statement) => this.#maskedOutputs(statement))
    return {
      substitution: { kind: 'forward', text, reaches: reached, gateway: gatewayMasks(this.#protections), masked },
      pieces: ordered(edits) ?? [],
    }
  }

  /** What needs the gateway's key is read where it comes out by lineage; elsewhere, whatever the lineage missed, it is NULL. */
  #shows({ statements }: SqlAnalysis): void {
    this.#shown = shownColumns(statements, this.#protections)
    this.#shownKey = [...this.#shown].sort().join('')
    if (this.#sources.size > sourcesMax) this.#sources.clear()
  }

  /** Other columns beside one that the gateway masks are innocent by lineage alone: that must be beyond doubt. */
  #plain({ forward, statements }: SqlAnalysis): void {
    if (!this.#parts.isShort(forward)) throw new Refused('it is too long to be read again')
    const alone = statements.every((one) => this.#maskedOutputs(one).length === one.outputs.length)
    if (!isPlain(this.#tree(forward), alone)) throw new Refused(notPlain)
  }

  #isShown({ schema, name }: Protection, column: string, strategy: string): boolean {
    return isKeyed(strategy) && this.#shown?.has(shownKey(schema, name, column)) !== false
  }

  #maskedOutputs({ outputs }: SqlStatement): readonly string[] {
    return outputs.flatMap(({ sources }) => {
      const source = sources.find((one) =>
        this.#protections.get(`${one.schema}.${one.relation}`)?.masks.has(one.column),
      )
      return source === undefined ? [] : [`${source.schema}.${source.relation}.${source.column}`]
    })
  }

  /** Refuses what may not pass; true when something protected is in reach. */
  #judge(analysis: SqlAnalysis): boolean {
    let reached = false
    for (const [index, statement] of analysis.statements.entries()) {
      const around = aroundRefusal(statement)
      if (around !== undefined) throw new Refused(around)
      if (!statement.relations.some((touched) => this.#protections.has(relationKey(touched)))) continue
      reached = true
      if (dropsKeys(statement, this.#protections)) continue
      const why = reachRefusal(statement, {
        protections: this.#protections,
        catalog: this.#parts.catalog,
        grammar: this.#parts.grammar,
        deleted: analysis.deleted[index] ?? [],
      })
      if (why !== undefined) throw new Refused(why)
      this.#covered(statement, analysis.sites[index] ?? [])
    }
    return reached
  }

  /** Every way to a protected relation must begin at a place where it is replaced. */
  #covered(statement: SqlStatement, sites: readonly Site[]): void {
    // What these run was judged and substituted when it was named, but for the arguments.
    if (runsNamed(statement)) {
      if (
        statement.relations.some(
          (touched) => touched.via[0] === argumentStep && this.#protections.has(relationKey(touched)),
        )
      )
        throw new Refused('a protected relation is reached through an argument')
      return
    }
    const places = new Set(sites.map(relationKey))
    const written = new Set(statement.relations.filter(({ access }) => access === 'write').map(relationKey))
    for (const touched of statement.relations) {
      if (!this.#protections.has(relationKey(touched)) || touched.access === 'write') continue
      const [first] = touched.via
      if (first !== undefined && this.#throughKey(touched)) continue
      if (first !== undefined && !places.has(first) && !written.has(first))
        throw new Refused(`a protected relation is reached through ${first}`)
      if (first !== undefined) {
        // A view is replaced by its text; a parent shows its children. Rules, triggers and policies are neither.
        const [schema = '', name = ''] = splitKey(first)
        const through = this.#parts.catalog.relation(schema, name)
        if (through === undefined || touched.via.some((step) => !this.#isRelation(step)))
          throw new Refused(`a protected relation is reached through ${first}`)
        continue
      }
      if (touched.access === 'lock') continue
      if (!places.has(relationKey(touched)) && !written.has(relationKey(touched)))
        throw new Refused('a protected relation is read where it cannot be replaced')
    }
  }

  /** A foreign key is checked over columns that are not masked, and no filter hides rows: an error tells nothing. */
  #throughKey(touched: SqlRelation): boolean {
    const [first = '', ...others] = touched.via
    const protection = this.#protections.get(relationKey(touched))
    if (others.length > 0 || !first.endsWith(keyStep) || protection === undefined) return false
    if (protection.filters.size > 0 || protection.closed) return false
    const [schema, name] = splitKey(first.slice(0, -keyStep.length))
    const written = this.#parts.catalog.relation(schema, name)
    const read = this.#parts.catalog.relation(touched.schema, touched.name)
    const between = (from: Relation | undefined, to: Relation | undefined): readonly ForeignKey[] =>
      (from?.foreignKeys ?? []).filter(({ target }) => target.schema === to?.schema && target.name === to.name)
    const columns = [
      ...between(written, read).map(({ targetColumns }) => targetColumns),
      ...between(read, written).map((key) => key.columns),
    ]
    const known = columns.length > 0 && columns.every((names) => names.length > 0)
    return known && columns.flat().every((column) => !protection.masks.has(column))
  }

  #isRelation(key: string): boolean {
    const [schema = '', name = ''] = splitKey(key)
    return this.#parts.catalog.relation(schema, name) !== undefined
  }

  #edits(analysis: SqlAnalysis): readonly Edit[] {
    if (!this.#needsEdits(analysis)) return []
    // The changed text is parsed in this thread: a long one is not.
    if (!this.#parts.isShort(analysis.forward)) throw new Refused('it is too long to be rewritten')
    const edits: Edit[] = []
    const bytes = Buffer.from(analysis.forward)
    for (const [index, raw] of list(this.#tree(analysis.forward), 'stmts').entries()) {
      const statement = analysis.statements[index]
      const tree = isTree(raw) ? raw : noTree
      if (statement === undefined || runsNamed(statement)) continue
      const replaced: Site[] = []
      for (const site of analysis.sites[index] ?? []) {
        const isCopy = statement.kind === 'copy' && isCopied(tree, site)
        const source = this.#source(site, site.only || isCopy)
        if (source === undefined) continue
        replaced.push(site)
        edits.push(isCopy ? copyEdit(bytes, tree, site, source, this.#copied(site)) : readEdit(bytes, site, source))
      }
      for (const edit of [referenceEdit(bytes, tree, replaced), this.#writeEdit(bytes, statement, tree)])
        if (edit !== undefined) edits.push(edit)
    }
    return edits
  }

  #tree(text: string): Tree {
    const parsed = this.#parts.grammar.parse(text)
    if (!parsed.ok) throw new Refused('it cannot be read again')
    return parsed.tree
  }

  #needsEdits(analysis: SqlAnalysis): boolean {
    return analysis.statements.some(
      (statement, index) =>
        !runsNamed(statement) &&
        ((analysis.sites[index] ?? []).some((site) => this.#source(site, site.only) !== undefined) ||
          statement.relations.some((touched) => touched.access === 'write' && this.#isFiltered(touched))),
    )
  }

  #isFiltered(relation: { readonly schema: string; readonly name: string }): boolean {
    return (this.#protections.get(relationKey(relation))?.filters.size ?? 0) > 0
  }

  #rewritten(text: string, edits: readonly Edit[]): string {
    if (edits.length === 0) return text
    const result = rewrite(text, this.#tree(text), edits, this.#parts.grammar)
    if (result === undefined) throw new Refused('it cannot be rewritten without doubt')
    return result
  }

  /** Columns of COPY without a list: all but the generated ones. */
  #copied(site: Site): readonly string[] {
    const relation = this.#parts.catalog.relation(site.schema, site.name)
    return (relation?.columns ?? []).filter((column) => column.generated !== true).map(({ name }) => name)
  }

  #writeEdit(text: Buffer, statement: SqlStatement, raw: Tree): Edit | undefined {
    const filtered = statement.relations.filter(
      (touched) => touched.access === 'write' && touched.via.length === 0 && this.#isFiltered(touched),
    )
    const keys = new Set(filtered.map(relationKey))
    const [key] = keys
    if (key === undefined) return undefined
    const [schema = '', name = ''] = splitKey(key)
    const relation = this.#parts.catalog.relation(schema, name)
    if (keys.size > 1 || relation === undefined) throw new Refused('several relations with row filters are written')
    const edit = writeEdit(text, raw, this.#parts.grammar, (alias) => this.#condition(relation, alias, statement))
    if (edit === undefined) throw new Refused('a row filter cannot be added to it')
    return edit
  }

  #condition(relation: Relation, alias: string, statement: SqlStatement | undefined): string {
    const conditions: string[] = []
    for (const where of this.#protections.get(relationKey(relation))?.filters ?? []) {
      const printed = printFilter(where, relation, alias, this.#parts.grammar)
      if (!printed.ok) throw new Refused(printed.why)
      const moves = statement?.assignments.some(
        (one) => one.schema === relation.schema && one.relation === relation.name && printed.columns.has(one.column),
      )
      if (moves === true) throw new Refused('a write changes what a row filter decides by')
      conditions.push(printed.text)
    }
    return conditions.join(' AND ')
  }

  /** What is read instead of a relation; undefined when the relation itself may be. */
  #source(name: { readonly schema: string; readonly name: string }, only: boolean): Source | undefined {
    const key = `${this.#parts.mode} ${relationKey(name)}${only ? ' only' : ''} ${this.#shownKey}`
    const known = this.#sources.get(key)
    if (known !== undefined || this.#sources.has(key)) return known
    const relation = this.#parts.catalog.relation(name.schema, name.name)
    if (relation === undefined) throw new Refused('a relation is not known')
    const text = this.#made(relation, only)
    const source = text === undefined ? undefined : sourceOf(text, this.#sources.size, this.#parts.grammar)
    this.#sources.set(key, source)
    return source
  }

  #made(relation: Relation, only: boolean): string | undefined {
    const protection = this.#protections.get(relationKey(relation))
    const body = relation.kind === 'view' ? this.#view(relation) : undefined
    if (protection === undefined) return body
    const masks = [...protection.masks].filter(([column, strategy]) => !this.#isShown(protection, column, strategy))
    if (masks.length === 0 && protection.filters.size === 0) return body
    if (relation.columns.length === 0) throw new Refused('a relation is not fully known')
    const from = body === undefined ? `${only ? 'ONLY ' : ''}${qualified(relation)}` : `(${body})`
    const fenced = (wording: Wording): string => this.#fenced(relation, protection, from, wording)
    return this.#parts.mode === 'inline' ? fenced('now') : this.#provisioned(relation, fenced)
  }

  /** The view that stands for a text, or for what an earlier release wrote instead of it. */
  #provisioned(relation: Relation, source: (wording: Wording) => string): string {
    const names = (['now', 'earlier'] as const).map((wording) => viewName(relation, source(wording)))
    const name = names.find((one) => this.#parts.catalog.relation(viewSchema, one) !== undefined)
    if (name === undefined)
      throw new Refused(`${relationKey(relation)} was provisioned with other masks, or not at all`)
    const columns = relation.columns.map((column) => quoted(column.name))
    return `SELECT ${columns.join(', ')} FROM ${quoted(viewSchema)}.${quoted(name)}`
  }

  /** What stands for every protected relation, and the views through which one is reached. */
  provisions(): { readonly sources: readonly ProtectedSource[]; readonly reaching: ReadonlySet<string> } {
    const sources: ProtectedSource[] = []
    const reaching = new Set<string>()
    for (const relation of this.#parts.catalog.relations()) {
      const protection = this.#protections.get(relationKey(relation))
      if (relation.kind === 'view' && this.#reaches(relation)) reaching.add(relationKey(relation))
      if (protection === undefined || protection.closed) continue
      const inherits = relation.kind === 'table' || relation.kind === 'partitioned' || relation.kind === 'foreign_table'
      for (const only of inherits ? [false, true] : [false]) {
        const source = this.#made(relation, only)
        if (source !== undefined) sources.push({ relation, source })
      }
    }
    return { sources, reaching }
  }

  /** What cannot be read as a view's text is taken to reach what is protected. */
  #reaches(relation: Relation): boolean {
    try {
      return this.#view(relation) !== undefined
    } catch (error) {
      if (error instanceof Refused) return true
      throw error
    }
  }

  #fenced(relation: Relation, protection: Protection, from: string, wording: Wording): string {
    const columns = relation.columns.map(({ name, type }) => {
      const strategy = protection.masks.get(name)
      const own = `s.${quoted(name)}`
      if (strategy === undefined || this.#isShown(protection, name, strategy)) return own
      return `${maskExpression(strategy, own, type, this.#parts.catalog, wording)} AS ${quoted(name)}`
    })
    const condition = this.#condition(relation, 's', undefined)
    // Without a fence, conditions of the client could run over rows that the filter hides, and tell them by an error.
    const rows = condition === '' ? '' : ` WHERE ${condition} OFFSET 0`
    return `SELECT ${columns.join(', ')} FROM ${from} AS s${rows}`
  }

  /** The text of a view with what it reads replaced; undefined when it reads nothing protected. */
  #view(relation: Relation): string | undefined {
    const text = (relation.query ?? '').trim().replace(/;$/, '')
    const analysis = this.#parts.analyze(text)
    if (analysis.kind === 'refusal') throw new Refused('a view cannot be read')
    const reads = analysis.statements.flatMap((statement) => statement.relations)
    if (!reads.some((touched) => this.#protections.has(relationKey(touched)))) return undefined
    if (++this.#viewDepth > viewDepthMax) throw new Refused('views are nested too deeply')
    this.#judge(analysis)
    const source = this.#rewritten(analysis.forward, this.#edits(analysis))
    this.#viewDepth--
    // What is masked in the result alone changes no text; then the view itself may be read.
    return source === analysis.forward ? undefined : source
  }
}

/** Runs what was judged and substituted when it was named. */
function runsNamed({ kind }: SqlStatement): boolean {
  return kind === 'execute' || kind === 'fetch' || kind === 'move'
}

function qualified({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoted(schema)}.${quoted(name)}`
}

function splitKey(key: string): readonly [string, string] {
  const dot = key.indexOf('.')
  return [key.slice(0, dot), key.slice(dot + 1)]
}

function isCopied(raw: Tree, site: Site): boolean {
  const copy = as(raw['stmt'], 'CopyStmt')
  const relation = copy === undefined ? undefined : child(copy, 'relation')
  return relation !== undefined && number(relation, 'location') === site.location
}
