// References against the types of what they go through: every step must be a key that can be there.
import { type Location, type RefTerm, type Term, termString } from '../syntax/index.ts'
import { compare, isObject, type Value, writeRego } from '../value/index.ts'
import { keysOf, select, valuesOf } from './algebra.ts'
import { extentOf, isRoot, type Path, pathOf, type TypeEnvironment, type TypeNode } from './environment.ts'
import { type Shown, type TypeFault, termsText } from './faults.ts'
import { expect, typeOf } from './inference.ts'
import { constantOf, termKey } from './terms.ts'
import { anyType, stringType, type Type, typeText, type Unknown, unwrapped } from './type.ts'
import { unifies } from './unifies.ts'

/** Checks one reference; variables that stand as steps get the types of the keys. */
export function checkReference(ref: RefTerm, env: TypeEnvironment, shown: Shown): TypeFault | undefined {
  const path = pathOf(ref)
  const whole = env.at(path)
  if (whole?.kind === 'function') return unsupported(ref.location, path, path.length - 1, whole, shown)
  return new ReferenceChecker(ref.location, path, env, shown).run()
}

class ReferenceChecker {
  readonly #location: Location
  readonly #path: Path
  readonly #env: TypeEnvironment
  readonly #shown: Shown

  constructor(location: Location, path: Path, env: TypeEnvironment, shown: Shown) {
    this.#location = location
    this.#path = path
    this.#env = env
    this.#shown = shown
  }

  run(): TypeFault | undefined {
    return this.#node(this.#env, this.#env.tree, 0)
  }

  /** Follows the steps through the tree of names. */
  #node(env: TypeEnvironment, node: TypeNode, index: number): TypeFault | undefined {
    const step = this.#path[index]
    if (step === undefined) return undefined
    // Packages and rules have names: what follows `data` cannot be a number.
    if ((index === 1 || index === 2) && step.kind !== 'var' && step.kind !== 'string')
      return this.#invalid(index, typeOf(step, this.#env), stringType, namesBelow(node))
    if (step.kind === 'var' && index !== 0) {
      const keys = keysOf(extentOf(node))
      const known = typeOf(step, this.#env)
      if (known === undefined) this.#env.setVariable(step, keys)
      else if (!unifies(keys, known)) return this.#invalid(index, known, keys, namesBelow(node))
    }
    const child = node.children.get(termKey(step))
    if (child === undefined) return this.#outside(env)
    return child.type === undefined ? this.#node(env, child, index + 1) : this.#below(child.type, index + 1)
  }

  #outside(env: TypeEnvironment): TypeFault | undefined {
    if (env.outer !== undefined) return this.#node(env.outer, env.outer.tree, 0)
    // Nothing is known of base documents.
    return this.#below(anyType, isRoot(this.#path[0]) ? 1 : 0)
  }

  /** Follows the steps through a type. */
  #below(type: Unknown, index: number): TypeFault | undefined {
    const step = this.#path[index]
    if (step === undefined) return undefined
    const keys = keysOf(type)
    if (keys === undefined) return unsupported(this.#location, this.#path, index - 1, type, this.#shown)
    switch (step.kind) {
      case 'var': {
        const known = typeOf(step, this.#env)
        if (known === undefined) this.#env.setVariable(step, keys)
        else if (!unifies(known, keys)) return this.#invalid(index, known, keys, keyNames(type))
        break
      }
      case 'ref': {
        const known = typeOf(step, this.#env)
        if (known !== undefined && !unifies(known, keys)) return this.#invalid(index, known, keys, keyNames(type))
        break
      }
      case 'array':
      case 'object':
      case 'set':
        if (!expect(step, keys, this.#env)) return this.#invalid(index, typeOf(step, this.#env), keys, noNames)
        break
      default: {
        const key = constantOf(step)
        const child = key === undefined ? undefined : select(type, key)
        if (child === undefined) return this.#invalid(index, undefined, keys, keyNames(type))
        return this.#below(child, index + 1)
      }
    }
    return this.#below(valuesOf(type), index + 1)
  }

  #invalid(at: number, have: Unknown, want: Unknown, oneOf: KnownNames): TypeFault {
    const text = termsText(this.#path, this.#shown)
    const pad = ' '.repeat([...termsText(this.#path.slice(0, at), this.#shown)].length + 1)
    const step = this.#path[at]
    const had =
      have === undefined
        ? `have: ${step === undefined ? '' : termString(step, this.#shown)}`
        : `have (type): ${typeText(have)}`
    const wanted = oneOf.names.length > 0 ? `want (one of): [${oneOf.text}]` : `want (type): ${typeText(want)}`
    return {
      message: `undefined ref: ${text}`,
      location: this.#location,
      details: [text, `${pad}^`, `${pad}${had}`, `${pad}${wanted}`],
      unknown: false,
      known: oneOf.names,
      ...(step?.kind === 'string' ? { wrong: step.value } : {}),
    }
  }
}

function unsupported(location: Location, path: Path, at: number, have: Unknown, shown: Shown): TypeFault {
  const text = termsText(path, shown)
  const last = path.at(-1)
  const open = last?.kind === 'var' && shown(last.name) !== last.name
  const called = open ? termsText(path.slice(0, -1), shown) : text
  return {
    ...(have?.kind === 'function'
      ? usedAsReference(called, location)
      : { message: `undefined ref: ${text}`, location, unknown: false }),
    details: [text, '^'.repeat([...termsText(path.slice(0, at + 1), shown)].length), `have: ${typeText(have)}`],
  }
}

/** A function that stands where a value does. */
export function usedAsReference(name: string, location: Location): TypeFault {
  return { message: `function ${name} used as reference, not called`, location, details: [], unknown: false }
}

function namesBelow(node: TypeNode): KnownNames {
  const terms: Term[] = [...node.children.values()].flatMap(({ term }) => (term === undefined ? [] : [term]))
  return knownNames(terms.map((term) => termString(term)).sort())
}

/** The names of the keys of types: a policy that takes one object for another does so in many places. */
const namesFound = new WeakMap<Type, KnownNames>()

/** The known keys of objects, as they are written, in order. */
function keyNames(type: Unknown): KnownNames {
  const there = type === undefined ? noNames : namesFound.get(type)
  if (there !== undefined || type === undefined) return there ?? noNames
  const keys: Value[] = []
  const collect = (one: Unknown): void => {
    const of = unwrapped(one)
    if (of?.kind === 'object') for (const { key } of of.static) if (!isObject(key)) keys.push(key)
    if (of?.kind === 'any') for (const member of of.of) collect(member)
  }
  collect(type)
  keys.sort(compare)
  const found = knownNames([...new Set(keys.map(writeRego))])
  namesFound.set(type, found)
  return found
}

/** Names that could stand somewhere, one by one and as messages have them. */
interface KnownNames {
  readonly names: readonly string[]
  readonly text: string
}

const noNames: KnownNames = { names: [], text: '' }

function knownNames(names: readonly string[]): KnownNames {
  return { names, text: names.join(' ') }
}
