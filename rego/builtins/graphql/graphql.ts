// graphql.*: documents read into the trees that policies see, and judged against a schema.
import { buildASTSchema, type GraphQLError, validate } from 'graphql'
import { isObject, type RegoObject, type Value, valueFromData } from '../../value/index.ts'
import { type Builtin, type BuiltinContext, BuiltinError, operandTypeError } from '../contract.ts'
import { anyOperand, stringOperand } from '../operands.ts'
import { places } from './cursor.ts'
import type { QueryDocument, SchemaDocument } from './document.ts'
import { GraphqlError } from './lexer.ts'
import { ObjectFault, queryOfObject, schemaOfObject } from './objects.ts'
import { parseQuery, parseSchema } from './parse.ts'
import { referenceQuery, referenceSchema } from './reference.ts'
import { type MergedSchema, mergeSchema } from './schema.ts'

/** The built-ins on GraphQL by name. */
export const graphql: Readonly<Record<string, Builtin>> = {
  'graphql.parse_query': (context, args) => {
    const text = spentOn(context, stringOperand(args, 1))
    return valueFromData(read(() => parseQuery(text)))
  },
  'graphql.parse_schema': (context, args) => {
    const text = spentOn(context, stringOperand(args, 1))
    return valueFromData(read(() => parseSchema(text)))
  },
  'graphql.parse': (context, args) => {
    const [query, schema] = documents(context, args)
    const problem = problemOf(query, schema)
    if (problem !== undefined) throw failure(problem)
    return [valueFromData(query), valueFromData(schema)]
  },
  'graphql.parse_and_verify': (context, args) => {
    try {
      const [query, schema] = documents(context, args)
      if (problemOf(query, schema) === undefined) return [true, valueFromData(query), valueFromData(schema)]
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error
    }
    return [false, valueFromData({}), valueFromData({})]
  },
  'graphql.is_valid': (context, args) =>
    isFine(() => {
      const [query, schema] = documents(context, args)
      return problemOf(query, schema)
    }),
  'graphql.schema_is_valid': (context, args) =>
    isFine(() => {
      const merged = mergeSchema(schemaOperand(context, args, 1))
      return typeof merged === 'string' ? { message: merged } : undefined
    }),
}

interface Problem {
  readonly message: string
  readonly line?: number
  readonly column?: number
}

/** False for every way in which a document is not one. */
function isFine(check: () => Problem | undefined): boolean {
  try {
    return check() === undefined
  } catch (error) {
    if (error instanceof BuiltinError) return false
    throw error
  }
}

function documents(context: BuiltinContext, args: readonly Value[]): [QueryDocument, SchemaDocument] {
  const operand = anyOperand(args, 1)
  const query =
    typeof operand === 'string'
      ? read(() => parseQuery(spentOn(context, operand)))
      : read(() => queryOfObject(objectAt(operand, 1)))
  return [query, schemaOperand(context, args, 2)]
}

function schemaOperand(context: BuiltinContext, args: readonly Value[], position: number): SchemaDocument {
  const operand = anyOperand(args, position)
  if (typeof operand === 'string') return read(() => parseSchema(spentOn(context, operand)))
  return read(() => schemaOfObject(objectAt(operand, position)))
}

function spentOn(context: BuiltinContext, text: string): string {
  context.spend(1 + (text.length >> 4))
  return text
}

function objectAt(operand: Value, position: number): RegoObject {
  if (!isObject(operand)) throw operandTypeError(position, operand, 'string', 'object')
  return operand
}

function read<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof GraphqlError || error instanceof ObjectFault) throw failure(error)
    throw error
  }
}

function failure({ message, line, column }: Problem): BuiltinError {
  const place = line === undefined ? '' : ` in GraphQL string at location ${line}:${column}`
  return new BuiltinError('eval_builtin_error', `${message}${place}`)
}

/** What is wrong with a query under a schema. Trees of a policy that have another shape are wrong too. */
function problemOf(query: QueryDocument, document: SchemaDocument): Problem | undefined {
  try {
    const schema = mergeSchema(document)
    return typeof schema === 'string' ? { message: schema } : queryProblem(query, schema)
  } catch (error) {
    if (error instanceof TypeError) return { message: 'not a GraphQL document' }
    throw error
  }
}

function queryProblem(query: QueryDocument, schema: MergedSchema): Problem | undefined {
  for (const { Operation } of query.Operations ?? [])
    if (!schema.roots.has(Operation)) return { message: `Schema does not support operation type "${Operation}"` }
  const reference = buildASTSchema(referenceSchema(schema), { assumeValid: true, assumeValidSDL: true })
  const [error] = validate(reference, referenceQuery(query), undefined, { maxErrors: 1 })
  if (error === undefined) return undefined
  const place = error.nodes?.[0] === undefined ? undefined : places.get(error.nodes[0])
  return { message: wordsOf(error), ...(place === undefined ? {} : { line: place.line, column: place.column }) }
}

function wordsOf(error: GraphQLError): string {
  return error.message.endsWith('.') ? error.message.slice(0, -1) : error.message
}
