// Validates a document against a JSON Schema (drafts 4 to 7), with the messages of Go's gojsonschema.
import { RE2JS } from 're2js'
import {
  compareNumbers,
  type Decimal,
  dataFromValue,
  doubleOf,
  equal,
  generalText,
  integerOf,
  isArray,
  isNumber,
  isObject,
  type RegoObject,
  remainder,
  runeCount,
  type Value,
  type ValueArray,
  valueFromData,
  writeJson,
} from '../../value/index.ts'
import { EvaluationHalted } from '../contract.ts'
import { finds } from '../regex.ts'
import { formats } from './formats.ts'
import { resolveReference } from './reference.ts'

/** One way in which a document does not fit. */
export interface Violation {
  readonly type: string
  /** Names from the root, joined by dots; `(Root)` is the document. */
  readonly field: string
  readonly description: string
}

const ROOT = '(Root)'

/** How deep schemas and documents may nest together. */
const DEPTH_MAX = 500
/** Violations that are kept; a document with more is no better understood. */
const VIOLATIONS_MAX = 1_000

/**
 * What does not fit; empty when the document is valid. `spend` is told of the work. References are into `root`, which is
 * the schema itself unless it is a part of something larger.
 */
export function validate(
  document: Value,
  schema: Value,
  spend: (units: number) => void,
  root: Value = schema,
): readonly Violation[] {
  const checker = new Checker(root, spend)
  checker.check(document, schema, [], 0)
  return checker.violations
}

class Checker {
  readonly violations: Violation[] = []
  readonly #root: Value
  readonly #spend: (units: number) => void

  constructor(root: Value, spend: (units: number) => void) {
    this.#root = root
    this.#spend = spend
  }

  check(value: Value, schema: Value, path: readonly string[], depth: number): void {
    this.#spend(1)
    if (depth > DEPTH_MAX) this.#add('depth', path, 'the schema and the document nest too deep')
    else if (schema === false) this.#add('false', path, 'False always fails validation')
    else if (isObject(schema)) this.#checkBy(value, schema, path, depth)
  }

  #checkBy(value: Value, schema: RegoObject, path: readonly string[], depth: number): void {
    const reference = schema.get('$ref')
    if (typeof reference === 'string') {
      const found = resolveReference(reference, this.#root)
      if (found !== undefined) this.check(value, found, path, depth + 1)
      return
    }
    if (!this.#type(value, schema, path)) return
    this.#combined(value, schema, path, depth)
    this.#common(value, schema, path)
    if (typeof value === 'string') this.#string(value, schema, path)
    else if (isNumber(value)) this.#number(value, schema, path)
    else if (isArray(value)) this.#array(value, schema, path, depth)
    else if (isObject(value)) this.#object(value, schema, path, depth)
  }

  #add(type: string, path: readonly string[], description: string): void {
    if (this.violations.length >= VIOLATIONS_MAX) return
    this.violations.push({ type, field: path.length === 0 ? ROOT : path.join('.'), description })
  }

  #fits(value: Value, schema: Value, depth: number): readonly Violation[] {
    const inner = new Checker(this.#root, this.#spend)
    inner.check(value, schema, [], depth + 1)
    return inner.violations
  }

