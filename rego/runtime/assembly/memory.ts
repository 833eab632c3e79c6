// Linear memory: bump allocation, fuel, failure. Nothing is freed; the heap pointer goes back to a base between
// evaluations. The linker sets the first value of `heap` to the end of the policy's constants.

@external("env", "opa_abort")
declare function opaAbort(address: usize): void;
@external("env", "opa_builtin0")
declare function opaBuiltin0(id: i32, site: i32): usize;
@external("env", "opa_builtin1")
declare function opaBuiltin1(id: i32, site: i32, a: usize): usize;
@external("env", "opa_builtin2")
declare function opaBuiltin2(id: i32, site: i32, a: usize, b: usize): usize;
@external("env", "opa_builtin3")
declare function opaBuiltin3(id: i32, site: i32, a: usize, b: usize, c: usize): usize;
@external("env", "opa_builtin4")
declare function opaBuiltin4(id: i32, site: i32, a: usize, b: usize, c: usize, d: usize): usize;

export { opaBuiltin0 as host0, opaBuiltin1 as host1, opaBuiltin2 as host2, opaBuiltin3 as host3, opaBuiltin4 as host4 };

/** The next free byte. */
export let heap: usize = 0;
/** What lies below belongs to constants, data and input: no statement may change it. */
export let frozen: usize = 0;
/** Fuel left, and what an evaluation begins with. */
export let fuel: i32 = 100000000;
export let fuelLimit: i32 = 100000000;
/** Why the module gave up: one of the codes below; 0 while it has not. */
export let failure: i32 = 0;
/** Where: the record of the file's name, row and column of a conflict. */
export let failureFile: usize = 0;
export let failureRow: i32 = 0;
export let failureCol: i32 = 0;
/** The row of the table of remembered rule values, and its bytes. */
export let memo: usize = 0;
export let memoBytes: usize = 0;
/** 1 under a host that answers every built-in: failed calls are then repeated there, so that it learns why. */
export let hosted: i32 = 0;
let spareMemo: usize = 0;

export const FAIL_FUEL: i32 = 1;
export const FAIL_MEMORY: i32 = 2;
export const FAIL_CONFLICT: i32 = 3;
export const FAIL_INTERNAL: i32 = 4;

/** Memory behind the heap that is always there, so that copies may go by blocks. */
const SLACK: usize = 64;

/** The most one allocation may take. */
const ALLOCATION_MAX: usize = 0x40000000;

/** Eight-byte aligned memory; fails when there is none. */
export function alloc(bytes: usize): usize {
  const at = (heap + 7) & ~7;
  const end = at + bytes;
  if (end + SLACK > <usize>memory.size() << 16) grow(bytes, end + SLACK);
  heap = end;
  return at;
}

function grow(bytes: usize, end: usize): void {
  if (bytes > ALLOCATION_MAX || end < bytes) fail(FAIL_MEMORY, "memory spent");
  const needed = <i32>((end - (<usize>memory.size() << 16) + 0xffff) >> 16);
  // A quarter more than there is, so that growing is rare; exactly what is needed where that is refused.
  const generous = max(needed, memory.size() >> 2);
  if (memory.grow(generous) < 0 && memory.grow(needed) < 0) fail(FAIL_MEMORY, "memory spent");
}

/** Ends the evaluation. */
export function fail(code: i32, message: string): void {
  failure = code;
  opaAbort(latin(scratch(), message));
  unreachable();
}

/** A place for short texts that is always there. */
@inline
export function scratch(): usize {
  return memory.data(512);
}

/** Writes an ASCII text with a NUL; gives where it begins. */
export function latin(to: usize, text: string): usize {
  for (let i = 0; i < text.length; i++) store<u8>(to + i, load<u16>(changetype<usize>(text) + (i << 1)));
  store<u8>(to + text.length, 0);
  return to;
}

/** Ends the evaluation at a statement whose rule gave two values. `kind` 0 is a rule's, 1 a function's, 2 an object's. */
export function conflict(kind: i32, file: usize, row: i32, col: i32): void {
  failure = FAIL_CONFLICT | (kind << 8);
  failureFile = file;
  failureRow = row;
  failureCol = col;
  let at = scratch();
  const text = at;
  // The file is a string value; what does not fit is left out.
  const length = min<usize>(load<u32>(file, 8), 300);
  memory.copy(at, file + 16, length);
  at = decimalDigits(at + length, ":", row);
  at = decimalDigits(at, ":", col);
  latin(at, kind == 2 ? ": object insert conflict" : ": var assignment conflict");
  opaAbort(text);
  unreachable();
}

function decimalDigits(to: usize, before: string, number: i32): usize {
  latin(to, before);
  let at = to + before.length;
  let unit = 1;
  while (number / unit >= 10) unit *= 10;
  for (; unit > 0; unit /= 10) store<u8>(at++, 48 + ((number / unit) % 10));
  return at;
}

/** Spends fuel for work that statements do not count. */
@inline
export function spend(units: i32): void {
  fuel -= units;
  if (fuel < 0) fuelSpent();
}

/** Spends fuel for the statements of a function. */
export function spendUnits(units: i32): void {
  spend(units);
}

/** Spends fuel for all turns of a loop. */
export function spendTurns(turns: i32, units: i32): void {
  const all = <i64>turns * <i64>units;
  if (all > <i64>fuel) fuelSpent();
  fuel -= <i32>all;
}

/** Ends the evaluation for want of fuel. */
export function fuelSpent(): void {
  fuel = 0;
  fail(FAIL_FUEL, "fuel spent");
}

/** Begins an evaluation: everything allocated so far is frozen. */
export function evalBegin(): void {
  heap = (heap + 7) & ~7;
  frozen = heap;
  fuel = fuelLimit;
  failure = 0;
  spareMemo = 0;
  memo = newMemo();
}

/** Begins an evaluation whose input ends at an address, 0 where that is the end of the heap; with so much fuel. */
export function evalFrom(heapPointer: usize, units: i32): void {
  if (heapPointer) heap = heapPointer;
  fuelLimit = units;
  evalBegin();
}

function newMemo(): usize {
  const table = alloc(memoBytes + 8);
  clear(table);
  return table;
}

/** Mostly a few rows, which a call to fill them would take longer for. There is memory behind the last one. */
@inline
function clear(table: usize): void {
  const bytes = memoBytes + 8;
  if (bytes > 256) memory.fill(table, 0, bytes);
  else for (let at = table; at < table + bytes; at += 8) store<u64>(at, 0);
}

/** Begins a `with`: rules are remembered anew. Gives the table to go back to. */
export function memoPush(): usize {
  const before = memo;
  if (spareMemo == 0) memo = newMemo();
  else {
    memo = spareMemo;
    spareMemo = load<u32>(memo + memoBytes);
    clear(memo);
  }
  return before;
}

/** Ends a `with`. */
export function memoPop(before: usize): void {
  store<u32>(memo + memoBytes, spareMemo);
  spareMemo = memo;
  memo = before;
}

/** Gives back everything allocated since. */
export function setHeap(to: usize): void {
  heap = to;
}

/**
 * Copies by blocks of sixteen: up to fifteen bytes more than asked are read, and written behind the target. The target is
 * the last allocation, so that nothing is there yet.
 */
@inline
export function copyToTop(to: usize, from: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i));
}
