// Triggers: short linear patterns over bytes whose match makes a detector look closer.
import { type ByteSet, bytes } from './bytes.ts'

/** One element of a pattern: bytes of a set, a bounded number of times. */
export interface Element {
  readonly set: ByteSet
  readonly min: number
  readonly max: number
}

/** Elements one after the other. A pattern has no alternatives and no nesting. */
export type Pattern = readonly Element[]

/** A pattern from texts (themselves, exactly) and elements. */
export function pattern(...parts: readonly (string | Element)[]): Pattern {
  return parts.flatMap((part) => (typeof part === 'string' ? [...part].map((one) => some(single(one))) : [part]))
}

/** Bytes of a set, from `min` to `max` times. */
export function some(set: ByteSet, min = 1, max: number = min): Element {
  return { set, min, max }
}

/** A text in any case of its ASCII letters. */
export function anyCase(text: string): Pattern {
  return [...text].map((one) => some(bytes(one.toLowerCase() + one.toUpperCase())))
}

function single(character: string): ByteSet {
  const set = new Uint8Array(256)
  set[character.charCodeAt(0)] = 1
  return set
}
