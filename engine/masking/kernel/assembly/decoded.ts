// Looks at what runs of base64 stand for. The automaton goes along four parts of it at once: each of its steps waits for
// the one before, and the other parts fill the time. What it does not do there is ask: it notes the triggers, and they are
// asked about in their order.
import { forgetCards } from "./cards";
import { found, judged, reset, setEnd, setStart, start } from "./hit";
import {
  againWord,
  askingWord,
  atWord,
  classesAt,
  classWord,
  control,
  liveWord,
  looksAt,
  marksMax,
  marksWord,
  outAt,
  outWord,
  placesAt,
  stateWord,
  tableAt,
  triggersAt,
  windowAt,
} from "./layout";
import { again, asked, elsewhere, far, full, judge, live, putMark, revive, stopAt, taken, unknown, unknownState } from "./scan";

const lanes: i32 = 4;
/** Where each lane begins, and where the last one ends. */
const laneAt: i32 = i32(memory.data(20, 4));
/** Where the triggers end that each lane has noted. */
const notedAt: i32 = i32(memory.data(16, 4));

/**
 * So many bytes, and what is left of a run, are gone along before anything is asked: what is near stays near, and there is
 * room for a trigger at each of them.
 */
const batchBytes: i32 = 12 * 1024;
/** What stands behind the last byte. */
const lineEndBytes: i32 = 64;

/** How many runs there are. */
let runs: i32 = 0;
/** The first run that was not gone along. */
let next: i32 = 0;
/** The lane whose triggers are asked about, all of them without one, and its next trigger. */
let lane: i32 = lanes;
let trigger: i32 = 0;
/** The run about whose triggers is asked, where its text begins and ends, and the kinds that were found in it, as far as they have a bit. */
let run: i32 = 0;
let runStart: i32 = 0;
let runEnd: i32 = 0;
let told: u64 = 0;

/** What the runs stand for that were found last is put into the window, where looks look. */
export function beginRuns(count: i32): void {
  const size = load<i32>(control, outWord);
  memory.copy(windowAt, outAt, size);
  memory.fill(windowAt + size, 0x0a, lineEndBytes);
  store<i32>(control, -1, liveWord);
  store<i32>(control, far, againWord);
  store<i32>(control, -1, askingWord);
  runs = count;
  next = 0;
  lane = lanes;
  run = -1;
  runEnd = windowAt;
}

/**
 * Marks the runs in which values are. Called again, it goes on where it stopped: at a state that is not known, at a look
 * that is not in the kernel, or where there was no room for another mark.
 */
export function judgeRuns(initial: i32, groupsAt: i32): i32 {
  forgetCards();
  while (true) {
    for (; lane < lanes; lane++) {
      const code = askLane(groupsAt);
      if (code != taken) return code;
      trigger = listOf(lane + 1);
    }
    if (next == runs) return taken;
    const until = divide();
    if (!goAlong(initial)) return unknown;
    next = until;
    lane = 0;
    trigger = triggersAt;
  }
}

/** A value was found in the run; one that begins before it is none. */
export function tellRun(begins: i32, kind: i32): void {
  if (begins < runStart) return;
  told |= bitOf(kind);
  const place = placesAt + run * 12;
  putMark(load<i32>(control, marksWord), load<i32>(place, 4), load<i32>(place, 8), kind);
}

/** The bit of a kind; kinds are twice as many as there are detectors, and of those that are too many none has one. */
@inline
function bitOf(kind: i32): u64 {
  return u64(kind < 128) << u64(kind >> 1);
}

/** Goes on to the run in which a trigger ends. */
function goTo(at: i32): void {
  while (runEnd < at) {
    runStart = runEnd;
    runEnd = windowAt + endOf(++run);
  }
  told = 0;
  // They know of nothing behind the run before.
  forgetCards();
}

/** Where the text of a run ends. */
@inline
function endOf(which: i32): i32 {
  return load<i32>(placesAt + which * 12);
}

