// type_name is_* cast_* to_number.
import {
  isArray,
  isNumber,
  isSet,
  numberFromText,
  RegoSet,
  type TypeName,
  typeName,
  type Value,
} from '../value/index.ts'
import { type Builtin, BuiltinError, operandTypeError } from './contract.ts'
import { anyOperand, elementsOperand } from './operands.ts'

/** The built-ins on types by name. */
export const types: Readonly<Record<string, Builtin>> = {
  type_name: (_, args) => typeName(anyOperand(args, 1)),
  is_number: is('number'),
  is_string: is('string'),
  is_boolean: is('boolean'),
  is_array: is('array'),
  is_set: is('set'),
  is_object: is('object'),
  is_null: is('null'),
  cast_array: (_, args) => {
    const value = anyOperand(args, 1)
    return isArray(value) ? value : [...elementsOperand(args, 1, ['array', 'set'])]
  },
  cast_set: (_, args) => {
    const value = anyOperand(args, 1)
    return isSet(value) ? value : new RegoSet(elementsOperand(args, 1, ['array', 'set']))
  },
  cast_string: same('string'),
  cast_boolean: same('boolean'),
  cast_null: same('null'),
  cast_object: same('object'),
  to_number: (_, args) => toNumber(anyOperand(args, 1)),
}

function is(name: TypeName): Builtin {
  return (_, args) => typeName(anyOperand(args, 1)) === name
}

function same(name: TypeName): Builtin {
  return (_, args) => {
    const value = anyOperand(args, 1)
    if (typeName(value) !== name) throw operandTypeError(1, value, name)
    return value
  }
}

/** `to_number`: like Go, it takes a leading plus, leading zeros and a missing digit before or after the point. */
export function toNumber(value: Value): Value {
  if (value === null || value === false) return 0
  if (value === true) return 1
  if (isNumber(value)) return value
  if (typeof value !== 'string') throw operandTypeError(1, value, 'null', 'boolean', 'number', 'string')
  const unsigned = value.replace(/^[+-]+/, '').toLowerCase()
  if (unsigned === 'inf' || unsigned === 'infinity' || unsigned === 'nan') {
    throw operandTypeError(1, value, 'valid number string')
  }
  if (!Number.isFinite(Number(value)) && !Number.isNaN(Number(value)))
    throw new BuiltinError(
      'eval_builtin_error',
      `strconv.ParseFloat: parsing ${JSON.stringify(value)}: value out of range`,
    )
  const number = numberFromText(value) ?? looseNumber(value)
  if (number === undefined)
    throw new BuiltinError('eval_builtin_error', `strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`)
  return number
}

function looseNumber(text: string): Value | undefined {
  const parts = /^([+-]?)([0-9]*)(?:(\.)([0-9]*))?(?:([eE])([+-]?[0-9]+))?$/.exec(text)
  if (parts === null) return undefined
  const [, sign = '', whole = '', , fraction = '', , exponent] = parts
  if (whole === '' && fraction === '') return undefined
  const integer = whole.replace(/^0+(?=[0-9])/, '') || '0'
  const decimals = fraction === '' ? '' : `.${fraction}`
  const power = exponent === undefined ? '' : `e${exponent}`
  return numberFromText(`${sign === '-' ? '-' : ''}${integer}${decimals}${power}`)
}
