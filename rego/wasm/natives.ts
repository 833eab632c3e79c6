// Which built-ins the runtime has itself: their name in Rego, and what the runtime exports them as.

/** A built-in of the runtime. */
export interface Native {
  readonly export: string
  readonly arity: number
  /** Whether it may ask the host: for numbers it cannot do, or about a failed call. */
  readonly asksHost: boolean
}

function native(name: string, arity: number, asksHost = true): Native {
  return { export: `builtin_${name}`, arity, asksHost }
}

/** The built-ins that need no host, or only sometimes. */
export const natives: ReadonlyMap<string, Native> = new Map([
  ['eq', native('equal', 2, false)],
  ['equal', native('equal', 2, false)],
  ['neq', native('neq', 2, false)],
  ['lt', native('lt', 2, false)],
  ['lte', native('lte', 2, false)],
  ['gt', native('gt', 2, false)],
  ['gte', native('gte', 2, false)],
  ['internal.member_2', native('member_2', 2, false)],
  ['plus', native('plus', 2)],
  ['minus', native('minus', 2)],
  ['mul', native('mul', 2)],
  ['count', native('count', 1)],
])
