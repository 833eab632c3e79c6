// OPA's ABI: what the linker exports under OPA's names, and the two halves of opa_eval around the policy's own code.
import { fail, FAIL_INTERNAL, heap, alloc, setHeap } from "./memory";
import { buildTable, find, insert, makeObject, makeSet } from "./object";
import { readJson } from "./json-read";
import { writeJson } from "./json-write";
import { isKind, K_ARRAY, K_OBJECT, lengthOf } from "./value";

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

/** The empty result set of an evaluation. */
export function newResults(): usize {
  return makeSet();
}
