// JSON Schemas as types: what a document that follows one can hold. What types cannot say (patterns, bounds, enumerations)
// is passed over.
import { either, objectType } from './algebra.ts'
import {
  anyType,
  booleanType,
  numberType,
  type Property,
  type RecursiveType,
  stringType,
  type Type,
  type Unknown,
} from './type.ts'

/** References that are followed from one to the next. */
const referencesMax = 100
/** Nesting of schemas that is followed. */
const nestingMax = 500

/** A schema that cannot be read, and why. */
export class SchemaError extends Error {}

/** The type of a schema. Throws SchemaError. */
export function typeOfSchema(schema: unknown): Type {
  return new SchemaReader(schema).read()
}

/** A schema with the parts that types are made of. */
interface Parts {
  types: readonly string[]
  readonly properties: readonly (readonly [string, unknown])[]
  readonly items: readonly unknown[]
  /** True when one schema holds for all items. */
  readonly same: boolean
  readonly anyOf: readonly unknown[] | undefined
  readonly allOf: readonly unknown[] | undefined
}

interface Definition {
  type: Unknown
  recursive: RecursiveType | undefined
  reading: boolean
}

class SchemaReader {
  readonly #root: unknown
  readonly #definitions = new Map<string, Definition>()
  #depth = 0

  constructor(root: unknown) {
    this.#root = root
  }

  read(): Type {
    if (typeof this.#root !== 'boolean' && !isRecord(this.#root))
      throw new SchemaError('unable to compile the schema: a schema is an object')
    return this.#type(this.#root)
  }

  #type(schema: unknown): Type {
    if (!isRecord(schema)) return anyType
    const { $ref: reference } = schema
    if (typeof reference === 'string') return this.#definition(reference)
    if (++this.#depth > nestingMax) throw new SchemaError(`type checking: nested deeper than ${nestingMax}`)
    try {
      return this.#ofParts(partsOf(schema))
    } finally {
      this.#depth--
    }
  }

  #definition(reference: string): Type {
    const known = this.#definitions.get(reference)
    if (known?.reading === true) {
      known.recursive ??= { kind: 'recursive', name: reference, type: undefined }
      return known.recursive
    }
    if (known?.type !== undefined) return known.type
    const definition: Definition = { type: undefined, recursive: undefined, reading: true }
    this.#definitions.set(reference, definition)
    const type = this.#type(this.#follow(reference))
    definition.reading = false
    definition.type = type
    if (definition.recursive !== undefined) definition.recursive.type = type
    return type
  }

