// The JSON Schema of sallyport.yaml, for editors; made from the same fields that the reader uses.
import { unreachable } from '../../rego/unreachable.ts'
import { configFields } from './fields.ts'
import { type AnyFields, type Field, keyOf, type TextForm } from './shape.ts'

type Schema = { readonly [key: string]: unknown }

/** The schema as text, as it stands in fixtures/schema/config.v1.json. */
export function configSchemaText(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:sallyport:schema:config:1',
    title: 'sallyport.yaml, version 1',
    ...ofObject(configFields),
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

function ofObject(fields: AnyFields, tag?: readonly [string, string]): Schema {
  const entries = Object.entries(fields).map(([property, field]): [string, Schema] => {
    const key = keyOf(property, field)
    return [key, tag?.[0] === key ? { const: tag[1] } : ofField(field)]
  })
  const required = Object.entries(fields).flatMap(([property, field]) => {
    const key = keyOf(property, field)
    return field.optional === true || field.otherwise !== undefined ? [] : [key]
  })
  return { type: 'object', properties: Object.fromEntries(entries), required, additionalProperties: false }
}

function ofField(field: Field): Schema {
  const about = { description: field.about, ...(field.otherwise === undefined ? {} : { default: field.otherwise }) }
  return { ...about, ...ofKind(field) }
}

function ofKind(field: Field): Schema {
  switch (field.kind) {
    case 'text':
      return { type: 'string', ...textForms[field.form ?? 'any'] }
    case 'reference':
      return { type: 'string', pattern: '^(file|env|exec|vault|vault-ssh|vault-otp|rds|projected):.+$' }
    case 'path':
      return { type: 'string', minLength: 1 }
    case 'integer':
    case 'number': {
      const number = { type: field.kind, minimum: field.min, maximum: field.max }
      return field.kind === 'integer' && field.mayBeAuto === true ? { anyOf: [number, { const: 'auto' }] } : number
    }
    case 'boolean':
      return { type: 'boolean' }
    case 'duration':
      return { type: 'string', pattern: '^(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?$', minLength: 2 }
    case 'bytes':
      return {
        anyOf: [
          { type: 'integer', minimum: 1, maximum: field.max },
          { type: 'string', pattern: '^\\d+(B|KiB|MiB|GiB)?$' },
        ],
      }
    case 'address':
      return { type: 'string', pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+):\\d{1,5}$' }
    case 'choice':
      return { enum: field.values }
    case 'list':
      return { type: 'array', items: ofField(field.of), ...(field.min === undefined ? {} : { minItems: field.min }) }
    case 'map':
      return { type: 'object', additionalProperties: ofField(field.of) }
    case 'object':
      return ofObject(field.fields)
    case 'variants':
      return { oneOf: Object.entries(field.cases).map(([name, fields]) => ofObject(fields, [field.tag, name])) }
    default:
      return unreachable(field)
  }
}

const textForms: Record<TextForm, Schema> = {
  path_or_url: { minLength: 1 },
  any: { minLength: 1 },
  may_be_empty: {},
  name: { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' },
  url: { pattern: '^https?://' },
  http_url: { pattern: '^https?://' },
  pointer: { pattern: '^/(input|result)(/|$)' },
}
