// Sessions that would tell the twins apart by what stands between statements: names, transactions, and what is run unseen.
import type { Mask } from '../../engine/decision/index.ts'
import { cstring, encodeFrame, encodeParse, int16, int32 } from '../../proxy/postgres/wire/index.ts'

/** One thing that a client says: a text, or messages of the extended protocol, with the number of a type in them. */
export type Step = string | readonly Buffer[] | { readonly type: string; messages(oid: number): readonly Buffer[] }

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

/** A value for a parameter of a type that no text names. */
function typed(type: string, value: string): Step {
  const bound = [cstring(''), cstring(''), int16(0), int16(1), int32(value.length), Buffer.from(value), int16(0)]
  return {
    type,
    messages: (oid) => [
      encodeParse({ name: '', sql: 'select $1 is null', types: [oid] }),
      encodeFrame('B', ...bound),
      encodeFrame('E', cstring(''), int32(0)),
      sync,
    ],
  }
}

/** What these sessions need beside the suite's schema; `variant` says for which of the twins. */
export function roadsSchema(variant: number): string {
  const [one, other] = variant === 0 ? ['a', 'b'] : ['b', 'a']
  return `
set search_path = public;
create table shop.places (id int, a int[], j jsonb);
create table shop.by_default (id int, d text default shop.pan_of(1));
insert into shop.by_default values (1, 'x');
create table shop.kinds (k text) partition by list (k);
create domain shop.no_pan as text check (shop.pan_of(1) <> value);
create function shop.echo(t text default shop.pan_of(1)) returns text language sql immutable as 'select $1';
create domain shop.by_domain as text default shop.pan_of(1);
create table shop.with_domain (id int, d shop.by_domain);
create function shop.add_pan(s text, t text) returns text language sql as 'select coalesce($1, $2) || shop.pan_of(1)';
create aggregate shop.pans(text) (sfunc = shop.add_pan, stype = text);
create aggregate shop.largest(int) (sfunc = int4larger, stype = int);
create table shop.made (id int, card text, ending text generated always as (right(card, 5)) stored, virt text generated always as (card || 'x'), size int generated always as (id * 2) stored);
insert into shop.made (id, card) values (1, 'card-${one}');
create table shop.lands (code text primary key);
insert into shop.lands values ('a'), ('b');
create table shop.patients (id int primary key, land text references shop.lands on delete cascade on update cascade, note text);
insert into shop.patients values (1, '${one}'), (2, '${other}');
create table shop.pairs (id int primary key, tenant int, card text, unique (tenant, card));
insert into shop.pairs values (1, 1, 'x'), (2, 2, '${one}'), (3, 3, 'a');
create table shop.given (id int primary key, card text default 'a' unique);
insert into shop.given values (1, '${one}');
create table shop.nulls (id int primary key, card text, unique nulls not distinct (card));
insert into shop.nulls values (1, ${variant === 0 ? 'null' : "'a'"});
create table shop.history (what jsonb);
create function shop.keep() returns trigger language plpgsql as $$ begin insert into shop.history values (to_jsonb(new)); return new; end $$;
create table shop.tracked (id int primary key, card text, note text);
insert into shop.tracked values (1, '${one}');
create trigger keep after update on shop.tracked for each row execute function shop.keep();
create function shop.stop() returns trigger language plpgsql as $$ begin if new.card = 'a' then raise exception 'no'; end if; return new; end $$;
create table shop.stopped (id int primary key, card text, note text);
insert into shop.stopped values (1, '${one}');
create trigger stop before update on shop.stopped for each row execute function shop.stop();
create function shop.quiet() returns trigger language plpgsql as $$ begin new.note := upper(new.note); raise notice 'card %', new.card; return new; end $$;
create table shop.noted (id int primary key, card text, note text);
insert into shop.noted values (1, '${one}');
create trigger quiet before update on shop.noted for each row execute function shop.quiet();
create table shop.conditional (id int primary key, card text, note text);
insert into shop.conditional values (1, '${one}');
create function shop.mark() returns trigger language plpgsql as $$ begin new.note := 'marked'; return new; end $$;
create trigger mark before update on shop.conditional for each row when (new.card = 'a') execute function shop.mark();
create table shop.parts (id int, land text, n int) partition by list (land);
create table shop.parts_a partition of shop.parts for values in ('a');
create table shop.parts_b partition of shop.parts for values in ('b');
insert into shop.parts values (1, '${one}', 5), (2, '${other}', 5);
create table shop.cards (id int primary key, card text unique);
insert into shop.cards values (1, '${one}'), (2, '${other}');
create table shop.uses (card text references shop.cards (card));
insert into shop.uses values ('a');
create table shop.wide (id int primary key, card text, note text);
do $$ begin create role reader; exception when duplicate_object then null; end $$;
create table shop.owned (id int primary key, card text, note text);
insert into shop.owned values (1, '${one}', 'one'), (2, '${other}', 'two');
alter table shop.owned enable row level security;
create policy own on shop.owned using (card = current_setting('app.card', true));
grant usage on schema shop to reader;
grant all on shop.owned to reader;
insert into shop.wide select g, (select string_agg(md5(i::text), '') from generate_series(1, ${variant === 0 ? 1 : 60}) i), 'n' from generate_series(1, 9) g;
`
}

