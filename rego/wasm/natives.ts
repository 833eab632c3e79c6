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
  ['rem', native('rem', 2)],
  ['abs', native('abs', 1)],
  ['round', native('round', 1)],
  ['ceil', native('ceil', 1)],
  ['floor', native('floor', 1)],
  ['count', native('count', 1)],
  ['sum', native('sum', 1)],
  ['max', native('max', 1)],
  ['min', native('min', 1)],
  ['sort', native('sort', 1)],
  ['any', native('any', 1)],
  ['all', native('all', 1)],
  ['is_number', native('is_number', 1, false)],
  ['is_string', native('is_string', 1, false)],
  ['is_boolean', native('is_boolean', 1, false)],
  ['is_array', native('is_array', 1, false)],
  ['is_set', native('is_set', 1, false)],
  ['is_object', native('is_object', 1, false)],
  ['is_null', native('is_null', 1, false)],
  ['internal.member_3', native('member_3', 3, false)],
  ['array.concat', native('array_concat', 2)],
  ['array.slice', native('array_slice', 3)],
  ['array.reverse', native('array_reverse', 1)],
  ['or', native('or', 2)],
  ['and', native('and', 2)],
  ['object.get', native('object_get', 3)],
  ['object.keys', native('object_keys', 1)],
  ['object.union', native('object_union', 2)],
  ['numbers.range', native('numbers_range', 2)],
  ['startswith', native('startswith', 2)],
  ['endswith', native('endswith', 2)],
  ['contains', native('contains', 2)],
  ['concat', native('concat', 2)],
  ['split', native('split', 2)],
  ['replace', native('replace', 3)],
  ['indexof', native('indexof', 2)],
  ['substring', native('substring', 3)],
  ['net.cidr_contains', native('net_cidr_contains', 2)],
  ['net.cidr_overlap', native('net_cidr_contains', 2)],
  ['lower', native('lower', 1)],
  ['upper', native('upper', 1)],
  ['trim_prefix', native('trim_prefix', 2)],
  ['trim_suffix', native('trim_suffix', 2)],
  ['trim_space', native('trim_space', 1)],
])
