// Whether a request is what its operation in an OpenAPI document says: parameters, media type, body. What does not fit is
// told in words; it is a fact for policies, and refuses nothing by itself.
import { validate } from '../../../rego/builtins/index.ts'
import { isArray, isObject, type Value, valueFromData } from '../../../rego/value/index.ts'
import type { HttpFacts } from './facts.ts'
import { schemaUnitsMax, violationsMax, violationTextMax } from './limits.ts'
import { followedMax, isWhole, memberOf, referred } from './openapi-member.ts'
import type { CanonicalRequest } from './request.ts'

/** What is looked at of a request. */
export interface CheckedRequest {
  readonly request: CanonicalRequest
  readonly body: HttpFacts['body']
  /** Values of the parameters in the path, by name. */
  readonly path: ReadonlyMap<string, string>
}

/** One operation, as far as requests can be checked against it. */
export interface OperationSchema {
  /** In which ways a request does not fit; empty where it does. */
  violations(checked: CheckedRequest): readonly string[]
}

interface Parameter {
  readonly place: 'path' | 'query' | 'header'
  readonly name: string
  readonly required: boolean
  readonly schema: Value | undefined
  /** An array of it is written as one value with commas. */
  readonly joined: boolean
  /** It is written in a way of its own, and only looked for. */
  readonly special: boolean
}

interface Body {
  readonly required: boolean
  readonly content: ReadonlyMap<string, Value | undefined>
}

/** Headers that the specification leaves to other parts of a document. */
const otherHeaders: ReadonlySet<string> = new Set(['accept', 'authorization', 'content-type'])

/** The operation `operation` of the path `item`. */
export function operationSchema(document: unknown, root: Value, item: unknown, operation: unknown): OperationSchema {
  const parameters = new Map<string, Parameter>()
  for (const all of [memberOf(item, 'parameters'), memberOf(operation, 'parameters')])
    for (const one of Array.isArray(all) ? all : []) {
      const parameter = parameterOf(referred(document, one))
      if (parameter !== undefined) parameters.set(`${parameter.place} ${parameter.name}`, parameter)
    }
  const body = bodyOf(document, memberOf(operation, 'requestBody'))
  const whole = [item, operation].every((one) =>
    ['parameters', 'requestBody'].every((name) => isWhole(document, memberOf(one, name))),
  )
  return {
    violations: (checked) => {
      const found = new Violations(root)
      if (!whole) found.add('document', 'it refers to what it does not hold')
      for (const parameter of parameters.values()) checkParameter(parameter, checked, found)
      checkBody(body, checked, found)
      return found.all
    },
  }
}

/** Violations of one request, no more than somebody reads. */
class Violations {
  readonly all: string[] = []
  readonly #root: Value
  #units = 0

  constructor(root: Value) {
    this.#root = root
  }

  get root(): Value {
    return this.#root
  }

  add(place: string, text: string): void {
    if (this.all.length < violationsMax) this.all.push(`${place}: ${text}`.slice(0, violationTextMax))
  }

