// Documents as the reference implementation of GraphQL has them, so that its rules can judge queries.
import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type NamedTypeNode,
  type NameNode,
  OperationTypeNode,
  type ArgumentNode as RefArgument,
  type DefinitionNode as RefDefinition,
  type DirectiveNode as RefDirective,
  type SelectionNode as RefSelection,
  type TypeNode as RefType,
  type ValueNode as RefValue,
  type VariableDefinitionNode,
} from 'graphql'
import { places } from './cursor.ts'
import {
  type ArgumentNode,
  type DefinitionNode,
  type DirectiveDefinitionNode,
  type DirectiveNode,
  type InputNode,
  type QueryDocument,
  type SelectionNode,
  type TypeNode,
  type ValueNode,
  type VariableNode,
  valueKinds,
} from './document.ts'
import type { MergedSchema } from './schema.ts'

/** A document of operations. */
export function referenceQuery(document: QueryDocument): DocumentNode {
  const operations = (document.Operations ?? []).map(
    (one): RefDefinition => ({
      kind: Kind.OPERATION_DEFINITION,
      operation: operationType(one.Operation),
      ...(one.Name === '' ? {} : { name: name(one.Name) }),
      variableDefinitions: (one.VariableDefinitions ?? []).map(variable),
      directives: (one.Directives ?? []).map(directive),
      selectionSet: selections(one.SelectionSet),
    }),
  )
  const fragments = (document.Fragments ?? []).map(
    (one): RefDefinition => ({
      kind: Kind.FRAGMENT_DEFINITION,
      name: name(one.Name),
      typeCondition: named(one.TypeCondition),
      directives: (one.Directives ?? []).map(directive),
      selectionSet: selections(one.SelectionSet),
    }),
  )
  return { kind: Kind.DOCUMENT, definitions: [...operations, ...fragments] }
}

/** A schema, its extensions merged. */
export function referenceSchema(schema: MergedSchema): DocumentNode {
  const roots: RefDefinition = {
    kind: Kind.SCHEMA_DEFINITION,
    operationTypes: [...schema.roots].map(([operation, type]) => ({
      kind: Kind.OPERATION_TYPE_DEFINITION,
      operation: operationType(operation),
      type: named(type),
    })),
  }
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      roots,
      ...[...schema.types.values()].filter((one) => !one.BuiltIn).map(definition),
      ...[...schema.directives.values()].map(directiveDefinition),
    ],
  }
}

function operationType(operation: string): OperationTypeNode {
  if (operation === 'mutation') return OperationTypeNode.MUTATION
  return operation === 'subscription' ? OperationTypeNode.SUBSCRIPTION : OperationTypeNode.QUERY
}

function definition(one: DefinitionNode): RefDefinition {
  const base = { name: name(one.Name), directives: (one.Directives ?? []).map(constDirective) }
  const fields = () =>
    (one.Fields ?? []).map((field) => ({
      kind: Kind.FIELD_DEFINITION as const,
      name: name(field.Name),
      arguments: (field.Arguments ?? []).map(input),
      type: type(field.Type),
      directives: (field.Directives ?? []).map(constDirective),
    }))
  switch (one.Kind) {
    case 'SCALAR':
      return { kind: Kind.SCALAR_TYPE_DEFINITION, ...base }
    case 'OBJECT':
      return {
        kind: Kind.OBJECT_TYPE_DEFINITION,
        ...base,
        interfaces: (one.Interfaces ?? []).map(named),
        fields: fields(),
      }
    case 'INTERFACE':
      return {
        kind: Kind.INTERFACE_TYPE_DEFINITION,
        ...base,
        interfaces: (one.Interfaces ?? []).map(named),
        fields: fields(),
      }
    case 'UNION':
      return { kind: Kind.UNION_TYPE_DEFINITION, ...base, types: (one.Types ?? []).map(named) }
    case 'ENUM':
      return {
        kind: Kind.ENUM_TYPE_DEFINITION,
        ...base,
        values: (one.EnumValues ?? []).map((value) => ({ kind: Kind.ENUM_VALUE_DEFINITION, name: name(value.Name) })),
      }
    case 'INPUT_OBJECT':
      return { kind: Kind.INPUT_OBJECT_TYPE_DEFINITION, ...base, fields: (one.Fields ?? []).map(input) }
  }
}

function directiveDefinition(one: DirectiveDefinitionNode): RefDefinition {
  return {
    kind: Kind.DIRECTIVE_DEFINITION,
    name: name(one.Name),
    arguments: (one.Arguments ?? []).map(input),
    repeatable: one.IsRepeatable,
    locations: (one.Locations ?? []).map(name),
  }
}

