// A catalog snapshot with its indexes. Snapshots are values: `with` gives a new one on top of the old, so that a
// session can see its own uncommitted DDL while everybody else keeps theirs.
import type {
  Cast,
  CatalogData,
  CheckedType,
  DataType,
  EventTrigger,
  ForeignKey,
  Operator,
  QualifiedName,
  Relation,
  Routine,
} from './types.ts'

/** How a snapshot differs from the one below it. A dropped thing has `null` for its value. */
export interface CatalogChange {
  readonly version?: string
  readonly generation?: number
  readonly schemas?: readonly (readonly [string, boolean])[]
  readonly relations?: readonly (readonly [QualifiedName, Relation | null])[]
  readonly types?: readonly (readonly [QualifiedName, DataType | null])[]
  readonly routines?: readonly (readonly [QualifiedName, readonly Routine[]])[]
  readonly operators?: readonly (readonly [QualifiedName, readonly Operator[]])[]
  readonly casts?: readonly Cast[]
  readonly eventTriggers?: readonly EventTrigger[]
  readonly checked?: readonly CheckedType[]
  readonly builtinCalls?: ReadonlyMap<number, string>
  /** Says that the snapshot no longer tells the truth, and why. */
  readonly stale?: string
}

/** A foreign key as the referenced relation sees it. */
export interface Reference {
  readonly from: QualifiedName
  readonly key: ForeignKey
}

const key = (schema: string, name: string): string => `${schema}\u0000${name}`

let serial = 0
let generations = 0

/** Schemas, relations, types, functions and operators of one database, found by name. */
export class Catalog {
  readonly version: string
  readonly stale: string | undefined
  readonly casts: readonly Cast[]
  readonly eventTriggers: readonly EventTrigger[]
  /** Types whose values domains check. */
  readonly checked: readonly CheckedType[]
  /** Distinguishes snapshots within the process; part of every cache key. */
  readonly id: number
  /** Counts what was read from servers: later readings have higher numbers, and changes on top keep theirs. */
  readonly generation: number
  /** What analyzers remember about this very snapshot (bodies, views). */
  readonly memory: Map<string, unknown>
  readonly #base: Catalog | undefined
  readonly #schemas = new Map<string, boolean>()
  readonly #relations = new Map<string, Relation | null>()
  readonly #types = new Map<string, DataType | null>()
  readonly #routines = new Map<string, readonly Routine[]>()
  readonly #operators = new Map<string, readonly Operator[]>()
  #children: Map<string, QualifiedName[]> | undefined
  #references: Map<string, Reference[]> | undefined
  #operatorNames: Set<string> | undefined
  #callNames: Map<number, QualifiedName> | undefined
  readonly #builtinCalls: ReadonlyMap<number, string> | undefined

