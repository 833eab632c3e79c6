// What a GraphQL schema must be: extensions merged into types, every name known, every type well made.
import type {
  ArgumentNode,
  DefinitionNode,
  DirectiveDefinitionNode,
  DirectiveNode,
  FieldNode,
  InputNode,
  SchemaDocument,
  SchemaNode,
  TypeNode,
} from './document.ts'

/** A schema with its extensions merged. */
export interface MergedSchema {
  readonly types: ReadonlyMap<string, DefinitionNode>
  readonly directives: ReadonlyMap<string, DirectiveDefinitionNode>
  /** The type that each kind of operation starts from. */
  readonly roots: ReadonlyMap<string, string>
}

const SCALARS = ['Int', 'Float', 'String', 'Boolean', 'ID']
const named = (NamedType: string, NonNull = false): TypeNode => ({ NamedType, NonNull })
const argument = (Name: string, Type: TypeNode): InputNode => ({ Description: '', Name, Type })
const directive = (
  Name: string,
  inputs: readonly InputNode[],
  Locations: readonly string[],
): DirectiveDefinitionNode => ({ Description: '', Name, Arguments: inputs, Locations, IsRepeatable: false })
const SELECTED = ['FIELD', 'FRAGMENT_SPREAD', 'INLINE_FRAGMENT']
const BUILT_IN_DIRECTIVES: readonly DirectiveDefinitionNode[] = [
  directive('include', [argument('if', named('Boolean', true))], SELECTED),
  directive('skip', [argument('if', named('Boolean', true))], SELECTED),
  directive(
    'deprecated',
    [argument('reason', named('String'))],
    ['FIELD_DEFINITION', 'ARGUMENT_DEFINITION', 'INPUT_FIELD_DEFINITION', 'ENUM_VALUE'],
  ),
  directive('specifiedBy', [argument('url', named('String', true))], ['SCALAR']),
  directive(
    'defer',
    [argument('if', named('Boolean')), argument('label', named('String'))],
    ['FRAGMENT_SPREAD', 'INLINE_FRAGMENT'],
  ),
  directive('oneOf', [], ['INPUT_OBJECT']),
]
const INTROSPECTION = [
  '__Schema',
  '__Type',
  '__Field',
  '__InputValue',
  '__EnumValue',
  '__Directive',
  '__TypeKind',
  '__DirectiveLocation',
]

/** The merged schema of a document, or what is wrong with it. */
export function mergeSchema(document: SchemaDocument): MergedSchema | string {
  const types = new Map<string, DefinitionNode>()
  for (const Name of SCALARS) types.set(Name, { Kind: 'SCALAR', Description: '', Name, BuiltIn: true })
  for (const Name of INTROSPECTION) types.set(Name, { Kind: 'OBJECT', Description: '', Name, BuiltIn: true })
  for (const one of document.Definitions ?? []) {
    if (types.has(one.Name)) return `Cannot redeclare type ${one.Name}.`
    types.set(one.Name, one)
  }
  for (const one of document.Extensions ?? []) {
    const base = types.get(one.Name)
    if (base !== undefined && base.Kind !== one.Kind)
      return `Cannot extend type ${one.Name} because the base type is a ${base.Kind}, not ${one.Kind}.`
    types.set(one.Name, base === undefined ? one : extended(base, one))
  }
  const directives = new Map(BUILT_IN_DIRECTIVES.map((one) => [one.Name, one]))
  const own = new Set<string>()
  for (const one of document.Directives ?? []) {
    // Only what a document itself declares twice is wrong: it may restate a built-in one.
    if (own.has(one.Name)) return `Cannot redeclare directive ${one.Name}.`
    own.add(one.Name)
    directives.set(one.Name, one)
  }
  const roots = rootsOf(document, types)
  if (typeof roots === 'string') return roots
  const schema = { types, directives, roots }
  return problemOf(schema, own) ?? schema
}

function extended(base: DefinitionNode, by: DefinitionNode): DefinitionNode {
  const both = <K extends 'Directives' | 'Interfaces' | 'Fields' | 'Types' | 'EnumValues'>(key: K) => {
    const items = [...(base[key] ?? []), ...(by[key] ?? [])]
    return items.length === 0 ? {} : { [key]: items }
  }
  return {
    ...base,
    ...both('Directives'),
    ...both('Interfaces'),
    ...both('Fields'),
    ...both('Types'),
    ...both('EnumValues'),
  }
}

function rootsOf(
  document: SchemaDocument,
  types: ReadonlyMap<string, DefinitionNode>,
): ReadonlyMap<string, string> | string {
  const declared: readonly SchemaNode[] = document.Schema ?? []
  if (declared.length > 1) return 'Cannot have multiple schema entry points, consider schema extensions instead.'
  const roots = new Map<string, string>()
  for (const one of [...declared, ...(document.SchemaExtension ?? [])]) {
    for (const { Operation, Type } of one.OperationTypes ?? []) {
      if (!types.has(Type)) return `Schema root ${Operation} refers to a type ${Type} that does not exist.`
      roots.set(Operation, Type)
    }
  }
  if (declared.length === 0)
    for (const [operation, name] of [
      ['query', 'Query'],
      ['mutation', 'Mutation'],
      ['subscription', 'Subscription'],
    ] as const)
      if (types.has(name) && !roots.has(operation)) roots.set(operation, name)
  return roots
}

