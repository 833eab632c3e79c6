// A module as the JSON of OPA's own syntax tree, which `rego.parse_module` answers. Operators are calls by name in it,
// comments are base64, and the members of sets and objects stand in the order of terms.
import { unreachable } from '../unreachable.ts'
import { numberFromText, RegoObject, type Value } from '../value/index.ts'
import type { Body, Comment, Expr, Import, Module, RefTerm, Rule, Term, VarTerm, With } from './ast.ts'
import { compareTerms, isGround } from './term-order.ts'

/** Names that stand for documents: a reference without steps. */
const documents: ReadonlySet<string> = new Set(['input', 'data'])

/** The module's tree. */
export function moduleJson(module: Module): RegoObject {
  const found: Found = { wildcards: new Map(), comments: [...module.comments] }
  search(module.rules, found)
  const names = [...found.wildcards].sort(([, a], [, b]) => a - b).map(([name], index) => [name, `$${index}`] as const)
  const tree = new Tree(new Map(names))
  const path = module.package.path.map((step) => typed('string', step))
  return record({
    package: record({ path: [typed('var', 'data'), ...path] }),
    imports: filled(module.imports.map((one) => tree.import(one))),
    rules: filled(module.rules.map((one) => tree.rule(one, one))),
    comments: filled(found.comments.sort((a, b) => a.location.offset - b.location.offset).map(commentJson)),
  })
}

/** What stands anywhere in a tree: the first place of every wildcard, and the comments within template strings. */
interface Found {
  readonly wildcards: Map<string, number>
  readonly comments: Comment[]
}

function search(node: unknown, found: Found): void {
  if (Array.isArray(node)) for (const one of node) search(one, found)
  else if (isVar(node)) {
    const before = found.wildcards.get(node.name)
    if (node.name.startsWith('$') && (before === undefined || before > node.location.offset))
      found.wildcards.set(node.name, node.location.offset)
  } else if (typeof node === 'object' && node !== null) {
    if (isTemplate(node)) found.comments.push(...(node.comments ?? []))
    for (const [field, one] of Object.entries(node)) if (!leaves.has(field)) search(one, found)
  }
}

const leaves: ReadonlySet<string> = new Set(['location', 'annotations', 'comments'])

function isVar(node: unknown): node is VarTerm {
  return typeof node === 'object' && node !== null && 'kind' in node && node.kind === 'var'
}

function isTemplate(node: object): node is Extract<Term, { kind: 'template' }> {
  return 'kind' in node && node.kind === 'template'
}

/** Writes nodes, with wildcards numbered as they stand in the text. */
class Tree {
  readonly #wildcards: ReadonlyMap<string, string>

  constructor(wildcards: ReadonlyMap<string, string>) {
    this.#wildcards = wildcards
  }

