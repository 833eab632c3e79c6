// Calls: which routines a name can mean, what they do, and what their result derives from.
import type { Relation, Routine, TypeRef } from '../catalog/types.ts'
import type { FunctionEffects, SqlFunction } from '../facts.ts'
import { as, constantOf, tagOf } from '../parser/tree.ts'
import { Collector, worse } from './collector.ts'
import { fieldOf } from './columns.ts'
import { constantText } from './constant-text.ts'
import type { Call, Context } from './context.ts'
import { builtIn, declaredEffects, relationInText, sequenceInText, sqlInText } from './effects.ts'
import { identifiers } from './identifiers.ts'
import { textArgument } from './invoke.ts'
import { declared } from './plpgsql.ts'
import { becomes } from './type.ts'
import { Mix, noScope, plain, referenceTo, type Scope, unknown, type Value } from './value.ts'

/** The value of a call, with all that the call does. */
export function call(context: Context, called: Call, scope: Scope): Value {
  const count = called.values.length
  const all = context.names.routines(called.schema, called.name)
  const candidates =
    all.length === 1 && accepts(all[0], count, called) ? all : all.filter((at) => accepts(at, count, called))
  if (called.schema === '' && context.session.doubtful) context.facts.incomplete('search path not known')
  const mix = new Mix()
  for (const value of called.values) mix.add(value)
  if (candidates.length === 0) return notRoutine(context, called, mix)
  special(context, called, scope)
  let type: TypeRef | undefined
  let fields: readonly string[] | undefined
  let same = true
  const given = called.variadic ? [] : called.nodes.map((node) => constantText(context, node, scope))
  for (const routine of candidates) {
    const own = builtIn(routine.schema)
    // How many rows there are tells something of what they are made of.
    if (routine.returnsSet) for (const value of called.values) context.facts.use(value, 'argument')
    if (own) note(context, routine, declaredEffects(routine), called)
    else {
      // CALL has a value for each OUT parameter too, and then places are other places.
      const certain = routine.kind === 'procedure' && routine.outputs !== undefined ? [] : given
      const body = context.walk.routine(context, routine, 'function', [], certain)
      const declared = hasBody(routine) ? 'pure' : declaredEffects(routine)
      const effects = worse(body.facts.effects(), declared)
      note(context, routine, effects, called)
      context.facts.include(body.facts, [`${routine.schema}.${routine.name}`])
      context.facts.restrict(body.facts.where)
      if (routine.given !== undefined) {
        const defaults = context.walk.text(context, routine.given, undefined, [])
        context.facts.include(defaults.facts, [`${routine.schema}.${routine.name} default`])
        mix.add(defaults.result)
      }
      for (const value of called.values) context.facts.use(value, 'argument')
      mix.add(body.result)
      for (const type of routine.arguments) becomes(context, type)
      // What takes any type has its argument become the type that it is given.
      if (routine.arguments.some(({ name }) => polymorphic.has(name)))
        for (const { type } of called.values) if (type !== undefined) becomes(context, type)
      becomes(context, routine.returns)
    }
    if (type !== undefined && (type.name !== routine.returns.name || type.array !== routine.returns.array)) same = false
    type = routine.returns
    fields = routine.outputs?.map((output) => output.name)
  }
  const known = same && candidates.length > 0 && type !== undefined && !polymorphic.has(type.name) ? type : undefined
  const value = mix.value(known)
  return fields === undefined || candidates.length > 1 ? value : { ...value, fields }
}

const polymorphic = new Set([
  'anyelement',
  'anyarray',
  'anycompatible',
  'anycompatiblearray',
  'record',
  'anynonarray',
  'anyrange',
  'anymultirange',
])

function hasBody(routine: Routine): boolean {
  return routine.kind === 'aggregate' || routine.language === 'sql' || routine.language === 'plpgsql'
}

function accepts(routine: Routine | undefined, count: number, called: Call): boolean {
  if (routine === undefined) return false
  if (called.kind === 'procedure') return true
  if (routine.kind === 'procedure') return false
  const most = routine.arguments.length
  if (routine.variadic) return count >= most - 1 - routine.defaults
  return count <= most && count >= most - routine.defaults
}

function note(context: Context, routine: Routine, effects: FunctionEffects, called: Call): void {
  const noted: SqlFunction = {
    schema: routine.schema,
    name: routine.name,
    kind: routine.kind,
    effects,
    definer: routine.definer,
    via: [],
  }
  context.facts.call(noted)
  if (effects === 'unknown') context.facts.incomplete('function with unknown effects')
  if (effects !== 'pure' && effects !== 'read') {
    for (const value of called.values) context.facts.use(value, 'argument')
  }
}