function problemOf(schema: MergedSchema, own: ReadonlySet<string>): string | undefined {
  for (const name of [...schema.types.keys()].sort()) {
    const type = schema.types.get(name)
    const problem = type === undefined || type.BuiltIn ? undefined : typeProblem(schema, type)
    if (problem !== undefined) return problem
  }
  for (const name of [...own].sort()) {
    const one = schema.directives.get(name)
    const problem = nameProblem(name) ?? inputsProblem(schema, one?.Arguments, 'ARGUMENT_DEFINITION', name)
    if (problem !== undefined) return problem
  }
  return undefined
}

const OUTPUT: ReadonlySet<string> = new Set(['SCALAR', 'OBJECT', 'INTERFACE', 'UNION', 'ENUM'])
const INPUT: ReadonlySet<string> = new Set(['SCALAR', 'ENUM', 'INPUT_OBJECT'])

function typeProblem(schema: MergedSchema, type: DefinitionNode): string | undefined {
  return (
    firstProblem(type.Fields ?? [], (field) => fieldProblem(schema, type, field)) ??
    firstProblem(type.Types ?? [], (member) => {
      const found = schema.types.get(member)
      if (found === undefined) return `Undefined type ${member}.`
      return found.Kind === 'OBJECT' ? undefined : `UNION type ${member} must be OBJECT.`
    }) ??
    firstProblem(type.Interfaces ?? [], (name) => interfaceProblem(schema, type, name)) ??
    kindProblem(schema, type) ??
    firstProblem(
      duplicates((type.Fields ?? []).map((field) => field.Name)),
      (name) => `Field ${type.Name}.${name} can only be defined once.`,
    ) ??
    firstProblem(type.EnumValues ?? [], (value) => directivesProblem(schema, value.Directives, 'ENUM_VALUE')) ??
    nameProblem(type.Name) ??
    directivesProblem(schema, type.Directives, type.Kind)
  )
}

function kindProblem(schema: MergedSchema, type: DefinitionNode): string | undefined {
  const fields = type.Fields ?? []
  switch (type.Kind) {
    case 'OBJECT':
    case 'INTERFACE':
      if (fields.length === 0) return `${type.Kind} ${type.Name}: must define one or more fields.`
      return firstProblem(fields, (field) =>
        OUTPUT.has(schema.types.get(innermost(field.Type))?.Kind ?? '')
          ? undefined
          : `${type.Kind} ${type.Name}: field must be one of SCALAR, OBJECT, INTERFACE, UNION, ENUM.`,
      )
    case 'ENUM':
      if ((type.EnumValues ?? []).length === 0) return `ENUM ${type.Name}: must define one or more unique enum values.`
      return firstProblem(type.EnumValues ?? [], ({ Name }) =>
        Name === 'true' || Name === 'false' || Name === 'null'
          ? `ENUM ${type.Name}: non-unique or reserved value ${Name}.`
          : undefined,
      )
    case 'INPUT_OBJECT':
      if (fields.length === 0) return `INPUT_OBJECT ${type.Name}: must define one or more input fields.`
      return firstProblem(fields, (field) =>
        INPUT.has(schema.types.get(innermost(field.Type))?.Kind ?? '')
          ? undefined
          : `INPUT_OBJECT ${type.Name}: field must be one of SCALAR, ENUM, INPUT_OBJECT.`,
      )
    case 'SCALAR':
    case 'UNION':
      return undefined
  }
}

function fieldProblem(schema: MergedSchema, type: DefinitionNode, field: FieldNode): string | undefined {
  const place = type.Kind === 'INPUT_OBJECT' ? 'INPUT_FIELD_DEFINITION' : 'FIELD_DEFINITION'
  return (
    nameProblem(field.Name) ??
    typeRefProblem(schema, field.Type) ??
    inputsProblem(schema, field.Arguments, 'ARGUMENT_DEFINITION') ??
    directivesProblem(schema, field.Directives, place)
  )
}

function inputsProblem(
  schema: MergedSchema,
  inputs: readonly InputNode[] | undefined,
  place: string,
  ownDirective?: string,
): string | undefined {
  return firstProblem(inputs ?? [], (one) => {
    const found =
      nameProblem(one.Name) ??
      typeRefProblem(schema, one.Type) ??
      directivesProblem(schema, one.Directives, place, ownDirective)
    if (found !== undefined) return found
    const { Kind } = schema.types.get(innermost(one.Type)) ?? {}
    return Kind !== undefined && INPUT.has(Kind)
      ? undefined
      : `cannot use ${innermost(one.Type)} as argument ${one.Name} because ${Kind} is not a valid input type`
  })
}

