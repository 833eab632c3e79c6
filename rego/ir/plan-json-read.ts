// plan.json to IR. Takes what OPA writes, of any age; refuses anything else with the path of what is wrong.
import {
  dataFromValue,
  integerOf,
  isArray,
  isNumber,
  isObject,
  JsonError,
  readJson,
  type Value,
} from '../value/index.ts'
import type {
  Block,
  BuiltinDeclaration,
  Func,
  Operand,
  Place,
  Plan,
  Policy,
  Stmt,
  StmtKind,
  UnplannedRule,
} from './policy.ts'

/** How deep the JSON of a plan may nest: about five levels for each nested block. */
export const PLAN_JSON_DEPTH_MAX = 3_000

/** Why a plan cannot be used. */
export type PlanErrorCode = 'bad_json' | 'bad_field' | 'bad_statement' | 'bad_reference' | 'limit'

/** A plan that cannot be used; `path` says which part of it. */
export class PlanError extends Error {
  readonly code: PlanErrorCode
  readonly path: string

  constructor(code: PlanErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(path === '' ? message : `${path}: ${message}`, options)
    this.name = 'PlanError'
    this.code = code
    this.path = path
  }
}

/** Reads a plan.json. Throws PlanError. What comes back is well formed, but its references are not checked: see checkPolicy. */
export function readPlanJson(text: string): Policy {
  try {
    return readPolicy(readJson(text, PLAN_JSON_DEPTH_MAX))
  } catch (error) {
    if (error instanceof JsonError) throw new PlanError('bad_json', '', error.message, { cause: error })
    throw error
  }
}

/** The policy that an already parsed plan document says. Throws PlanError. */
export function readPolicy(document: Value): Policy {
  const root = new Fields(document, 'plan')
  const fixed = root.optional('static')
  const unplanned = root.list('unplanned_rules', readUnplanned)
  return {
    strings: fixed?.list('strings', (item) => item.text('value')) ?? [],
    builtins: fixed?.list('builtin_funcs', readBuiltin) ?? [],
    files: fixed?.list('files', (item) => item.text('value')) ?? [],
    plans: root.optional('plans')?.list('plans', readPlan) ?? [],
    funcs: root.optional('funcs')?.list('funcs', readFunc) ?? [],
    ...(unplanned.length > 0 ? { unplannedRules: unplanned } : {}),
  }
}

function readBuiltin(item: Fields): BuiltinDeclaration {
  return { name: item.text('name'), decl: dataFromValue(item.value('decl')) }
}

function readPlan(item: Fields): Plan {
  return { name: item.text('name'), blocks: item.blocks('blocks') }
}

function readFunc(item: Fields): Func {
  const path = item.has('path') ? { path: item.texts('path') } : {}
  return {
    name: item.text('name'),
    params: item.integers('params'),
    return: item.integer('return'),
    blocks: item.blocks('blocks'),
    ...path,
  }
}

function readUnplanned(item: Fields): UnplannedRule {
  return { path: item.texts('path'), place: (item.optional('location') ?? item).place() }
}

