// Schemas in the type checker: the input's, and those that metadata puts on parts of the input or of data for one rule.
import { type Location, parseTerm, type Term, termString } from '../syntax/index.ts'
import {
  type Overrides,
  overrideType,
  type Path,
  type PlacedRule,
  SchemaError,
  type Type,
  type TypeEnvironment,
  type TypeFault,
  typeOfSchema,
} from '../types/index.ts'
import type { AnnotationSet } from './annotation-set.ts'

/** Schemas by the names that metadata calls them: `schema` for the input, `schema.name`, `schema["a-b"].c`. */
export type SchemaSet = ReadonlyMap<string, unknown>

/** The type that the schema of the input gives, or the mistake in it. */
export function inputType(schemas: SchemaSet | undefined): Type | TypeFault | undefined {
  const schema = schemas?.get('schema')
  if (schema === undefined) return undefined
  return readSchema(schema, { file: '', row: 1, col: 1, offset: 0, end: 0 })
}

/** What the metadata of a rule says about the types of documents. */
export function schemaOverrides(annotations: AnnotationSet, schemas: SchemaSet | undefined): Overrides {
  const known = new Map<string, Type | TypeFault>()
  const named = schemas === undefined ? undefined : new Map([...schemas].map(([name, one]) => [canonical(name), one]))
  const typeOf = ({ schema, definition }: Declared, location: Location): Type | TypeFault | undefined => {
    if (schema === undefined) return definition === undefined ? undefined : readSchema(definition, location)
    if (named === undefined) return undefined
    const name = canonical(schema)
    const found = named.get(name)
    if (found === undefined) return fault(`undefined schema: ${name}`, location)
    const type = known.get(name) ?? readSchema(found, location)
    if ('kind' in type) known.set(name, type)
    return type
  }
  return (placed: PlacedRule, env: TypeEnvironment): readonly TypeFault[] => {
    if (!annotations.any) return []
    const faults: TypeFault[] = []
    for (const declared of declaredFor(placed, annotations)) {
      const path = pathFrom(declared.path)
      const type = typeOf(declared, placed.rule.location)
      if (type === undefined || path === undefined) continue
      if ('kind' in type) overrideType(path, type, env)
      else faults.push(type)
    }
    return faults
  }
}

interface Declared {
  readonly path: string
  readonly schema?: string
  readonly definition?: unknown
}

/** From the outside to the rule itself, so that the nearer one is the last word. */
function declaredFor(
  { rule, package: packagePath, path }: PlacedRule,
  annotations: AnnotationSet,
): readonly Declared[] {
  return [
    ...annotations.above(packagePath).map((link) => link.annotations),
    annotations.ofPackage(packagePath),
    annotations.ofDocument(path),
    ...[...annotations.ofRule(rule)].reverse(),
  ].flatMap((one) => one?.schemas ?? [])
}

function canonical(name: string): string {
  const { term } = parseTerm(name, { file: '' })
  return term === undefined ? name : termString(term)
}

function pathFrom(text: string): Path | undefined {
  const { term } = parseTerm(text, { file: '' })
  if (term?.kind === 'var') return [term]
  if (term?.kind !== 'ref') return undefined
  const path: readonly Term[] = [term.head, ...term.path]
  return path
}

function readSchema(schema: unknown, location: Location): Type | TypeFault {
  try {
    return typeOfSchema(schema)
  } catch (error) {
    if (error instanceof SchemaError) return fault(error.message, location)
    throw error
  }
}

function fault(message: string, location: Location): TypeFault {
  return { message, location, details: [], unknown: false }
}
