// The type checker for bodies: expressions one after the other, each adding what it says about its variables.

import {
  type Body,
  type ComprehensionTerm,
  type Expr,
  type Location,
  operatorName,
  type RefTerm,
  type Term,
  type VarTerm,
} from '../syntax/index.ts'
import { type Visitor, visitExpr, visitTerm } from '../syntax/walk.ts'
import { either, isUnknown } from './algebra.ts'
import { argumentNamesOf } from './argument-names.ts'
import { typeOfBuiltin, typeOfDeclaration } from './builtin-types.ts'
import type { Declaration } from './declarations.ts'
import { type Path, pathOf, TypeEnvironment } from './environment.ts'
import { type Shown, type TypeFault, termsText } from './faults.ts'
import { expect, typeOf, unify } from './inference.ts'
import { checkReference, usedAsReference } from './references.ts'
import { anyType, argumentsText, type FunctionType, isEverything, typeText, type Unknown } from './type.ts'
import { unifies } from './unifies.ts'

/** What the checker asks of its surroundings. */
export interface BodyContext {
  /** The name that an author gave to a variable. */
  readonly shown: Shown
  /** Of the rules that references come to, those whose values change when what stands at a path is replaced. */
  readonly dependents?: (replaced: Path, read: readonly Path[]) => readonly Path[]
  /** The built-in of a name, where a target declares its own. */
  readonly declared?: (name: string) => Declaration | undefined
}

/** Checks a body within an environment. The answer knows the types of the body's variables. */
export function checkBody(
  body: Body,
  outer: TypeEnvironment,
  context: BodyContext,
): { readonly env: TypeEnvironment; readonly faults: readonly TypeFault[] } {
  const env = outer.within()
  const faults: TypeFault[] = []
  for (const expr of body) faults.push(...checkExpr(expr, env, context))
  return { env, faults }
}

function checkExpr(expr: Expr, env: TypeEnvironment, context: BodyContext): readonly TypeFault[] {
  const named = checkNamed(expr, env, context)
  const replaced = replacements(expr, env, context)
  if (replaced === undefined) return [...checkUnreplaced(expr, env, context), ...named]
  const fault = checkReplacements(expr, env, context)
  // Names of variables stay where they are; what they read is found among the replacements first.
  const around = env.outer
  env.outer = replaced
  try {
    const faults = checkUnreplaced({ ...expr, with: [] }, env, context)
    return fault === undefined ? [...faults, ...named] : [...faults, ...named, fault]
  } finally {
    env.outer = around
  }
}

/**
 * What stands in the `with` of an expression of bodies is checked as what its bodies refer to: functions, which are not to
 * be referred to, are replaced around calls only.
 */
function checkNamed(expr: Expr, env: TypeEnvironment, context: BodyContext): readonly TypeFault[] {
  if (expr.kind !== 'every' && expr.kind !== 'and' && expr.kind !== 'or') return []
  const faults: TypeFault[] = []
  const references = new References((ref) => {
    const fault = checkReference(ref, env, context.shown)
    if (fault !== undefined) faults.push(fault)
    return fault !== undefined
  })
  for (const { target, value, mock } of expr.with) {
    for (const [term, isFunction] of [
      [target, mock !== undefined],
      [value, mock === 'function'],
    ] as const) {
      if (isFunction && isName(term)) faults.push(usedAsReference(nameOf(term, context), term.location))
      else visitTerm(term, references)
    }
  }
  return faults
}

/** The types of replaced documents, and of the rules that depend on them; undefined where an expression replaces none. */
function replacements(expr: Expr, env: TypeEnvironment, context: BodyContext): TypeEnvironment | undefined {
  let found: TypeEnvironment | undefined
  let read: readonly Path[] | undefined
  for (const { target, value, mock } of expr.with) {
    if (target.kind !== 'ref' || target.head.kind !== 'var' || target.head.name !== 'data') continue
    if (!target.path.every((step) => step.kind === 'string')) continue
    const path = pathOf(target)
    const replaced = new TypeEnvironment(found ?? env.outer)
    // A base document can be anything as it is: a type below it would make an object of what is around it.
    const there = env.at(path)
    if (mock === undefined && !isEverything(there)) replaced.put(path, either(there, typeOf(value, env)) ?? anyType)
    read ??= readIn(expr)
    found = new TypeEnvironment(replaced)
    for (const dependent of context.dependents?.(path, read) ?? []) found.put(dependent, anyType)
  }
  return found
}

