// The runtime of policies. The linker takes from here by name (rego/wasm/runtime-names.ts).
export * from "./abi";
export * from "./builtins";
export * from "./builtins-collections";
export * from "./builtins-strings";
export { equal } from "./compare";
export { expand } from "./expand";
export { hashOf, regionHash, regionSame } from "./hash";
export { readShaped } from "./json-shape";
export { order } from "./json-write";
export { builtin_net_cidr_contains, networkTable } from "./network";
export {
  conflict,
  evalBegin,
  evalFrom,
  failure,
  failureCol,
  failureFile,
  failureRow,
  fuel,
  fuelLimit,
  fuelSpent,
  heap,
  host0,
  host1,
  host2,
  host3,
  host4,
  hosted,
  memo,
  memoBytes,
  memoPop,
  memoPush,
  spendUnits,
} from "./memory";
export { buildTable, makeObject, makeSet, merge } from "./object";
export {
  arrayAppend,
  arrayOf,
  dot,
  dotData,
  is,
  len,
  makeArray,
  objectInsert,
  objectInsertOnce,
  objectOf,
  same,
  scanEnd,
  scanKey,
  scanStart,
  scanStep,
  setAdd,
  upsert,
} from "./statements";