/** The first run, from `low` on, whose text ends at a place or behind it; the last one where none does. */
function runAt(place: i32, low: i32): i32 {
  let from = low;
  let to = runs - 1;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (endOf(middle) < place) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Divides the next runs into lanes of about the same size, with whole runs in each; answers which run is behind them. */
function divide(): i32 {
  const begins = next == 0 ? 0 : endOf(next - 1);
  const last = runAt(begins + batchBytes, next);
  const size = endOf(last) - begins;
  store<i32>(laneAt, windowAt + begins);
  for (let which = 1; which < lanes; which++)
    store<i32>(laneAt + (which << 2), windowAt + endOf(runAt(begins + ((size * which) >> 2), next)));
  store<i32>(laneAt + (lanes << 2), windowAt + begins + size);
  return last + 1;
}

@inline
function laneStart(which: i32): i32 {
  return load<i32>(laneAt + (which << 2));
}

/** Where the triggers of a lane are noted: there is room for one at each byte. */
@inline
function listOf(which: i32): i32 {
  return triggersAt + ((laneStart(which) - laneStart(0)) << 3);
}

@inline
function after(state: i32, at: i32): i32 {
  return load<i32>(state + i32(load<u16>(i32(load<u8>(at)) << 1, classesAt)), tableAt);
}

/** Goes along the lanes and notes their triggers; false at a state that is not known. */
function goAlong(initial: i32): bool {
  for (let which = 0; which < lanes; which++) store<i32>(notedAt + (which << 2), listOf(which));
  let first = laneStart(0);
  let second = laneStart(1);
  let third = laneStart(2);
  let fourth = laneStart(3);
  const shortest = min(min(second - first, third - second), min(fourth - third, laneStart(4) - fourth));
  const until = first + shortest;
  let one = initial;
  let two = initial;
  let three = initial;
  let four = initial;
  while (first < until) {
    one = after(one, first++);
    two = after(two, second++);
    three = after(three, third++);
    four = after(four, fourth++);
    if ((one | two | three | four) < 0) {
      one = noted(0, one, first, initial);
      two = noted(1, two, second, initial);
      three = noted(2, three, third, initial);
      four = noted(3, four, fourth, initial);
      if ((one | two | three | four) < 0) return false;
    }
  }
  return (
    goOn(0, one, first, initial) && goOn(1, two, second, initial) && goOn(2, three, third, initial) && goOn(3, four, fourth, initial)
  );
}

/** Goes along what is left of a lane. */
function goOn(which: i32, from: i32, first: i32, initial: i32): bool {
  const until = laneStart(which + 1);
  let state = from;
  for (let at = first; at < until; ) {
    state = after(state, at++);
    if (state >= 0) continue;
    state = noted(which, state, at, initial);
    if (state < 0) return false;
  }
  return true;
}

/** Notes a trigger before a place; answers the state, or less than nothing where it is not known. */
function noted(which: i32, coded: i32, at: i32, initial: i32): i32 {
  if (coded >= 0) return coded;
  if (coded == unknownState) {
    tellUnknown(laneStart(which), at - 1, initial);
    return coded;
  }
  const state = -2 - coded;
  const list = load<i32>(notedAt + (which << 2));
  store<i32>(list, state);
  store<i32>(list, at, 4);
  store<i32>(notedAt + (which << 2), list + 8);
  return state;
}

/** Tells which state is not known: the one that the byte at a place leads to. */
function tellUnknown(from: i32, to: i32, initial: i32): void {
  let state = initial;
  for (let at = from; at < to; at++) {
    state = after(state, at);
    if (state < 0) state = -2 - state;
  }
  store<i32>(control, state, stateWord);
  store<i32>(control, i32(load<u16>(i32(load<u8>(to)) << 1, classesAt)), classWord);
}

/** Asks about the triggers of a lane that were not asked about. */
function askLane(groupsAt: i32): i32 {
  const until = load<i32>(notedAt + (lane << 2));
  /** The look of the first trigger that is to be asked; less than nothing where none was. */
  let from = load<i32>(control, askingWord);
  store<i32>(control, -1, askingWord);
  for (; trigger < until; trigger += 8) {
    const state = load<i32>(trigger);
    const at = load<i32>(trigger, 4);
    if (at > again()) revive(at - 1);
    if (at > runEnd) goTo(at);
    if (from < 0) {
      if ((load<i32>(state + groupsAt, tableAt) & live()) == 0) continue;
      from = 0;
    }
    const list = tableAt + load<i32>(state + groupsAt, tableAt + 8);
    const count = load<i32>(list);
    for (let index = from; index < count; index++) {
      const group = load<i32>(list + (index << 3), 8);
      if ((group & live()) == 0) continue;
      const look = looksAt + (load<i32>(list + (index << 3), 4) << 4);
      const kind = load<i32>(look, 4);
      // All of the run is masked, however many values of a kind it has.
      if ((told & bitOf(kind)) != 0) continue;
      if (load<i32>(control, marksWord) == marksMax) return stopAt(index, full);
      reset(at);
      // A line end stands behind the run. What stands behind that depends on how the text was cut, and is not seen.
      const verdict = asked(look, at, runEnd - 1, true);
      if (verdict < 0) {
        store<i32>(control, state, stateWord);
        store<i32>(control, at, atWord);
        setStart(runStart);
        setEnd(runEnd);
        return stopAt(index, elsewhere);
      }
      // What is behind the run was not seen.
      if (judged() > at) judge(group, min(judged(), runEnd));
      if (verdict == found) tellRun(start(), kind + 1);
    }
    from = -1;
  }
  return taken;
}
