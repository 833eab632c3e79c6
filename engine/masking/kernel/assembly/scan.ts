// Runs the automaton over the window, and asks its looks at the triggers.
import { iban } from "./accounts";
import { email, ipv4, ipv6 } from "./addresses";
import { card, forgetCards } from "./cards";
import { end, found, judged, more, no, reset, start, tail } from "./hit";
import {
  againWord,
  askingWord,
  atWord,
  classesAt,
  classWord,
  control,
  endsAt,
  hitsAt,
  hitsMax,
  hitsWord,
  judgedAt,
  kindsAt,
  lastWord,
  liveWord,
  looksAt,
  marksMax,
  marksWord,
  shiftWord,
  startsAt,
  stateWord,
  tableAt,
  undecidedWord,
  waitsWord,
} from "./layout";
import { international, northAmerican, ssn } from "./numbers";
import { userinfo, value } from "./secrets";
import { endOfTail } from "./tails";
import { azure, formed, jwt, pem } from "./tokens";

/** All bytes were taken. */
export const taken: i32 = 0;
/** A look needs bytes that are not here. */
const undecided: i32 = 1;
/** A value was found that goes on, and everybody was asked about the trigger. */
const waits: i32 = 2;
/** The next state is not known. */
export const unknown: i32 = 3;
/** A look is not in the kernel. */
export const elsewhere: i32 = 4;
/** There is no room for another hit. */
export const full: i32 = 5;
/** A value that goes on was marked up to its end. */
const followed: i32 = 6;

/** Behind all bytes that a scan ever holds. */
export const far: i32 = 0x3fffffff;
export const unknownState: i32 = -1;

/** Groups that are asked. */
@inline
export function live(): i32 {
  return load<i32>(control, liveWord);
}

/** Where the next of the others is asked again. */
@inline
export function again(): i32 {
  return load<i32>(control, againWord);
}

/**
 * Takes the bytes up to `limit`, a place in the window. With `final` a line end stands behind them, for triggers that
 * need to see an end. `groupsAt` is where a row has, behind its classes, the groups and the looks of its triggers.
 */
export function scan(limit: i32, final: bool, groupsAt: i32): i32 {
  forgetCards();
  let state = load<i32>(control, stateWord);
  let at = load<i32>(control, atWord);
  const stop = limit + i32(final);
  let code = taken;
  let asking = load<i32>(control, askingWord);
  store<i32>(control, -1, askingWord);
  store<i32>(control, far, undecidedWord);
  while (true) {
    if (asking >= 0) {
      code = ask(state, asking, at, limit, final, groupsAt);
      if (code == followed) {
        // Behind it the automaton starts afresh.
        at = max(at, load<i32>(control, lastWord));
        state = 0;
        code = taken;
        forgetCards();
      }
      if (code != taken) break;
      asking = -1;
    }
    const pause = min(stop, again());
    let next = 0;
    while (at < pause) {
      const byteClass = i32(load<u16>((i32(load<u8>(at)) << 1), classesAt));
      next = load<i32>(state + byteClass, tableAt);
      at++;
      if (next < 0) {
        if (next == unknownState) {
          store<i32>(control, byteClass, classWord);
          break;
        }
        next = -2 - next;
        state = next;
        if ((load<i32>(next + groupsAt, tableAt) & live()) != 0) {
          next = -2;
          break;
        }
        continue;
      }
      state = next;
    }
    if (next == unknownState) {
      code = unknown;
      break;
    }
    if (next == -2) {
      asking = 0;
      continue;
    }
    if (at >= again()) revive(at);
    if (at >= stop) break;
  }
  store<i32>(control, state, stateWord);
  store<i32>(control, at, atWord);
  return code;
}

function ask(state: i32, from: i32, at: i32, limit: i32, final: bool, groupsAt: i32): i32 {
  const list = tableAt + load<i32>(state + groupsAt, tableAt + 8);
  const count = load<i32>(list);
  for (let index = from; index < count; index++) {
    const group = load<i32>(list + (index << 3), 8);
    if ((group & live()) == 0) continue;
    const which = load<i32>(list + (index << 3), 4);
    const look = looksAt + (which << 4);
    if (load<i32>(control, hitsWord) == hitsMax) return stopAt(index, full);
    if (load<i32>(control, marksWord) == marksMax) return stopAt(index, full);
    reset(at);
    const verdict = asked(look, at, limit, final);
    if (verdict == more) {
      store<i32>(control, start(), undecidedWord);
      return stopAt(index, undecided);
    }
    if (verdict < 0) return stopAt(index, elsewhere);
    if (judged() > at) judge(group, judged());
    if (verdict == found) keep(look, which);
  }
  if (load<i32>(control, waitsWord) == 0) return taken;
  store<i32>(control, 0, waitsWord);
  return follow(limit, final) ? followed : waits;
}

