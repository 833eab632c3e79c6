// Where types are found: a tree of names for rules, functions and variables, and the trees around it.
import type { RefTerm, Term } from '../syntax/index.ts'
import { either, objectType, select, valuesOf } from './algebra.ts'
import { constantOf, termKey } from './terms.ts'
import { anyType, type ObjectType, type Property, stringType, type Type, type Unknown, unwrapped } from './type.ts'

/** A name in the tree. */
export interface TypeNode {
  readonly term: Term | undefined
  children: Map<string, TypeNode>
  type: Unknown
  /** What all that stands below it gives, until something there gets another type. */
  extent: Type | undefined
}

/** What most nodes have below them. */
const noChildren: Map<string, TypeNode> = new Map()

/** A reference as its head and steps in one list. */
export type Path = readonly Term[]

/** The terms of a reference, its head first. */
export function pathOf(ref: RefTerm): Path {
  return [ref.head, ...ref.path]
}

/** True for `input` and `data`. */
export function isRoot(term: Term | undefined): boolean {
  return term?.kind === 'var' && (term.name === 'input' || term.name === 'data')
}

/** True for what must be looked up by value: variables, references and collections. */
export function isOpen(term: Term): boolean {
  return term.kind !== 'null' && term.kind !== 'boolean' && term.kind !== 'number' && term.kind !== 'string'
}

function newNode(term: Term | undefined): TypeNode {
  return { term, children: noChildren, type: undefined, extent: undefined }
}

/** Types by name, within those of an outer environment. */
export class TypeEnvironment {
  readonly tree: TypeNode
  /** What is found around this one; documents that an expression replaces come between for as long as it is checked. */
  outer: TypeEnvironment | undefined
  /** The environments of comprehensions that were checked within this one; undefined where there was a mistake. */
  #closures: Map<Term, TypeEnvironment | undefined> | undefined

  constructor(outer?: TypeEnvironment, tree: TypeNode = newNode(undefined)) {
    this.tree = tree
    this.outer = outer
  }

  /** An environment within this one. */
  within(): TypeEnvironment {
    return new TypeEnvironment(this)
  }

  /** The environment of a comprehension that was checked here or around here. */
  closure(term: Term): TypeEnvironment | undefined {
    for (let env: TypeEnvironment | undefined = this; env !== undefined; env = env.outer)
      if (env.#closures?.has(term) === true) return env.#closures.get(term)
    return undefined
  }

  /** Keeps the environment of a comprehension that was checked here. */
  setClosure(term: Term, env: TypeEnvironment | undefined): void {
    this.#closures ??= new Map()
    this.#closures.set(term, env)
  }

  /** The type of a variable. */
  variable(name: string): Unknown {
    const key = `v${name}`
    for (let env: TypeEnvironment | undefined = this; env !== undefined; env = env.outer) {
      const node = env.tree.children.get(key)
      if (node !== undefined) return node.type
    }
    return undefined
  }

  /** Gives a variable its type. */
  setVariable(term: Term, type: Unknown): void {
    childOf(this.tree, term).type = type
  }

  /** Gives what stands at a path its type. */
  put(path: Path, type: Unknown): void {
    let node = this.tree
    for (const term of path) {
      node = childOf(node, term)
      node.extent = undefined
    }
    node.type = type
  }

  /** The type of what stands at a path. */
  at(path: Path): Unknown {
    const [head] = path
    if (head === undefined) return undefined
    const node = this.tree.children.size === 0 ? undefined : this.tree.children.get(termKey(head))
    return node === undefined ? this.#outside(path) : this.#below(node, path, 1)
  }

  #outside(path: Path): Unknown {
    if (this.outer !== undefined) return this.outer.at(path)
    return isRoot(path[0]) ? anyType : undefined
  }

