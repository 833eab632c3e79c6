// GraphQL documents that a policy brings as objects: the fields that documents have, with what they hold checked, and
// those that are missing as the parser would leave them. Anything else in the object is left out, as OPA does.
import { isArray, isObject, type RegoObject, typeName, type Value } from '../../value/index.ts'
import type { QueryDocument, SchemaDocument } from './document.ts'

/** A field that holds something else than documents do. */
export class ObjectFault extends Error {
  constructor(field: string, got: Value) {
    super(`json: cannot unmarshal ${typeName(got)} into Go struct field ${field}`)
    this.name = 'ObjectFault'
  }
}

/** How deep an object may nest. */
const DEPTH_MAX = 200

type Shape =
  | { readonly of: 'text' | 'flag' | 'number'; readonly optional?: true }
  | { readonly of: 'list'; readonly items: () => Shape }
  | { readonly of: 'node'; readonly fields: () => Fields }

type Fields = Readonly<Record<string, Shape>>

const text: Shape = { of: 'text' }
const optionalText: Shape = { of: 'text', optional: true }
const flag: Shape = { of: 'flag' }
const texts: Shape = { of: 'list', items: () => text }

function node(fields: () => Fields): Shape {
  return { of: 'node', fields }
}

function list(fields: () => Fields): Shape {
  return { of: 'list', items: () => node(fields) }
}

const typeFields: Fields = { NamedType: text, Elem: node(() => typeFields), NonNull: flag }
const valueFields: Fields = {
  Raw: text,
  Children: list(() => ({ Name: text, Value: node(() => valueFields) })),
  Kind: { of: 'number' },
  ExpectedTypeHasDefault: flag,
}
const argumentFields: Fields = { Name: text, Value: node(() => valueFields) }
const directives = list(() => ({ Name: text, Arguments: list(() => argumentFields), Location: text }))
const selectionFields: Fields = {
  Alias: optionalText,
  Name: optionalText,
  TypeCondition: optionalText,
  Arguments: list(() => argumentFields),
  Directives: directives,
  SelectionSet: list(() => selectionFields),
}
const variables = list(() => ({
  Variable: text,
  Type: node(() => typeFields),
  DefaultValue: node(() => valueFields),
  Directives: directives,
  Used: flag,
}))
const queryFields: Fields = {
  Operations: list(() => ({
    Operation: text,
    Name: text,
    VariableDefinitions: variables,
    Directives: directives,
    SelectionSet: list(() => selectionFields),
  })),
  Fragments: list(() => ({
    Name: text,
    VariableDefinition: variables,
    TypeCondition: text,
    Directives: directives,
    SelectionSet: list(() => selectionFields),
  })),
}

const inputFields: Fields = {
  Description: text,
  Name: text,
  DefaultValue: node(() => valueFields),
  Type: node(() => typeFields),
  Directives: directives,
}
const definitions = list(() => ({
  Kind: text,
  Description: text,
  Name: text,
  Directives: directives,
  Interfaces: texts,
  Fields: list(() => ({ ...inputFields, Arguments: list(() => inputFields) })),
  Types: texts,
  EnumValues: list(() => ({ Description: text, Name: text, Directives: directives })),
  BuiltIn: flag,
}))
const schemas = list(() => ({
  Description: text,
  Directives: directives,
  OperationTypes: list(() => ({ Operation: text, Type: text })),
}))
const schemaFields: Fields = {
  Schema: schemas,
  SchemaExtension: schemas,
  Directives: list(() => ({
    Description: text,
    Name: text,
    Arguments: list(() => inputFields),
    Locations: texts,
    IsRepeatable: flag,
  })),
  Definitions: definitions,
  Extensions: definitions,
}

/** The document of operations that an object is. Throws ObjectFault. */
export function queryOfObject(object: RegoObject): QueryDocument {
  // The fields are those of documents, and each holds what its shape says.
  return nodeOf(object, queryFields, 'QueryDocument', 0) as QueryDocument
}

/** The document of types that an object is. Throws ObjectFault. */
export function schemaOfObject(object: RegoObject): SchemaDocument {
  // The fields are those of documents, and each holds what its shape says.
  return nodeOf(object, schemaFields, 'SchemaDocument', 0) as SchemaDocument
}

function nodeOf(object: Value, fields: Fields, path: string, depth: number): object {
  if (!isObject(object) || depth > DEPTH_MAX) throw new ObjectFault(path, object)
  const found = new Map<string, unknown>()
  for (const [name, shape] of Object.entries(fields)) {
    const held = partOf(object.get(name) ?? null, shape, `${path}.${name}`, depth)
    if (held !== undefined) found.set(name, held)
  }
  return Object.fromEntries(found)
}

/** What a field holds; undefined for what documents leave out: lists of nothing, and what is not there. */
function partOf(value: Value, shape: Shape, path: string, depth: number): unknown {
  switch (shape.of) {
    case 'text':
      if (value === null) return shape.optional === true ? undefined : ''
      if (typeof value !== 'string') throw new ObjectFault(path, value)
      return value
    case 'flag':
      if (value !== null && typeof value !== 'boolean') throw new ObjectFault(path, value)
      return value ?? false
    case 'number':
      if (value === null) return 0
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new ObjectFault(path, value)
      return value
    case 'node':
      return value === null ? undefined : nodeOf(value, shape.fields(), path, depth + 1)
    case 'list': {
      if (value === null) return undefined
      if (!isArray(value)) throw new ObjectFault(path, value)
      const items = value.flatMap((item) => {
        const held = partOf(item, shape.items(), path, depth)
        return held === undefined ? [] : [held]
      })
      return items.length === 0 ? undefined : items
    }
  }
}
