// Bodies that run when something else is used: views, routines, default and check expressions. Each is read once for
// a catalog snapshot and search path.
import type { Relation, Routine, Rule, TypeRef } from '../catalog/types.ts'
import { againMax, bodyBytesMax, bodyDepthMax } from '../limits.ts'
import { as, child, contentOf, list, noTree, type Tree, tagOf } from '../parser/tree.ts'
import { Collector } from './collector.ts'
import { type Body, type Context, nested } from './context.ts'
import { declaredEffects } from './effects.ts'
import { quoted } from './identifiers.ts'
import { type Names, namesOf } from './names.ts'
import { parseInside } from './parse-inside.ts'
import { plpgsqlBody, unknownText } from './plpgsql.ts'
import { type Field, Mix, noScope, plain, type Scope, unknown, type Value } from './value.ts'
import { ruleStatements } from './view-writes.ts'

function remembered(
  context: Context,
  key: unknown,
  what: string,
  names: Names,
  read: (inside: Context) => Omit<Body, 'facts'>,
  running: Names = context.running,
): Body {
  // What a body calls is read by the path that it runs under.
  const { depth, running: around } = context
  const known = around.bodies.get(key)
  if (known !== undefined) return known as Body
  const name = `${what} under ${around.path.join()}`
  const facts = new Collector()
  const met = context.bodies.indexOf(name)
  if (met >= 0) {
    depth.met = Math.min(depth.met, met)
    return { facts, outputs: [], result: plain }
  }
  const partial = depth.partial.get(name)
  // What it lacks is what the body that it met does, and that one is still being read around us.
  if (partial !== undefined && context.bodies[partial.met] === partial.name) {
    depth.met = Math.min(depth.met, partial.met)
    return partial.body
  }
  if (context.bodies.length >= bodyDepthMax) {
    facts.incomplete('bodies nested too deeply')
    return { facts, outputs: [], result: unknown }
  }
  const before = depth.met
  depth.met = Number.POSITIVE_INFINITY
  const { outputs, result } = read(nested(context, facts, name, names, running))
  const body: Body = { facts, outputs, result }
  // A body that met one further out lacks what that one does.
  if (depth.met >= context.bodies.length) {
    around.bodies.set(key, body)
    depth.met = before
  } else {
    depth.partial.set(name, { body, met: depth.met, name: context.bodies[depth.met] ?? '' })
    depth.met = Math.min(depth.met, before)
  }
  return body
}

function namesFor(context: Context, path: readonly string[]): Names {
  return namesOf(context.names.catalog, path, context.running.role)
}

/** The query of a view. */
export function viewBody(context: Context, relation: Relation): Body {
  const name = `view ${relation.schema}.${relation.name}`
  return remembered(context, relation, name, namesFor(context, relation.path ?? []), (inside) => {
    const fields = context.walk.script(inside, relation.query ?? '', noScope)
    return { outputs: fields, result: mixed(fields) }
  })
}

/** What a rewrite rule does in the place of a write, or beside it. */
export function ruleBody(context: Context, relation: Relation, rule: Rule): Body & { readonly conditional: boolean } {
  const name = `rule ${rule.name} of ${relation.schema}.${relation.name}`
  const body = remembered(context, rule, name, namesFor(context, relation.path ?? []), (inside) => {
    const conditional = ruleStatements(inside, relation, rule)
    return { outputs: conditional ? [{ ...plain, name: 'condition' }] : [], result: plain }
  })
  return { ...body, conditional: body.outputs.length > 0 }
}

const systemColumns = ['ctid', 'cmax', 'cmin', 'tableoid', 'xmax', 'xmin']

/** An expression given as text, over the columns of a relation (a default, a check, a policy). */
export function textBody(
  context: Context,
  text: string,
  relation: Relation | undefined,
  path: readonly string[] | undefined,
): Body {
  const key = `text|${relation === undefined ? '' : `${relation.schema}.${relation.name}`}|${(path ?? []).join()}|${text}`
  return remembered(context, key, key, namesFor(context, path ?? []), (inside) => {
    const variables = new Map<string, Value>([['value', plain]])
    for (const column of relation?.columns ?? []) variables.set(column.name, plain)
    for (const row of ['new', 'old', relation?.name ?? 'new']) variables.set(row, plain)
    for (const column of systemColumns) variables.set(column, plain)
    const fields = context.walk.script(inside, `SELECT ${text}`, { ...noScope, variables })
    return { outputs: fields, result: mixed(fields) }
  })
}

