// The type checker for rules, in the order of their dependencies: each gives what it defines a type for those behind it.
import type { Rule, Term } from '../syntax/index.ts'
import { stringTerm, varTerm } from '../syntax/index.ts'
import { objectType } from './algebra.ts'
import { type BodyContext, checkBody } from './bodies.ts'
import { isOpen, type Path, type TypeEnvironment } from './environment.ts'
import type { TypeFault } from './faults.ts'
import { typeOf } from './inference.ts'
import { anyType, type Type, type Unknown } from './type.ts'

/** A rule where its package says. */
export interface PlacedRule {
  readonly rule: Rule
  readonly package: readonly string[]
  /** Its path below `data`, up to what is open in it. */
  readonly path: readonly string[]
}

/** What is known about a part of the input or of data while a rule is checked, from the schemas of its annotations. */
export type Overrides = (placed: PlacedRule, env: TypeEnvironment) => readonly TypeFault[]

/** Checks rules and gives them types in the environment. */
export function checkRules(
  rules: Iterable<PlacedRule>,
  env: TypeEnvironment,
  context: BodyContext,
  overrides?: Overrides,
): readonly TypeFault[] {
  const faults: TypeFault[] = []
  for (const placed of rules) {
    faults.push(...checkRule(placed, env, context, overrides))
  }
  return faults
}

function checkRule(
  placed: PlacedRule,
  env: TypeEnvironment,
  context: BodyContext,
  overrides: Overrides | undefined,
): readonly TypeFault[] {
  const within = env.within()
  const schemaFaults = overrides?.(placed, within) ?? []
  const { env: inner, faults } = checkBody(placed.rule.body, within, context)
  const path = pathOfRule(placed)
  if (faults.length > 0) {
    // What uses the rule must not be blamed for the rule's mistakes.
    env.put(path, anyType)
    return [...schemaFaults, ...faults]
  }
  const constants = path.findIndex((step, index) => index > 0 && isOpen(step))
  const name = constants < 0 ? path : path.slice(0, constants)
  const type = typeOfRule(placed.rule, constants < 0 ? [] : path.slice(constants), inner, context)
  if (type !== undefined) env.insert(name, type, (term) => typeOf(term, env))
  return schemaFaults
}

/** The full path of a rule, `data` first. */
export function pathOfRule({ rule, package: parts }: PlacedRule): Path {
  const { ref, location } = rule.head
  const name: Path = ref.kind === 'var' ? [ref] : [ref.head, ...ref.path]
  const [first, ...rest] = name
  const head = first?.kind === 'var' ? [stringTerm(first.name, first.location)] : []
  return [varTerm('data', location), ...parts.map((part) => stringTerm(part, location)), ...head, ...rest]
}

function typeOfRule(rule: Rule, open: Path, env: TypeEnvironment, context: BodyContext): Type | undefined {
  const { args, key, value } = rule.head
  if (args !== undefined && args.length > 0) {
    for (const arg of args) nameUntyped(arg, env)
    return {
      kind: 'function',
      args: args.map((arg) => typeOf(arg, env)),
      result: value === undefined ? undefined : typeOfHead(value, env, context),
      variadic: undefined,
    }
  }
  if (key !== undefined && value === undefined) {
    const of = typeOfHead(key, env, context)
    return of === undefined ? undefined : nest(open, { kind: 'set', of }, env)
  }
  const type = value === undefined ? undefined : typeOfHead(value, env, context)
  return type === undefined ? undefined : nest(open, type, env)
}

/** Heads of defaults hold comprehensions; others had them moved into their bodies. */
function typeOfHead(term: Term, env: TypeEnvironment, context: BodyContext): Unknown {
  if (term.kind !== 'comprehension') return typeOf(term, env)
  const inner = checkBody(term.body, env, context)
  env.setClosure(term, inner.faults.length === 0 ? inner.env : undefined)
  return typeOf(term, env)
}

/** An object for every open step of a rule's name. */
function nest(open: Path, type: Type, env: TypeEnvironment): Type | undefined {
  return open.reduceRight<Type | undefined>((value, step) => {
    const key = typeOf(step, env)
    return value === undefined || key === undefined ? undefined : objectType([], { key, value })
  }, type)
}

/** Arguments that the body says nothing about may be anything. */
function nameUntyped(arg: Term, env: TypeEnvironment): void {
  switch (arg.kind) {
    case 'var':
      if (env.variable(arg.name) === undefined) env.setVariable(arg, anyType)
      return
    case 'array':
    case 'set':
      for (const item of arg.items) nameUntyped(item, env)
      return
    case 'object':
      for (const [key, value] of arg.entries) {
        nameUntyped(key, env)
        nameUntyped(value, env)
      }
      return
    default:
  }
}