const statements: Readonly<Record<StmtKind, (s: Fields, at: Place) => Stmt>> = {
  ArrayAppendStmt: (s, at) => ({
    kind: 'ArrayAppendStmt',
    value: s.operand('value'),
    array: s.integer('array'),
    ...at,
  }),
  AssignIntStmt: (s, at) => ({ kind: 'AssignIntStmt', value: s.int64('value'), target: s.integer('target'), ...at }),
  AssignVarStmt: (s, at) => ({
    kind: 'AssignVarStmt',
    source: s.operand('source'),
    target: s.integer('target'),
    ...at,
  }),
  AssignVarOnceStmt: (s, at) => ({
    kind: 'AssignVarOnceStmt',
    source: s.operand('source'),
    target: s.integer('target'),
    ...at,
  }),
  BlockStmt: (s, at) => ({ kind: 'BlockStmt', blocks: s.blocks('blocks'), ...at }),
  BreakStmt: (s, at) => ({ kind: 'BreakStmt', index: s.integer('index'), ...at }),
  CallStmt: (s, at) => ({
    kind: 'CallStmt',
    func: s.text('func'),
    args: s.operands('args'),
    result: s.integer('result'),
    ...at,
  }),
  CallDynamicStmt: (s, at) => ({
    kind: 'CallDynamicStmt',
    path: s.operands('path'),
    args: s.integers('args'),
    result: s.integer('result'),
    ...at,
  }),
  DotStmt: (s, at) => ({
    kind: 'DotStmt',
    source: s.operand('source'),
    key: s.operand('key'),
    target: s.integer('target'),
    ...at,
  }),
  EqualStmt: (s, at) => ({ kind: 'EqualStmt', a: s.operand('a'), b: s.operand('b'), ...at }),
  IsArrayStmt: (s, at) => ({ kind: 'IsArrayStmt', source: s.operand('source'), ...at }),
  IsDefinedStmt: (s, at) => ({ kind: 'IsDefinedStmt', source: s.integer('source'), ...at }),
  IsObjectStmt: (s, at) => ({ kind: 'IsObjectStmt', source: s.operand('source'), ...at }),
  IsSetStmt: (s, at) => ({ kind: 'IsSetStmt', source: s.operand('source'), ...at }),
  IsUndefinedStmt: (s, at) => ({ kind: 'IsUndefinedStmt', source: s.integer('source'), ...at }),
  LenStmt: (s, at) => ({ kind: 'LenStmt', source: s.operand('source'), target: s.integer('target'), ...at }),
  MakeArrayStmt: (s, at) => ({
    kind: 'MakeArrayStmt',
    capacity: s.integer('capacity'),
    target: s.integer('target'),
    ...at,
  }),
  MakeNullStmt: (s, at) => ({ kind: 'MakeNullStmt', target: s.integer('target'), ...at }),
  MakeNumberIntStmt: (s, at) => ({
    kind: 'MakeNumberIntStmt',
    value: s.int64('value'),
    target: s.integer('target'),
    ...at,
  }),
  MakeNumberRefStmt: (s, at) => ({
    kind: 'MakeNumberRefStmt',
    index: s.integer(s.has('index') ? 'index' : 'Index'),
    target: s.integer('target'),
    ...at,
  }),
  MakeObjectStmt: (s, at) => ({ kind: 'MakeObjectStmt', target: s.integer('target'), ...at }),
  MakeSetStmt: (s, at) => ({ kind: 'MakeSetStmt', target: s.integer('target'), ...at }),
  NopStmt: (_, at) => ({ kind: 'NopStmt', ...at }),
  NotEqualStmt: (s, at) => ({ kind: 'NotEqualStmt', a: s.operand('a'), b: s.operand('b'), ...at }),
  NotStmt: (s, at) => ({ kind: 'NotStmt', block: s.block('block'), ...at }),
  ObjectInsertStmt: (s, at) => ({
    kind: 'ObjectInsertStmt',
    key: s.operand('key'),
    value: s.operand('value'),
    object: s.integer('object'),
    ...at,
  }),
  ObjectInsertOnceStmt: (s, at) => ({
    kind: 'ObjectInsertOnceStmt',
    key: s.operand('key'),
    value: s.operand('value'),
    object: s.integer('object'),
    ...at,
  }),
  ObjectMergeStmt: (s, at) => ({
    kind: 'ObjectMergeStmt',
    a: s.integer('a'),
    b: s.integer('b'),
    target: s.integer('target'),
    ...at,
  }),
  ResetLocalStmt: (s, at) => ({ kind: 'ResetLocalStmt', target: s.integer('target'), ...at }),
  ResultSetAddStmt: (s, at) => ({ kind: 'ResultSetAddStmt', value: s.integer('value'), ...at }),
  ReturnLocalStmt: (s, at) => ({ kind: 'ReturnLocalStmt', source: s.integer('source'), ...at }),
  ScanStmt: (s, at) => ({
    kind: 'ScanStmt',
    source: s.integer('source'),
    key: s.integer('key'),
    value: s.integer('value'),
    block: s.block('block'),
    ...at,
  }),
  SetAddStmt: (s, at) => ({ kind: 'SetAddStmt', value: s.operand('value'), set: s.integer('set'), ...at }),
  WithStmt: (s, at) => ({
    kind: 'WithStmt',
    local: s.integer('local'),
    path: s.has('path') ? s.integers('path') : [],
    value: s.operand('value'),
    block: s.block('block'),
    ...at,
  }),
}

