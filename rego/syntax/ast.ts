// The syntax tree of Rego. Every node is plain data with a literal `kind` and the place it came from; stages that
// rewrite build new nodes and keep the place.
import type { Location } from './diagnostic.ts'

/** A term: whatever can have a value. */
export type Term =
  | NullTerm
  | BooleanTerm
  | NumberTerm
  | StringTerm
  | VarTerm
  | RefTerm
  | ArrayTerm
  | ObjectTerm
  | SetTerm
  | ComprehensionTerm
  | CallTerm
  | TemplateTerm

/** `null`. */
export interface NullTerm {
  readonly kind: 'null'
  readonly location: Location
}
/** `true` or `false`. */
export interface BooleanTerm {
  readonly kind: 'boolean'
  readonly value: boolean
  readonly location: Location
}
/** A number, with its text as written. */
export interface NumberTerm {
  readonly kind: 'number'
  readonly text: string
  readonly location: Location
}
/** A string, unescaped. */
export interface StringTerm {
  readonly kind: 'string'
  readonly value: string
  /** True when it was written between backticks. */
  readonly raw?: boolean
  readonly location: Location
}
/** A variable. Every `_` has a name of its own that begins with `$`. */
export interface VarTerm {
  readonly kind: 'var'
  readonly name: string
  readonly location: Location
}
/** A reference: a head and at least one step. */
export interface RefTerm {
  readonly kind: 'ref'
  readonly head: Term
  readonly path: readonly Term[]
  readonly location: Location
}
/** `[a, b]`. */
export interface ArrayTerm {
  readonly kind: 'array'
  readonly items: readonly Term[]
  readonly location: Location
}
/** `{k: v}`. */
export interface ObjectTerm {
  readonly kind: 'object'
  readonly entries: readonly (readonly [Term, Term])[]
  readonly location: Location
}
/** `{a, b}` or `set()`. */
export interface SetTerm {
  readonly kind: 'set'
  readonly items: readonly Term[]
  readonly location: Location
}
/** `[x | ...]`, `{x | ...}` or `{k: v | ...}`. */
export interface ComprehensionTerm {
  readonly kind: 'comprehension'
  readonly of: 'array' | 'set' | 'object'
  /** The key of an object comprehension. */
  readonly key?: Term
  readonly value: Term
  readonly body: Body
  readonly location: Location
}
/** A call in term position; operators are calls too, with `infix` as they were written. */
export interface CallTerm {
  readonly kind: 'call'
  readonly operator: VarTerm | RefTerm
  readonly args: readonly Term[]
  readonly infix?: string
  readonly location: Location
}
/** `$"text {expr}"`. */
export interface TemplateTerm {
  readonly kind: 'template'
  readonly parts: readonly (string | Expr)[]
  readonly raw: boolean
  /** The comments between its braces. */
  readonly comments?: readonly Comment[]
  readonly location: Location
}

/** A conjunction of expressions. */
export type Body = readonly Expr[]

/** `with target as value`. */
export interface With {
  readonly target: Term
  readonly value: Term
  readonly location: Location
  /** Set once names are resolved, when the target is a function: what replaces it. */
  readonly mock?: 'function' | 'rule' | 'value'
}

/** What all expressions have. */
interface ExprCommon {
  readonly negated: boolean
  readonly with: readonly With[]
  readonly location: Location
  /** True for expressions that a stage made and no author wrote. */
  readonly generated?: boolean
}

/** A bare term: true unless false or undefined. */
export interface TermExpr extends ExprCommon {
  readonly kind: 'term'
  readonly term: Term
}
/** A call in expression position: `f(x)`, `x == y`, `x := y`. */
export interface CallExpr extends ExprCommon {
  readonly kind: 'call'
  readonly operator: VarTerm | RefTerm
  readonly args: readonly Term[]
  readonly infix?: string
}
/** `some x, y`. */
export interface SomeExpr extends ExprCommon {
  readonly kind: 'some'
  readonly names: readonly VarTerm[]
}
/** `some x in xs`, `some k, v in xs`: key and value are patterns whose variables are declared. */
export interface SomeInExpr extends ExprCommon {
  readonly kind: 'some_in'
  readonly key?: Term
  readonly value: Term
  readonly domain: Term
}
/** `every k, v in xs { ... }`. */
export interface EveryExpr extends ExprCommon {
  readonly kind: 'every'
  readonly key?: VarTerm
  readonly value: VarTerm
  readonly domain: Term
  readonly body: Body
}
/** `not { ... }`, and every negation under `import future.keywords.not`. */
export interface NotBodyExpr extends ExprCommon {
  readonly kind: 'not_body'
  readonly body: Body
  /** True when braces were written around the body. */
  readonly braces?: boolean
}
/** `a and b`, `a or b` (experimental). */
export interface LogicExpr extends ExprCommon {
  readonly kind: 'and' | 'or'
  readonly left: Body
  readonly right: Body
  /** The braces around the sides, where they were written. */
  readonly leftBraces?: Location
  readonly rightBraces?: Location
}