/** What is masked of it. */
export const roadMasks: readonly Mask[] = [
  'made.card',
  'patients.land',
  'pairs.card',
  'given.card',
  'nulls.card',
  'tracked.card',
  'stopped.card',
  'noted.card',
  'conditional.card',
  'parts.land',
  'cards.card',
  'wide.card',
  'owned.card',
].map((column) => ({ column: `shop.${column}`, with: 'redact' }))

/** A mask that only the gateway can apply. */
export const keyedMasks: readonly Mask[] = [{ column: 'shop.people.ssn', with: 'hash' }]

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
  'a type that is named in text': ["select pg_input_is_valid('4444000001010001', 'shop.no_pan')"],
  'a range over a type that is named in text': ["select '[4444000001010001,5]'::shop.spans"],
  'a type of a parameter': [typed('shop.unlike', '4444000001010001')],
  'a list as the type of a parameter': [typed('shop.unlike[]', '{4444000001010001}')],
  'a row as the type of a parameter': [typed('shop.held', '(4444000001010001)')],
  'a list of rows as the type of a parameter': [typed('shop.held[]', '{(4444000001010001)}')],
  'a range as the type of a parameter': [typed('shop.spans', '[4444000001010001,5]')],
  'ranges as the type of a parameter': [typed('shop.spans_multirange', '{[4444000001010001,5]}')],
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

/** The same under `roadMasks`: what is around a masked column in the catalog. */
export const roadsAround: Readonly<Record<string, readonly Step[]>> = {
  'a new key that points at a masked column': [
    "begin; create table shop.probe (card text references shop.given (card)); insert into shop.probe values ('a'); rollback",
  ],
  'a default of an argument': ['select shop.echo()'],
  'a default of a domain': ['begin; insert into shop.with_domain (id) values (1) returning *; rollback'],
  'the functions of an aggregate': ["select shop.pans('x')"],
  'a stored column that is made of a masked one': ['select id, ending from shop.made'],
  'a virtual column that is made of a masked one': ['select id, virt from shop.made'],
  'rows that go with what a masked column points at': [
    "begin; delete from shop.lands where code = 'a'; select id from shop.patients; rollback",
  ],
  'a key that is changed with what it points at': [
    "begin; update shop.lands set code = 'c' where code = 'a'; delete from shop.lands where code = 'c'; select id from shop.patients; rollback",
  ],
  'a masked column that others point at': ['begin; delete from shop.cards where id = 1; rollback'],
  'the same behind WITH': [
    'begin; with d as (delete from shop.cards where id = 1 returning id) update shop.wide set note = d.id from d where false; rollback',
  ],
  'a constraint over a masked column and another': ['begin; update shop.pairs set tenant = 3 where id = 2; rollback'],
  'a constraint over what is given to a masked column': ['begin; insert into shop.given (id) values (2); rollback'],
  'a constraint that counts NULL as alike': ['begin; insert into shop.nulls (id) values (2); rollback'],
  'a trigger that keeps a copy': ["begin; update shop.tracked set note = 'x'; select * from shop.history; rollback"],
  'a trigger that fails': ["begin; update shop.stopped set note = 'x'; rollback"],
  'a condition of a trigger': ["begin; update shop.conditional set note = 'x' returning note; rollback"],
  'a partition by a masked column': ['select id, n from shop.parts_a'],
  'the partition of a row': ['begin; delete from shop.parts where id = 1 returning tableoid::regclass; rollback'],
  'the place of a row': ['begin; update shop.wide set note = note where id = 9 returning ctid; rollback'],
  'rows that a policy of the table shows': ["set app.card = 'a'; set role reader", 'select id, note from shop.owned'],
  'rows that it lets change': [
    "set app.card = 'a'; set role reader",
    "begin; update shop.owned set note = 'x' returning id; rollback",
  ],
  'a row by its place': ["begin; delete from shop.wide where ctid = '(0,5)'; rollback"],
}

