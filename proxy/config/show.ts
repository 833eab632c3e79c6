// Prints a configuration as the file would have to say it, with every default. It holds references only, never secrets.
import { stringify } from 'yaml'
import { configFields } from './fields.ts'
import { type AnyFields, type Field, keyOf, printBytes, printTime } from './shape.ts'
import type { Config } from './types.ts'

/** The resolved configuration as YAML. */
export function showConfig(config: Config): string {
  return stringify(ofObject(config, configFields), { lineWidth: 0 })
}

function ofObject(value: object, fields: AnyFields): unknown {
  const known = new Map(Object.entries(value))
  const shown = Object.entries(fields).flatMap(([property, field]): [string, unknown][] => {
    const part = known.get(property)
    return part === undefined ? [] : [[keyOf(property, field), ofField(part, field)]]
  })
  return Object.fromEntries(shown)
}

function ofField(value: unknown, field: Field): unknown {
  switch (field.kind) {
    case 'duration':
      return typeof value === 'number' ? printTime(value) : value
    case 'bytes':
      return typeof value === 'number' ? printBytes(value) : value
    case 'address': {
      const isAddress = typeof value === 'object' && value !== null && 'host' in value && 'port' in value
      if (!isAddress) return value
      const host = String(value.host)
      return `${host.includes(':') ? `[${host}]` : host}:${String(value.port)}`
    }
    case 'reference':
      // A command line may itself carry what should not be seen.
      return typeof value === 'string' && value.startsWith('exec:') ? 'exec:(not shown)' : value
    case 'list':
      return Array.isArray(value) ? value.map((item) => ofField(item, field.of)) : value
    case 'object':
      return typeof value === 'object' && value !== null ? ofObject(value, field.fields) : value
    case 'variants': {
      const tag =
        typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(field.tag) : undefined
      const fields = typeof tag === 'string' && Object.hasOwn(field.cases, tag) ? field.cases[tag] : undefined
      return typeof value === 'object' && value !== null && fields !== undefined ? ofObject(value, fields) : value
    }
    default:
      return value
  }
}
