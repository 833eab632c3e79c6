// A failed call inside the module: undefined; under a host that answers every built-in the call is repeated there, so
// that the host learns why.
import { host1, host2, host3, hosted } from "./memory";

@inline
export function failed1(id: i32, site: i32, a: usize): usize {
  return hosted ? host1(id, site, a) : 0;
}

@inline
export function failed2(id: i32, site: i32, a: usize, b: usize): usize {
  return hosted ? host2(id, site, a, b) : 0;
}

@inline
export function failed3(id: i32, site: i32, a: usize, b: usize, c: usize): usize {
  return hosted ? host3(id, site, a, b, c) : 0;
}
