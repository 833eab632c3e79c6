// strings.render_template: Go's text/template on an object.
import { isArray, isObject, numberText, type Value } from '../../value/index.ts'
import type { Builtin } from '../contract.ts'
import { objectOperand, stringOperand } from '../operands.ts'
import { parseTemplate } from './parse.ts'
import { runTemplate } from './run.ts'
import { type GoValue, JsonNumber } from './values.ts'

/** The built-in by name. */
export const template: Readonly<Record<string, Builtin>> = {
  'strings.render_template': (context, args) => {
    const text = stringOperand(args, 1)
    const data = goValue(objectOperand(args, 2))
    context.spend(1 + (text.length >> 6))
    return runTemplate(parseTemplate(text), data, context)
  },
}

/** A value as Go has it after reading it as JSON. Sets are lists. */
function goValue(value: Value): GoValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (isArray(value)) return value.map(goValue)
  if (typeof value === 'number') return new JsonNumber(numberText(value))
  if (isObject(value)) return new Map([...value.entries()].map(([key, item]) => [String(key), goValue(item)]))
  return value.kind === 'set' ? value.items().map(goValue) : new JsonNumber(numberText(value))
}
