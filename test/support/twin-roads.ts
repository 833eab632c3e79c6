// Sessions that would tell the twins apart by what stands between statements: names, transactions, and what is run unseen.
import { cstring, encodeFrame, encodeParse, int16, int32 } from '../../proxy/postgres/wire/index.ts'

/** One thing that a client says: a text, or messages of the extended protocol. */
export type Step = string | readonly Buffer[]

const sync = encodeFrame('S')

function prepared(name: string, sql: string): Buffer {
  return encodeParse({ name, sql, types: [] })
}

function run(statement: string): readonly Buffer[] {
  return [
    encodeFrame('B', cstring(''), cstring(statement), int16(0), int16(0), int16(0)),
    encodeFrame('E', cstring(''), int32(0)),
  ]
}

/** Texts that are said at once, with one Sync behind them. */
function pipeline(...texts: readonly string[]): Step {
  return [...texts.flatMap((text) => [prepared('', text), ...run('')]), sync]
}

/** What these sessions need beside the suite's schema. `variant` says which of the twins it is for. */
export function roadsSchema(_variant: number): string {
  return `
set search_path = public;
create table shop.places (id int, a int[], j jsonb);
create table shop.by_default (id int, d text default shop.pan_of(1));
insert into shop.by_default values (1, 'x');
create table shop.kinds (k text) partition by list (k);
`
}

const inShop = 'set search_path = shop'
const tell = 'select pan::text from people'

/** Sessions by what they try. Each of them tells the twins apart where nothing is masked. */
export const roads: Readonly<Record<string, readonly Step[]>> = {
  // What is executed by name.
  'arguments of EXECUTE': ['prepare q(text) as select $1', 'execute q(shop.pan_of(1))'],
  'arguments of EXECUTE in a new table': [
    'prepare q(text) as select $1',
    'begin; create temp table t as execute q(shop.pan_of(1)); table t; rollback',
  ],
  'a prepared statement whose table is gone': [
    'create temp table people (id int, pan text)',
    inShop,
    'prepare sp as select pan::text from people',
    'drop table pg_temp.people',
    'execute sp',
  ],
  'a prepared statement under another path': [`prepare sp as ${tell}`, inShop, 'execute sp'],
  // Places that hold expressions.
  'a subscript of what is set': [
    `begin; insert into shop.places values (1, null, '{}'); update shop.places set j[(select pan from shop.people where id = 1)] = '1' returning *; rollback`,
  ],
  'a subscript of what is inserted': [
    'begin; insert into shop.places (id, a[(select ascii(pan) from shop.people where id = 1)]) values (1, 5) returning *; rollback',
  ],
  'a constraint over what MERGE inserts': [
    "begin; merge into shop.people p using (select 1) s on false when not matched then insert (id, name, pan) values (900, 'n', '4444000001010001'); rollback",
  ],
  'a bound of a partition': [
    "begin; create table shop.kinds_x partition of shop.kinds for values in (shop.pan_of(1)); select pg_get_expr(relpartbound, oid) from pg_class where relname = 'kinds_x'; rollback",
  ],
  // Defaults that read.
  'a default that is set': ['begin; update shop.by_default set d = default returning *; rollback'],
  'a default within a row': ['begin; update shop.by_default set (d) = row (default) returning *; rollback'],
  // What a search path is, and since when.
  'a savepoint that was released': [
    inShop,
    `begin; savepoint a; set local search_path = public; savepoint a; release a; rollback to a; ${tell}; rollback`,
  ],
  'a path that was taken back with a savepoint': [
    `${inShop}; begin; savepoint a; set search_path = public; rollback to a; commit; ${tell}`,
  ],
  'a transaction in a chain': [`begin; commit and chain; set local search_path = shop; ${tell}; rollback`],
  'a local path without BEGIN': [`set local search_path = shop; ${tell}`],
  'a local path by a function': [`select set_config('search_path', 'shop', true); ${tell}`],
  'a path that a failure takes back': [inShop, 'set search_path = public; select 1/0', tell],
  'a path that ROLLBACK takes back without BEGIN': [inShop, `set search_path = public; rollback; ${tell}`],
  'a path from before BEGIN in the same text': [inShop, `set search_path = public; begin; rollback; ${tell}`],
  'a path that is local by another word': [
    inShop,
    `begin; select set_config('search_path', 'public', 'on'); commit; ${tell}`,
  ],
  'a path that is local by an expression': [
    inShop,
    `begin; select set_config('search_path', 'public', 1 = 1); commit; ${tell}`,
  ],
  'a local path before a Sync': [pipeline('set local search_path = shop', tell)],
  'a path that a failure takes back before a Sync': [inShop, pipeline('set search_path = public', 'select 1/0'), tell],
  'a path from before BEGIN and a Sync': [inShop, pipeline('set search_path = public', 'begin', 'rollback'), tell],
  'a path that was prepared before BEGIN': [
    inShop,
    [prepared('p', "select set_config('search_path', 'public', false)"), sync],
    'begin',
    [...run('p'), sync],
    `rollback; ${tell}`,
  ],
  // Temporary tables that are not there any more.
  'a table that a failure takes back': [inShop, 'create temp table people (id int, pan text); select 1/0', tell],
  'a table that a failure takes back before a Sync': [
    inShop,
    pipeline('create temp table people (id int, pan text)', 'select 1/0'),
    tell,
  ],
  'a table until the commit': [
    inShop,
    `begin; create temp table people (id int, pan text) on commit drop; commit; ${tell}`,
  ],
  'a table that is dropped at once': [inShop, 'create temp table people (id int, pan text) on commit drop', tell],
}