/** What a routine does when it runs. */
export function routineBody(
  context: Context,
  routine: Routine,
  kind: 'function' | 'trigger',
  transition: readonly string[] = [],
  given: readonly (string | undefined)[] = [],
): Body {
  const own = `routine ${routine.schema}.${routine.name}(${routine.arguments.map(typeText).join()})`
  const name = transition.length === 0 ? own : `${own} over ${transition.join()}`
  const key = transition.length === 0 ? routine : name
  const running = runningOf(context, routine)
  const read = (inside: Context): Omit<Body, 'facts'> => {
    if (mayReadOtherwise(routine, running)) inside.facts.incomplete('names or texts of a routine not known')
    if (routine.kind === 'aggregate' && routine.language === 'internal') return aggregate(inside, routine)
    if (routine.language === 'sql') return sqlBody(inside, routine)
    if (routine.language === 'plpgsql') return procedural(inside, routine, kind, transition, [])
    const effects = declaredEffects(routine)
    if (effects === 'unknown') inside.facts.incomplete('function with unknown effects')
    return { outputs: [], result: effects === 'pure' ? plain : unknown }
  }
  const body = remembered(context, key, name, running, read, running)
  const mayKnowMore = routine.language === 'plpgsql' && body.facts.reasons.has(unknownText)
  if (!mayKnowMore || given.every((text) => text === undefined)) return body
  // Texts of callers are without number: what is read for one of them is not remembered.
  const called = `${own} of ${JSON.stringify(given)}`
  const isDeep = context.bodies.length >= bodyDepthMax || context.depth.walked > againMax
  if (isDeep || context.bodies.includes(called)) return body
  const facts = new Collector()
  return { facts, ...procedural(nested(context, facts, called, running, running), routine, kind, transition, given) }
}

/** By what a routine's names are read: its own path or its caller's, and as whom it runs. */
function runningOf({ running }: Context, { path, definer, owner }: Routine): Names {
  if (path === undefined && !definer) return running
  return namesOf(running.catalog, path ?? running.searchPath, definer ? (owner ?? running.role) : running.role)
}

/** Settings under which a text or a name in a body may mean something else than it does to us. */
const otherwise =
  /^(standard_conforming_strings=(?!on$)|client_encoding=|backslash_quote=|role=|session_authorization=|plpgsql\.)/

function mayReadOtherwise({ settings = [], definer, owner }: Routine, { searchPath }: Names): boolean {
  const unowned = definer && owner === undefined && searchPath.includes('$user')
  return unowned || settings.some((setting) => otherwise.test(setting))
}

function aggregate(context: Context, routine: Routine): Omit<Body, 'facts'> {
  for (const part of routine.parts ?? []) {
    const routines = context.names.catalog.routines(part.schema, part.name)
    if (routines.length === 0) context.facts.incomplete('unresolved function')
    for (const inner of routines) {
      context.facts.include(context.walk.routine(context, inner, 'function').facts, [`${part.schema}.${part.name}`])
    }
  }
  return { outputs: [], result: plain }
}

function sqlBody(context: Context, routine: Routine): Omit<Body, 'facts'> {
  const variables = new Map<string, Value>()
  for (const [index, argument] of routine.arguments.entries()) {
    variables.set(`$${index + 1}`, { ...plain, type: argument })
    const name = routine.argumentNames?.[index]
    if (name !== undefined && name !== '') variables.set(name, { ...plain, type: argument })
  }
  variables.set(routine.name, plain)
  const scope: Scope = { ...noScope, variables }
  let fields: readonly Field[]
  if (routine.standardBody === true) {
    const parsed = parseInside(context, `CREATE FUNCTION f() RETURNS int LANGUAGE sql ${routine.body ?? ''}`)
    if (!parsed.ok) return opaque(context)
    const [statement] = list(parsed.tree, 'stmts')
    const created = as(child(contentOf({ RawStmt: statement }), 'stmt'), 'CreateFunctionStmt') ?? noTree
    fields = standardBody(context, created['sql_body'], scope)
  } else fields = context.walk.script(context, routine.body ?? '', scope)
  return { outputs: fields, result: mixed(fields) }
}

