// json.match_schema json.verify_schema: documents against JSON Schemas.
import { isArray, isObject, isSet, JsonError, RegoObject, readJson, type Value, writeJson } from '../../value/index.ts'
import { type Builtin, BuiltinError } from '../contract.ts'
import { anyOperand } from '../operands.ts'
import { schemaProblem } from './check-schema.ts'
import { validate } from './validate.ts'

/** The built-ins on schemas by name. */
export const jsonSchema: Readonly<Record<string, Builtin>> = {
  'json.verify_schema': (_, args) => {
    try {
      const operand = anyOperand(args, 1)
      if (typeof operand !== 'string' && !isObject(operand))
        return [false, 'jsonschema: wrong type, expected string or object']
      const problem = schemaProblem(documentOperand(args, 1))
      return problem === undefined ? [true, null] : [false, `jsonschema: ${problem}`]
    } catch (error) {
      if (error instanceof JsonError) return [false, 'jsonschema: invalid JSON string']
      throw error
    }
  },
  'json.match_schema': (context, args) => {
    try {
      const operand = anyOperand(args, 1)
      const document = namedDocument(isArray(operand) ? operand : documentOperand(args, 1))
      const schema = documentOperand(args, 2)
      const problem = schemaProblem(schema)
      if (problem !== undefined) throw new BuiltinError('eval_builtin_error', problem)
      const found = validate(document, schema, (units) => context.spend(units))
      const violations = found.map(
        ({ type, field, description }) =>
          new RegoObject([
            ['desc', description],
            ['error', `${field}: ${description}`],
            ['field', field],
            ['type', type],
          ]),
      )
      return [violations.length === 0, violations]
    } catch (error) {
      if (error instanceof JsonError)
        throw new BuiltinError('eval_builtin_error', 'invalid JSON string', { cause: error })
      throw error
    }
  },
}

/** A document as JSON has it: keys that are no strings are their text, and what a schema says of names is said of them. */
function namedDocument(value: Value): Value {
  return hasOtherKeys(value) ? readJson(writeJson(value)) : value
}

function hasOtherKeys(value: Value): boolean {
  if (isArray(value)) return value.some(hasOtherKeys)
  if (isSet(value)) return [...value].some(hasOtherKeys)
  return isObject(value) && [...value].some(([key, item]) => typeof key !== 'string' || hasOtherKeys(item))
}

/** A document as an object, or as JSON text. */
function documentOperand(args: readonly Value[], position: number): Value {
  const operand = anyOperand(args, position)
  if (typeof operand === 'string') return readJson(operand)
  if (!isObject(operand)) throw new BuiltinError('eval_builtin_error', 'wrong type, expected string or object')
  return operand
}
