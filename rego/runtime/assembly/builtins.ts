// Built-ins inside the module. Each takes its number and the place of its call first: what it cannot do (numbers that
// are no ints) it gives to the host; a failed call too where the host answers every built-in, so that it learns why.
import { compare, equal } from "./compare";
import { difference as setDifference } from "./builtins-collections";
import { failed1 } from "./failed";
import { host1, host2 } from "./memory";
import { get } from "./object";
import { len } from "./statements";
import { truth, intOf, isInt, isKind, isRecord, K_ARRAY, K_BOOL, K_NUMBER, K_OBJECT, K_SET, K_STRING, kindOf, lengthOf, makeInt, NULL, SAFE_MAX } from "./value";

export function builtin_equal(id: i32, site: i32, a: usize, b: usize): usize {
  return truth(equal(a, b));
}
export function builtin_neq(id: i32, site: i32, a: usize, b: usize): usize {
  return truth(!equal(a, b));
}
export function builtin_lt(id: i32, site: i32, a: usize, b: usize): usize {
  return truth(compare(a, b) < 0);
}
export function builtin_lte(id: i32, site: i32, a: usize, b: usize): usize {
  return truth(compare(a, b) <= 0);
}
export function builtin_gt(id: i32, site: i32, a: usize, b: usize): usize {
  return truth(compare(a, b) > 0);
}
export function builtin_gte(id: i32, site: i32, a: usize, b: usize): usize {
  return truth(compare(a, b) >= 0);
}

export function builtin_member_2(id: i32, site: i32, value: usize, collection: usize): usize {
  if (isKind(collection, K_SET)) return truth(get(collection, value) != 0);
  if (!isRecord(collection)) return truth(false);
  const kind = <i32>load<u8>(collection);
  const items = load<u32>(collection, 16);
  if (kind == K_ARRAY) {
    for (let i = 0, n = lengthOf(collection); i < n; i++) {
      if (equal(load<u32>(items + (i << 2)), value)) return truth(true);
    }
  } else if (kind == K_OBJECT) {
    for (let i = 0, n = lengthOf(collection); i < n; i++) {
      if (equal(load<u32>(items + (i << 3), 4), value)) return truth(true);
    }
  }
  return truth(false);
}

export function builtin_plus(id: i32, site: i32, a: usize, b: usize): usize {
  if (isInt(a) && isInt(b)) {
    const sum = intOf(a) + intOf(b);
    if (sum <= SAFE_MAX && sum >= -SAFE_MAX) return makeInt(sum);
  }
  return host2(id, site, a, b);
}

export function builtin_minus(id: i32, site: i32, a: usize, b: usize): usize {
  if (isInt(a) && isInt(b)) {
    const difference = intOf(a) - intOf(b);
    if (difference <= SAFE_MAX && difference >= -SAFE_MAX) return makeInt(difference);
  }
  const rest = setDifference(a, b);
  if (rest) return rest;
  return host2(id, site, a, b);
}

export function builtin_mul(id: i32, site: i32, a: usize, b: usize): usize {
  if (isInt(a) && isInt(b)) {
    const x = intOf(a);
    const y = intOf(b);
    if (abs(x) < 0x80000000 && abs(y) < 0x80000000) {
      const product = x * y;
      if (product <= SAFE_MAX && product >= -SAFE_MAX) return makeInt(product);
    }
  }
  return host2(id, site, a, b);
}

export function builtin_count(id: i32, site: i32, a: usize): usize {
  const length = len(a);
  return length ? length : failed1(id, site, a);
}

export function builtin_rem(id: i32, site: i32, a: usize, b: usize): usize {
  if (isInt(a) && isInt(b)) {
    const divisor = intOf(b);
    if (divisor != 0) return makeInt(intOf(a) % divisor);
  }
  return host2(id, site, a, b);
}

export function builtin_abs(id: i32, site: i32, a: usize): usize {
  if (!isInt(a)) return host1(id, site, a);
  const integer = intOf(a);
  return integer < 0 ? makeInt(-integer) : a;
}

export function builtin_round(id: i32, site: i32, a: usize): usize {
  return whole(id, site, a, 0);
}
export function builtin_ceil(id: i32, site: i32, a: usize): usize {
  return whole(id, site, a, 1);
}
export function builtin_floor(id: i32, site: i32, a: usize): usize {
  return whole(id, site, a, -1);
}

/** The most digits before the point that are done here. */
const POINT_MAX: i32 = 15;

/** A number without its fraction: towards a direction, or to the nearest, halves away from zero. */
function whole(id: i32, site: i32, a: usize, direction: i32): usize {
  if (isInt(a)) return a;
  if (!isKind(a, K_NUMBER)) return failed1(id, site, a);
  const count = load<i32>(a, 12);
  const point = load<i32>(a, 16);
  if (count <= point || point > POINT_MAX) return host1(id, site, a);
  const digits = a + 20 + load<u32>(a, 8);
  let integer: i64 = 0;
  for (let i = 0; i < point; i++) integer = integer * 10 + (load<u8>(digits + i) - 48);
  const negative = load<u8>(a, 2) != 0;
  // As in OPA, which asks for the sign of the integer part: between -1 and 0 the ceiling is 1 and the floor 0.
  if (direction && integer == 0) return makeInt(i64(direction > 0));
  if (direction == 0 ? point >= 0 && load<u8>(digits + point) >= 53 : direction > 0 != negative) integer++;
  return makeInt(negative ? -integer : integer);
}

export function builtin_is_number(id: i32, site: i32, a: usize): usize {
  return truth(kindOf(a) == K_NUMBER);
}
export function builtin_is_string(id: i32, site: i32, a: usize): usize {
  return truth(kindOf(a) == K_STRING);
}
export function builtin_is_boolean(id: i32, site: i32, a: usize): usize {
  return truth(kindOf(a) == K_BOOL);
}
export function builtin_is_array(id: i32, site: i32, a: usize): usize {
  return truth(kindOf(a) == K_ARRAY);
}
export function builtin_is_set(id: i32, site: i32, a: usize): usize {
  return truth(kindOf(a) == K_SET);
}
export function builtin_is_object(id: i32, site: i32, a: usize): usize {
  return truth(kindOf(a) == K_OBJECT);
}
export function builtin_is_null(id: i32, site: i32, a: usize): usize {
  return truth(a == NULL);
}