  #below(node: TypeNode, path: Path, index: number): Unknown {
    const step = path[index]
    if (step === undefined) return extentOf(node)
    const child = node.children.get(termKey(step))
    if (node.type !== undefined)
      return child === undefined ? selectPath(node.type, path, index) : this.#below(child, path, index + 1)
    if (isOpen(step)) return selectPath(extentOf(node), path, index)
    return child === undefined ? this.#outside(path) : this.#below(child, path, index + 1)
  }

  /** Adds what a rule at a path gives to what stands there, and to the objects above and below it. */
  insert(path: Path, type: Type, keyType: (term: Term) => Unknown): void {
    let node = this.tree
    for (const [index, term] of path.entries()) {
      node = childOf(node, term)
      node.extent = undefined
      const held = unwrapped(node.type)
      if (index + 1 < path.length && held?.kind === 'object')
        node.type = insertInto(held, path.slice(index + 1), type, keyType)
    }
    node.type = merge(node.type, type)
    const whole = unwrapped(node.type)
    if (unwrapped(type)?.kind !== 'object' || node.children.size === 0 || whole?.kind !== 'object') return
    let object: ObjectType = whole
    for (const [leaf, held] of leavesOf(node, [])) object = insertInto(object, leaf, held, keyType)
    node.type = object
  }
}

function childOf(node: TypeNode, term: Term): TypeNode {
  const key = termKey(term)
  let child = node.children.get(key)
  if (child === undefined) {
    child = newNode(term)
    if (node.children === noChildren) node.children = new Map()
    node.children.set(key, child)
  }
  return child
}

/** What a whole name gives: its own type, or an object of what stands below it. */
export function extentOf(node: TypeNode): Unknown {
  if (node.type !== undefined) return node.type
  node.extent ??= extentBelow(node)
  return node.extent
}

function extentBelow(node: TypeNode): Type {
  const known: Property[] = []
  for (const child of node.children.values()) {
    const { term } = child
    if (term === undefined || (term.kind !== 'string' && term.kind !== 'number' && term.kind !== 'boolean')) continue
    const key = constantOf(term)
    if (key !== undefined) known.push({ key, value: extentOf(child) })
  }
  // Base documents may stand beside rules.
  return objectType(known, { key: stringType, value: anyType })
}

function leavesOf(node: TypeNode, above: Path): readonly (readonly [Path, Type])[] {
  return [...node.children.values()].flatMap((child) => {
    if (child.term === undefined) return []
    const path = [...above, child.term]
    return child.type === undefined ? leavesOf(child, path) : [[path, child.type] as const]
  })
}

function insertInto(object: ObjectType, path: Path, type: Type, keyType: (term: Term) => Unknown): ObjectType {
  const [step, ...rest] = path
  if (step === undefined) return object
  const value = rest.length === 0 ? type : insertInto(objectType([], undefined), rest, type, keyType)
  return objectType(object.static, {
    key: either(object.dynamic?.key, keyType(step)),
    value: either(object.dynamic?.value, value),
  })
}

/** What several rules of one name give together. */
function merge(left: Unknown, right: Unknown): Unknown {
  if (left === undefined) return right
  if (right === undefined) return left
  const a = unwrapped(left)
  const b = unwrapped(right)
  if (a?.kind === 'object' && a.static.length === 0) {
    if (b?.kind === 'object' && b.static.length === 0) return mergeDynamic(a, b)
    if (b?.kind === 'any') {
      const at = b.of.findIndex((one) => one.kind === 'object' && one.static.length === 0)
      const same = b.of[at]
      if (same?.kind === 'object') {
        const wider = objectType([], {
          key: either(same.dynamic?.key, a.dynamic?.key),
          value: either(same.dynamic?.value, a.dynamic?.value),
        })
        return { kind: 'any', of: b.of.toSpliced(at, 1, wider) }
      }
    }
  }
  if (a?.kind === 'set' && b?.kind === 'set') return { kind: 'set', of: either(a.of, b.of) }
  if (a?.kind === 'any' && b?.kind !== 'any') {
    // The union first: what it holds may be merged with the other.
    return b?.kind === 'object' && b.static.length === 0 ? merge(b, a) : either(b, a)
  }
  return either(a, b)
}

function mergeDynamic(a: ObjectType, b: ObjectType): ObjectType {
  return objectType([], {
    key: either(a.dynamic?.key, b.dynamic?.key),
    value: merge(a.dynamic?.value, b.dynamic?.value),
  })
}

/** The type below the steps of a path from an index on; open steps may be any key. */
export function selectPath(type: Unknown, path: Path, from = 0): Unknown {
  let at = type
  for (let index = from; index < path.length && at !== undefined; index++) {
    const step = path[index]
    if (step !== undefined) at = below(at, step)
  }
  return at
}

function below(type: Type, step: Term): Unknown {
  if (isOpen(step)) return valuesOf(type)
  const key = constantOf(step)
  return key === undefined ? undefined : select(type, key)
}
