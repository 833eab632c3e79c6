// A snapshot from a live server: one query, whose answer is JSON, and how it becomes a catalog over the built-in one.
import { builtinCatalog, typeRef } from './builtin.ts'
import { Catalog } from './catalog.ts'
import type {
  CatalogData,
  EventTrigger,
  ForeignKey,
  QualifiedName,
  ReferentialAction,
  Relation,
  RelationKind,
  Routine,
  Trigger,
} from './types.ts'

/** Bytes of a snapshot at the most. */
export const snapshotBytesMax: number = 64 * 1024 * 1024

/** Bytes of a reading that one session keeps for itself at the most. */
const ownSnapshotBytesMax: number = 8 * 1024 * 1024

const temporarySchema = 'pg_temp'

/**
 * The query; it gives one row with one column of text. Every name in it is qualified, so that no search path matters, and
 * it sets one of its own for its transaction, so that the names in view texts and types come qualified.
 */
export const catalogQuery: string = `
select pg_catalog.json_build_object(
 'schemas', (select pg_catalog.json_agg(nspname) from pg_catalog.pg_namespace where nspname !~ '^pg_toast' and nspname !~ '^pg_temp_'),
 'relations', (select pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname, 'oid', c.oid::pg_catalog.int8, 'kind', c.relkind, 'security', c.relrowsecurity,
   'query', case when c.relkind in ('v','m') then pg_catalog.pg_get_viewdef(c.oid) end,
   'columns', (select pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, pg_catalog.format_type(a.atttypid, null), pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> '', case when a.attidentity <> '' then (select pg_catalog.json_build_array(sn.nspname, s.relname) from pg_catalog.pg_depend o join pg_catalog.pg_class s on s.oid = o.objid and s.relkind = 'S' join pg_catalog.pg_namespace sn on sn.oid = s.relnamespace where o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.refobjid = a.attrelid and o.refobjsubid = a.attnum and o.deptype = 'i' limit 1) end) order by a.attnum) from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
   'parents', (select pg_catalog.json_agg(pg_catalog.json_build_array(pn.nspname, p.relname)) from pg_catalog.pg_inherits i join pg_catalog.pg_class p on p.oid = i.inhparent join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid and c.relkind <> 'I' and c.relkind <> 'i'),
   'triggers', (select pg_catalog.json_agg(pg_catalog.json_build_array(t.tgname, fn.nspname, f.proname, t.tgtype, case when t.tgqual is not null then pg_catalog.pg_get_triggerdef(t.oid) end, t.tgoldtable, t.tgnewtable)) from pg_catalog.pg_trigger t join pg_catalog.pg_proc f on f.oid = t.tgfoid join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D'),
   'rules', (select pg_catalog.json_agg(pg_catalog.json_build_array(r.rulename, r.ev_type, r.is_instead, pg_catalog.pg_get_ruledef(r.oid))) from pg_catalog.pg_rewrite r where r.ev_class = c.oid and r.rulename <> '_RETURN'),
   'keys', (select pg_catalog.json_agg(pg_catalog.json_build_array(tn.nspname, tc.relname, k.confdeltype, k.confupdtype, (select pg_catalog.json_agg(a.attname) from pg_catalog.pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)), (select pg_catalog.json_agg(a.attname) from pg_catalog.pg_attribute a where a.attrelid = k.confrelid and a.attnum = any (k.confkey)))) from pg_catalog.pg_constraint k join pg_catalog.pg_class tc on tc.oid = k.confrelid join pg_catalog.pg_namespace tn on tn.oid = tc.relnamespace where k.conrelid = c.oid and k.contype = 'f'),
   'checks', (select pg_catalog.json_agg(pg_catalog.pg_get_expr(k.conbin, k.conrelid)) from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'c'),
   'guarded', (select pg_catalog.json_agg(a.attname) from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and (
     exists (select from pg_catalog.pg_constraint k where (k.conrelid = c.oid and k.contype <> 'n' and a.attnum = any (k.conkey)) or (k.confrelid = c.oid and a.attnum = any (k.confkey)))
     or exists (select from pg_catalog.pg_index x where x.indrelid = c.oid and (x.indexprs is not null or x.indpred is not null or (x.indisunique and a.attnum = any (x.indkey::pg_catalog.int2[])))))),
   'unique', (select pg_catalog.json_agg(pg_catalog.json_build_array(x.indnullsnotdistinct, (select pg_catalog.json_agg(a.attname) from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum = any (x.indkey::pg_catalog.int2[])))) from pg_catalog.pg_index x where x.indrelid = c.oid and (x.indisunique or x.indisexclusion)),
   'key', case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end,
   'spare', case when c.relkind = 'p' then (select pg_catalog.json_build_array(dn.nspname, dc.relname) from pg_catalog.pg_partitioned_table pt join pg_catalog.pg_class dc on dc.oid = pt.partdefid join pg_catalog.pg_namespace dn on dn.oid = dc.relnamespace where pt.partrelid = c.oid) end,
   'owner', case when c.relkind = 'S' then (select pg_catalog.json_build_array(tn.nspname, tc.relname) from pg_catalog.pg_depend o join pg_catalog.pg_class tc on tc.oid = o.refobjid join pg_catalog.pg_namespace tn on tn.oid = tc.relnamespace where o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.objid = c.oid and o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.refobjsubid > 0 and o.deptype in ('a', 'i') limit 1) end,
   'expressions', (select pg_catalog.json_agg(e.text) from pg_catalog.pg_index x, lateral (values (pg_catalog.pg_get_expr(x.indexprs, x.indrelid)), (pg_catalog.pg_get_expr(x.indpred, x.indrelid))) e(text) where x.indrelid = c.oid and e.text is not null),
   'classes', (select pg_catalog.count(*) from pg_catalog.pg_index x, pg_catalog.unnest(x.indclass::pg_catalog.oid[]) k join pg_catalog.pg_opclass o on o.oid = k where x.indrelid = c.oid and o.oid >= 16384),
   'policies', (select pg_catalog.json_agg(pg_catalog.json_build_array(p.polname, p.polcmd, pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))) from pg_catalog.pg_policy p where p.polrelid = c.oid)
  )) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r','v','m','f','p','S','c') and n.nspname not in ('pg_catalog','information_schema') and n.nspname !~ '^pg_toast' and (n.nspname !~ '^pg_temp_' or n.oid = pg_catalog.pg_my_temp_schema())),
 'routines', (select pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'name', p.proname, 'oid', p.oid::pg_catalog.int8, 'kind', p.prokind, 'volatility', p.provolatile, 'set', p.proretset, 'variadic', p.provariadic <> 0, 'defaults', p.pronargdefaults, 'returns', pg_catalog.format_type(p.prorettype, null),
   'arguments', (select pg_catalog.json_agg(pg_catalog.format_type(u.t, null) order by u.o) from pg_catalog.unnest(p.proargtypes::pg_catalog.oid[]) with ordinality u(t, o)),
   'names', p.proargnames, 'modes', p.proargmodes, 'language', l.lanname, 'definer', p.prosecdef, 'owner', case when p.prosecdef then pg_catalog.pg_get_userbyid(p.proowner) end, 'body', p.prosrc, 'standard', pg_catalog.pg_get_function_sqlbody(p.oid), 'config', p.proconfig, 'given', pg_catalog.pg_get_expr(p.proargdefaults, 0),
   'extension', (select e.extname from pg_catalog.pg_depend d join pg_catalog.pg_extension e on e.oid = d.refobjid where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and d.deptype = 'e' limit 1),
   'parts', case when p.prokind = 'a' then (select pg_catalog.json_agg(pg_catalog.json_build_array(fn.nspname, f.proname)) from pg_catalog.pg_aggregate g join pg_catalog.pg_proc f on f.oid = any (array[g.aggtransfn::pg_catalog.oid, g.aggfinalfn, g.aggcombinefn, g.aggserialfn, g.aggdeserialfn, g.aggmtransfn, g.aggminvtransfn, g.aggmfinalfn]) join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace where g.aggfnoid = p.oid) end))
   from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace join pg_catalog.pg_language l on l.oid = p.prolang where n.nspname not in ('pg_catalog','information_schema') and (n.nspname !~ '^pg_temp_' or n.oid = pg_catalog.pg_my_temp_schema())),
 'calls', (select pg_catalog.json_object_agg(p.oid::pg_catalog.int8, p.proname) from pg_catalog.pg_proc p where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace and p.prokind = 'f'),
 'types', (select pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'name', t.typname, 'kind', t.typtype, 'code', (select pg_catalog.count(*) from pg_catalog.pg_proc p where p.oid in (t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typsubscript) and p.prolang <> 12), 'base', case when t.typbasetype <> 0 then pg_catalog.format_type(t.typbasetype, null) end, 'checks', (select pg_catalog.json_agg(pg_catalog.pg_get_expr(k.conbin, 0)) from pg_catalog.pg_constraint k where k.contypid = t.oid), 'default', case when t.typtype = 'd' then pg_catalog.pg_get_expr(t.typdefaultbin, 0) end))
   from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace where n.nspname not in ('pg_catalog','information_schema') and n.nspname !~ '^pg_toast' and (n.nspname !~ '^pg_temp_' or n.oid = pg_catalog.pg_my_temp_schema()) and t.typtype <> 'c' and t.typelem = 0),
 'checked', (with recursive parts(part, whole) as materialized (
    select a.atttypid, r.reltype from pg_catalog.pg_attribute a join pg_catalog.pg_class r on r.oid = a.attrelid where a.atttypid >= 16384 and a.attnum > 0 and not a.attisdropped and r.reltype <> 0
    union all select t.typbasetype, t.oid from pg_catalog.pg_type t where t.typbasetype >= 16384
    union all select t.typelem, t.oid from pg_catalog.pg_type t where t.typelem >= 16384 and t.typcategory = 'A'
    union all select g.rngsubtype, g.rngtypid from pg_catalog.pg_range g where g.rngsubtype >= 16384
    union all select g.rngtypid, g.rngmultitypid from pg_catalog.pg_range g where g.rngtypid >= 16384
   ), checked(oid, domain) as (
    select k.contypid, k.contypid from pg_catalog.pg_constraint k where k.contype = 'c' and k.contypid >= 16384
    union select p.whole, c.domain from checked c join parts p on p.part = c.oid
   ) select pg_catalog.json_agg(pg_catalog.json_build_array(c.oid::pg_catalog.int8, n.nspname, t.typname, dn.nspname, d.typname)) from checked c join pg_catalog.pg_type t on t.oid = c.oid join pg_catalog.pg_namespace n on n.oid = t.typnamespace join pg_catalog.pg_type d on d.oid = c.domain join pg_catalog.pg_namespace dn on dn.oid = d.typnamespace where (n.nspname !~ '^pg_temp_' or n.oid = pg_catalog.pg_my_temp_schema()) and (dn.nspname !~ '^pg_temp_' or dn.oid = pg_catalog.pg_my_temp_schema())),
 'operators', (select pg_catalog.json_agg(pg_catalog.json_build_array(n.nspname, o.oprname, fn.nspname, f.proname)) from pg_catalog.pg_operator o join pg_catalog.pg_namespace n on n.oid = o.oprnamespace join pg_catalog.pg_proc f on f.oid = o.oprcode join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace where n.nspname <> 'pg_catalog'),
 'casts', (select pg_catalog.json_agg(pg_catalog.json_build_array(pg_catalog.format_type(k.castsource, null), pg_catalog.format_type(k.casttarget, null), fn.nspname, f.proname, k.castcontext)) from (select castsource, casttarget, castfunc, castcontext from pg_catalog.pg_cast where oid >= 16384 and castfunc <> 0 union select c.opcintype, c.opcintype, a.code, 'i' from pg_catalog.pg_opclass c join (
    select amprocfamily as family, amproclefttype as type, amproc::pg_catalog.oid as code from pg_catalog.pg_amproc union all select m.amopfamily, m.amoplefttype, o.oprcode::pg_catalog.oid from pg_catalog.pg_amop m join pg_catalog.pg_operator o on o.oid = m.amopopr
   ) a on a.family = c.opcfamily and a.type = c.opcintype join pg_catalog.pg_proc f on f.oid = a.code where c.oid >= 16384 and c.opcdefault and f.prolang not in (12, 13)) k join pg_catalog.pg_proc f on f.oid = k.castfunc join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace),
 'isolation', pg_catalog.current_setting('transaction_isolation'),
 'events', (select pg_catalog.json_agg(pg_catalog.json_build_array(e.evtname, fn.nspname, f.proname)) from pg_catalog.pg_event_trigger e join pg_catalog.pg_proc f on f.oid = e.evtfoid join pg_catalog.pg_namespace fn on fn.oid = f.pronamespace where e.evtenabled <> 'D')
)::pg_catalog.text
from (select pg_catalog.set_config('search_path', 'pg_catalog', true) offset 0) as path`

