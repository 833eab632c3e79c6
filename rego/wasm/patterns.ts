// Automata of constant patterns in the data segment: class count @0, offset of the marks @4, classes @8, next states @264.
import { type RegexDfa, regexDfa } from '../optimize/index.ts'
import type { Constants } from './constants.ts'

const CLASSES_AT = 8
const NEXT_AT = 264

/** The address of a pattern's automaton; undefined where there is none. */
export function patternTable(constants: Constants, pattern: string): number | undefined {
  const dfa = regexDfa(pattern)
  return dfa === undefined ? undefined : constants.bytes(encode(dfa))
}

function encode({ classes, classCount, next, marks }: RegexDfa): Uint8Array {
  const marksAt = NEXT_AT + next.length
  const bytes = new Uint8Array(marksAt + marks.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, classCount, true)
  view.setUint32(4, marksAt, true)
  bytes.set(classes, CLASSES_AT)
  bytes.set(next, NEXT_AT)
  bytes.set(marks, marksAt)
  return bytes
}
