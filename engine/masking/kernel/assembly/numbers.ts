// US social security numbers and phone numbers.
import { found, more, no, setEnd, setStart } from './hit'
import { windowAt } from './layout'
import { alphanumeric, digit, has, separator, word } from './sets'

export function ssn(at: i32, limit: i32, final: bool): i32 {
  const start = at - 11
  setStart(start)
  if (touches(start)) return no
  const area = number(start, 3)
  if (area == 0 || area == 666 || area >= 900 || number(start + 4, 2) == 0 || number(start + 7, 4) == 0) return no
  return endsHere(at, limit, final)
}

const internationalDigitsMin: i32 = 8
const internationalDigitsMax: i32 = 15

/** ITU-T E.164: at most 15 digits. */
export function international(trigger: i32, limit: i32, final: bool): i32 {
  let start = trigger - 5
  while (load<u8>(start) != 0x2b) start--
  const at = load<u8>(start + 1) == 0x28 ? start + 3 : start + 2
  setStart(start)
  if (start > windowAt && (has(word, start - 1) || load<u8>(start - 1) == 0x2b)) return no
  let index = at
  let count = 1
  let end = 0
  while (true) {
    if (index >= limit) {
      if (!final) return more
      break
    }
    if (has(digit, index)) {
      if (++count > internationalDigitsMax) break
      index++
      end = index
      continue
    }
    if (!has(separator, index)) {
      if (has(word, index) && index == end) return no
      break
    }
    // At most two separators between two digits.
    if (index + 2 >= limit && !final) return more
    const next = index + 1 < limit && has(separator, index + 1) ? index + 2 : index + 1
    if (next >= limit || !has(digit, next)) break
    index = next
  }
  if (count > internationalDigitsMax) {
    // The group that went over belongs to something else.
    const back = groupStart(index)
    if (back <= at || has(digit, back - 1)) return no
    end = back - 1
    while (end > at && has(separator, end - 1)) end--
    count = 0
    for (let each = start; each < end; each++) count += i32(has(digit, each))
  }
  setEnd(end)
  return count >= internationalDigitsMin ? found : no
}

function groupStart(at: i32): i32 {
  let start = at
  while (start > windowAt && has(digit, start - 1)) start--
  return start
}

/** NANP: neither the area code nor the exchange begins with 0 or 1. */
export function northAmerican(at: i32, limit: i32, final: bool): i32 {
  const exchange = at - 8
  let area = exchange - 1
  if (load<u8>(area) == 0x20 && !has(digit, area - 1)) area--
  const bracket = load<u8>(area) == 0x29
  area -= 3
  let start = bracket ? area - 1 : area
  if (bracket && load<u8>(start) != 0x28) return no
  if (load<u8>(area) < 0x32 || load<u8>(exchange) < 0x32) return no
  // 1- before the area code.
  if (start >= windowAt + 2 && has(separator, start - 1) && load<u8>(start - 2) == 0x31 && !touches(start - 2))
    start -= 2
  setStart(start)
  if (touches(start)) return no
  return endsHere(at, limit, final)
}

/** True when something right before a number makes it part of something else. */
function touches(start: i32): bool {
  if (start <= windowAt) return false
  const before = load<u8>(start - 1)
  if (before == 0x2d || before == 0x2e) return start - 2 >= windowAt && has(alphanumeric, start - 2)
  return has(word, start - 1) || before == 0x2b
}

/** A hit when the number does not go on behind `at`. */
function endsHere(at: i32, limit: i32, final: bool): i32 {
  setEnd(at)
  if (at >= limit) return final ? found : more
  if (has(word, at)) return no
  const next = load<u8>(at)
  if (next != 0x2d && next != 0x2e) return found
  if (at + 1 >= limit) return final ? found : more
  return has(digit, at + 1) ? no : found
}

function number(at: i32, count: i32): i32 {
  let value = 0
  for (let index = at; index < at + count; index++) value = value * 10 + i32(load<u8>(index)) - 0x30
  return value
}
