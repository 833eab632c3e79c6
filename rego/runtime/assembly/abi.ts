// OPA's ABI: what the linker exports under OPA's names, and the two halves of opa_eval around the policy's own code.
import { compare } from "./compare";
import { fail, FAIL_INTERNAL, heap, alloc, evalFrom, setHeap } from "./memory";
import { buildTable, find, insert, makeObject, sorted } from "./object";
import { readJson } from "./json-read";
import { order, writeJson } from "./json-write";
import { objectOf, setAdd } from "./statements";
import { byteLength, isKind, K_ARRAY, K_OBJECT, K_STRING, lengthOf } from "./value";

const OK: i32 = 0;
const INVALID_TYPE: i32 = 2;
const INVALID_PATH: i32 = 3;

export function opa_malloc(bytes: usize): usize {
  return alloc(bytes);
}
export function opa_free(address: usize): void {}
export function opa_value_free(value: usize): void {}
export function opa_heap_blocks_stash(): void {}
export function opa_heap_blocks_restore(): void {}
export function opa_heap_stash_clear(): void {}
export function opa_heap_ptr_get(): usize {
  return heap;
}
export function opa_heap_ptr_set(address: usize): void {
  setHeap(address);
}

export function opa_json_parse(text: usize, length: usize): usize {
  return readJson(text, length, false);
}
export function opa_value_parse(text: usize, length: usize): usize {
  return readJson(text, length, true);
}
export function opa_json_dump(value: usize): usize {
  return writeJson(value, false);
}
export function opa_value_dump(value: usize): usize {
  return writeJson(value, true);
}

export function opa_eval_ctx_new(): usize {
  const context = alloc(16);
  memory.fill(context, 0, 16);
  return context;
}
export function opa_eval_ctx_set_input(context: usize, value: usize): void {
  store<u32>(context, value);
}
export function opa_eval_ctx_set_data(context: usize, value: usize): void {
  store<u32>(context, value, 4);
}
export function opa_eval_ctx_set_entrypoint(context: usize, entrypoint: i32): void {
  store<i32>(context, entrypoint, 12);
}
export function opa_eval_ctx_get_result(context: usize): usize {
  return load<u32>(context, 8);
}

/** The first half of opa_eval: the context, input read. */
export function evalPrepare(
  reserved: i32,
  entrypoint: i32,
  data: usize,
  input: usize,
  inputLength: usize,
  heapPointer: usize,
): usize {
  setHeap(heapPointer);
  if (reserved != 0) fail(FAIL_INTERNAL, "invalid reserved argument");
  // The host grows memory itself and may hand over an input at its very end.
  alloc(0);
  let value: usize = 0;
  if (inputLength > 0) {
    value = readJson(input, inputLength, true);
    if (value == 0) fail(FAIL_INTERNAL, "the input is no JSON");
  }
  const context = opa_eval_ctx_new();
  store<u32>(context, value);
  store<u32>(context, data, 4);
  store<i32>(context, entrypoint, 12);
  return context;
}

/** The second half of opa_eval: the result as text. */
export function evalFinish(context: usize, format: i32): usize {
  return writeJson(load<u32>(context, 8), format == 1);
}

/** The end of an unknown entry point. */
export function badEntrypoint(): void {
  fail(FAIL_INTERNAL, "internal: illegal entrypoint id");
}

export function opa_value_add_path(base: usize, path: usize, value: usize): i32 {
  if (!isKind(path, K_ARRAY) || lengthOf(path) == 0) return INVALID_PATH;
  const segments = load<u32>(path, 16);
  const last = lengthOf(path) - 1;
  let node = base;
  for (let i = 0; i < last; i++) {
    if (!isKind(node, K_OBJECT)) return INVALID_TYPE;
    const key = load<u32>(segments + (i << 2));
    const entry = find(node, key);
    let next = entry ? <usize>load<u32>(entry, 4) : 0;
    if (next == 0) {
      next = makeObject();
      insert(node, key, next);
    }
    store<u32>(node, 0, 4);
    node = next;
  }
  if (!isKind(node, K_OBJECT)) return INVALID_TYPE;
  insert(node, load<u32>(segments + (last << 2)), value);
  return OK;
}

export function opa_value_remove_path(base: usize, path: usize): i32 {
  if (!isKind(path, K_ARRAY) || lengthOf(path) == 0) return INVALID_PATH;
  const segments = load<u32>(path, 16);
  const last = lengthOf(path) - 1;
  let node = base;
  for (let i = 0; i <= last; i++) {
    if (!isKind(node, K_OBJECT)) return INVALID_TYPE;
    const entry = find(node, load<u32>(segments + (i << 2)));
    if (entry == 0) return OK;
    store<u32>(node, 0, 4);
    if (i < last) node = load<u32>(entry, 4);
    else {
      const end = load<u32>(node, 16) + (lengthOf(node) << 3);
      memory.copy(entry, entry + 8, end - entry - 8);
      store<i32>(node, lengthOf(node) - 1, 8);
      if (load<u32>(node, 24)) buildTable(node);
    }
  }
  return OK;
}

/** What an evaluation by our own host gives: the value of `result` in the first binding, in order; 0 where there is none. */
export function answerOf(results: usize): usize {
  if (lengthOf(results) == 0) return 0;
  const bindings = <usize>load<u32>(sorted(results));
  if (!isKind(bindings, K_OBJECT)) return 0;
  const entries = load<u32>(bindings, 16);
  for (let i = 0, n = lengthOf(bindings); i < n; i++) {
    const key = <usize>load<u32>(entries + (i << 3));
    // "result"
    if (isKind(key, K_STRING) && byteLength(key) == 6 && load<u32>(key, 16) == 0x75736572 && load<u16>(key, 20) == 0x746c) {
      const value = <usize>load<u32>(entries + (i << 3), 4);
      order(value);
      return value;
    }
  }
  return 0;
}

let answer: usize = 0;

/** Begins an evaluation by our own host that makes no result set. */
export function answerBegin(heapPointer: usize, fuel: i32): void {
  answer = 0;
  evalFrom(heapPointer, fuel);
}

/** Takes a binding of one name into a result set, or where there is none, the first of such values in order. */
export function addResult(results: usize, key: usize, value: usize): void {
  if (results) setAdd(results, objectOf(1, key, value, 0, 0, 0, 0));
  else if (answer == 0 || compare(value, answer) < 0) answer = value;
}

/** What such an evaluation gives. */
export function answerEnd(): usize {
  order(answer);
  return answer;
}