type Row = { readonly [name: string]: unknown }

/** The catalog that the query's answer describes. Throws when the answer is not what the query gives. */
export function catalogFromServer(json: string, version: string): Catalog {
  if (json.length > snapshotBytesMax) throw new RangeError('the catalog of the database is too large')
  return Catalog.from(builtinCatalog(), dataOf(row(JSON.parse(json)), version))
}

/**
 * The catalog as a session's own connection sees it, changes that are not committed among it. Undefined where its
 * transaction sees an older state than what runs in it, or where the answer is none.
 */
export function ownCatalog(json: string, shared: Catalog): Catalog | undefined {
  if (json.length > ownSnapshotBytesMax) return undefined
  const answer = row(JSON.parse(json))
  if (answer['isolation'] !== 'read committed') return undefined
  const data = dataOf(answer, shared.version)
  const isTemporary = [...data.relations, ...data.types, ...data.routines].some(
    ({ schema }) => schema === temporarySchema,
  )
  const schemas = isTemporary ? [temporarySchema] : []
  // It is no reading that others may rely on, and counts as none.
  return Catalog.from(builtinCatalog(), { ...data, schemas: [...data.schemas, ...schemas] }, shared.generation)
}

function dataOf(answer: Row, version: string): CatalogData {
  return {
    version,
    schemas: list(answer['schemas']).map(String),
    relations: list(answer['relations']).map((one) => relation(row(one))),
    types: list(answer['types']).map((one) => {
      const { schema, name, kind, base, checks, code, default: given } = row(one)
      const kinds: { readonly [code: string]: CatalogData['types'][number]['kind'] } = {
        b: 'base',
        d: 'domain',
        e: 'enum',
        r: 'range',
        m: 'multirange',
        p: 'pseudo',
      }
      const found = kinds[String(kind)] ?? 'base'
      return {
        schema: placed(schema),
        name: String(name),
        kind: found,
        ...(typeof base === 'string' ? { base: typeRef(base) } : {}),
        ...(found === 'base' && code !== 0 ? { foreign: true } : {}),
        checks: [...list(checks), given].filter((text) => typeof text === 'string'),
      }
    }),
    routines: list(answer['routines']).map((one) => routine(row(one))),
    operators: list(answer['operators']).map((one) => {
      const [schema, name, functionSchema, functionName] = list(one).map(String)
      return {
        schema: schema ?? '',
        name: name ?? '',
        function: { schema: placed(functionSchema), name: functionName ?? '' },
      }
    }),
    casts: list(answer['casts']).map((one) => {
      const [source = '', target = '', schema = '', name = '', context] = list(one).map(String)
      return {
        source: typeRef(source),
        target: typeRef(target),
        function: { schema, name },
        context: context === 'e' ? 'explicit' : context === 'a' ? 'assignment' : 'implicit',
      }
    }),
    eventTriggers: list(answer['events']).map((one): EventTrigger => {
      const [name = '', schema = '', functionName = ''] = list(one).map(String)
      return { name, function: { schema, name: functionName } }
    }),
    checked: list(answer['checked']).map((one) => {
      const [oid, schema, name = '', domainSchema, domainName = ''] = list(one).map(String)
      return {
        oid: Number(oid),
        schema: placed(schema),
        name,
        domain: { schema: placed(domainSchema), name: domainName },
      }
    }),
    builtinCalls: new Map(Object.entries(row(answer['calls'])).map(([oid, name]) => [Number(oid), String(name)])),
  }
}

