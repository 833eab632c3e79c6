// The types of built-ins, from the JSON form in which they are declared.
import { objectType } from './algebra.ts'
import { type Declaration, declarations, type JsonType } from './declarations.ts'
import {
  anyType,
  booleanType,
  type FunctionType,
  nullType,
  numberType,
  stringType,
  type Type,
  type Unknown,
} from './type.ts'

const read = new Map<Declaration, FunctionType>()

/** The type of a declared function. */
export function typeOfDeclaration(declaration: Declaration): FunctionType {
  const known = read.get(declaration)
  if (known !== undefined) return known
  const { args, result, variadic } = declaration.decl
  const type: FunctionType = {
    kind: 'function',
    args: (args ?? []).map(typeFromJson),
    result: result === undefined ? undefined : typeFromJson(result),
    variadic: variadic === undefined ? undefined : typeFromJson(variadic),
  }
  read.set(declaration, type)
  return type
}

/** The type of the built-in of a name. */
export function typeOfBuiltin(name: string): FunctionType | undefined {
  const declaration = declarations.get(name)
  return declaration === undefined ? undefined : typeOfDeclaration(declaration)
}

function typeFromJson(json: JsonType): Type {
  switch (json.type) {
    case 'null':
      return nullType
    case 'boolean':
      return booleanType
    case 'number':
      return numberType
    case 'string':
      return stringType
    case 'array':
      return { kind: 'array', static: listOf(json['static']).map(typeFromJson), dynamic: partOf(json['dynamic']) }
    case 'set':
      return { kind: 'set', of: partOf(json['of']) }
    case 'object': {
      const dynamic = Object(json['dynamic'])
      const known = Array.isArray(json['static']) ? json['static'] : []
      return objectType(
        known.map((one: unknown) => ({ key: String(Object(one).key), value: partOf(Object(one).value) })),
        json['dynamic'] === undefined ? undefined : { key: partOf(dynamic.key), value: partOf(dynamic.value) },
      )
    }
    default:
      return Array.isArray(json['of']) ? { kind: 'any', of: listOf(json['of']).map(typeFromJson) } : anyType
  }
}

function isJsonType(value: unknown): value is JsonType {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function listOf(value: unknown): readonly JsonType[] {
  return Array.isArray(value) ? value.filter(isJsonType) : []
}

function partOf(value: unknown): Unknown {
  return isJsonType(value) ? typeFromJson(value) : undefined
}