  /** What a reference within the schema points to. */
  #follow(reference: string): unknown {
    if (!reference.startsWith('#'))
      throw new SchemaError(`unable to compile the schema: remote reference loading disabled: ${reference}`)
    let at: unknown = this.#root
    for (const part of reference.slice(1).split('/').slice(1)) {
      const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
      at = Array.isArray(at) ? at[Number(name)] : isRecord(at) ? at[name] : undefined
      if (at === undefined) throw new SchemaError(`unable to compile the schema: Object has no key '${name}'`)
    }
    return at
  }

  /** The schema that a chain of references ends in. */
  #resolved(schema: unknown): unknown {
    let at = schema
    for (let steps = 0; isRecord(at) && typeof at['$ref'] === 'string'; steps++) {
      if (steps > referencesMax) throw new SchemaError('type checking: references in a circle')
      at = this.#follow(at['$ref'])
    }
    return at
  }

  #ofParts(parts: Parts): Type {
    if (parts.anyOf !== undefined) return this.#anyOf(parts, parts.anyOf)
    if (parts.allOf !== undefined) return this.#allOf(parts, parts.allOf)
    const has = (name: string): boolean => parts.types.includes(name)
    if (has('boolean')) return booleanType
    if (has('string')) return stringType
    if (has('integer') || has('number')) return numberType
    if (has('object') || (parts.types.length === 0 && parts.properties.length > 0)) return this.#object(parts)
    if (has('array') || (parts.types.length === 0 && parts.items.length > 0)) return this.#array(parts)
    return anyType
  }

  #object({ properties }: Parts): Type {
    if (properties.length === 0) return objectType([], { key: anyType, value: anyType })
    const known = new Map<string, Property>()
    for (const [key, schema] of properties) known.set(key, { key, value: this.#type(schema) })
    return objectType([...known.values()], undefined)
  }

  #array({ items, same }: Parts): Type {
    if (items.length === 0) return { kind: 'array', static: [], dynamic: anyType }
    const types = items.map((item) => this.#type(item))
    return same
      ? { kind: 'array', static: [], dynamic: types[0] }
      : { kind: 'array', static: types, dynamic: undefined }
  }

  #anyOf(parts: Parts, choices: readonly unknown[]): Type {
    let found: Unknown
    if (parts.types.length > 0) {
      const core = this.#ofParts({ ...parts, anyOf: undefined })
      if (core.kind === 'object' && core.static.length > 0 && core.dynamic === undefined) found = core
    }
    for (const choice of choices) found = either(this.#type(choice), found)
    return found ?? anyType
  }

  #allOf(parts: Parts, all: readonly unknown[]): Type {
    const merged = all
      .map((one) => partsOf(this.#resolved(one)))
      // A choice alone has no type that could agree with the others.
      .filter((one) => one.types.length > 0 || one.anyOf === undefined || one.properties.length + one.items.length > 0)
    if (merged.length === 0) return anyType
    const result = merge(merged)
    if (parts.types.length === 0) return this.#ofParts(result)
    const shared = (name: string): boolean => parts.types.includes(name) && result.types.includes(name)
    if (shared('object') || shared('array')) return this.#ofParts(merge([result, { ...parts, allOf: undefined }]))
    if (typesText(parts) !== typesText(result)) throw new SchemaError('type checking: unable to merge these schemas')
    return this.#ofParts(result)
  }
}

function merge(all: readonly Parts[]): Parts {
  const typed = all.map((one): Parts => {
    const implied = one.properties.length > 0 ? 'object' : one.items.length > 0 ? 'array' : undefined
    return implied === undefined || one.types.includes(implied) ? one : { ...one, types: [...one.types, implied] }
  })
  const [first, ...others] = typed
  let result: Parts = first ?? partsOf({})
  for (const one of others) {
    if (typesText(result) !== typesText(one)) {
      const mismatch = `type mismatch: ${typesText(result)} and ${typesText(one)}`
      throw new SchemaError(`type checking: unable to merge these schemas: ${mismatch}`)
    }
    if (result.types.includes('object')) result = { ...result, properties: result.properties.concat(one.properties) }
    else if (result.types.includes('array') && result.items.length > 0 && one.items.length > 0)
      result = { ...result, items: mergeItems(result.items, one.items) }
  }
  return result
}

function mergeItems(items: readonly unknown[], others: readonly unknown[]): readonly unknown[] {
  for (const [index, item] of others.entries()) {
    const one = items[index]
    if (one !== undefined && typesText(partsOf(one)) !== typesText(partsOf(item)))
      throw new SchemaError('type checking: unable to merge these schemas')
  }
  return items.concat(others.slice(items.length))
}

function typesText({ types }: Parts): string {
  return types.length === 0 ? 'undefined' : types.length === 1 ? (types[0] ?? '') : `[${types.join(',')}]`
}

function partsOf(schema: unknown): Parts {
  const fields = isRecord(schema) ? schema : {}
  const { type, properties, items, anyOf, allOf } = fields
  const types =
    typeof type === 'string' ? [type] : Array.isArray(type) ? type.filter((one) => typeof one === 'string') : []
  return {
    types,
    properties: isRecord(properties) ? Object.entries(properties) : [],
    items: Array.isArray(items) ? items : items === undefined ? [] : [items],
    same: !Array.isArray(items),
    anyOf: Array.isArray(anyOf) ? anyOf : undefined,
    allOf: Array.isArray(allOf) ? allOf : undefined,
  }
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