const relationKinds: { readonly [code: string]: RelationKind } = {
  r: 'table',
  v: 'view',
  m: 'materialized_view',
  f: 'foreign_table',
  p: 'partitioned',
  S: 'sequence',
  c: 'type',
}

function relation(one: Row): Relation {
  const rules = list(one['rules'])
  return {
    schema: placed(one['schema']),
    name: String(one['name']),
    ...(placed(one['schema']) === temporarySchema ? { temporary: true } : {}),
    oid: Number(one['oid']),
    kind: relationKinds[String(one['kind'])] ?? 'table',
    columns: list(one['columns']).map((column) => {
      const [name, type, expression, generated, sequence] = list(column)
      return {
        name: String(name),
        type: typeRef(String(type)),
        ...(typeof expression === 'string' ? { default: expression } : {}),
        ...(generated === true ? { generated: true } : {}),
        ...(Array.isArray(sequence) ? { sequence: namedPair(sequence) } : {}),
      }
    }),
    ...(typeof one['query'] === 'string' ? { query: one['query'] } : {}),
    path: [],
    parents: list(one['parents']).map((parent) => {
      const [schema, name] = list(parent)
      return { schema: placed(schema), name: String(name) }
    }),
    triggers: list(one['triggers']).map(trigger),
    rules: rules.map((rule) => {
      const [name, event, instead, definition] = list(rule)
      const events: { readonly [code: string]: 'select' | 'update' | 'insert' | 'delete' } = {
        1: 'select',
        2: 'update',
        3: 'insert',
        4: 'delete',
      }
      return {
        name: String(name),
        text: String(definition ?? ''),
        event: events[String(event)] ?? 'select',
        instead: instead === true,
      }
    }),
    foreignKeys: list(one['keys']).map((key): ForeignKey => {
      const [schema, name, onDelete, onUpdate, columns, targetColumns] = list(key)
      return {
        columns: list(columns).map(String),
        target: { schema: placed(schema), name: String(name) },
        targetColumns: list(targetColumns).map(String),
        onDelete: action(String(onDelete)),
        onUpdate: action(String(onUpdate)),
      }
    }),
    checks: [...list(one['checks']), ...list(one['expressions'])].filter((check) => typeof check === 'string'),
    guarded: list(one['guarded']).map(String),
    unique: list(one['unique']).map((index) => {
      const [nullsAlike, columns] = list(index)
      return { columns: list(columns).map(String), nullsAlike: nullsAlike === true }
    }),
    ...(typeof one['key'] === 'string' ? { partitionKey: one['key'] } : {}),
    ...(Array.isArray(one['spare']) ? { defaultPartition: namedPair(one['spare']) } : {}),
    ...(Array.isArray(one['owner']) ? { owner: namedPair(one['owner']) } : {}),
    rowSecurity: one['security'] === true,
    policies: list(one['policies']).map((policy) => {
      const [name, command, using, check] = list(policy)
      const commands: { readonly [code: string]: 'all' | 'select' | 'insert' | 'update' | 'delete' } = {
        '*': 'all',
        r: 'select',
        a: 'insert',
        w: 'update',
        d: 'delete',
      }
      return {
        name: String(name),
        command: commands[String(command)] ?? 'all',
        ...(typeof using === 'string' ? { using } : {}),
        ...(typeof check === 'string' ? { check } : {}),
      }
    }),
    // What compares values in an index of somebody's own operator class is not read.
    ...(Number(one['classes']) > 0 ? { ownClasses: true } : {}),
  }
}

