// How values lie in linear memory, for the compiler's constants and for hosts: rego/runtime/assembly/value.ts says it.

/** Words that are values without a record. */
export const WORD = { undefined: 0, null: 2, false: 4, true: 6, rememberedUndefined: 10 } as const

/** The kinds of records, in Rego's order. */
export const KIND = { number: 2, string: 3, array: 4, object: 5, set: 6 } as const

/** The first address that may be a record's: smaller even words are null, false and true. */
export const RECORD_MIN = 16

/** The integers that are words: 31 bits. */
export const WORD_INTEGER_MIN: number = -0x40000000
export const WORD_INTEGER_MAX = 0x3fffffff

/** Why a module gave up (its `rego_failure`): the low byte; a conflict has its kind above it. */
export const FAILURE = { fuel: 1, memory: 2, conflict: 3, internal: 4 } as const

/** The word of an integer that fits one. */
export function integerWord(integer: number): number {
  return (integer << 1) | 1
}

/** Whether a word is the address of a record. */
export function isRecord(word: number): boolean {
  return (word & 1) === 0 && word >= RECORD_MIN
}