  import({ path, alias }: Import): RegoObject {
    return record({ path: typed('ref', this.#steps(path)), alias })
  }

  /** A rule, or one of the `else` rules behind the first of its chain. */
  rule(rule: Rule, first: Rule, assignedBefore = false): RegoObject {
    const assign = rule.head.assign || (assignedBefore && !rule.written.value)
    return record({
      default: rule.default ? true : undefined,
      head: this.#head(rule, first, assign),
      body: this.#body(rule.body),
      else: rule.else === undefined ? undefined : this.rule(rule.else, first, assign),
    })
  }

  #head({ head }: Rule, first: Rule, assign: boolean): RegoObject {
    const { ref, args, key, value } = head
    const steps = this.#steps(ref)
    const name = ref.kind === 'var' ? ref.name : ref.head.kind === 'var' ? ref.head.name : undefined
    const { ofName, ofKey } = kept(first)
    return record({
      name: ref.kind === 'var' || ofName ? name : undefined,
      ref: steps,
      args: args === undefined ? undefined : filled(this.#terms(args)),
      key: key !== undefined ? this.#term(key) : ofKey ? steps[1] : undefined,
      value: value === undefined ? undefined : this.#term(value),
      assign: assign ? true : undefined,
    })
  }

  #body(body: Body): readonly Value[] {
    return body.map((expr, index) => this.#expr(expr, index))
  }

  #expr(expr: Expr, index: number): RegoObject {
    return record({
      index,
      negated: expr.negated ? true : undefined,
      terms: this.#expression(expr),
      with: filled(expr.with.map((one) => this.#with(one))),
    })
  }

  #with({ target, value }: With): RegoObject {
    return record({ target: this.#term(target), value: this.#term(value) })
  }

  #expression(expr: Expr): Value {
    switch (expr.kind) {
      case 'term':
        return this.#term(expr.term)
      case 'call':
        return [this.#ref(expr.operator), ...this.#terms(expr.args)]
      case 'some':
        return record({ symbols: this.#terms(expr.names) })
      case 'some_in': {
        const member = expr.key === undefined ? 'member_2' : 'member_3'
        const operator = typed('ref', [typed('var', 'internal'), typed('string', member)])
        const operands = [...(expr.key === undefined ? [] : [expr.key]), expr.value, expr.domain]
        return record({ symbols: [typed('call', [operator, ...this.#terms(operands)])] })
      }
      case 'every':
        return record({
          key: expr.key === undefined ? null : this.#term(expr.key),
          value: this.#term(expr.value),
          domain: this.#term(expr.domain),
          body: this.#body(expr.body),
        })
      case 'not_body':
        return record({ type: 'not', explicit_body: expr.braces === true, body: this.#body(expr.body) })
      case 'and':
      case 'or':
        return record({ type: expr.kind, left: this.#body(expr.left), right: this.#body(expr.right) })
      default:
        return unreachable(expr)
    }
  }

  #terms(terms: readonly Term[]): readonly RegoObject[] {
    return terms.map((term) => this.#term(term))
  }

  #term(term: Term): RegoObject {
    switch (term.kind) {
      case 'null':
        return typed('null', new RegoObject())
      case 'boolean':
      case 'string':
        return typed(term.kind, term.value)
      case 'number':
        return typed('number', numberFromText(term.text) ?? 0)
      case 'var': {
        const name = typed('var', this.#wildcards.get(term.name) ?? term.name)
        return documents.has(term.name) ? typed('ref', [name]) : name
      }
      case 'ref':
        return this.#ref(term)
      case 'array':
        return typed('array', this.#terms(term.items))
      case 'set':
        return typed('set', this.#terms(distinct(term.items)))
      case 'object':
        return typed(
          'object',
          [...term.entries].sort(([a], [b]) => compareTerms(a, b)).map((entry) => this.#terms(entry)),
        )
      case 'comprehension': {
        const body = this.#body(term.body)
        const value = this.#term(term.value)
        if (term.key === undefined) return typed(`${term.of}comprehension`, record({ term: value, body }))
        return typed('objectcomprehension', record({ key: this.#term(term.key), value, body }))
      }
      case 'call':
        return typed('call', [this.#ref(term.operator), ...this.#terms(term.args)])
      case 'template': {
        const parts = term.parts.map((part) => this.#templatePart(part))
        return typed('templatestring', record({ multi_line: term.raw, parts: filled(parts) ?? null }))
      }
      default:
        return unreachable(term)
    }
  }

  #templatePart(part: string | Expr): RegoObject {
    if (typeof part === 'string') return typed('string', part)
    const constant = part.kind === 'term' && part.with.length === 0 && scalars.has(part.term.kind)
    return constant ? this.#term(part.term) : this.#expr(part, 0)
  }

  #ref(ref: VarTerm | RefTerm): RegoObject {
    return typed('ref', this.#steps(ref))
  }

  #steps(ref: VarTerm | RefTerm): readonly Value[] {
    if (ref.kind === 'var') return [typed('var', ref.name)]
    const head = ref.head.kind === 'var' ? typed('var', ref.head.name) : this.#term(ref.head)
    return [head, ...this.#terms(ref.path)]
  }
}

const scalars: ReadonlySet<Term['kind']> = new Set(['null', 'boolean', 'number', 'string'])

/** Of a head of two steps OPA keeps name and key, but where `if` makes it a rule of one value at a place. */
function kept({ head, written, default: isDefault }: Rule): { readonly ofName: boolean; readonly ofKey: boolean } {
  const { ref, key, args } = head
  const step = ref.kind === 'ref' && ref.path.length === 1 && key === undefined && !isDefault ? ref.path[0] : undefined
  if (step === undefined) return { ofName: false, ofKey: false }
  if (!written.if) return { ofName: args === undefined, ofKey: args === undefined }
  return { ofName: written.value, ofKey: args === undefined && !isGround(step) }
}

function commentJson({ text, location: { file, row, col } }: Comment): RegoObject {
  const encoded = text === '' ? null : Buffer.from(text).toString('base64')
  return record({ Text: encoded, Location: record({ file, row, col }) })
}

function distinct(items: readonly Term[]): readonly Term[] {
  const sorted = [...items].sort(compareTerms)
  return sorted.filter((item, index) => {
    const before = sorted[index - 1]
    return before === undefined || compareTerms(before, item) !== 0
  })
}

function typed(type: string, value: Value): RegoObject {
  return record({ type, value })
}

/** An object of the fields that are there. */
function record(fields: { readonly [name: string]: Value | undefined }): RegoObject {
  return new RegoObject(Object.entries(fields).filter((field): field is [string, Value] => field[1] !== undefined))
}

/** A list, or its absence when nothing is in it. */
function filled(list: readonly Value[]): readonly Value[] | undefined {
  return list.length === 0 ? undefined : list
}
