// What rules see: the tree without what `with` replaced, and what stands for functions. A function is planned once for
// all frames that are the same to it.
import type { RuleTree, TreeNode } from '../compile/tree.ts'
import { operatorName, type RefTerm, type VarTerm } from '../syntax/index.ts'
import type { Reach, Target } from './reach.ts'

/** What replaces a function under `with`. A rule has its value where the function is called, or none. */
export type Mock =
  | { readonly kind: 'function' | 'rule'; readonly target: VarTerm | RefTerm }
  | { readonly kind: 'value'; readonly carried: string }

/** A function that is replaced, by its name. */
export interface Mocked {
  readonly replaced: Target
  readonly by: Mock
}

/** A step of the paths that are replaced. */
interface Gone {
  readonly steps: Map<string, Gone>
  whole: boolean
}

const empty: TreeNode = { children: new Map(), rules: [] }

/** What rules see. */
export class Frame {
  readonly tree: RuleTree
  /** Paths that are replaced, none below another. */
  readonly removed: readonly (readonly string[])[]
  readonly mocks: ReadonlyMap<string, Mocked>
  #bare: Frame | undefined
  readonly #gone: Gone = { steps: new Map(), whole: false }
  /** The frames that functions are planned in that are called from here. */
  readonly narrowed: Map<TreeNode, PlannedFrame> = new Map()

  constructor(
    tree: RuleTree,
    removed: readonly (readonly string[])[] = [],
    mocks: ReadonlyMap<string, Mocked> = new Map(),
  ) {
    this.tree = tree
    this.mocks = mocks
    for (const path of removed) this.#remove(path)
    this.removed = removed.filter((path) => this.#isOutermost(path))
  }

  /** Whether everything is seen as it is written. */
  get isWhole(): boolean {
    return this.removed.length === 0 && this.mocks.size === 0
  }

  /** What stands at a path, its children those that are written. */
  find(path: readonly string[]): TreeNode | undefined {
    let node: TreeNode | undefined = this.tree.root
    let gone: Gone | undefined = this.#gone
    // All of `data` being replaced leaves the root, with nothing below it.
    if (gone.whole) return path.length === 0 ? empty : undefined
    for (const name of path) {
      node = node?.children.get(name)
      gone = gone?.steps.get(name)
      if (node === undefined || gone?.whole === true) return undefined
    }
    return node
  }

  /** The children of what `find` found that are seen, in their order. */
  children(path: readonly string[], node: TreeNode): readonly (readonly [name: string, child: TreeNode])[] {
    const steps = this.#goneAt(path)?.steps
    const seen = [...node.children].filter(([name]) => steps?.get(name)?.whole !== true)
    return seen.sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Whether what `find` found has children that are seen. */
  hasChildren(path: readonly string[], node: TreeNode): boolean {
    const steps = this.#goneAt(path)?.steps
    if (steps === undefined || steps.size < node.children.size) return node.children.size > 0
    for (const name of node.children.keys()) if (steps.get(name)?.whole !== true) return true
    return false
  }

  /** The part of the frame that makes a difference to the rules at a path. */
  partFor(node: TreeNode, reach: Reach): Frame {
    const reached = new Map<string, Mocked>()
    // What replaces a function reads on its own. A rule that does sees replacements too, a function none.
    const readers = [node]
    const seeing = [node]
    for (const one of seeing) {
      for (const [name, mocked] of this.mocks) {
        if (reached.has(name) || !reach.to(mocked.replaced).has(one)) continue
        reached.set(name, mocked)
        const { by } = mocked
        const reader = by.kind === 'value' ? undefined : this.#ruleOf(by.target)
        if (reader === undefined) continue
        readers.push(reader)
        if (by.kind === 'rule') seeing.push(reader)
      }
    }
    const removed = this.removed.filter((path) => {
      const all = reach.to({ kind: 'data', path })
      return readers.some((one) => all.has(one))
    })
    if (reached.size === this.mocks.size && removed.length === this.removed.length) return this
    return new Frame(this.tree, removed, reached)
  }

  /** The same for the same replacements, whatever the values. */
  key(): string {
    const removed = this.removed.map((path) => JSON.stringify(path)).sort()
    const mocks = [...this.mocks].map(([name, { by }]) =>
      JSON.stringify(by.kind === 'value' ? [name] : [name, by.kind, operatorName(by.target)]),
    )
    return `${removed.join()};${mocks.sort().join()}`
  }

  /** What rules see that replace a function. */
  withoutMocks(): Frame {
    this.#bare ??= this.mocks.size === 0 ? this : new Frame(this.tree, this.removed)
    return this.#bare
  }

  /** The same without what stands for one function. */
  without(name: string): Frame {
    return new Frame(this.tree, this.removed, new Map([...this.mocks].filter(([mocked]) => mocked !== name)))
  }

  #ruleOf(target: VarTerm | RefTerm): TreeNode | undefined {
    if (target.kind !== 'ref' || target.head.kind !== 'var' || target.head.name !== 'data') return undefined
    return this.tree.find(target.path.map((step) => (step.kind === 'string' ? step.value : '')))
  }

  #goneAt(path: readonly string[]): Gone | undefined {
    let gone: Gone | undefined = this.#gone
    for (const name of path) gone = gone?.steps.get(name)
    return gone
  }

  #remove(path: readonly string[]): void {
    let gone = this.#gone
    for (const name of path) {
      let next = gone.steps.get(name)
      if (next === undefined) {
        next = { steps: new Map(), whole: false }
        gone.steps.set(name, next)
      }
      gone = next
    }
    gone.whole = true
  }

  #isOutermost(path: readonly string[]): boolean {
    let gone: Gone | undefined = this.#gone
    for (const name of path) {
      if (gone === undefined || gone.whole) return false
      gone = gone.steps.get(name)
    }
    return true
  }
}

/** A frame that functions are planned in: each function takes and passes on the values that stand for functions. */
export interface PlannedFrame {
  readonly frame: Frame
  readonly generation: number
  /** The names of the functions that values stand for, in the order of the parameters. */
  readonly valued: readonly string[]
  /** The functions that are planned in it. */
  readonly planned: Map<TreeNode, string>
}

/** The hidden variable that holds what stands for a function, inside of functions that take it. */
export function carriedName(name: string): string {
  return `%as ${name}`
}

/** A frame as the functions that are planned in it see it. */
export function plannedFrame(part: Frame, generation: number): PlannedFrame {
  const valued = [...part.mocks].flatMap(([name, { by }]) => (by.kind === 'value' ? [name] : [])).sort()
  const mocks = new Map(
    [...part.mocks].map(([name, mocked]): [string, Mocked] => [
      name,
      mocked.by.kind === 'value' ? { ...mocked, by: { kind: 'value', carried: carriedName(name) } } : mocked,
    ]),
  )
  return { frame: new Frame(part.tree, part.removed, mocks), generation, valued, planned: new Map() }
}
