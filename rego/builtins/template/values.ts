// Values as Go's templates have them after reading JSON.
import type { Num } from './parse.ts'

/** A value in a template. `undefined` is Go's missing value, null its nil. */
export type GoValue =
  | null
  | undefined
  | boolean
  | string
  | Num
  | JsonNumber
  | readonly GoValue[]
  | ReadonlyMap<string, GoValue>

/** A number that came as JSON. */
export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** True for a number that the template itself made. */
export function isNum(value: GoValue): value is Num {
  return typeof value === 'object' && value !== null && 'float' in value
}

/** A whole number. */
export function int(number: number): Num {
  return { number, float: false }
}

/** What `if` takes for true: a number of the data is a text, and so it is. */
export function isTrue(value: GoValue): boolean {
  if (value === null || value === undefined) return false
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value !== ''
  if (value instanceof JsonNumber) return value.text !== ''
  if (isNum(value)) return value.number !== 0
  return value instanceof Map ? value.size > 0 : Array.isArray(value) && value.length > 0
}

/** A value as Go's `%v` has it. */
export function shown(value: GoValue): string {
  if (value === undefined || value === null) return '<nil>'
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (value instanceof JsonNumber) return value.text
  if (isNum(value)) return numberText(value)
  if (value instanceof Map)
    return `map[${[...value]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${key}:${shown(item)}`)
      .join(' ')}]`
  return Array.isArray(value) ? `[${value.map(shown).join(' ')}]` : ''
}

/** A number as `%v` has it. */
export function numberText({ number, float }: Num): string {
  if (!float) return String(number)
  const [digits = '', exponent = '0'] = number.toExponential().split('e')
  if (Number(exponent) >= -4 && Number(exponent) < 21) return String(number)
  return `${digits}e${exponent.startsWith('-') ? '-' : '+'}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`
}

/** What Go calls the type of a value. */
export function typeName(value: GoValue): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (value instanceof JsonNumber) return 'json.Number'
  if (isNum(value)) return value.float ? 'float64' : 'int'
  return value instanceof Map ? 'map[string]interface {}' : '[]interface {}'
}