/** The references below `data` of an expression, but for those that it replaces. */
function readIn(expr: Expr): readonly Path[] {
  const read = new ReadsOfData()
  visitExpr({ ...expr, with: [] }, read)
  return read.paths
}

class ReadsOfData implements Visitor {
  readonly paths: Path[] = []

  term(term: Term): boolean {
    if (term.kind === 'ref' && term.head.kind === 'var' && term.head.name === 'data') {
      this.paths.push(pathOf(term))
      for (const step of term.path) visitTerm(step, this)
      return true
    }
    if (term.kind === 'var' && term.name === 'data') this.paths.push([term])
    else if (term.kind === 'call' && term.operator.kind === 'ref') visitTerm(term.operator, this)
    return false
  }

  expr(expr: Expr): boolean {
    if (expr.kind === 'call' && expr.operator.kind === 'ref') visitTerm(expr.operator, this)
    return false
  }
}

function checkUnreplaced(expr: Expr, env: TypeEnvironment, context: BodyContext): readonly TypeFault[] {
  const walker = new ExprWalker(env, context)
  walker.expr(expr)
  const faults: TypeFault[] = [...walker.closureFaults, ...walker.referenceFaults]
  const fault = checkReplacements(expr, env, context) ?? checkCall(expr, env, context)
  // What follows from a mistake that is already known is not told again.
  if (fault !== undefined && !(faults.length > 0 && fault.unknown)) faults.push(fault)
  return faults
}

/** Finds the comprehensions of an expression and checks them, then its references. */
class ExprWalker {
  readonly referenceFaults: TypeFault[] = []
  closureFaults: readonly TypeFault[] = []
  readonly #env: TypeEnvironment
  readonly #context: BodyContext

  constructor(env: TypeEnvironment, context: BodyContext) {
    this.#env = env
    this.#context = context
  }

