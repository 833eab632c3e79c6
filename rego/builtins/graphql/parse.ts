// GraphQL documents: operations and fragments, types and directives.
import { Cursor, listed, places } from './cursor.ts'
import type {
  DefinitionKind,
  DefinitionNode,
  DirectiveDefinitionNode,
  EnumValueNode,
  FieldNode,
  FragmentNode,
  InputNode,
  OperationNode,
  QueryDocument,
  SchemaDocument,
  SchemaNode,
  SelectionNode,
  VariableNode,
} from './document.ts'
import { GraphqlError } from './lexer.ts'

/** How long a document may be. */
const TEXT_MAX = 10_000_000

/** Reads a document of operations. Throws GraphqlError. */
export function parseQuery(text: string): QueryDocument {
  const at = cursorOf(text)
  const operations: OperationNode[] = []
  const fragments: FragmentNode[] = []
  while (at.token.kind !== '<EOF>') {
    if (at.token.kind === '{')
      operations.push({ Operation: 'query', Name: '', ...listed('SelectionSet', selections(at)) })
    else if (at.isWord('query') || at.isWord('mutation') || at.isWord('subscription')) operations.push(operation(at))
    else if (at.isWord('fragment')) fragments.push(fragment(at))
    else throw at.unexpected()
  }
  return { ...listed('Operations', operations), ...listed('Fragments', fragments) }
}

function cursorOf(text: string): Cursor {
  if (text.length > TEXT_MAX) throw new GraphqlError('the document is too long', { line: 1, column: 1 })
  return new Cursor(text)
}

function operation(at: Cursor): OperationNode {
  const Operation = at.name()
  const Name = at.token.kind === 'Name' ? at.name() : ''
  return {
    Operation,
    Name,
    ...listed('VariableDefinitions', variables(at)),
    ...listed('Directives', at.directives(false)),
    ...listed('SelectionSet', selectionsNeeded(at)),
  }
}

function fragment(at: Cursor): FragmentNode {
  at.keyword('fragment')
  if (at.isWord('on')) throw at.unexpected()
  const Name = at.name()
  const definitions = variables(at)
  at.keyword('on')
  return {
    Name,
    ...listed('VariableDefinition', definitions),
    TypeCondition: at.name(),
    ...listed('Directives', at.directives(false)),
    ...listed('SelectionSet', selectionsNeeded(at)),
  }
}

function variables(at: Cursor): readonly VariableNode[] {
  return at.many('(', ')', () => {
    at.expect('$')
    const Variable = at.name()
    at.expect(':')
    const Type = at.type()
    const DefaultValue = at.skip('=') ? at.value(true) : undefined
    return {
      Variable,
      Type,
      ...(DefaultValue === undefined ? {} : { DefaultValue }),
      ...listed('Directives', at.directives(false)),
      Used: false,
    }
  })
}

function selectionsNeeded(at: Cursor): readonly SelectionNode[] {
  if (at.token.kind !== '{') at.expect('{')
  return selections(at)
}

function selections(at: Cursor): readonly SelectionNode[] {
  return at.some('{', '}', () => (at.token.kind === '...' ? spread(at) : field(at)))
}

function field(at: Cursor): SelectionNode {
  const place = at.token
  const first = at.name()
  const Name = at.skip(':') ? at.name() : first
  const made = {
    Alias: first,
    Name,
    ...listed('Arguments', at.arguments(false)),
    ...listed('Directives', at.directives(false)),
    ...listed('SelectionSet', selections(at)),
  }
  places.set(made, place)
  return made
}

function spread(at: Cursor): SelectionNode {
  at.expect('...')
  if (at.token.kind === 'Name' && !at.isWord('on'))
    return { Name: at.name(), ...listed('Directives', at.directives(false)) }
  const TypeCondition = conditionOf(at)
  return {
    TypeCondition,
    ...listed('Directives', at.directives(false)),
    ...listed('SelectionSet', selectionsNeeded(at)),
  }
}

function conditionOf(at: Cursor): string {
  if (!at.isWord('on')) return ''
  at.take()
  return at.name()
}

/** Reads a document of types. Throws GraphqlError. */
export function parseSchema(text: string): SchemaDocument {
  const at = cursorOf(text)
  const schema: SchemaNode[] = []
  const schemaExtension: SchemaNode[] = []
  const directives: DirectiveDefinitionNode[] = []
  const definitions: DefinitionNode[] = []
  const extensions: DefinitionNode[] = []
  while (at.token.kind !== '<EOF>') {
    const described = at.token
    const Description = description(at)
    if (at.token.kind !== 'Name') throw at.unexpected()
    switch (at.token.value) {
      case 'schema':
        schema.push(schemaDefinition(at, Description, false))
        break
      case 'directive':
        directives.push(directiveDefinition(at, Description))
        break
      case 'extend': {
        if (described.kind === 'String' || described.kind === 'BlockString')
          throw new GraphqlError(`Unexpected ${described.kind} ${JSON.stringify(described.value)}`, described)
        at.take()
        if (at.isWord('schema')) schemaExtension.push(schemaDefinition(at, '', true))
        else extensions.push(definition(at, '', true))
        break
      }
      default:
        definitions.push(definition(at, Description, false))
    }
  }
  return {
    ...listed('Schema', schema),
    ...listed('SchemaExtension', schemaExtension),
    ...listed('Directives', directives),
    ...listed('Definitions', definitions),
    ...listed('Extensions', extensions),
  }
}

