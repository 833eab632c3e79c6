// Whether a document is a JSON Schema that can be used: known types, keywords of the right kind, references that lead
// somewhere. Keywords are looked at in the order of Go's gojsonschema, and messages are its own, so that of several
// mistakes the same one is told.
import { compare, isArray, isNumber, isObject, type RegoObject, type Value } from '../../value/index.ts'
import { formats } from './formats.ts'
import { resolveReference } from './reference.ts'

const TYPES = ['array', 'boolean', 'integer', 'number', 'null', 'object', 'string']
const DEPTH_MAX = 200

/** Which draft a schema says it is of; without a known one, what any of them has is understood. */
type Draft = 4 | 6 | 7 | 'any'

const DRAFTS: ReadonlyMap<string, Draft> = new Map<string, Draft>([
  ['http://json-schema.org/draft-04/schema', 4],
  ['http://json-schema.org/draft-06/schema', 6],
  ['http://json-schema.org/draft-07/schema', 7],
])

/** Where a schema stands. */
interface Place {
  readonly root: Value
  readonly draft: Draft
  readonly depth: number
}

/** What a keyword's value may be, or what is wrong with it. */
type Check = (value: Value, name: string, schema: RegoObject, place: Place) => string | undefined

/** What is wrong with a schema; undefined when it can be used. */
export function schemaProblem(schema: Value): string | undefined {
  if (!isObject(schema) && typeof schema !== 'boolean') return 'schema is invalid'
  return inner(schema, { root: schema, draft: draftOf(schema), depth: 0 })
}