  expr(expr: Expr): void {
    const bare = expr.with.length === 0 ? expr : { ...expr, with: [] }
    visitExpr(bare, new Comprehensions((term) => this.#closure(term)))
    visitExpr(bare, new References((ref) => this.#reference(ref)))
  }

  /** Whether a reference is at fault. */
  #reference(ref: RefTerm): boolean {
    const fault = checkReference(ref, this.#env, this.#context.shown)
    if (fault !== undefined) this.referenceFaults.push(fault)
    return fault !== undefined
  }

  #closure(term: ComprehensionTerm): void {
    const { env, faults } = checkBody(term.body, this.#env, this.#context)
    this.#env.setClosure(term, faults.length === 0 ? env : undefined)
    if (faults.length > 0) {
      this.closureFaults = faults
      return
    }
    // Comprehensions that stand in the head of one are checked within it.
    const inner = new ExprWalker(env, this.#context)
    for (const part of term.key === undefined ? [term.value] : [term.key, term.value])
      visitTerm(part, new Comprehensions((one) => inner.#closure(one)))
    if (inner.closureFaults.length > 0) this.closureFaults = inner.closureFaults
  }
}

/** Finds the outermost comprehensions. */
class Comprehensions implements Visitor {
  readonly #found: (term: ComprehensionTerm) => void

  constructor(found: (term: ComprehensionTerm) => void) {
    this.#found = found
  }

  term(term: Term): boolean {
    if (term.kind !== 'comprehension') return false
    this.#found(term)
    return true
  }
}

/** Finds the references outside of comprehensions; what stands in one at fault is passed over. */
class References implements Visitor {
  readonly #isAtFault: (ref: RefTerm) => boolean

  constructor(isAtFault: (ref: RefTerm) => boolean) {
    this.#isAtFault = isAtFault
  }

  term(term: Term): boolean {
    if (term.kind === 'comprehension') return true
    return term.kind === 'ref' && this.#isAtFault(term)
  }
}

/** `with f as g`: the two must take the same arguments. */
function checkReplacements(expr: Expr, env: TypeEnvironment, context: BodyContext): TypeFault | undefined {
  for (const { target, value, mock, location } of expr.with) {
    if (mock !== 'function' || !isName(target) || !isName(value)) continue
    const wanted = functionType(target, env, context)
    const had = functionType(value, env, context)
    if (wanted?.kind !== 'function' || had?.kind !== 'function' || unifies(wanted, had)) continue
    return argumentFault({ location }, target, 'arity mismatch', had.args, wanted, context)
  }
  return undefined
}

function isName(term: Term): term is VarTerm | RefTerm {
  return term.kind === 'var' || term.kind === 'ref'
}

function functionType(operator: VarTerm | RefTerm, env: TypeEnvironment, context: BodyContext): Unknown {
  if (operator.kind === 'ref' && operator.head.kind === 'var' && operator.head.name === 'data')
    return env.at(pathOf(operator))
  const name = operatorName(operator)
  if (name === undefined) return undefined
  const declared = context.declared?.(name)
  return declared === undefined ? typeOfBuiltin(name) : typeOfDeclaration(declared)
}

function checkCall(expr: Expr, env: TypeEnvironment, context: BodyContext): TypeFault | undefined {
  if (expr.kind !== 'call') return undefined
  const type = functionType(expr.operator, env, context)
  if (isEverything(type)) return undefined
  if (type?.kind !== 'function')
    return {
      message: `undefined function ${nameOf(expr.operator, context)}`,
      location: expr.location,
      details: [],
      unknown: false,
    }
  const [a, b] = expr.args
  if (operatorName(expr.operator) === 'eq' && expr.args.length === 2 && a !== undefined && b !== undefined)
    return checkEqual(expr, a, b, env)
  return checkArguments(expr, type, env, context)
}

function checkEqual(expr: Expr, a: Term, b: Term, env: TypeEnvironment): TypeFault | undefined {
  const left = typeOf(a, env)
  const right = typeOf(b, env)
  if (unify(a, b, env)) return undefined
  return {
    message: 'match error',
    location: expr.location,
    details: [`left  : ${typeText(left)}`, `right : ${typeText(right)}`],
    unknown: isUnknown(left) || isUnknown(right),
  }
}

function checkArguments(
  expr: Extract<Expr, { kind: 'call' }>,
  type: FunctionType,
  env: TypeEnvironment,
  context: BodyContext,
): TypeFault | undefined {
  const { operator, args } = expr
  const wanted = type.result === undefined ? type.args : [...type.args, type.result]
  const before = args.map((arg) => typeOf(arg, env))
  if (args.length > wanted.length && type.variadic === undefined)
    return argumentFault(expr, operator, 'too many arguments', before, type, context)
  if (args.length < type.args.length) return argumentFault(expr, operator, 'too few arguments', before, type, context)
  for (const [index, arg] of args.entries()) {
    const want = wanted[index] ?? type.variadic
    const had = before[index]
    if (!isUnknown(had) && !unifies(had, want))
      return argumentFault(expr, operator, 'invalid argument(s)', before, type, context)
    if (!expect(arg, want, env)) {
      const after = args.map((one) => typeOf(one, env))
      return argumentFault(expr, operator, 'invalid argument(s)', after, type, context)
    }
  }
  return undefined
}

function argumentFault(
  { location }: { readonly location: Location },
  operator: VarTerm | RefTerm,
  what: string,
  have: readonly Unknown[],
  type: FunctionType,
  context: BodyContext,
): TypeFault {
  const want = type.result === undefined ? type.args : [...type.args, type.result]
  const names = argumentNamesOf(operatorName(operator) ?? '')
  // The result's name stands behind the arguments that there are.
  const shown = names === undefined ? [] : [...type.args.map((_, i) => names.args[i] ?? ''), names.result]
  return {
    message: `${nameOf(operator, context)}: ${what}`,
    location,
    details: [`have: ${argumentsText(have, undefined)}`, `want: ${argumentsText(want, type.variadic, shown)}`],
    unknown: have.some((one) => isUnknown(one)),
  }
}

function nameOf(operator: VarTerm | RefTerm, context: BodyContext): string {
  return (
    operatorName(operator) ?? (operator.kind === 'ref' ? termsText(pathOf(operator), context.shown) : operator.name)
  )
}

/** What was had and what was wanted, for a call with the wrong number of arguments. */
export function arityDetails(declaration: Declaration, args: readonly Term[]): readonly string[] {
  const { args: wanted, variadic } = typeOfDeclaration(declaration)
  const env = new TypeEnvironment()
  const have = args.map((arg) => typeOf(arg, env))
  const names = argumentNamesOf(declaration.name)?.args
  return [`have: ${argumentsText(have, undefined)}`, `want: ${argumentsText(wanted, variadic, names)}`]
}
