// What a built-in is, to the interpreter and to the wasm host alike. Implementations live beside this file.
import { isArray, isSet, type RegoObject, typeName, type Value } from '../value/index.ts'

/** One built-in function. Undefined is an undefined result; BuiltinError a failure that only strict evaluation shows. */
export type Builtin = (context: BuiltinContext, args: readonly Value[]) => Value | undefined

/** All built-ins by name, as `static.builtin_funcs` names them. */
export type BuiltinTable = ReadonlyMap<string, Builtin>

/** Where in a policy a call stands. */
export interface SourcePlace {
  readonly file: string
  readonly row: number
  readonly col: number
}

/** What a built-in may know of and do to the evaluation it runs in. One for each evaluation. */
export interface BuiltinContext {
  /** The time of this evaluation in nanoseconds since 1970: the same for every call in it. */
  readonly nowNs: bigint
  /** Random bytes, from the embedding: seeded in tests. */
  random(length: number): Uint8Array
  /** Values kept for this evaluation only, such as what `rand.intn` or `uuid.rfc4122` answered for a key. */
  readonly cache: Map<string, unknown>
  /** Counts work beyond the call itself (a unit is about a microsecond); throws EvaluationHalted when fuel is spent. */
  spend(units: number): void
  /** Takes a line of `print`. */
  print(line: string): void
  /** Takes a note of `trace`. */
  note(message: string): void
  /** Takes the keys of a case of a data-driven test (`internal.test_case`). */
  testCase(keys: readonly Value[]): void
  /** Where the call stands; the same object may change between calls. */
  readonly place: SourcePlace
  /** What `opa.runtime` answers. */
  readonly runtime: RegoObject
  /** Built-ins that reach the world (`http.send`, `net.lookup_ip_addr`): absent where they are off. */
  readonly external?: (name: string, args: readonly Value[]) => Value | undefined
}

/** Whether an operand had the wrong type or a value was refused. */
export type BuiltinErrorCode = 'eval_type_error' | 'eval_builtin_error'

/** A failed call: undefined to the policy, an error under strict evaluation. The message carries no built-in name. */
export class BuiltinError extends Error {
  readonly code: BuiltinErrorCode

  constructor(code: BuiltinErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BuiltinError'
    this.code = code
  }
}

/** Why an evaluation was ended from outside the policy. */
export type HaltReason = 'fuel' | 'cancelled' | 'depth'

/** The evaluation is over, strict or not: never caught by a built-in. */
export class EvaluationHalted extends Error {
  readonly reason: HaltReason

  constructor(reason: HaltReason) {
    super(
      reason === 'fuel' ? 'fuel spent' : reason === 'depth' ? 'call depth spent' : 'caller cancelled query execution',
    )
    this.name = 'EvaluationHalted'
    this.reason = reason
  }
}

/** An operand of a wrong type, in OPA's words; positions count from one. */
export function operandTypeError(position: number, got: Value, ...expected: readonly string[]): BuiltinError {
  const wanted = expected.length === 1 ? `${expected[0]}` : `one of {${expected.join(', ')}}`
  return operandError(position, `must be ${wanted} but got ${typeName(got)}`)
}

/** An operand whose element is of a wrong type, in OPA's words. */
export function operandElementError(
  position: number,
  composite: Value,
  got: Value,
  ...expected: readonly string[]
): BuiltinError {
  const outer = typeName(composite)
  const wanted = expected.length === 1 ? `${expected[0]}s` : `(any of) {${expected.join(', ')}}`
  return operandError(position, `must be ${outer} of ${wanted} but got ${outer} containing ${typeName(got)}`)
}

/** An operand that is refused, in OPA's words. */
export function operandError(position: number, message: string): BuiltinError {
  return new BuiltinError('eval_type_error', `operand ${position} ${message}`)
}

/** The elements of an array or set; undefined for anything else. */
export function elementsOf(value: Value): readonly Value[] | undefined {
  if (isArray(value)) return value
  return isSet(value) ? value.items() : undefined
}
