// Types put into parts of a document, with the rest of the document as it was.
import { type Key, keyOf, type Value } from '../value/index.ts'
import { objectType } from './algebra.ts'
import type { Path, TypeEnvironment } from './environment.ts'
import { constantOf, termKey } from './terms.ts'
import { anyType, type Dynamic, type Type, type Unknown, unwrapped } from './type.ts'

const open: Dynamic = { key: anyType, value: anyType }

/** A type that was put somewhere, or an object whose properties still change. */
type Held = { readonly type: Unknown } | Draft

interface Draft {
  readonly known: Map<Key, { readonly key: Value; readonly held: Held }>
  readonly dynamic: Dynamic | undefined
}

/** Types for parts of documents: objects are taken apart once and put together again once, however many parts change. */
export class OverriddenTypes {
  readonly #documents = new Map<string, { readonly head: Path; held: Held }>()
  readonly #others: (readonly [Path, Type])[] = []
  readonly #env: TypeEnvironment
  #taken = 0

  /** `env` says what the documents were. */
  constructor(env: TypeEnvironment) {
    this.#env = env
  }

  /** Gives what stands at a path below `input` or `data` a type. */
  put(path: Path, type: Type): void {
    const [head, ...rest] = path
    if (head === undefined) return
    const name = termKey(head)
    const document = this.#documents.get(name) ?? { head: [head], held: { type: this.#env.at([head]) } }
    if ('type' in document.held && document.held.type === undefined && rest.length > 0) {
      // No document: a name of which nothing is known.
      this.#others.push([path, type])
      return
    }
    const keys: Value[] = []
    for (const step of rest) {
      const key = constantOf(step)
      if (key === undefined) return
      keys.push(key)
    }
    document.held = held(document.held, keys, 0, type, (count) => {
      this.#taken += count
    })
    this.#documents.set(name, document)
  }

  /** How many properties the objects had that were taken apart. */
  get taken(): number {
    return this.#taken
  }

  /** The types of the documents as they are now. */
  all(): readonly (readonly [Path, Type])[] {
    const all = [...this.#others]
    for (const { head, held } of this.#documents.values()) {
      const type = settled(held)
      if (type !== undefined) all.push([head, type])
    }
    return all
  }
}

function held(
  before: Held,
  keys: readonly Value[],
  index: number,
  type: Type,
  taken: (properties: number) => void,
): Held {
  const key = keys[index]
  if (key === undefined) return { type }
  const draft = 'known' in before ? before : opened(before.type)
  if (draft !== before) taken(draft.known.size)
  const name = keyOf(key)
  const there = draft.known.get(name)?.held
  const now =
    there === undefined ? fresh(keys, index + 1, type, draft.dynamic) : held(there, keys, index + 1, type, taken)
  draft.known.set(name, { key, held: now })
  return draft
}

/** Objects that were not there before may hold besides what the object around them may. */
function fresh(keys: readonly Value[], index: number, type: Type, dynamic: Dynamic | undefined): Held {
  const key = keys[index]
  if (key === undefined) return { type }
  return { known: new Map([[keyOf(key), { key, held: fresh(keys, index + 1, type, dynamic) }]]), dynamic }
}

function opened(type: Unknown): Draft {
  const object = unwrapped(type)
  if (object?.kind !== 'object') return { known: new Map(), dynamic: open }
  const known = object.static.map(({ key, value }) => [keyOf(key), { key, held: { type: value } }] as const)
  return { known: new Map(known), dynamic: object.dynamic }
}

function settled(held: Held): Unknown {
  if (!('known' in held)) return held.type
  const known = [...held.known.values()].map(({ key, held: one }) => ({ key, value: settled(one) }))
  return objectType(known, held.dynamic)
}