// A name that is no routine may be a column in functional notation, or a type used as a cast.
function notRoutine(context: Context, called: Call, mix: Mix): Value {
  const [only] = called.values
  if (only !== undefined && called.values.length === 1 && called.kind !== 'procedure') {
    if (called.schema === '' && only.item !== undefined && only.item.renamed !== true) {
      const field = fieldOf(only.item, called.name)
      if (field !== undefined) return field
    }
    if (only.type !== undefined && !only.type.array) {
      const relation = context.names.catalog.relation(only.type.schema, only.type.name)
      const column = relation?.columns.find((at) => at.name === called.name)
      if (column !== undefined) return { sources: only.sources, known: only.known, direct: false, type: column.type }
    }
    const type = context.names.type(called.schema, called.name)
    if (type !== undefined) {
      context.walk.type(
        context,
        { names: [{ String: { sval: type.schema } }, { String: { sval: type.name } }] },
        'cast',
      )
      return mix.value()
    }
  }
  context.facts.call({
    schema: called.schema,
    name: called.name,
    kind: called.kind === 'procedure' ? 'procedure' : 'function',
    effects: 'unknown',
    definer: false,
    via: [],
  })
  context.facts.missing('function', called.schema, called.name)
  for (const value of called.values) context.facts.use(value, 'argument')
  mix.add(unknown)
  return mix.value()
}

// Functions whose arguments name what they touch.
function special(context: Context, called: Call, scope: Scope): void {
  const { name } = called
  if (name === 'set_config') setting(context, called)
  else if (typed.has(name)) context.facts.incomplete('type named at run time')
  else if (name === 'pg_input_is_valid' || name === 'pg_input_error_info') typeInText(context, called)
  else if (sequenceInText.has(name)) {
    named(context, called, (relation) => {
      const access = name === 'nextval' || name === 'setval' ? 'write' : 'read'
      context.facts.touch(relation, access, 'sequence', true, [])
    })
  } else if (relationInText.has(name)) {
    named(context, called, (relation) => {
      const kind = relation.temporary === true ? 'temporary' : relation.kind
      const touch = context.facts.touch(relation, 'read', kind, true, [])
      touch.columns.add('*')
      for (const column of relation.columns) {
        touch.columns.add(column.name)
        context.facts.use({ ...plain, sources: [referenceTo(relation, column.name)] }, 'argument')
      }
    })
    context.facts.dynamic = true
  } else if (sqlInText.has(name) || (name === 'ts_rewrite' && called.values.length === 2)) {
    textRun(context, called, scope)
  }
}

/** Functions that make values of a type that they are given as a number. */
const typed: ReadonlySet<string> = new Set(
  `array_in array_recv domain_in domain_recv enum_in enum_recv multirange_in multirange_recv range_in range_recv record_in
  record_recv`.split(/\s+/),
)

/** The type that the second argument names: a value of it is tried. */
function typeInText(context: Context, { nodes }: Call): void {
  const type = textArgument(nodes[1])
  if (type === undefined) context.facts.incomplete('type named at run time')
  else declared(context, type)
}

/** Functions of the server that run one text in this session, and where it stands among their arguments. */
const runsText: ReadonlyMap<string, number> = new Map([
  ['query_to_xml', 0],
  ['query_to_xml_and_xmlschema', 0],
  ['query_to_xmlschema', 0],
  ['ts_rewrite', 1],
  ['ts_stat', 0],
])

/** Reads the texts that a call runs; where they are not certain, the statement is not complete. */
function textRun(context: Context, { name, nodes }: Call, scope: Scope): void {
  context.facts.dynamic = true
  const certain = constantText(context, nodes[runsText.get(name) ?? -1], scope)
  if (certain !== undefined) {
    const inside = new Collector()
    context.walk.script({ ...context, facts: inside }, certain, noScope)
    context.facts.include(inside, [name])
    context.facts.restrict(inside.where)
    return
  }
  context.facts.incomplete('SQL in text')
  for (const node of nodes) {
    const text = textArgument(node)
    if (text === undefined || !text.includes(' ')) continue
    const other = new Collector()
    context.walk.script({ ...context, facts: other }, text, scope)
    // a text that is no SQL (a connection string) says nothing
    if (!other.reasons.has('text does not parse')) context.facts.include(other, [name])
  }
}

function setting(context: Context, called: Call): void {
  const [name, value] = called.nodes
  const constant = textArgument(name)
  if (constant === undefined || called.nodes.some((node) => tagOf(node) === 'NamedArgExpr')) {
    context.facts.settings.push({ name: '*', value: null, local: false })
    context.facts.incomplete('setting not known')
    return
  }
  const given = textArgument(value)
  const local = truth(called.nodes[2])
  // How long it holds is part of what it sets.
  context.facts.settings.push({
    name: constant.toLowerCase(),
    value: local === undefined ? null : (given ?? null),
    local: local === true,
  })
}

/** A truth value that is written out. */
function truth(node: unknown): boolean | undefined {
  const value = constantOf(node)
  if (typeof value === 'boolean') return value
  return value === 't' || value === 'true' ? true : value === 'f' || value === 'false' ? false : undefined
}

function named(context: Context, called: Call, found: (relation: Relation) => void): void {
  const text = textArgument(called.nodes[0])
  if (text === undefined) {
    const cast = as(called.nodes[0], 'TypeCast')
    if (cast === undefined && called.kind === 'attribute') return
    context.facts.incomplete('relation named at run time')
    return
  }
  const names = identifiers(text)
  const name = names?.at(-1)
  const relation = name === undefined ? undefined : context.names.relation(names?.at(-2) ?? '', name)
  if (relation === undefined) {
    if (names !== undefined && name !== undefined) {
      context.facts.touch({ schema: names.at(-2) ?? '', name }, 'write', 'unknown', false, [])
    }
    context.facts.incomplete('unresolved relation')
  } else found(relation)
}