  #type(value: Value, schema: RegoObject, path: readonly string[]): boolean {
    const type = schema.get('type')
    if (type === undefined) return true
    const wanted = isArray(type) ? type.map(String) : [String(type)]
    const given = typeOf(value)
    if (wanted.includes(given) || (given === 'integer' && wanted.includes('number'))) return true
    const expected = wanted.length > 1 ? `[${wanted.join(',')}]` : (wanted[0] ?? '')
    this.#add('invalid_type', path, `Invalid type. Expected: ${expected}, given: ${given}`)
    return false
  }

  #combined(value: Value, schema: RegoObject, path: readonly string[], depth: number): void {
    const list = (name: string): ValueArray => {
      const found = schema.get(name)
      return isArray(found) ? found : []
    }
    const anyOf = list('anyOf')
    if (anyOf.length > 0) {
      const tries = anyOf.map((one) => this.#fits(value, one, depth))
      if (!tries.some((found) => found.length === 0)) {
        this.#add('number_any_of', path, 'Must validate at least one schema (anyOf)')
        this.#best(tries, path)
      }
    }
    const oneOf = list('oneOf')
    if (oneOf.length > 0) {
      const tries = oneOf.map((one) => this.#fits(value, one, depth))
      const fitting = tries.filter((found) => found.length === 0).length
      if (fitting !== 1) {
        this.#add('number_one_of', path, 'Must validate one and only one schema (oneOf)')
        if (fitting === 0) this.#best(tries, path)
      }
    }
    const allOf = list('allOf')
    const failing = allOf.map((one) => this.#fits(value, one, depth)).filter((found) => found.length > 0)
    if (failing.length > 0) {
      for (const found of failing) this.#nested(found, path)
      this.#add('number_all_of', path, 'Must validate all the schemas (allOf)')
    }
    const not = schema.get('not')
    if (not !== undefined && this.#fits(value, not, depth).length === 0)
      this.#add('number_not', path, 'Must not validate the schema (not)')
    const condition = schema.get('if')
    if (condition === undefined) return
    const holds = this.#fits(value, condition, depth).length === 0
    const branch = schema.get(holds ? 'then' : 'else')
    if (branch === undefined || this.#fits(value, branch, depth).length === 0) return
    const [type, words] = holds
      ? ['condition_then', '"then" as "if" was valid']
      : ['condition_else', '"else" as "if" was not valid']
    this.#add(type, path, `Must validate ${words}`)
    this.#nested(this.#fits(value, branch, depth), path)
  }

  /** Of several tries that failed, what the one says that failed least. */
  #best(tries: readonly (readonly Violation[])[], path: readonly string[]): void {
    const [best] = [...tries].sort((a, b) => a.length - b.length)
    if (best !== undefined) this.#nested(best, path)
  }

  #nested(found: readonly Violation[], path: readonly string[]): void {
    for (const { type, field, description } of found)
      this.#add(type, field === ROOT ? path : [...path, field], description)
  }

  #common(value: Value, schema: RegoObject, path: readonly string[]): void {
    const field = path.length === 0 ? ROOT : path.join('.')
    const constant = schema.get('const')
    if (constant !== undefined && !equal(constant, value))
      this.#add('const', path, `${field} does not match: ${goJson(constant)}`)
    const allowed = schema.get('enum')
    if (isArray(allowed) && !allowed.some((one) => equal(one, value)))
      this.#add('enum', path, `${field} must be one of the following: ${allowed.map((one) => goJson(one)).join(', ')}`)
  }

  #string(value: string, schema: RegoObject, path: readonly string[]): void {
    const length = runeCount(value)
    const [min, max] = [schema.get('minLength'), schema.get('maxLength')]
    if (typeof min === 'number' && length < min)
      this.#add('string_gte', path, `String length must be greater than or equal to ${min}`)
    if (typeof max === 'number' && length > max)
      this.#add('string_lte', path, `String length must be less than or equal to ${max}`)
    const pattern = schema.get('pattern')
    if (typeof pattern === 'string' && !matches(pattern, value, this.#spend))
      this.#add('pattern', path, `Does not match pattern '${pattern}'`)
    const format = schema.get('format')
    if (typeof format === 'string' && formats.get(format)?.(value) === false)
      this.#add('format', path, `Does not match format '${format}'`)
  }

  #number(value: number | Decimal, schema: RegoObject, path: readonly string[]): void {
    const bound = (name: string): number | Decimal | undefined => {
      const found = schema.get(name)
      return isNumber(found) ? found : undefined
    }
    const multiple = bound('multipleOf')
    if (multiple !== undefined && !isMultiple(value, multiple))
      this.#add('multiple_of', path, `Must be a multiple of ${generalText(multiple)}`)
    const exclusive = (name: string): boolean => schema.get(name) === true
    const [min, max] = [bound('minimum'), bound('maximum')]
    const [above, below] = [
      bound('exclusiveMinimum') ?? (exclusive('exclusiveMinimum') ? min : undefined),
      bound('exclusiveMaximum') ?? (exclusive('exclusiveMaximum') ? max : undefined),
    ]
    if (max !== undefined && !exclusive('exclusiveMaximum') && compareNumbers(value, max) > 0)
      this.#add('number_lte', path, `Must be less than or equal to ${generalText(max)}`)
    if (below !== undefined && compareNumbers(value, below) >= 0)
      this.#add('number_lt', path, `Must be less than ${generalText(below)}`)
    if (min !== undefined && !exclusive('exclusiveMinimum') && compareNumbers(value, min) < 0)
      this.#add('number_gte', path, `Must be greater than or equal to ${generalText(min)}`)
    if (above !== undefined && compareNumbers(value, above) <= 0)
      this.#add('number_gt', path, `Must be greater than ${generalText(above)}`)
  }

  #array(value: ValueArray, schema: RegoObject, path: readonly string[], depth: number): void {
    const items = schema.get('items')
    if (isArray(items)) {
      const more = schema.get('additionalItems')
      for (const [index, item] of value.entries()) {
        const one = items[index] ?? more
        if (items[index] === undefined && more === false) {
          this.#add('array_no_additional_items', path, 'No additional items allowed on array')
          break
        }
        if (one !== undefined) this.check(item, one, [...path, String(index)], depth + 1)
      }
    } else if (items !== undefined)
      for (const [index, item] of value.entries()) this.check(item, items, [...path, String(index)], depth + 1)
    const [min, max] = [schema.get('minItems'), schema.get('maxItems')]
    if (typeof min === 'number' && value.length < min)
      this.#add('array_min_items', path, `Array must have at least ${min} items`)
    if (typeof max === 'number' && value.length > max)
      this.#add('array_max_items', path, `Array must have at most ${max} items`)
    if (schema.get('uniqueItems') === true) this.#unique(value, path)
    const contains = schema.get('contains')
    if (contains !== undefined && !value.some((item) => this.#fits(item, contains, depth).length === 0))
      this.#add('contains', path, 'At least one of the items must match')
  }

  #unique(value: ValueArray, path: readonly string[]): void {
    const seen = new Map<string, number>()
    for (const [index, item] of value.entries()) {
      const key = goJson(item)
      const before = seen.get(key)
      if (before !== undefined) this.#add('unique', path, `array items[${before},${index}] must be unique`)
      else seen.set(key, index)
    }
  }

  #object(value: RegoObject, schema: RegoObject, path: readonly string[], depth: number): void {
    const names = value.keys().filter((key) => typeof key === 'string')
    const [min, max] = [schema.get('minProperties'), schema.get('maxProperties')]
    if (typeof min === 'number' && names.length < min)
      this.#add('array_min_properties', path, `Must have at least ${min} properties`)
    if (typeof max === 'number' && names.length > max)
      this.#add('array_max_properties', path, `Must have at most ${max} properties`)
    const required = schema.get('required')
    for (const name of isArray(required) ? required : [])
      if (!value.has(name)) this.#add('required', path, `${String(name)} is required`)
    this.#dependencies(value, schema, path, depth)
    for (const name of names) this.#property(name, value.get(name) ?? null, schema, path, depth)
  }

  #property(name: string, value: Value, schema: RegoObject, path: readonly string[], depth: number): void {
    const [properties, patterns] = [schema.get('properties'), schema.get('patternProperties')]
    const own = isObject(properties) ? properties.get(name) : undefined
    if (own !== undefined) this.check(value, own, [...path, name], depth + 1)
    let isKnown = own !== undefined
    for (const pattern of isObject(patterns) ? patterns.keys() : []) {
      if (typeof pattern !== 'string' || !matches(pattern, name, this.#spend) || !isObject(patterns)) continue
      isKnown = true
      this.check(value, patterns.get(pattern) ?? true, [...path, name], depth + 1)
    }
    const more = schema.get('additionalProperties')
    if (!isKnown && more === false)
      this.#add('additional_property_not_allowed', path, `Additional property ${name} is not allowed`)
    else if (!isKnown && more !== undefined) this.check(value, more, [...path, name], depth + 1)
    const naming = schema.get('propertyNames')
    const found = naming === undefined ? [] : this.#fits(name, naming, depth)
    if (found.length === 0) return
    this.#add('invalid_property_name', path, `Property name of "${name}" does not match`)
    this.#nested(found, path)
  }

  #dependencies(value: RegoObject, schema: RegoObject, path: readonly string[], depth: number): void {
    const dependencies = schema.get('dependencies')
    for (const name of isObject(dependencies) ? dependencies.keys() : []) {
      const needed = isObject(dependencies) ? dependencies.get(name) : undefined
      if (!value.has(name) || needed === undefined) continue
      if (!isArray(needed)) this.check(value, needed, path, depth + 1)
      else
        for (const one of needed)
          if (!value.has(one)) this.#add('missing_dependency', path, `Has a dependency on ${String(one)}`)
    }
  }
}

function typeOf(value: Value): string {
  if (value === null) return 'null'
  if (isArray(value)) return 'array'
  if (isObject(value)) return 'object'
  if (isNumber(value)) return integerOf(value) === undefined ? 'number' : 'integer'
  return typeof value
}

/** JSON with all numbers as doubles, which is how Go reads what it shows here. */
function goJson(value: Value): string {
  return writeJson(valueFromData(dataFromValue(value)))
}

function isMultiple(value: number | Decimal, of: number | Decimal): boolean {
  try {
    if (integerOf(value) !== undefined && integerOf(of) !== undefined) return remainder(value, of) === 0
  } catch {
    return false
  }
  const [dividend, divisor] = [doubleOf(value), doubleOf(of)]
  const quotient = dividend / divisor
  return Math.abs(quotient - Math.round(quotient)) < 1e-9
}

/** Patterns are RE2's, so that no policy can make them slow. One that is none matches nothing. */
function matches(pattern: string, text: string, spend: (units: number) => void): boolean {
  try {
    return finds(RE2JS.compile(pattern), text, spend)
  } catch (error) {
    if (error instanceof EvaluationHalted) throw error
    return false
  }
}
