// Name resolution as the server does it: temporary objects first, pg_catalog unless the path says where, then the path.
import type { Catalog } from '../catalog/catalog.ts'
import type { DataType, Operator, Relation, Routine } from '../catalog/types.ts'

/** Resolves names of one catalog snapshot under one search path. */
export class Names {
  readonly catalog: Catalog
  /** The path as it was set, and the role whose name `$user` is. */
  readonly searchPath: readonly string[]
  readonly role: string
  /** The schemas that are searched for functions and operators. */
  readonly path: readonly string[]
  /** What has been read under these names: bodies of routines, views and expressions. */
  readonly bodies: Map<unknown, unknown> = new Map()
  readonly #withTemporary: readonly string[]
  readonly #relations = new Map<string, Relation | null>()
  readonly #shared = new Map<string, boolean>()
  readonly #routines = new Map<string, readonly Routine[]>()

  constructor(catalog: Catalog, searchPath: readonly string[], role: string) {
    this.catalog = catalog
    this.searchPath = searchPath
    this.role = role
    const listed: string[] = []
    for (const entry of searchPath) {
      const schema = entry === '$user' ? role : entry
      if (schema === 'pg_temp' || catalog.hasSchema(schema)) listed.push(schema)
    }
    const all = listed.includes('pg_catalog') ? listed : ['pg_catalog', ...listed]
    // the server never looks for functions and operators among the temporary objects
    this.path = all.filter((schema) => schema !== 'pg_temp')
    this.#withTemporary = all.includes('pg_temp') ? all : ['pg_temp', ...all]
  }

  /** Where an unqualified new object goes. */
  get creation(): string | undefined {
    return this.#withTemporary.find((schema, at) => schema !== 'pg_catalog' && !(schema === 'pg_temp' && at === 0))
  }

  relation(schema: string, name: string): Relation | undefined {
    if (schema !== '') return this.catalog.relation(temporary(schema), name)
    const known = this.#relations.get(name)
    if (known !== undefined) return known ?? undefined
    let found: Relation | undefined
    for (const at of this.#withTemporary) {
      found = this.catalog.relation(at, name)
      if (found !== undefined) break
    }
    this.#relations.set(name, found ?? null)
    return found
  }

  /**
   * Whether a name without a schema would be another relation's, should what it stands for be gone when the server reads
   * it. Temporary objects are the session's own, and the server's are always there.
   */
  isShared(name: string): boolean {
    const known = this.#shared.get(name)
    if (known !== undefined) return known
    const found = this.relation('', name)
    const isOwn = found === undefined || found.schema === 'pg_temp' || found.schema === 'pg_catalog'
    const shared =
      !isOwn && this.#withTemporary.some((at) => at !== found.schema && this.catalog.relation(at, name) !== undefined)
    this.#shared.set(name, shared)
    return shared
  }

  type(schema: string, name: string): DataType | undefined {
    if (schema !== '') return this.catalog.type(temporary(schema), name)
    for (const at of this.#withTemporary) {
      const found = this.catalog.type(at, name)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Every overload that a call by this name could mean. */
  routines(schema: string, name: string): readonly Routine[] {
    if (schema !== '') return this.catalog.routines(temporary(schema), name)
    const known = this.#routines.get(name)
    if (known !== undefined) return known
    const found = this.path.flatMap((at) => this.catalog.routines(at, name))
    this.#routines.set(name, found)
    return found
  }

  operators(schema: string, name: string): readonly Operator[] {
    if (schema === 'pg_catalog' || !this.catalog.hasOwnOperator(name)) return []
    if (schema !== '') return this.catalog.operators(temporary(schema), name)
    return this.path.flatMap((at) => this.catalog.operators(at, name))
  }
}

/** All names of a session's own temporary schema mean the same. */
export function temporary(schema: string): string {
  return schema.startsWith('pg_temp_') ? 'pg_temp' : schema
}

/** The `Names` of a snapshot under a path, made once. */
export function namesOf(catalog: Catalog, searchPath: readonly string[], role: string): Names {
  // A routine may have a path with `$user` where this one has none.
  const key = `names|${role}|${searchPath.join('\u0001')}`
  const known = catalog.memory.get(key)
  if (known instanceof Names) return known
  const names = new Names(catalog, searchPath, role)
  catalog.memory.set(key, names)
  return names
}
