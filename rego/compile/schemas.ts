// Schemas in the type checker: the input's, and those that metadata puts on parts of the input or of data for one rule.
import { type Annotations, type Location, parseTerm, type Term, termString } from '../syntax/index.ts'
import {
  OverriddenTypes,
  type Overrides,
  type Path,
  type PlacedRule,
  SchemaError,
  type Type,
  type TypeEnvironment,
  type TypeFault,
  typeOfSchema,
} from '../types/index.ts'
import type { AnnotationSet } from './annotation-set.ts'

/** Properties and rules that are gone through to put types into parts of documents, for all rules together. */
const looksMax = 5_000_000

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
  const paths = new Map<string, Path | undefined>()
  const pathOf = (text: string): Path | undefined => {
    const path = paths.has(text) ? paths.get(text) : pathFrom(text)
    paths.set(text, path)
    return path
  }
  let looks = 0
  const given = (blocks: readonly Annotations[], env: TypeEnvironment, location: Location): Given => {
    const faults: TypeFault[] = []
    const types = new OverriddenTypes(env)
    for (const declared of blocks.flatMap(({ schemas: all }) => all)) {
      if (looks + types.taken > looksMax) break
      const path = pathOf(declared.path)
      const type = typeOf(declared, location)
      if (type === undefined || path === undefined) continue
      if ('kind' in type) types.put(path, type)
      else faults.push(type)
    }
    looks += types.taken
    return { types: types.all(), faults }
  }
  const ofInput = ({ path }: Declared): boolean => isInput(pathOf(path)?.[0])
  const shared = new SharedBlocks()
  let rules = 0
  let isTold = false
  return (placed: PlacedRule, env: TypeEnvironment): readonly TypeFault[] => {
    rules++
    if (!annotations.any || isTold) return []
    const { around, own } = blocksFor(placed, annotations)
    const { location } = placed.rule
    // What data are is put together anew from the rules before.
    if (![...around, ...own].every(({ schemas: all }) => all.every(ofInput))) looks += rules
    const faults: TypeFault[] = []
    const take = ({ types, faults: found }: Given): void => {
      for (const [path, type] of types) env.put(path, type)
      for (const one of found) faults.push({ ...one, location })
    }
    // What data are changes with every rule that is checked; the input is the same for all.
    if (around.every(({ schemas: all }) => all.every(ofInput)))
      take(shared.find(around, () => given(around, env, location)))
    else take(given(around, env, location))
    if (own.length > 0) take(given(own, env, location))
    if (looks > looksMax) {
      isTold = true
      const message = `schemas of metadata give types to parts of documents of more than ${looksMax} properties in all`
      faults.push(fault(message, location))
    }
    return faults
  }
}

/** What blocks give to documents, and what is wrong with them. */
interface Given {
  readonly types: readonly (readonly [Path, Type])[]
  readonly faults: readonly TypeFault[]
}

/** What blocks give that hold for many rules, found once. */
class SharedBlocks {
  readonly #numbers = new Map<Annotations, number>()
  readonly #found = new Map<string, Given>()

  find(blocks: readonly Annotations[], make: () => Given): Given {
    const key = blocks.map((block) => this.#number(block)).join()
    const found = this.#found.get(key) ?? make()
    this.#found.set(key, found)
    return found
  }

  #number(block: Annotations): number {
    const known = this.#numbers.get(block)
    if (known !== undefined) return known
    this.#numbers.set(block, this.#numbers.size)
    return this.#numbers.size - 1
  }
}

interface Declared {
  readonly path: string
  readonly schema?: string
  readonly definition?: unknown
}

/** The blocks with schemas, from the outside to the rule itself, so that the nearer one is the last word. */
function blocksFor(
  { rule, package: packagePath, path }: PlacedRule,
  annotations: AnnotationSet,
): { readonly around: readonly Annotations[]; readonly own: readonly Annotations[] } {
  const around = [
    ...annotations.above(packagePath).map((link) => link.annotations),
    annotations.ofPackage(packagePath),
    annotations.ofDocument(path),
  ]
  return {
    around: around.flatMap((one) => (one === undefined || one.schemas.length === 0 ? [] : [one])),
    own: annotations
      .ofRule(rule)
      .toReversed()
      .filter(({ schemas }) => schemas.length > 0),
  }
}

function isInput(head: Term | undefined): boolean {
  return head?.kind === 'var' && head.name === 'input'
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