function description(at: Cursor): string {
  return at.token.kind === 'String' || at.token.kind === 'BlockString' ? at.take().value : ''
}

function schemaDefinition(at: Cursor, Description: string, isExtension: boolean): SchemaNode {
  at.keyword('schema')
  const directives = at.directives(true)
  const types = at.some('{', '}', () => {
    const word = at.token
    const Operation = at.name()
    if (Operation !== 'query' && Operation !== 'mutation' && Operation !== 'subscription')
      throw new GraphqlError(`Unexpected Name ${JSON.stringify(Operation)}`, word)
    at.expect(':')
    return { Operation, Type: at.name() }
  })
  if (isExtension && directives.length === 0 && types.length === 0) throw at.unexpected()
  return { Description, ...listed('Directives', directives), ...listed('OperationTypes', types) }
}

const KINDS: ReadonlyMap<string, DefinitionKind> = new Map<string, DefinitionKind>([
  ['scalar', 'SCALAR'],
  ['type', 'OBJECT'],
  ['interface', 'INTERFACE'],
  ['union', 'UNION'],
  ['enum', 'ENUM'],
  ['input', 'INPUT_OBJECT'],
])

function definition(at: Cursor, Description: string, isExtension: boolean): DefinitionNode {
  const Kind = at.token.kind === 'Name' ? KINDS.get(at.token.value) : undefined
  if (Kind === undefined) throw at.unexpected()
  at.take()
  const Name = at.name()
  const interfaces = Kind === 'OBJECT' || Kind === 'INTERFACE' ? implemented(at) : []
  const directives = at.directives(true)
  const parts = {
    ...listed('Directives', directives),
    ...listed('Interfaces', interfaces),
    ...(Kind === 'OBJECT' || Kind === 'INTERFACE'
      ? listed(
          'Fields',
          at.some('{', '}', () => fieldOf(at)),
        )
      : {}),
    ...(Kind === 'INPUT_OBJECT'
      ? listed(
          'Fields',
          at.some('{', '}', () => inputOf(at)),
        )
      : {}),
    ...(Kind === 'UNION' ? listed('Types', members(at)) : {}),
    ...(Kind === 'ENUM'
      ? listed(
          'EnumValues',
          at.some('{', '}', () => enumValue(at)),
        )
      : {}),
  }
  if (isExtension && Object.keys(parts).length === 0) throw at.unexpected()
  return { Kind, Description, Name, ...parts, BuiltIn: false }
}

function implemented(at: Cursor): readonly string[] {
  if (!at.isWord('implements')) return []
  at.take()
  at.skip('&')
  const names = [at.name()]
  while (at.skip('&')) names.push(at.name())
  return names
}

function members(at: Cursor): readonly string[] {
  if (!at.skip('=')) return []
  at.skip('|')
  const names = [at.name()]
  while (at.skip('|')) names.push(at.name())
  return names
}

function fieldOf(at: Cursor): FieldNode {
  const Description = description(at)
  const Name = at.name()
  const inputs = at.some('(', ')', () => inputOf(at))
  at.expect(':')
  const Type = at.type()
  return {
    Description,
    Name,
    ...listed('Arguments', inputs),
    Type,
    ...listed('Directives', at.directives(true)),
  }
}

function inputOf(at: Cursor): InputNode {
  const Description = description(at)
  const Name = at.name()
  at.expect(':')
  const Type = at.type()
  const DefaultValue = at.skip('=') ? at.value(true) : undefined
  return {
    Description,
    Name,
    ...(DefaultValue === undefined ? {} : { DefaultValue }),
    Type,
    ...listed('Directives', at.directives(true)),
  }
}

function enumValue(at: Cursor): EnumValueNode {
  const Description = description(at)
  return { Description, Name: at.name(), ...listed('Directives', at.directives(true)) }
}

const LOCATIONS: ReadonlySet<string> = new Set([
  'QUERY',
  'MUTATION',
  'SUBSCRIPTION',
  'FIELD',
  'FRAGMENT_DEFINITION',
  'FRAGMENT_SPREAD',
  'INLINE_FRAGMENT',
  'VARIABLE_DEFINITION',
  'SCHEMA',
  'SCALAR',
  'OBJECT',
  'FIELD_DEFINITION',
  'ARGUMENT_DEFINITION',
  'INTERFACE',
  'UNION',
  'ENUM',
  'ENUM_VALUE',
  'INPUT_OBJECT',
  'INPUT_FIELD_DEFINITION',
])

function directiveDefinition(at: Cursor, Description: string): DirectiveDefinitionNode {
  at.keyword('directive')
  at.expect('@')
  const Name = at.name()
  const inputs = at.some('(', ')', () => inputOf(at))
  const IsRepeatable = at.isWord('repeatable')
  if (IsRepeatable) at.take()
  at.keyword('on')
  at.skip('|')
  const locations = [location(at)]
  while (at.skip('|')) locations.push(location(at))
  return { Description, Name, ...listed('Arguments', inputs), Locations: locations, IsRepeatable }
}

function location(at: Cursor): string {
  const token = at.expect('Name')
  if (LOCATIONS.has(token.value)) return token.value
  throw new GraphqlError(`Unexpected Name ${JSON.stringify(token.value)}`, token)
}