  /** Checks a value against a schema; one that takes too long does not fit. */
  check(place: string, value: Value, schema: Value): void {
    try {
      const found = validate(value, schema, (units) => this.#spend(units), this.#root)
      for (const { field, description } of found)
        this.add(field === '(Root)' ? place : `${place}.${field}`, description)
    } catch (error) {
      if (!(error instanceof Exhausted)) throw error
      this.add(place, 'it takes too long to be checked')
    }
  }

  #spend(units: number): void {
    this.#units += units
    if (this.#units > schemaUnitsMax) throw new Exhausted()
  }
}

class Exhausted extends Error {}

function checkParameter(parameter: Parameter, { request, path }: CheckedRequest, found: Violations): void {
  const { place, name, required, schema, joined, special } = parameter
  const values = valuesOf(parameter, request, path)
  const where = `${place}.${name}`
  if (values.length === 0) {
    // A parameter of the path that cannot be cut out is there all the same.
    if (required && place !== 'path' && !special) found.add(where, 'it is required')
    return
  }
  if (schema === undefined || special) return
  const types = typesOf(schema, found.root)
  if (types.includes('array')) {
    const items = isObject(schema) ? schema.get('items') : undefined
    const single = joined && values.length === 1 ? (values[0] ?? '').split(',') : values
    found.check(
      where,
      single.map((one) => typed(one, items === undefined ? [] : typesOf(items, found.root))),
      schema,
    )
  } else if (values.length > 1) found.add(where, 'it is there more than once')
  else found.check(where, typed(values[0] ?? '', types), schema)
}

function valuesOf(
  { place, name }: Parameter,
  { query, fields }: CanonicalRequest,
  path: ReadonlyMap<string, string>,
): readonly string[] {
  if (place === 'query') return Object.hasOwn(query.parameters, name) ? (query.parameters[name] ?? []) : []
  if (place === 'header') return fields.filter(([one]) => one === name.toLowerCase()).map(([, value]) => value)
  const value = path.get(name)
  return value === undefined ? [] : [value]
}

function checkBody(body: Body | undefined, { body: read }: CheckedRequest, found: Violations): void {
  if (body === undefined) return
  if (read.kind === 'none') {
    if (body.required) found.add('body', 'it is required')
    return
  }
  const [family = ''] = read.type.split('/', 1)
  const known = [read.type, `${family}/*`, '*/*'].find((type) => body.content.has(type))
  if (known === undefined) {
    found.add('body', `the media type ${read.type === '' ? '(none)' : read.type} is not in the document`)
    return
  }
  const schema = body.content.get(known)
  if (schema === undefined) return
  // What was not read is not known to fit; that it was not read is a fact of its own.
  if (read.kind === 'json' && read.complete) found.check('body', valueFromData(read.value), schema)
  else if (read.kind === 'form' && read.complete) found.check('body', formValue(read.value, schema, found.root), schema)
}

/** A form as an object: a field that is there once is a value, of the type that its schema wants. */
function formValue(fields: HttpFacts['body']['value'], schema: Value, root: Value): Value {
  const shape = followed(schema, root)
  const properties = isObject(shape) ? shape.get('properties') : undefined
  const entries = Object.entries(typeof fields === 'object' && fields !== null ? fields : {}).map(([name, values]) => {
    const own = isObject(properties) ? properties.get(name) : undefined
    const types = own === undefined ? [] : typesOf(own, root)
    const all = Array.isArray(values) ? values.map((one) => String(one)) : []
    const [first] = all
    const isOne = all.length === 1 && first !== undefined && !types.includes('array')
    return [name, isOne ? plain(first, types) : all] as const
  })
  return valueFromData(Object.fromEntries(entries))
}

/** A text as a value of the first of the types that it can be. */
function typed(text: string, types: readonly string[]): Value {
  return valueFromData(plain(text, types))
}

function plain(text: string, types: readonly string[]): string | number | boolean | null {
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  if (types.includes('null') && text === '') return null
  const isNumber = /^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?$/.test(text)
  return isNumber && (types.includes('integer') || types.includes('number')) ? Number(text) : text
}

/** What a schema of nothing but a reference refers to. */
function followed(schema: Value, root: Value): Value {
  let now = schema
  for (let step = 0; step < followedMax && isObject(now); step++) {
    const reference = now.get('$ref')
    if (typeof reference !== 'string' || !reference.startsWith('#/')) return now
    let at: Value | undefined = root
    for (const part of reference.slice(2).split('/'))
      at = isObject(at) ? at.get(part.replaceAll('~1', '/').replaceAll('~0', '~')) : undefined
    now = at ?? true
  }
  return now
}

/** The types that a schema names for itself, or for one of its choices. */
function typesOf(schema: Value, root: Value): readonly string[] {
  const found = followed(schema, root)
  if (!isObject(found)) return []
  const type = found.get('type')
  if (typeof type === 'string') return [type]
  if (isArray(type)) return type.filter((one): one is string => typeof one === 'string')
  for (const name of ['anyOf', 'oneOf', 'allOf']) {
    const choices = found.get(name)
    if (isArray(choices)) return choices.flatMap((one) => (isObject(one) && one.has('type') ? typesOf(one, root) : []))
  }
  return []
}

function parameterOf(one: unknown): Parameter | undefined {
  const [place, name, style] = [memberOf(one, 'in'), memberOf(one, 'name'), memberOf(one, 'style')]
  if (typeof name !== 'string' || (place !== 'path' && place !== 'query' && place !== 'header')) return undefined
  if (place === 'header' && otherHeaders.has(name.toLowerCase())) return undefined
  const schema: unknown = memberOf(one, 'schema')
  const plainStyle = style === undefined || style === (place === 'query' ? 'form' : 'simple')
  return {
    place,
    name,
    required: memberOf(one, 'required') === true,
    schema: schema === undefined ? undefined : valueFromData(schema),
    joined: place !== 'query' || memberOf(one, 'explode') === false,
    special: !plainStyle || isObjectSchema(schema),
  }
}

function isObjectSchema(schema: unknown): boolean {
  return memberOf(schema, 'type') === 'object'
}

function bodyOf(document: unknown, given: unknown): Body | undefined {
  if (given === undefined) return undefined
  const body = referred(document, given)
  const content: unknown = memberOf(body, 'content')
  const types = typeof content === 'object' && content !== null ? Object.entries(content) : []
  return {
    required: memberOf(body, 'required') === true,
    content: new Map(
      types.map(([type, media]) => {
        const schema: unknown = memberOf(media, 'schema')
        const bare = (type.split(';', 1)[0] ?? '').trim().toLowerCase()
        return [bare, schema === undefined ? undefined : valueFromData(schema)]
      }),
    ),
  }
}
