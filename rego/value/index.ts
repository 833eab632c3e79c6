// Rego values: exact, ordered, hashable. This is all that may be imported from here.
export type { ArithmeticFault } from './arithmetic.ts'
export {
  ArithmeticError,
  absolute,
  add,
  ceil,
  divide,
  floor,
  multiply,
  negate,
  product,
  remainder,
  round,
  subtract,
  sum,
  truncated,
} from './arithmetic.ts'
export { generalText } from './big-float.ts'
export { bytesOfText, decodeHeld, encodeHeld, holdsBytes, shownText, textOfBytes } from './byte-text.ts'
export { compare, compareStrings, equal } from './compare.ts'
export {
  compareNumbers,
  Decimal,
  doubleOf,
  integerOf,
  isNumberText,
  NUMBER_EXPONENT_MAX,
  NUMBER_TEXT_MAX,
  numberFromBigInt,
  numberFromDouble,
  numberFromParts,
  numberFromText,
  numberText,
} from './decimal.ts'
export type { JsonFault, Turn } from './json-read.ts'
export { JSON_DEPTH_MAX, JsonError, readJson, readJsonInTurns } from './json-read.ts'
export type { JsonData, JsonStyle } from './json-write.ts'
export { dataFromValue, jsonEntries, valueFromData, writeJson, writeJsonString } from './json-write.ts'
export type { Key } from './key.ts'
export { keyOf } from './key.ts'
export { RegoObject } from './object.ts'
export { quote, writeRego } from './rego-text.ts'
export { runeCount, runes } from './runes.ts'
export { RegoSet } from './set.ts'
export type { TypeName, Value, ValueArray } from './value.ts'
export { isArray, isDecimal, isNumber, isObject, isSet, typeName } from './value.ts'
