// Plans of the compiler's own, beside those of a policy: each says what the functions come to that read what changes of
// the input (rego/optimize/changing-input.ts), so that a host can tell whether a result that it knows still holds.
import { type Block, DATA, FIRST_FREE, type Func, INPUT, type Operand, type Policy, type Stmt } from '../ir/index.ts'
import { apartBy, type Listings } from '../optimize/index.ts'
import { documentFunctions } from './remember.ts'

/** What a function comes to, as far as a host is told. */
export const PROBED = { undefined: 0, emptySet: 1, false: 2, true: 3, other: 4 } as const

/** Functions that one plan may have to ask: more are no less work than the plan itself. */
const ASKED_MAX = 8
/** Plans that are looked at. */
const PLANS_MAX = 16

/** A plan that can be asked what changed. */
export interface Probe {
  /** The plan, and the one that asks for it, by their numbers. */
  readonly plan: number
  readonly probe: number
  /** The functions that read what changes, by name. */
  readonly apart: ReadonlySet<string>
}

/** The policy with a plan more for each of its plans that reads what changes in functions of its input alone. */
export function withProbes(
  policy: Policy,
  listings: Listings,
  changing: readonly (readonly string[])[],
): { readonly policy: Policy; readonly probes: readonly Probe[] } {
  if (changing.length === 0 || policy.plans.length > PLANS_MAX) return { policy, probes: [] }
  const askable = documentFunctions(policy, listings)
  const strings = [...policy.strings]
  let result = strings.indexOf('result')
  if (result < 0) result = strings.push('result') - 1
  const plans = [...policy.plans]
  const probes: Probe[] = []
  for (const [at, plan] of policy.plans.entries()) {
    const apart = apartBy(policy, listings, plan, changing, askable)
    if (apart === undefined || apart.asked.length > ASKED_MAX) continue
    const probe = plans.push({ name: `changing of ${plan.name}`, blocks: [asking(apart.asked, result)] }) - 1
    probes.push({ plan: at, probe, apart: apart.names })
  }
  return probes.length === 0 ? { policy, probes } : { policy: { ...policy, strings, plans }, probes }
}

const nowhere = { file: 0, row: 0, col: 0 } as const
const [LIST, RESULT, VALUE, CODE, COUNT, ZERO] = [0, 1, 2, 3, 4, 5].map((at) => FIRST_FREE + at) as [
  number,
  number,
  number,
  number,
  number,
  number,
]

/** Lists what some functions come to, a number for each. */
function asking(funcs: readonly Func[], result: number): Block {
  const make: Stmt = { kind: 'MakeArrayStmt', capacity: funcs.length, target: LIST, ...nowhere }
  return {
    stmts: [
      make,
      ...funcs.flatMap(({ name }) => asked(name)),
      { kind: 'MakeObjectStmt', target: RESULT, ...nowhere },
      {
        kind: 'ObjectInsertStmt',
        key: { kind: 'string_index', value: result },
        value: of(LIST),
        object: RESULT,
        ...nowhere,
      },
      { kind: 'ResultSetAddStmt', value: RESULT, ...nowhere },
    ],
  }
}

function asked(func: string): readonly Stmt[] {
  const call: Stmt = { kind: 'CallStmt', func, args: [of(INPUT), of(DATA)], result: VALUE, ...nowhere }
  const isThere: Stmt = { kind: 'IsDefinedStmt', source: VALUE, ...nowhere }
  const equals = (value: boolean): Stmt => ({ kind: 'EqualStmt', a: of(VALUE), b: { kind: 'bool', value }, ...nowhere })
  const isEmptySet: readonly Stmt[] = [
    { kind: 'IsSetStmt', source: of(VALUE), ...nowhere },
    { kind: 'LenStmt', source: of(VALUE), target: COUNT, ...nowhere },
    { kind: 'MakeNumberIntStmt', value: 0n, target: ZERO, ...nowhere },
    { kind: 'EqualStmt', a: of(COUNT), b: of(ZERO), ...nowhere },
  ]
  return [
    { kind: 'ResetLocalStmt', target: VALUE, ...nowhere },
    { kind: 'BlockStmt', blocks: [{ stmts: [call] }], ...nowhere },
    says(PROBED.other),
    {
      kind: 'BlockStmt',
      blocks: [
        { stmts: [{ kind: 'IsUndefinedStmt', source: VALUE, ...nowhere }, says(PROBED.undefined)] },
        { stmts: [isThere, ...isEmptySet, says(PROBED.emptySet)] },
        { stmts: [isThere, equals(false), says(PROBED.false)] },
        { stmts: [isThere, equals(true), says(PROBED.true)] },
      ],
      ...nowhere,
    },
    { kind: 'ArrayAppendStmt', value: of(CODE), array: LIST, ...nowhere },
  ]
}

function says(code: number): Stmt {
  return { kind: 'MakeNumberIntStmt', value: BigInt(code), target: CODE, ...nowhere }
}

function of(value: number): Operand {
  return { kind: 'local', value }
}