/** The statements of a SQL-standard body. */
export function standardBody(context: Context, body: unknown, scope: Scope): readonly Field[] {
  const statements = tagOf(body) === 'List' ? list(contentOf(body), 'items').flatMap(flattened) : [body]
  let fields: readonly Field[] = []
  for (const statement of statements) {
    const returned = as(statement, 'ReturnStmt')
    if (returned === undefined) fields = context.walk.statement(context, statement, scope)
    else fields = [{ ...context.walk.expression(context, returned['returnval'], scope), name: 'return' }]
  }
  return fields
}

function flattened(node: unknown): readonly unknown[] {
  return tagOf(node) === 'List' ? list(contentOf(node), 'items').flatMap(flattened) : [node]
}

function procedural(
  context: Context,
  routine: Routine,
  kind: 'function' | 'trigger',
  transition: readonly string[],
  given: readonly (string | undefined)[],
): Omit<Body, 'facts'> {
  const parsed = context.grammar.parsePlpgsql(declaration(routine, kind))
  if (!parsed.ok || (routine.body ?? '').length > bodyBytesMax) return opaque(context)
  return { outputs: [], result: plpgsqlBody(context, parsed.tree, routine, transition, given) }
}

function opaque(context: Context): Omit<Body, 'facts'> {
  context.facts.incomplete('body does not parse')
  return { outputs: [], result: unknown }
}

/** The routine as a CREATE statement, which is what the plpgsql parser reads. */
export function declaration(routine: Routine, kind: 'function' | 'trigger'): string {
  const body = routine.body ?? ''
  let tag = '$body$'
  while (body.includes(tag)) tag = `${tag.slice(0, -1)}x$`
  const inputs = routine.arguments.map(
    (type, index) => `${parameter(routine.argumentNames?.[index])} ${typeText(type)}`,
  )
  const onlyOutputs = (routine.outputs ?? []).filter(({ name }) => !(routine.argumentNames ?? []).includes(name))
  const outputs = onlyOutputs.map((output) => `OUT ${parameter(output.name)} ${typeText(output.type)}`)
  const trigger = kind === 'trigger' || routine.returns.name === 'trigger' || routine.returns.name === 'event_trigger'
  const result = trigger
    ? `RETURNS ${routine.returns.name === 'event_trigger' ? 'event_trigger' : 'trigger'}`
    : outputs.length > 0
      ? routine.returnsSet
        ? `RETURNS SETOF ${routine.outputs?.length === 1 ? typeText(routine.outputs[0]?.type ?? routine.returns) : 'record'}`
        : ''
      : routine.kind === 'procedure'
        ? ''
        : `RETURNS ${routine.returnsSet ? 'SETOF ' : ''}${typeText(routine.returns)}`
  const what = routine.kind === 'procedure' ? 'PROCEDURE' : 'FUNCTION'
  return `CREATE ${what} f(${[...inputs, ...outputs].join(', ')}) ${result} LANGUAGE plpgsql AS ${tag}${body}${tag}`
}

function parameter(name: string | undefined): string {
  return name === undefined || name === '' ? '' : quoted(name)
}

function typeText(type: TypeRef): string {
  const name =
    type.schema === 'pg_catalog' || type.schema === ''
      ? quoted(type.name)
      : `${quoted(type.schema)}.${quoted(type.name)}`
  return type.array ? `${name}[]` : name
}

function mixed(fields: readonly Field[]): Value {
  const mix = new Mix()
  for (const field of fields) mix.add(field)
  return mix.value()
}

/** Reads every statement of a text inside a body; the last one's columns are its result. */
export function script(context: Context, text: string, scope: Scope): readonly Field[] {
  const parsed = parseInside(context, text)
  if (!parsed.ok) {
    context.facts.incomplete('text does not parse')
    return [{ ...unknown, name: '*' }]
  }
  let fields: readonly Field[] = []
  for (const raw of list(parsed.tree, 'stmts')) {
    const statement: unknown = (raw as Tree)['stmt']
    fields = context.walk.statement(context, statement, scope)
  }
  return fields
}
