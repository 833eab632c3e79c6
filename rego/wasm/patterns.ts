// Constant patterns in the data segment. Automata of patterns and globs: class count @0, offset of the marks @4, classes @8,
// next states @264. Networks: bits of an address @0, prefix @4, upper half of the first address @8, lower half @16.
import { readNetwork } from '../builtins/address.ts'
import { globDfa, type RegexDfa, regexDfa } from '../optimize/index.ts'
import { unreachable } from '../unreachable.ts'
import type { Constants } from './constants.ts'

const CLASSES_AT = 8
const NEXT_AT = 264

/** What constants a call is made with: a pattern, and the delimiters of a glob. */
export interface ConstantPattern {
  readonly kind: 'regex' | 'glob' | 'network'
  readonly pattern: string
  readonly delimiters: readonly string[]
}

/** The address of a pattern's table; undefined where there is none. */
export function patternTable(constants: Constants, { kind, pattern, delimiters }: ConstantPattern): number | undefined {
  switch (kind) {
    case 'regex':
      return automaton(constants, regexDfa(pattern))
    case 'glob':
      return automaton(constants, globDfa(pattern, delimiters))
    case 'network':
      return network(constants, pattern)
    default:
      return unreachable(kind)
  }
}

function automaton(constants: Constants, dfa: RegexDfa | undefined): number | undefined {
  return dfa === undefined ? undefined : constants.bytes(encode(dfa))
}

function network(constants: Constants, text: string): number | undefined {
  const read = readNetwork(text)
  if (read === undefined) return undefined
  const bytes = new Uint8Array(24)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, read.bits, true)
  view.setUint32(4, read.prefix, true)
  view.setBigUint64(8, read.value >> 64n, true)
  view.setBigUint64(16, read.value & 0xffff_ffff_ffff_ffffn, true)
  return constants.bytes(bytes)
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
