/** Closes a switch over a union: a forgotten case is a compile error, and a broken invariant throws. */
export function unreachable(value: never): never {
  throw new TypeError(`unreachable: ${JSON.stringify(value)}`)
}
