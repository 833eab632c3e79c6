// Whether a document is a JSON Schema that can be used: known types, keywords of the right kind, references that lead
// somewhere. Messages are Go's gojsonschema's.
import { isArray, isNumber, isObject, type RegoObject, type Value } from '../../value/index.ts'
import { formats } from './formats.ts'
import { resolveReference } from './reference.ts'

const TYPES = ['array', 'boolean', 'integer', 'number', 'null', 'object', 'string']
const DEPTH_MAX = 200

/** What is wrong with a schema; undefined when it can be used. */
export function schemaProblem(schema: Value): string | undefined {
  if (!isObject(schema) && typeof schema !== 'boolean') return 'schema is invalid'
  return check(schema, schema, 0)
}

type Kind = 'string' | 'object' | 'array' | 'boolean' | 'number' | 'non-negative integer'
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['title', 'string'],
  ['description', 'string'],
  ['$schema', 'string'],
  ['$ref', 'string'],
  ['pattern', 'string'],
  ['format', 'string'],
  ['properties', 'object'],
  ['patternProperties', 'object'],
  ['definitions', 'object'],
  ['dependencies', 'object'],
  ['enum', 'array'],
  ['required', 'array'],
  ['allOf', 'array'],
  ['anyOf', 'array'],
  ['oneOf', 'array'],
  ['uniqueItems', 'boolean'],
  ['multipleOf', 'number'],
  ['minimum', 'number'],
  ['maximum', 'number'],
  ['minLength', 'non-negative integer'],
  ['maxLength', 'non-negative integer'],
  ['minItems', 'non-negative integer'],
  ['maxItems', 'non-negative integer'],
  ['minProperties', 'non-negative integer'],
  ['maxProperties', 'non-negative integer'],
])

function check(schema: Value, root: Value, depth: number): string | undefined {
  if (typeof schema === 'boolean') return undefined
  if (!isObject(schema) || depth > DEPTH_MAX) return 'schema is invalid'
  for (const [name, kind] of KINDS) {
    const value = schema.get(name)
    if (value !== undefined && !isKind(value, kind)) return kindWords(name, kind, value)
  }
  const reference = schema.get('$ref')
  if (typeof reference === 'string') {
    const found = resolveReference(reference, root)
    return found === undefined ? `Object has no key '${reference.slice(reference.lastIndexOf('/') + 1)}'` : undefined
  }
  const pattern = schema.get('pattern')
  if (typeof pattern === 'string' && formats.get('regex')?.(pattern) === false) return 'pattern must be a valid regex'
  return typeProblem(schema.get('type')) ?? innerProblem(schema, root, depth)
}

function kindWords(name: string, kind: Kind, value: Value): string {
  switch (kind) {
    case 'array':
      return `${name} must be of an array`
    case 'boolean':
      return `${name} must be of a boolean`
    case 'number':
      return `${name} must be of a Number`
    case 'non-negative integer':
      return isNumber(value) ? `${name} must be greater than or equal to 0` : `${name} must be of an integer`
    case 'object':
      return `${name === 'properties' ? 'Properties' : name} must be of type object`
    case 'string':
      return `${name} must be of type string`
  }
}

function isKind(value: Value, kind: Kind): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'object':
      return isObject(value)
    case 'array':
      return isArray(value)
    case 'number':
      return isNumber(value)
    case 'non-negative integer':
      return typeof value === 'number' && value >= 0
  }
}

function typeProblem(type: Value | undefined): string | undefined {
  if (type === undefined) return undefined
  if (typeof type !== 'string' && !isArray(type)) return 'Invalid type. Expected: type, given: string/Array Of Strings'
  for (const one of isArray(type) ? type : [type]) {
    if (typeof one === 'string' && TYPES.includes(one)) continue
    return `has a primitive type that is NOT VALID -- given: /${String(one)}/ Expected valid values are:[array boolean integer number null object string]`
  }
  return undefined
}

/** Schemas inside of a schema. */
function innerProblem(schema: RegoObject, root: Value, depth: number): string | undefined {
  const inner: Value[] = []
  for (const name of ['properties', 'patternProperties', 'definitions', 'dependencies']) {
    const value = schema.get(name)
    if (!isObject(value)) continue
    for (const key of value.keys()) {
      const one = value.get(key)
      if (one !== undefined && !(name === 'dependencies' && isArray(one))) inner.push(one)
    }
  }
  for (const name of [
    'additionalProperties',
    'additionalItems',
    'not',
    'if',
    'then',
    'else',
    'contains',
    'propertyNames',
  ]) {
    const value = schema.get(name)
    if (value === undefined) continue
    if (!isObject(value) && typeof value !== 'boolean')
      return `Invalid type. Expected: ${name.startsWith('additional') ? 'boolean/' : ''}Valid Schema, given: ${name}`
    inner.push(value)
  }
  for (const name of ['allOf', 'anyOf', 'oneOf', 'items']) {
    const value = schema.get(name)
    if (isArray(value)) inner.push(...value)
    else if (value === undefined) continue
    else if (isObject(value) || typeof value === 'boolean') inner.push(value)
    else return `Invalid type. Expected: Valid Schema/Array Of Schemas, given: ${name}`
  }
  for (const one of inner) {
    const problem = check(one, root, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}