function interfaceProblem(schema: MergedSchema, type: DefinitionNode, name: string): string | undefined {
  const found = schema.types.get(name)
  if (found === undefined) return `Undefined type ${name}.`
  if (found.Kind !== 'INTERFACE') return `${name} is a non interface type ${found.Kind}.`
  for (const wanted of found.Fields ?? []) {
    const has = (type.Fields ?? []).find((field) => field.Name === wanted.Name)
    if (has === undefined) return `For ${type.Name} to implement ${name} it must have a field called ${wanted.Name}.`
    if (!covers(schema, wanted.Type, has.Type))
      return `For ${type.Name} to implement ${name} the field ${wanted.Name} must have type ${written(wanted.Type)}.`
    for (const input of wanted.Arguments ?? []) {
      const given = (has.Arguments ?? []).find((one) => one.Name === input.Name)
      if (given === undefined)
        return `For ${type.Name} to implement ${name} the field ${wanted.Name} must have the same arguments but it is missing ${input.Name}.`
      if (written(given.Type) !== written(input.Type))
        return `For ${type.Name} to implement ${name} the field ${wanted.Name} must have the same arguments but ${input.Name} has the wrong type.`
    }
    for (const given of has.Arguments ?? [])
      if (
        given.Type.NonNull &&
        given.DefaultValue === undefined &&
        !(wanted.Arguments ?? []).some((one) => one.Name === given.Name)
      )
        return `For ${type.Name} to implement ${name} any additional arguments on ${wanted.Name} must be optional or have a default value but ${given.Name} is required.`
  }
  const missing = (found.Interfaces ?? []).find((one) => one !== type.Name && !(type.Interfaces ?? []).includes(one))
  return missing === undefined
    ? undefined
    : `Type ${type.Name} must implement ${missing} because it is implemented by ${name}.`
}

/** True when a field of the second type may stand where the interface has the first. */
function covers(schema: MergedSchema, wanted: TypeNode, has: TypeNode): boolean {
  if (wanted.NonNull && !has.NonNull) return false
  if (wanted.Elem !== undefined || has.Elem !== undefined)
    return wanted.Elem !== undefined && has.Elem !== undefined && covers(schema, wanted.Elem, has.Elem)
  if (wanted.NamedType === has.NamedType) return true
  const of = schema.types.get(wanted.NamedType)
  if (of?.Kind === 'UNION') return (of.Types ?? []).includes(has.NamedType)
  return (schema.types.get(has.NamedType)?.Interfaces ?? []).includes(wanted.NamedType)
}

function directivesProblem(
  schema: MergedSchema,
  directives: readonly DirectiveNode[] | undefined,
  place: string,
  own?: string,
): string | undefined {
  return firstProblem(directives ?? [], (one) => {
    const problem = nameProblem(one.Name)
    if (problem !== undefined) return problem
    if (one.Name === own) return `Directive ${one.Name} cannot refer to itself.`
    const found = schema.directives.get(one.Name)
    if (found === undefined) return `Undefined directive ${one.Name}.`
    if (!(found.Locations ?? []).includes(place)) return `Directive ${one.Name} is not applicable on ${place}.`
    return argumentsProblem(found, one.Arguments ?? [])
  })
}

function argumentsProblem(found: DirectiveDefinitionNode, given: readonly ArgumentNode[]): string | undefined {
  const declared = found.Arguments ?? []
  const unknown = given.find((one) => !declared.some((each) => each.Name === one.Name))
  if (unknown !== undefined) return `Undefined argument ${unknown.Name} for directive ${found.Name}.`
  const missing = declared.find(
    (one) => one.Type.NonNull && one.DefaultValue === undefined && !given.some((each) => each.Name === one.Name),
  )
  return missing === undefined ? undefined : `Argument ${missing.Name} for directive ${found.Name} cannot be null.`
}

function typeRefProblem(schema: MergedSchema, type: TypeNode): string | undefined {
  return schema.types.has(innermost(type)) ? undefined : `Undefined type ${innermost(type)}.`
}

function nameProblem(name: string): string | undefined {
  return name.startsWith('__')
    ? `Name "${name}" must not begin with "__", which is reserved by GraphQL introspection.`
    : undefined
}

/** The name inside of lists. */
export function innermost(type: TypeNode): string {
  return type.Elem === undefined ? type.NamedType : innermost(type.Elem)
}

function written(type: TypeNode): string {
  return `${type.Elem === undefined ? type.NamedType : `[${written(type.Elem)}]`}${type.NonNull ? '!' : ''}`
}

function duplicates(names: readonly string[]): readonly string[] {
  return names.filter((name, index) => names.indexOf(name) !== index)
}

function firstProblem<T>(items: readonly T[], problem: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = problem(item)
    if (found !== undefined) return found
  }
  return undefined
}