/** Bits of `tgtype`: 2 before, 4 insert, 8 delete, 16 update, 32 truncate, 64 instead. */
function trigger(value: unknown): Trigger {
  const [name, schema, functionName, type, definition, ...tables] = list(value)
  const transition = tables.filter((table) => typeof table === 'string')
  const bits = Number(type)
  const events: Trigger['events'][number][] = []
  if ((bits & 4) !== 0) events.push('insert')
  if ((bits & 8) !== 0) events.push('delete')
  if ((bits & 16) !== 0) events.push('update')
  if ((bits & 32) !== 0) events.push('truncate')
  return {
    name: String(name),
    function: { schema: placed(schema), name: String(functionName) },
    events,
    insteadOf: (bits & 64) !== 0,
    ...(typeof definition === 'string' ? { definition } : {}),
    ...(transition.length > 0 ? { transition } : {}),
  }
}

function action(code: string): ReferentialAction {
  const actions: { readonly [code: string]: ReferentialAction } = {
    a: 'no_action',
    r: 'restrict',
    c: 'cascade',
    n: 'set_null',
    d: 'set_default',
  }
  return actions[code] ?? 'cascade'
}

function namedPair(value: unknown): QualifiedName {
  const [schema, name] = list(value)
  return { schema: placed(schema), name: String(name) }
}

