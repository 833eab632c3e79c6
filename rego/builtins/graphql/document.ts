// GraphQL documents in the shape policies see: the field names of OPA's syntax trees. A field that is empty is absent.

/** A type as written. */
export interface TypeNode {
  readonly NamedType: string
  readonly Elem?: TypeNode
  readonly NonNull: boolean
}

/** Kinds of values by number. */
export const valueKinds = {
  variable: 0,
  int: 1,
  float: 2,
  string: 3,
  block: 4,
  boolean: 5,
  null: 6,
  enum: 7,
  list: 8,
  object: 9,
} as const

/** A value as written. */
export interface ValueNode {
  readonly Raw: string
  readonly Children?: readonly ChildNode[]
  readonly Kind: number
  readonly ExpectedTypeHasDefault: false
}

/** An item of a list value (without a name) or a field of an object value. */
export interface ChildNode {
  readonly Name: string
  readonly Value: ValueNode
}

/** An argument of a field or directive. */
export interface ArgumentNode {
  readonly Name: string
  readonly Value: ValueNode
}

/** A directive where it is used. */
export interface DirectiveNode {
  readonly Name: string
  readonly Arguments?: readonly ArgumentNode[]
  readonly Location: string
}

/** A field, an inline fragment (no `Name`, maybe a `TypeCondition`) or a spread (a `Name` and no `Alias`). */
export interface SelectionNode {
  readonly Alias?: string
  readonly Name?: string
  readonly TypeCondition?: string
  readonly Arguments?: readonly ArgumentNode[]
  readonly Directives?: readonly DirectiveNode[]
  readonly SelectionSet?: readonly SelectionNode[]
}

/** A variable of an operation. */
export interface VariableNode {
  readonly Variable: string
  readonly Type: TypeNode
  readonly DefaultValue?: ValueNode
  readonly Directives?: readonly DirectiveNode[]
  readonly Used: boolean
}

/** An operation. */
export interface OperationNode {
  readonly Operation: string
  readonly Name: string
  readonly VariableDefinitions?: readonly VariableNode[]
  readonly Directives?: readonly DirectiveNode[]
  readonly SelectionSet?: readonly SelectionNode[]
}

/** A fragment. */
export interface FragmentNode {
  readonly Name: string
  readonly VariableDefinition?: readonly VariableNode[]
  readonly TypeCondition: string
  readonly Directives?: readonly DirectiveNode[]
  readonly SelectionSet?: readonly SelectionNode[]
}

/** A document of operations. */
export interface QueryDocument {
  readonly Operations?: readonly OperationNode[]
  readonly Fragments?: readonly FragmentNode[]
}

/** An argument or input field where it is declared. */
export interface InputNode {
  readonly Description: string
  readonly Name: string
  readonly DefaultValue?: ValueNode
  readonly Type: TypeNode
  readonly Directives?: readonly DirectiveNode[]
}

/** A field where it is declared. */
export interface FieldNode extends InputNode {
  readonly Arguments?: readonly InputNode[]
}

/** A value of an enum. */
export interface EnumValueNode {
  readonly Description: string
  readonly Name: string
  readonly Directives?: readonly DirectiveNode[]
}

/** Kinds of types. */
export type DefinitionKind = 'SCALAR' | 'OBJECT' | 'INTERFACE' | 'UNION' | 'ENUM' | 'INPUT_OBJECT'

/** A type where it is declared or extended. */
export interface DefinitionNode {
  readonly Kind: DefinitionKind
  readonly Description: string
  readonly Name: string
  readonly Directives?: readonly DirectiveNode[]
  readonly Interfaces?: readonly string[]
  readonly Fields?: readonly FieldNode[]
  readonly Types?: readonly string[]
  readonly EnumValues?: readonly EnumValueNode[]
  readonly BuiltIn: boolean
}

/** A directive where it is declared. */
export interface DirectiveDefinitionNode {
  readonly Description: string
  readonly Name: string
  readonly Arguments?: readonly InputNode[]
  readonly Locations?: readonly string[]
  readonly IsRepeatable: boolean
}

/** What the schema's operations start from. */
export interface SchemaNode {
  readonly Description: string
  readonly Directives?: readonly DirectiveNode[]
  readonly OperationTypes?: readonly { readonly Operation: string; readonly Type: string }[]
}

/** A document of types. */
export interface SchemaDocument {
  readonly Schema?: readonly SchemaNode[]
  readonly SchemaExtension?: readonly SchemaNode[]
  readonly Directives?: readonly DirectiveDefinitionNode[]
  readonly Definitions?: readonly DefinitionNode[]
  readonly Extensions?: readonly DefinitionNode[]
}