function input(one: InputNode) {
  return {
    kind: Kind.INPUT_VALUE_DEFINITION as const,
    name: name(one.Name),
    type: type(one.Type),
    ...(one.DefaultValue === undefined ? {} : { defaultValue: constant(one.DefaultValue) }),
  }
}

function name(value: string): NameNode {
  return { kind: Kind.NAME, value }
}

function named(value: string): NamedTypeNode {
  return { kind: Kind.NAMED_TYPE, name: name(value) }
}

function type(one: TypeNode): RefType {
  const inner = one.Elem === undefined ? named(one.NamedType) : { kind: Kind.LIST_TYPE as const, type: type(one.Elem) }
  return one.NonNull ? { kind: Kind.NON_NULL_TYPE, type: inner } : inner
}

function variable(one: VariableNode): VariableDefinitionNode {
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: name(one.Variable) },
    type: type(one.Type),
    ...(one.DefaultValue === undefined ? {} : { defaultValue: constant(one.DefaultValue) }),
    directives: (one.Directives ?? []).map(constDirective),
  }
}

function selections(list: readonly SelectionNode[] = []) {
  return { kind: Kind.SELECTION_SET as const, selections: list.map(selection) }
}

function selection(one: SelectionNode): RefSelection {
  const made = plainSelection(one)
  const place = places.get(one)
  if (place !== undefined) places.set(made, place)
  return made
}

function plainSelection(one: SelectionNode): RefSelection {
  const directives = (one.Directives ?? []).map(directive)
  if (one.Alias !== undefined && one.Name !== undefined)
    return {
      kind: Kind.FIELD,
      ...(one.Alias === one.Name ? {} : { alias: name(one.Alias) }),
      name: name(one.Name),
      arguments: (one.Arguments ?? []).map(argument),
      directives,
      ...(one.SelectionSet === undefined ? {} : { selectionSet: selections(one.SelectionSet) }),
    }
  if (one.Name !== undefined) return { kind: Kind.FRAGMENT_SPREAD, name: name(one.Name), directives }
  const on = one.TypeCondition ?? ''
  return {
    kind: Kind.INLINE_FRAGMENT,
    ...(on === '' ? {} : { typeCondition: named(on) }),
    directives,
    selectionSet: selections(one.SelectionSet),
  }
}

function directive(one: DirectiveNode): RefDirective {
  return { kind: Kind.DIRECTIVE, name: name(one.Name), arguments: (one.Arguments ?? []).map(argument) }
}

function argument(one: ArgumentNode): RefArgument {
  return { kind: Kind.ARGUMENT, name: name(one.Name), value: value(one.Value) }
}

function constDirective(one: DirectiveNode): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: name(one.Name),
    arguments: (one.Arguments ?? []).map((each) => ({
      kind: Kind.ARGUMENT,
      name: name(each.Name),
      value: constant(each.Value),
    })),
  }
}

type RefConstant = NonNullable<VariableDefinitionNode['defaultValue']>

/** A value without variables; one that has some stands as null, and the rules of the schema refuse it elsewhere. */
function constant(one: ValueNode): RefConstant {
  const children = one.Children ?? []
  switch (one.Kind) {
    case valueKinds.list:
      return { kind: Kind.LIST, values: children.map((child) => constant(child.Value)) }
    case valueKinds.object:
      return {
        kind: Kind.OBJECT,
        fields: children.map((child) => ({
          kind: Kind.OBJECT_FIELD,
          name: name(child.Name),
          value: constant(child.Value),
        })),
      }
    default:
      return scalar(one) ?? { kind: Kind.NULL }
  }
}

function value(one: ValueNode): RefValue {
  const children = one.Children ?? []
  switch (one.Kind) {
    case valueKinds.variable:
      return { kind: Kind.VARIABLE, name: name(one.Raw) }
    case valueKinds.list:
      return { kind: Kind.LIST, values: children.map((child) => value(child.Value)) }
    case valueKinds.object:
      return {
        kind: Kind.OBJECT,
        fields: children.map((child) => ({
          kind: Kind.OBJECT_FIELD,
          name: name(child.Name),
          value: value(child.Value),
        })),
      }
    default:
      return scalar(one) ?? { kind: Kind.NULL }
  }
}

function scalar(one: ValueNode): RefConstant | undefined {
  switch (one.Kind) {
    case valueKinds.int:
      return { kind: Kind.INT, value: one.Raw }
    case valueKinds.float:
      return { kind: Kind.FLOAT, value: one.Raw }
    case valueKinds.string:
      return { kind: Kind.STRING, value: one.Raw }
    case valueKinds.block:
      return { kind: Kind.STRING, value: one.Raw, block: true }
    case valueKinds.boolean:
      return { kind: Kind.BOOLEAN, value: one.Raw === 'true' }
    case valueKinds.enum:
      return { kind: Kind.ENUM, value: one.Raw }
    default:
      return undefined
  }
}