/** Under `keyedMasks`. */
export const roadsKeyed: Readonly<Record<string, readonly Step[]>> = {
  'a copy into another table': [
    'begin',
    'insert into shop.audit select ssn from shop.people order by id',
    'table shop.audit',
    'rollback',
  ],
  'a copy within WITH': [
    'begin',
    'with w as (insert into shop.audit select ssn from shop.people) select 1',
    'table shop.audit',
    'rollback',
  ],
  'an update from it': [
    'begin',
    'insert into shop.audit values (1)',
    'update shop.audit set what = ssn from shop.people where id = 1',
    'table shop.audit',
    'rollback',
  ],
  'rows that are made of it': ['select 1 from shop.people p, generate_series(1, ascii(p.ssn)) where p.id = 1'],
  'rows that are made of it in a target list': [
    'select 1 from (select generate_series(1, ascii(ssn)) from shop.people where id = 1) t',
  ],
  'rows of its parts': ["select 1 from shop.people p, string_to_table(p.ssn, '1') where p.id = 1"],
  'rows of a document': [
    "select 1 from shop.people p, json_table(to_json(p.ssn), '$[*] ? (@ starts with \"1\")' columns (k text path '$')) where p.id = 1",
  ],
  'recursion that moves it a column further each time': [
    "with recursive r(n, a, b, c, d) as (select 1, ''::varchar(11), ''::varchar(11), ''::varchar(11), ssn from shop.people where id < 3 union all select n + 1, b, c, d, d from r where n < 5) select a from r",
  ],
  'an expression that comes later': [
    'with recursive a as (select * from b), b(x) as (select name from shop.people union all select ssn from shop.people) select x from a',
  ],
  'rows beside a function whose columns are not known': [
    'select p from shop.people p, unnest(array[1]) as u(x) order by p.id',
    'select row_to_json(p) from unnest(array[1]) as u(x), shop.people p where p.id = 1',
  ],
  'a column from outside of a function whose columns are not known': [
    'select (select ssn from unnest(array[1]) as u(x)) from shop.people where id = 1',
  ],
  'an error in what does not come out': [
    'with q as materialized (select 1 / (ascii(ssn) - 49) from shop.people where id = 1) select count(*) from q',
  ],
}

/** What is answered all the same, under `roadMasks` or `keyedMasks`. */
export const answered: readonly string[] = [
  "select pg_advisory_xact_lock(1), pg_try_advisory_lock(2), pg_advisory_unlock(2), pg_notify('x', name), pg_sleep(0) from shop.people where id = 1",
  'select pid > 0, state from pg_stat_activity where pid = pg_backend_pid()',
  'select name from pg_prepared_statements',
  "select pg_input_is_valid('x', 'int'), pg_input_is_valid('x', 'shop.pan')",
  'select id, size from shop.made',
  "begin; update shop.noted set note = 'x' returning note; rollback",
  'begin; delete from shop.tracked; rollback',
  'begin; insert into shop.pairs (id) values (4); rollback',
  'begin; update shop.pairs set id = 9 where id = 1; rollback',
  'select id, n from shop.parts order by id',
  'begin; insert into shop.cards (id) values (9) on conflict (id) do nothing; rollback',
  "begin; update shop.patients set note = 'x' where id = 1; rollback",
  'begin; delete from shop.patients where id = 1; rollback',
  'select shop.largest(id) from shop.people',
  'prepare one(int) as select id from shop.people where id = $1; execute one(7)',
]

/** The same under `keyedMasks`. */
export const answeredKeyed: readonly string[] = [
  'select id, ssn from shop.people order by id',
  'select p.ssn, o.amount from shop.people p join shop.orders o on o.person = p.id order by o.id limit 3',
  'select t.ssn, upper(t.name) from (select ssn, name from shop.people where id < 3) t',
  'select note from shop.people where id < 3 union all select what from shop.audit',
  'select x, ssn from unnest(array[1, 2]) as u(x), shop.people where id = 1',
]