/** One literal of a body. */
export type Expr = TermExpr | CallExpr | SomeExpr | SomeInExpr | EveryExpr | NotBodyExpr | LogicExpr

/** The head of a rule. `ref` is the name: one var, or a reference whose later parts may be any terms. */
export interface Head {
  readonly ref: VarTerm | RefTerm
  /** Present for functions, even without arguments. */
  readonly args?: readonly Term[]
  /** Present for `contains` and for partial sets of v0: the element. */
  readonly key?: Term
  /** The value; absent for partial sets, `true` written or implied otherwise. */
  readonly value?: Term
  /** True when the value was given with `:=`. */
  readonly assign: boolean
  readonly location: Location
}

/** A rule. `else` rules share the name and arguments of the first. */
export interface Rule {
  readonly kind: 'rule'
  readonly default: boolean
  readonly head: Head
  readonly body: Body
  /** True when the body was not written and stands for `true`. */
  readonly generatedBody: boolean
  readonly else?: Rule
  /** True for the second and later bodies of `p { ... } { ... }`. */
  readonly chained: boolean
  /** Whether `if` and `contains` were written. */
  readonly written: { readonly if: boolean; readonly contains: boolean; readonly value: boolean }
  readonly annotations: readonly Annotations[]
  readonly location: Location
}

/** `import data.x as y`. */
export interface Import {
  readonly path: VarTerm | RefTerm
  readonly alias?: string
  readonly location: Location
}

/** A comment, without its `#`. */
export interface Comment {
  readonly text: string
  readonly location: Location
}

/** The scope that a metadata block speaks for. */
export type AnnotationScope = 'rule' | 'document' | 'package' | 'subpackages'

/** A `# METADATA` block. */
export interface Annotations {
  readonly scope: AnnotationScope
  readonly title?: string
  readonly description?: string
  readonly entrypoint: boolean
  readonly schemas: readonly { readonly path: string; readonly schema?: string; readonly definition?: unknown }[]
  /** The block as parsed, all fields. */
  readonly fields: { readonly [name: string]: unknown }
  readonly location: Location
}

/** A parsed module. */
export interface Module {
  readonly file: string
  readonly source: string
  readonly regoVersion: 0 | 1
  /** Path below `data`. */
  readonly package: { readonly path: readonly string[]; readonly location: Location }
  readonly imports: readonly Import[]
  readonly rules: readonly Rule[]
  readonly comments: readonly Comment[]
  readonly annotations: readonly Annotations[]
}

/** A place for nodes that no author wrote. */
export const nowhere: Location = { file: '', row: 0, col: 0, offset: 0, end: 0 }

/** Makes a variable. */
export function varTerm(name: string, location: Location): VarTerm {
  return { kind: 'var', name, location }
}
/** Makes a string. */
export function stringTerm(value: string, location: Location): StringTerm {
  return { kind: 'string', value, location }
}
/** Makes a boolean. */
export function booleanTerm(value: boolean, location: Location): BooleanTerm {
  return { kind: 'boolean', value, location }
}
/** Makes a number. */
export function numberTerm(text: string, location: Location): NumberTerm {
  return { kind: 'number', text, location }
}
/** Makes a reference; without steps it is its head. */
export function refTerm(head: Term, path: readonly Term[], location: Location): Term {
  return path.length === 0 ? head : { kind: 'ref', head, path, location }
}
/** What most expressions have for modifiers: one list for all of them, since trees live long. */
export const noWiths: readonly With[] = []

/** A list without the room that it was given to grow into. */
export function compact<Item>(items: readonly Item[]): readonly Item[] {
  return items.slice()
}

/** Makes a call expression of a built-in by its dotted name. */
export function callExpr(operator: string, args: readonly Term[], location: Location): CallExpr {
  return { kind: 'call', operator: operatorTerm(operator, location), args, negated: false, with: noWiths, location }
}
/** Makes a call term of a built-in by its dotted name. */
export function callTerm(operator: string, args: readonly Term[], location: Location): CallTerm {
  return { kind: 'call', operator: operatorTerm(operator, location), args, location }
}
/** Makes a term expression. */
export function termExpr(term: Term, location: Location): TermExpr {
  return { kind: 'term', term, negated: false, with: noWiths, location }
}

/** The dotted name of an operator, such as `json.unmarshal`; undefined when it is no plain name. */
export function operatorName(operator: VarTerm | RefTerm): string | undefined {
  if (operator.kind === 'var') return operator.name
  if (operator.head.kind !== 'var') return undefined
  let name = operator.head.name
  for (const step of operator.path) {
    if (step.kind !== 'string') return undefined
    name += `.${step.value}`
  }
  return name
}

function operatorTerm(name: string, location: Location): VarTerm | RefTerm {
  const [head = '', ...path] = name.split('.')
  if (path.length === 0) return varTerm(head, location)
  return { kind: 'ref', head: varTerm(head, location), path: path.map((part) => stringTerm(part, location)), location }
}

/** True for variables that stand for `_`. */
export function isWildcard(term: Term): boolean {
  return term.kind === 'var' && term.name.startsWith('$')
}
