// strings.render_template: Go's text/template on an object.
import { isArray, isObject, JsonError, numberText, readJson, type Value, writeRego } from '../../value/index.ts'
import { type Builtin, BuiltinError } from '../contract.ts'
import { objectOperand, stringOperand } from '../operands.ts'
import { parseTemplate } from './parse.ts'
import { runTemplate } from './run.ts'
import { type GoValue, JsonNumber } from './values.ts'

/** The built-in by name. */
export const template: Readonly<Record<string, Builtin>> = {
  'strings.render_template': (context, args) => {
    const text = stringOperand(args, 1)
    const written = writeRego(objectOperand(args, 2))
    context.spend(1 + ((text.length + written.length) >> 6))
    const data = goValue(fromJson(written))
    return runTemplate(parseTemplate(text), data, context)
  },
}

/** The value that a term's text is as JSON. Sets, and keys that are no strings, have no place in it. */
function fromJson(text: string): Value {
  try {
    return readJson(text)
  } catch (error) {
    if (error instanceof JsonError) throw new BuiltinError('eval_builtin_error', error.message)
    throw error
  }
}

/** A value as Go has it after reading it as JSON. */
function goValue(value: Value): GoValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (isArray(value)) return value.map(goValue)
  if (typeof value === 'number') return new JsonNumber(numberText(value))
  if (isObject(value)) return new Map([...value.entries()].map(([key, item]) => [String(key), goValue(item)]))
  return value.kind === 'set' ? value.items().map(goValue) : new JsonNumber(numberText(value))
}
