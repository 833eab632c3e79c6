// What a look says.

/** Nothing to mask here. */
export const no: i32 = 0;
/** It depends on bytes that are not here yet. */
export const more: i32 = 1;
/** A value. */
export const found: i32 = 2;

/** Where the value begins; also set with `more`, when it is known by then. */
export let start: i32 = 0;
export let end: i32 = 0;
/** Which of its look's tails the value goes on with, counted from one; 0 for none. */
export let tail: i32 = 0;
/** Triggers of the same look that end here or before need not be asked about. */
export let judged: i32 = 0;

/** Before a look is asked about the trigger before a place. */
@inline
export function reset(at: i32): void {
  start = at;
  end = at;
  tail = 0;
  judged = at;
}

@inline
export function setStart(at: i32): void {
  start = at;
}

@inline
export function setEnd(at: i32): void {
  end = at;
}

@inline
export function setTail(which: i32): void {
  tail = which;
}

@inline
export function setJudged(at: i32): void {
  judged = at;
}
