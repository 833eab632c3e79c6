// What a detector is: triggers that the automaton finds, and a closer look at what stands around one.

import type { KernelForm, KernelLookName } from '../kernel/kernel.ts'
import type { ByteSet } from './bytes.ts'
import type { Positions } from './expression.ts'
import type { Pattern } from './pattern.ts'

/** What a closer look says. */
export type Verdict = typeof no | typeof more | typeof found
/** Nothing to mask here. */
export const no = 0
/** It depends on bytes that are not here yet. */
export const more = 1
/** A value: `hit` says where. */
export const found = 2

/** Decides byte by byte how far a value goes on whose length has no bound. */
export interface Tail {
  /** The next state, or `tailEnds` before the byte, or `tailEndsAfter` it. Starts at 0. */
  step(state: number, byte: number): number
}

/** A tail ended before the byte it was given. */
export const tailEnds = -1
/** A tail ended with the byte it was given. */
export const tailEndsAfter = -2

/** Where a value was found. `start` is also set with `more`, when it is known by then. */
export interface Hit {
  start: number
  end: number
  /** The value goes on behind `end` as far as this says. */
  tail: Tail | undefined
  /**
   * Triggers of the same look that end here or before need not be asked about: nothing comes of them. Whoever looks far
   * ahead says so, and the same bytes are not looked at again for every trigger among them.
   */
  judged: number
}

/**
 * A closer look at a trigger that ended before `at`. `view` holds `limit` bytes and at least `lookBehindBytes` before
 * `at` unless the text began later. With `final`, no bytes will follow. It must depend on the bytes alone, never on
 * where `limit` happens to be: at the limit it says `more`.
 */
export type Look = (view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit) => Verdict

/** A look that the kernel has, and how values go on that it finds. */
export interface KernelLook {
  readonly name: KernelLookName
  readonly form?: KernelForm
  readonly tails: readonly Tail[]
}

/** A look of the kernel. */
export function inKernel(name: KernelLookName, ...tails: readonly Tail[]): KernelLook {
  return { name, tails }
}

/** One detector of the streaming matcher. */
export interface Detector {
  readonly name: string
  readonly looks: readonly {
    readonly triggers: readonly (Pattern | Positions)[]
    readonly look: Look | KernelLook
    /** Its look sets `judged`. */
    readonly judges?: boolean
  }[]
  /** Whether a value may begin at `from` and go on behind `to`; for those whose beginnings no general rule holds back. */
  readonly alive?: (view: Uint8Array, from: number, to: number) => boolean
}

/** Bytes before a trigger that a look may use. */
export const lookBehindBytes = 256

/** Bytes behind a trigger that a look may wait for. */
export const lookAheadBytesMax = 1024

/** A tail of bytes of one set. */
export function tailOf(set: ByteSet): Tail {
  return { step: (_state, byte) => (set[byte] === 1 ? 0 : tailEnds) }
}

/** Longest value that a strategy is applied to; of a longer one nothing is shown. */
export const valueBytesMax = 4096

/** What stands for a value too long for its strategy. */
export const longValueText = '[redacted]'