/** The output columns of a routine; the server gives a name of its own to one that has none. */
function outputsOf(modes: readonly string[], names: readonly string[]): NonNullable<Routine['outputs']> {
  const places = modes.flatMap((mode, index) => (['o', 't', 'b'].includes(mode) ? [index] : []))
  return places.map((place, index) => ({ name: names[place] || `column${index + 1}`, type: typeRef('text') }))
}

function routine(one: Row): Routine {
  const kinds: { readonly [code: string]: Routine['kind'] } = {
    f: 'function',
    p: 'procedure',
    a: 'aggregate',
    w: 'window',
  }
  const volatilities: { readonly [code: string]: Routine['volatility'] } = {
    i: 'immutable',
    s: 'stable',
    v: 'volatile',
  }
  const settings = list(one['config']).map(String)
  const path = settings.find((setting) => setting.startsWith('search_path='))
  const modes = list(one['modes']).map(String)
  const names = list(one['names']).map(String)
  const inputs = names.filter((_, index) => modes.length === 0 || ['i', 'b', 'v'].includes(modes[index] ?? 'i'))
  const standard = one['standard']
  return {
    schema: placed(one['schema']),
    name: String(one['name']),
    oid: Number(one['oid']),
    kind: kinds[String(one['kind'])] ?? 'function',
    volatility: volatilities[String(one['volatility'])] ?? 'volatile',
    returnsSet: one['set'] === true,
    variadic: one['variadic'] === true,
    defaults: Number(one['defaults']),
    returns: typeRef(String(one['returns'])),
    arguments: list(one['arguments']).map((type) => typeRef(String(type))),
    argumentNames: inputs,
    ...(modes.some((mode) => ['o', 't', 'b'].includes(mode))
      ? {
          outputs: outputsOf(modes, names),
        }
      : {}),
    language: String(one['language']),
    definer: one['definer'] === true,
    ...(typeof one['owner'] === 'string' ? { owner: one['owner'] } : {}),
    ...(typeof one['given'] === 'string' ? { given: one['given'] } : {}),
    ...(typeof one['extension'] === 'string' ? { extension: one['extension'] } : {}),
    ...(one['kind'] === 'a' ? { parts: list(one['parts']).map(namedPair) } : {}),
    body: typeof standard === 'string' ? standard : String(one['body'] ?? ''),
    ...(typeof standard === 'string' ? { standardBody: true } : {}),
    ...(path === undefined
      ? {}
      : {
          path: schemaList(path.slice('search_path='.length)),
        }),
    settings,
  }
}

/** The names of a list as the server stores it: quoted where they are not plain, with commas between. */
function schemaList(text: string): readonly string[] {
  const names = ['']
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (char === '"' && quoted && text[at + 1] === '"') at++
    else if (char === '"') {
      quoted = !quoted
      continue
    }
    if (!quoted && char === ',') names.push('')
    else if (quoted || char !== ' ') names.push(`${names.pop() ?? ''}${char}`)
  }
  return names
}

/** A schema's name; all names of a session's own temporary schema mean the same. */
function placed(value: unknown): string {
  const name = String(value)
  return name.startsWith('pg_temp_') ? temporarySchema : name
}

function row(value: unknown): Row {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