/** Marks the only hit, when it overlaps nothing and goes on to an end that is here. */
function follow(limit: i32, final: bool): bool {
  if (!isAlone || load<i32>(control, hitsWord) != 1) return false;
  isAlone = false;
  const mark = load<i32>(control, marksWord);
  if (mark == marksMax) return false;
  const look = looksAt + (load<i32>(hitsAt, 8) << 4);
  const begins = load<i32>(hitsAt);
  const ends = endOfTail(
    load<i32>(look),
    load<i32>(hitsAt, 12),
    load<i32>(look, 12),
    begins,
    load<i32>(hitsAt, 4),
    limit,
    final,
  );
  if (ends < 0) return false;
  store<i32>(control, 0, hitsWord);
  putMark(mark, begins, ends, load<i32>(look, 4));
  return true;
}

@inline
export function putMark(mark: i32, begins: i32, ends: i32, kind: i32): void {
  const shift = load<i32>(control, shiftWord);
  store<i32>(startsAt + (mark << 2), begins - shift);
  store<i32>(endsAt + (mark << 2), ends - shift);
  store<i32>(kindsAt + (mark << 2), kind);
  store<i32>(control, ends, lastWord);
  store<i32>(control, mark + 1, marksWord);
}

/** The first hit is a value that goes on, behind all others. */
let isAlone: bool = false;

/** A value that comes behind all others and has an end is marked; one that does not is a hit, and all after it. */
@inline
function keep(look: i32, which: i32): void {
  const begins = start();
  const goesOn = tail();
  if (begins >= load<i32>(control, lastWord)) {
    if (goesOn == 0) {
      putMark(load<i32>(control, marksWord), begins, end(), load<i32>(look, 4));
      return;
    }
  }
  const hits = load<i32>(control, hitsWord);
  isAlone = hits == 0 && begins >= load<i32>(control, lastWord) && begins < end() && load<i32>(control, waitsWord) == 0;
  const hit = hitsAt + (hits << 4);
  store<i32>(hit, begins);
  store<i32>(hit, end(), 4);
  store<i32>(hit, which, 8);
  store<i32>(hit, goesOn, 12);
  store<i32>(control, hits + 1, hitsWord);
  store<i32>(control, far, lastWord);
  if (goesOn != 0) store<i32>(control, 1, waitsWord);
}

export function stopAt(index: i32, code: i32): i32 {
  store<i32>(control, index, askingWord);
  return code;
}

/** What one look says; less than nothing where it is not in the kernel. */
@inline
export function asked(look: i32, at: i32, limit: i32, final: bool): i32 {
  switch (load<i32>(look)) {
    case 1:
      return email(at, limit, final);
    case 2:
      return ipv4(at, limit, final);
    case 3:
      return ipv6(at, limit, final);
    case 4:
      return card(at, limit, final);
    case 5:
      return iban(at, limit, final);
    case 6:
      return ssn(at, limit, final);
    case 7:
      return international(at, limit, final);
    case 8:
      return northAmerican(at, limit, final);
    case 9:
      return value(true, at, limit, final);
    case 10:
      return value(false, at, limit, final);
    case 11:
      return userinfo(at, limit, final);
    case 12:
      return azure(at, limit, final);
    case 13:
      return jwt(at, limit, final);
    case 14:
      return pem(at, limit, final);
    case 15: {
      const form = load<i32>(look, 8);
      return formed(form & 255, load<i32>(look, 12), (form >> 8) & 255, form >> 16, at, limit, final);
    }
    default:
      return -1;
  }
}

/** Groups of looks that judge only the trigger they are asked about. */
const everyTrigger: i32 = 1 << 30;

export function judge(group: i32, until: i32): void {
  if (group == everyTrigger) return;
  store<i32>(control, live() & ~group, liveWord);
  store<i32>(judgedAt + (ctz(group) << 2), until);
  if (until < again()) store<i32>(control, until, againWord);
}

/** A look that is not in the kernel has judged its group. */
export function judgeGroup(group: i32, until: i32): void {
  judge(group, until);
}

/** Groups are asked again about triggers that end behind what they have judged. */
export function revive(at: i32): void {
  let next = far;
  let asked = live();
  for (let bits = ~asked; bits != 0; bits &= bits - 1) {
    const until = load<i32>(judgedAt + (ctz(bits) << 2));
    if (until <= at) asked |= bits & -bits;
    else if (until < next) next = until;
  }
  store<i32>(control, asked, liveWord);
  store<i32>(control, next, againWord);
}