function isStmtKind(name: string): name is StmtKind {
  return Object.hasOwn(statements, name)
}

function readBlock(item: Fields): Block {
  return { stmts: item.list('stmts', readStmt) }
}

function readStmt(item: Fields): Stmt {
  const type = item.text('type')
  if (!isStmtKind(type)) throw new PlanError('bad_statement', item.path, `unknown statement \`${type}\``)
  const fields = item.required('stmt')
  return statements[type](fields, fields.place())
}

function readOperand(item: Fields): Operand {
  const type = item.text('type')
  switch (type) {
    case 'local':
      return { kind: 'local', value: item.integer('value') }
    case 'string_index':
      return { kind: 'string_index', value: item.integer('value') }
    case 'bool': {
      const value = item.value('value')
      if (typeof value !== 'boolean') throw item.wrong('value', 'a boolean')
      return { kind: 'bool', value }
    }
    default:
      throw new PlanError('bad_field', item.path, `unknown operand type \`${type}\``)
  }
}

/** The fields of one JSON object of a plan. */
class Fields {
  readonly path: string
  readonly #document: Value

  constructor(document: Value, path: string) {
    if (!isObject(document)) throw new PlanError('bad_field', path, 'expected an object')
    this.path = path
    this.#document = document
  }

  value(name: string): Value {
    const value = this.#field(name)
    if (value === undefined) throw this.wrong(name, 'a value')
    return value
  }

  /** Whether a field is there and not null: Go writes an absent list as null. */
  has(name: string): boolean {
    const value = this.#field(name)
    return value !== undefined && value !== null
  }

  optional(name: string): Fields | undefined {
    return this.has(name) ? this.required(name) : undefined
  }

  required(name: string): Fields {
    return new Fields(this.value(name), `${this.path}.${name}`)
  }

  list<T>(name: string, read: (item: Fields) => T): T[] {
    return this.#items(name).map((item, i) => read(new Fields(item, `${this.path}.${name}[${i}]`)))
  }

  text(name: string): string {
    const value = this.value(name)
    if (typeof value !== 'string') throw this.wrong(name, 'a string')
    return value
  }

  texts(name: string): string[] {
    return this.#items(name).map((item) => {
      if (typeof item !== 'string') throw this.wrong(name, 'strings')
      return item
    })
  }

  integer(name: string): number {
    return this.#index(this.value(name), name)
  }

  integers(name: string): number[] {
    return this.#items(name).map((item) => this.#index(item, name))
  }

  int64(name: string): bigint {
    const value = this.value(name)
    const integer = isNumber(value) ? integerOf(value) : undefined
    if (integer === undefined || BigInt.asIntN(64, integer) !== integer) throw this.wrong(name, 'a 64-bit integer')
    return integer
  }

  operand(name: string): Operand {
    return readOperand(this.required(name))
  }

  operands(name: string): Operand[] {
    return this.list(name, readOperand)
  }

  block(name: string): Block {
    return readBlock(this.required(name))
  }

  blocks(name: string): Block[] {
    return this.list(name, readBlock)
  }

  place(): Place {
    const at = { file: this.#position('file'), row: this.#position('row'), col: this.#position('col') }
    if (!this.has('end_row') && !this.has('end_col')) return at
    return { ...at, endRow: this.#position('end_row'), endCol: this.#position('end_col') }
  }

  wrong(name: string, expected: string): PlanError {
    return new PlanError('bad_field', `${this.path}.${name}`, `expected ${expected}`)
  }

  #position(name: string): number {
    return this.has(name) ? this.integer(name) : 0
  }

  #field(name: string): Value | undefined {
    return isObject(this.#document) ? this.#document.get(name) : undefined
  }

  #items(name: string): readonly Value[] {
    if (!this.has(name)) return []
    const value = this.value(name)
    if (!isArray(value)) throw this.wrong(name, 'a list')
    return value
  }

  #index(value: Value, name: string): number {
    if (typeof value !== 'number' || value < 0) throw this.wrong(name, 'an integer that is not negative')
    return value
  }
}
