// The published schema of action documents, walked step by step: what `input.` can be followed by, and what stands there.
import { existsSync, readFileSync } from 'node:fs'

/** A node of a JSON Schema. */
export interface Schema {
  readonly [name: string]: unknown
}

/** One field of an object. */
export interface SchemaField {
  readonly name: string
  readonly schema: Schema
  readonly description: string | undefined
}

/** Reads the schema that is shipped; undefined where it is not. */
export function readActionSchema(): Schema | undefined {
  for (const up of ['../../fixtures/schema/', '../../../fixtures/schema/']) {
    const url = new URL(`${up}action.v1.json`, import.meta.url)
    if (existsSync(url)) return fieldsOf(JSON.parse(readFileSync(url, 'utf8')))
  }
  return undefined
}

/** The schema with its reference followed; a description beside the reference stays. */
export function resolveSchema(schema: Schema, root: Schema): Schema {
  const ref = schema['$ref']
  if (typeof ref !== 'string') return schema
  const { $ref: _ref, ...beside } = schema
  return { ...resolveSchema(fieldsOf(fieldsOf(root['$defs'])[ref.slice('#/$defs/'.length)]), root), ...beside }
}

/** The schema below `input` at a path; undefined where the schema says nothing. Steps through arrays may be anything. */
export function schemaAt(root: Schema, path: readonly string[]): Schema | undefined {
  const { $schema: _schema, $id: _id, $defs: _defs, ...top } = root
  let at = resolveSchema(top, root)
  for (const step of path) {
    const next = at['type'] === 'array' ? at['items'] : fieldsOf(at['properties'])[step]
    if (next === undefined) return undefined
    at = resolveSchema(fieldsOf(next), root)
  }
  return at
}

/** The fields of an object at a path; none where the schema does not list them. */
export function fieldsAt(root: Schema, path: readonly string[]): readonly SchemaField[] {
  const at = schemaAt(root, path)
  return Object.entries(fieldsOf(at?.['properties'])).map(([name, schema]) => {
    const resolved = resolveSchema(fieldsOf(schema), root)
    const { description } = resolved
    return { name, schema: resolved, description: typeof description === 'string' ? description : undefined }
  })
}

/** What a schema allows, in a few words. */
export function schemaType(schema: Schema): string {
  const values = schema['enum']
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (schema['const'] !== undefined) return JSON.stringify(schema['const'])
  const { type } = schema
  if (Array.isArray(type)) return type.join(' | ')
  if (typeof type === 'string') return type
  const parts = schema['anyOf'] ?? schema['oneOf']
  return Array.isArray(parts) ? parts.map((part) => schemaType(fieldsOf(part))).join(' | ') : 'any'
}

/** An object's fields; none for what is no object. */
export function fieldsOf(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}
