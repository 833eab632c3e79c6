// An expression with the values of its terms below them, as `opa test --var-values` shows it.
import type { Location } from '../../../rego/syntax/index.ts'
import { type Value, writeRego } from '../../../rego/value/index.ts'

/** A term with its value; undefined for one that has none. */
export interface ShownValue {
  readonly location: Location
  readonly text: string
  readonly value: Value | undefined
}

/** Longer values are cut. */
const valueCharsMax = 64

/** The lines, indented by two. */
export function shownExpression(source: string, location: Location, values: readonly ShownValue[]): readonly string[] {
  const begin = source.lastIndexOf('\n', location.offset - 1) + 1
  const indent = /^[ \t]*$/.test(source.slice(begin, location.offset)) ? source.slice(begin, location.offset) : ''
  const lines = `${indent}${source.slice(location.offset, location.end).trimEnd()}`.split('\n')
  const [line = ''] = lines
  const below = lines.length > 1 ? listed(values) : drawn(line, values, location.offset - indent.length)
  return [...lines, ...below].map((one) => `  ${one}`)
}

function listed(values: readonly ShownValue[]): readonly string[] {
  if (values.length === 0) return []
  const lines = new Set(values.map(({ text, value }) => `${text}: ${shown(value)}`))
  return ['', 'Where:', '', ...lines]
}

/** A stroke from each term down to its value, the last term first. */
function drawn(line: string, values: readonly ShownValue[], start: number): readonly string[] {
  const columns = new Map<number, ShownValue[]>()
  for (const one of values) {
    const column = one.location.offset - start
    columns.set(column, [...(columns.get(column) ?? []), one])
  }
  const order = [...columns.keys()].sort((a, b) => a - b)
  if (order.length === 0) return []
  const lines = [strokes(line, order)]
  for (const [at, column] of [...order.entries()].reverse()) {
    const left = order.slice(0, at)
    const here = columns.get(column) ?? []
    for (const { text, value } of here) {
      const words = here.length > 1 ? `${text}: ${shown(value)}` : shown(value)
      lines.push(`${strokes(line, left, column)}${words}`)
    }
  }
  return lines
}

/** Strokes at columns, with the line's own tabs between them. */
function strokes(line: string, columns: readonly number[], end = (columns.at(-1) ?? -1) + 1): string {
  let text = ''
  for (let at = 0; at < end; at++) text += columns.includes(at) ? '|' : line[at] === '\t' ? '\t' : ' '
  return text
}

function shown(value: Value | undefined): string {
  if (value === undefined) return 'undefined'
  const text = writeRego(value)
  return text.length > valueCharsMax ? `${text.slice(0, valueCharsMax - 3)}...` : text
}