  constructor(base: Catalog | undefined, change: CatalogChange) {
    serial++
    this.id = serial
    this.memory = new Map()
    this.generation = change.generation ?? base?.generation ?? 0
    // a change on top of a change is flattened, so that lookups never walk a long chain
    const below = base !== undefined && base.#base !== undefined ? base : undefined
    this.#base = below === undefined ? base : below.#base
    if (below !== undefined) {
      for (const [name, value] of below.#schemas) this.#schemas.set(name, value)
      for (const [name, value] of below.#relations) this.#relations.set(name, value)
      for (const [name, value] of below.#types) this.#types.set(name, value)
      for (const [name, value] of below.#routines) this.#routines.set(name, value)
      for (const [name, value] of below.#operators) this.#operators.set(name, value)
    }
    this.version = change.version ?? (base === undefined ? 'none' : `${base.version}+`)
    this.stale = change.stale ?? base?.stale
    this.casts = change.casts ?? base?.casts ?? []
    this.eventTriggers = change.eventTriggers ?? base?.eventTriggers ?? []
    this.checked = change.checked ?? base?.checked ?? []
    this.#builtinCalls = change.builtinCalls ?? (base === undefined ? undefined : base.#builtinCalls)
    for (const [name, there] of change.schemas ?? []) this.#schemas.set(name, there)
    for (const [name, value] of change.relations ?? []) this.#relations.set(key(name.schema, name.name), value)
    for (const [name, value] of change.types ?? []) this.#types.set(key(name.schema, name.name), value)
    for (const [name, value] of change.routines ?? []) this.#routines.set(key(name.schema, name.name), value)
    for (const [name, value] of change.operators ?? []) this.#operators.set(key(name.schema, name.name), value)
  }

  /** A snapshot of `data` on top of `base` (the built-in one, as a rule). */
  static from(base: Catalog | undefined, data: CatalogData, generation: number = ++generations): Catalog {
    return new Catalog(base, {
      generation,
      version: data.version,
      schemas: data.schemas.map((name) => [name, true] as const),
      relations: data.relations.map((relation) => [relation, relation] as const),
      types: data.types.map((type) => [type, type] as const),
      routines: grouped(data.routines),
      operators: grouped(data.operators),
      casts: data.casts,
      eventTriggers: data.eventTriggers,
      ...(data.checked === undefined ? {} : { checked: data.checked }),
      ...(data.builtinCalls === undefined ? {} : { builtinCalls: data.builtinCalls }),
    })
  }

  /** The snapshot with a change applied. */
  with(change: CatalogChange): Catalog {
    return new Catalog(this, change)
  }

  hasSchema(name: string): boolean {
    return this.#schemas.get(name) ?? this.#base?.hasSchema(name) ?? false
  }

  relation(schema: string, name: string): Relation | undefined {
    const own = this.#relations.get(key(schema, name))
    if (own !== undefined) return own ?? undefined
    return this.#base?.relation(schema, name)
  }

  type(schema: string, name: string): DataType | undefined {
    const own = this.#types.get(key(schema, name))
    if (own !== undefined) return own ?? undefined
    return this.#base?.type(schema, name)
  }

  /** Every overload of a function in one schema. */
  routines(schema: string, name: string): readonly Routine[] {
    return this.#routines.get(key(schema, name)) ?? this.#base?.routines(schema, name) ?? []
  }

  /** The routines that are not the server's own. */
  ownRoutines(): readonly Routine[] {
    return [...this.#routines.values()].flat()
  }

  /** The name of the function that the server has by this oid; one that was changed since the snapshot has none. */
  routineByOid(oid: number): QualifiedName | undefined {
    const builtin = this.#builtinCalls?.get(oid)
    if (builtin !== undefined) return { schema: 'pg_catalog', name: builtin }
    if (this.#callNames === undefined) {
      this.#callNames = new Map()
      for (const routine of [...this.#routines.values()].flat())
        if (routine.oid !== undefined && routine.kind === 'function') this.#callNames.set(routine.oid, routine)
    }
    const own = this.#callNames.get(oid)
    if (own !== undefined) return own
    const below = this.#base?.routineByOid(oid)
    return below !== undefined && this.#routines.has(key(below.schema, below.name)) ? undefined : below
  }

  operators(schema: string, name: string): readonly Operator[] {
    return this.#operators.get(key(schema, name)) ?? this.#base?.operators(schema, name) ?? []
  }

  /** True when somebody defined an operator of this name (the server's own are not counted). */
  hasOwnOperator(name: string): boolean {
    if (this.#operatorNames === undefined) {
      this.#operatorNames = new Set()
      for (const [at, list] of this.#operators) {
        if (list.length > 0) this.#operatorNames.add(at.slice(at.indexOf('\u0000') + 1))
      }
    }
    return this.#operatorNames.has(name) || (this.#base?.hasOwnOperator(name) ?? false)
  }

  /** Every relation, in no particular order. */
  *relations(): Generator<Relation> {
    for (const relation of this.#relations.values()) if (relation !== null) yield relation
    if (this.#base === undefined) return
    for (const relation of this.#base.relations()) {
      if (!this.#relations.has(key(relation.schema, relation.name))) yield relation
    }
  }

  /** Direct children by inheritance or partitioning. */
  children(parent: QualifiedName): readonly QualifiedName[] {
    if (this.#children === undefined) this.#link()
    return this.#children?.get(key(parent.schema, parent.name)) ?? []
  }

  /** Foreign keys that point at a relation. */
  references(target: QualifiedName): readonly Reference[] {
    if (this.#references === undefined) this.#link()
    return this.#references?.get(key(target.schema, target.name)) ?? []
  }

  #link(): void {
    const children = new Map<string, QualifiedName[]>()
    const references = new Map<string, Reference[]>()
    for (const relation of this.relations()) {
      for (const parent of relation.parents ?? []) {
        const at = key(parent.schema, parent.name)
        const list = children.get(at)
        if (list === undefined) children.set(at, [relation])
        else list.push(relation)
      }
      for (const foreign of relation.foreignKeys ?? []) {
        const at = key(foreign.target.schema, foreign.target.name)
        const entry = { from: relation, key: foreign }
        const list = references.get(at)
        if (list === undefined) references.set(at, [entry])
        else list.push(entry)
      }
    }
    this.#children = children
    this.#references = references
  }

  /** The snapshot without what lies below it, as plain data. */
  data(): CatalogData {
    return {
      version: this.version,
      schemas: [...this.#schemas].filter(([, there]) => there).map(([name]) => name),
      relations: [...this.#relations.values()].filter((value) => value !== null),
      types: [...this.#types.values()].filter((value) => value !== null),
      routines: [...this.#routines.values()].flat(),
      operators: [...this.#operators.values()].flat(),
      casts: this.casts,
      eventTriggers: this.eventTriggers,
    }
  }
}

function grouped<Item extends QualifiedName>(items: readonly Item[]): [QualifiedName, Item[]][] {
  const groups = new Map<string, [QualifiedName, Item[]]>()
  for (const item of items) {
    const at = key(item.schema, item.name)
    const group = groups.get(at)
    if (group === undefined) groups.set(at, [item, [item]])
    else group[1].push(item)
  }
  return [...groups.values()]
}