function draftOf(schema: Value): Draft {
  const named = isObject(schema) ? schema.get('$schema') : undefined
  return typeof named === 'string' ? (DRAFTS.get(named.replace(/#$/, '')) ?? 'any') : 'any'
}

/** A schema at any place. */
function inner(schema: Value, place: Place): string | undefined {
  if (typeof schema === 'boolean' && place.draft !== 4) return undefined
  if (!isObject(schema) || place.depth > DEPTH_MAX) return 'Expected: Valid Schema, given: Invalid JSON'
  for (const [name, check, since] of KEYWORDS) {
    const value = schema.get(name)
    if (value === undefined || !isKnown(since, place.draft)) continue
    const problem = check(value, name, schema, place)
    if (problem !== undefined) return problem
    // Beside a reference nothing else counts.
    if (name === '$ref') return undefined
  }
  return undefined
}

function isKnown(since: number | undefined, draft: Draft): boolean {
  return since === undefined || draft === 'any' || draft >= since
}

function invalidType(expected: string, given: string): string {
  return `Invalid type. Expected: ${expected}, given: ${given}`
}

const below: (schema: Value, place: Place) => string | undefined = (schema, place) =>
  inner(schema, { ...place, depth: place.depth + 1 })

function first(schemas: readonly Value[], place: Place): string | undefined {
  for (const schema of schemas) {
    const problem = below(schema, place)
    if (problem !== undefined) return problem
  }
  return undefined
}

function isSchema(value: Value): boolean {
  return typeof value === 'boolean' || isObject(value)
}

const text: Check = (value, name) => (typeof value === 'string' ? undefined : invalidType('string', name))

const reference: Check = (value, name, _, { root }) => {
  if (typeof value !== 'string') return invalidType('string', name)
  const found = resolveReference(value, root)
  if (found === undefined) return missing(value, root)
  return isSchema(found) ? undefined : 'Valid Schema must be of type object'
}

/** The first step of a reference that leads nowhere. */
function missing(value: string, root: Value): string {
  if (!value.startsWith('#')) return `Reference ${value.startsWith('/') ? '' : '/'}${value} must be canonical`
  const steps = value.split('/')
  for (let length = 2; length <= steps.length; length++)
    if (resolveReference(steps.slice(0, length).join('/'), root) === undefined)
      return `Object has no key '${steps[length - 1]}'`
  return `Object has no key '${value.slice(1)}'`
}

const type: Check = (value) => {
  const names = isArray(value) ? value : [value]
  const seen = new Set<Value>()
  for (const name of names) {
    if (typeof name !== 'string') return invalidType('type', 'string/Array Of Strings')
    if (!TYPES.includes(name))
      return `has a primitive type that is NOT VALID -- given: /${name}/ Expected valid values are:[${TYPES.join(' ')}]`
    if (seen.has(name)) return `${name} type is duplicated`
    seen.add(name)
  }
  return undefined
}

const definitions: Check = (value, name, _, place) => {
  if (!isObject(value)) return invalidType('Array Of Schemas', name)
  for (const one of value.values()) {
    if (!isSchema(one)) return invalidType('Array Of Schemas', name)
    const problem = below(one, place)
    if (problem !== undefined) return problem
  }
  return undefined
}

const properties: Check = (value, _name, _schema, place) =>
  isObject(value) ? first([...value.values()], place) : 'Properties must be of type object'

const patternProperties: Check = (value, name, _, place) => {
  if (!isObject(value)) return invalidType('Valid Schema', name)
  for (const [pattern, schema] of value.entries()) {
    if (typeof pattern === 'string' && formats.get('regex')?.(pattern) === false)
      return `Invalid regex pattern '${pattern}'`
    const problem = below(schema, place)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** One schema, which other messages call by another name or kind. */
function schemaOr(message: (name: string) => string): Check {
  return (value, name, _, place) => (isSchema(value) ? below(value, place) : message(name))
}

const additional = schemaOr((name) => invalidType('boolean/Valid Schema', name))
const propertyNames = schemaOr(() => invalidType('Valid Schema', 'patternProperties'))
const anObject = schemaOr((name) => `${name} must be of an object`)
const anySchema: Check = (value, _name, _schema, place) => below(value, place)

const dependencies: Check = (value, name, _, place) => {
  if (!isObject(value)) return `${name} must be of type object`
  const wrong = 'Dependency must be of type Schema Or Array Of Strings'
  for (const one of value.values()) {
    if (isArray(one) ? !one.every((item) => typeof item === 'string') : !isSchema(one)) return wrong
    const problem = isArray(one) ? undefined : below(one, place)
    if (problem !== undefined) return problem
  }
  return undefined
}

const items: Check = (value, name, _, place) => {
  const all = isArray(value) ? value : [value]
  if (!all.every(isSchema)) return invalidType('Valid Schema/Array Of Schemas', name)
  return first(all, place)
}

const multipleOf: Check = (value, name) => {
  if (!isNumber(value)) return invalidType('Number', name)
  return compare(value, 0) > 0 ? undefined : `${name} must be strictly greater than 0`
}

const number: Check = (value, name) => (isNumber(value) ? undefined : `${name} must be of a Number`)

/** A number, or whether the limit beside it is excluded. */
function exclusive(limit: string): Check {
  return (value, name, schema, { draft }) => {
    if (typeof value === 'boolean' && (draft === 4 || draft === 'any'))
      return schema.get(limit) === undefined ? `${name} cannot be used without ${limit}` : undefined
    if (isNumber(value) && draft !== 4) return undefined
    return invalidType(draft === 4 ? 'boolean' : draft === 'any' ? 'boolean/number' : 'number', name)
  }
}

const size: Check = (value, name) => {
  if (typeof value !== 'number' || !Number.isInteger(value)) return `${name} must be of an integer`
  return value < 0 ? `${name} must be greater than or equal to 0` : undefined
}

/** The greater of two sizes, which the lesser one must not be beyond. */
function sizeBeyond(least: string): Check {
  return (value, name, schema, place) => {
    const problem = size(value, name, schema, place)
    if (problem !== undefined) return problem
    const other = schema.get(least)
    return other !== undefined && compare(other, value) > 0 ? `${least} cannot be greater than ${name}` : undefined
  }
}

const pattern: Check = (value, name) => {
  if (typeof value !== 'string') return invalidType('string', name)
  return formats.get('regex')?.(value) === false ? `${name} must be a valid regex` : undefined
}

const required: Check = (value, name) => {
  if (!isArray(value)) return `${name} must be of an array`
  const seen = new Set<string>()
  for (const one of value) {
    if (typeof one !== 'string') return invalidType('string', name)
    if (seen.has(one)) return `${name} items must be unique`
    seen.add(one)
  }
  return undefined
}

const enumeration: Check = (value, name) => {
  if (!isArray(value)) return `${name} must be of an array`
  const sorted = value.toSorted(compare)
  const twice = sorted.some((one, at) => at > 0 && compare(sorted[at - 1] ?? null, one) === 0)
  return twice ? `${name} items must be unique` : undefined
}

const schemas: Check = (value, name, _, place) => (isArray(value) ? first(value, place) : `${name} must be of an array`)

/** Keywords in the order in which they are looked at, each with the draft that brought it. */
const KEYWORDS: readonly (readonly [name: string, check: Check, since?: number])[] = [
  ['id', text],
  ['$id', text, 6],
  ['definitions', definitions],
  ['title', text],
  ['description', text],
  ['$ref', reference],
  ['type', type],
  ['properties', properties],
  ['additionalProperties', additional],
  ['patternProperties', patternProperties],
  ['propertyNames', propertyNames, 6],
  ['dependencies', dependencies],
  ['items', items],
  ['additionalItems', additional],
  ['multipleOf', multipleOf],
  ['minimum', number],
  ['exclusiveMinimum', exclusive('minimum')],
  ['maximum', number],
  ['exclusiveMaximum', exclusive('maximum')],
  ['minLength', size],
  ['maxLength', sizeBeyond('minLength')],
  ['pattern', pattern],
  ['format', text],
  ['minProperties', size],
  ['maxProperties', sizeBeyond('minProperties')],
  ['required', required],
  ['minItems', size],
  ['maxItems', size],
  ['uniqueItems', (value, name) => (typeof value === 'boolean' ? undefined : `${name} must be of a boolean`)],
  ['contains', anySchema, 6],
  ['enum', enumeration],
  ['oneOf', schemas],
  ['anyOf', schemas],
  ['allOf', schemas],
  ['not', anObject],
  ['if', anObject, 7],
  ['then', anObject, 7],
  ['else', anObject, 7],
]
