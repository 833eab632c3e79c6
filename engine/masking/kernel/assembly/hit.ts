// What a look says. It stands in the memory: that is one step nearer than a variable.
import { control, endWord, startWord, tailWord, untilWord } from "./layout";

/** Nothing to mask here. */
export const no: i32 = 0;
/** It depends on bytes that are not here yet. */
export const more: i32 = 1;
/** A value. */
export const found: i32 = 2;

/** Before a look is asked about the trigger before a place. */
@inline
export function reset(at: i32): void {
  setStart(at);
  setTail(0);
  setJudged(at);
}

/** Where the value begins; also set with `more`, when it is known by then. */
@inline
export function start(): i32 {
  return load<i32>(control, startWord);
}

@inline
export function end(): i32 {
  return load<i32>(control, endWord);
}

/** Which of its look's tails the value goes on with, counted from one; 0 for none. */
@inline
export function tail(): i32 {
  return load<i32>(control, tailWord);
}

/** Triggers of the same look that end here or before need not be asked about. */
@inline
export function judged(): i32 {
  return load<i32>(control, untilWord);
}

@inline
export function setStart(at: i32): void {
  store<i32>(control, at, startWord);
}

/** Every look that finds a value sets its end. */
@inline
export function setEnd(at: i32): void {
  store<i32>(control, at, endWord);
}

@inline
export function setTail(which: i32): void {
  store<i32>(control, which, tailWord);
}

@inline
export function setJudged(at: i32): void {
  store<i32>(control, at, untilWord);
}
