// Masks that the gateway itself puts into the result, by the lineage of its columns: what a client sees of two databases
// that differ only there is the same, however the columns are counted, named and moved.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { postgresMissing } from '../../support/postgres-server.ts'
import { startTwins, type Twins } from '../../support/twins.ts'

const missing = postgresMissing()
let twins: Twins

const schema = (variant: number): string => `
CREATE SCHEMA lin;
GRANT USAGE, CREATE ON SCHEMA lin TO PUBLIC;
CREATE TABLE lin.t (id int, card text, name text);
CREATE TABLE lin.pair (a int, b text);
CREATE TABLE lin.none ();
CREATE TABLE lin.sib (k int, card text);
CREATE DOMAIN lin.dpair AS lin.pair;
CREATE TABLE lin.parent (id int, card text);
CREATE TABLE lin.child () INHERITS (lin.parent);
CREATE FUNCTION lin.one(OUT x lin.pair) LANGUAGE sql STABLE AS 'SELECT ROW(1,''z'')::lin.pair';
CREATE TYPE lin.two AS (a int, b text);
CREATE FUNCTION lin.made() RETURNS lin.two LANGUAGE sql STABLE AS 'SELECT ROW(1,''z'')::lin.two';
CREATE FUNCTION lin.dom() RETURNS lin.dpair LANGUAGE sql STABLE AS 'SELECT ROW(1,''z'')::lin.pair::lin.dpair';
CREATE FUNCTION lin.peek(int, int) RETURNS text LANGUAGE sql STABLE AS 'SELECT card FROM lin.t ORDER BY id LIMIT 1';
CREATE OPERATOR lin.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = lin.peek);
CREATE TYPE lin.told AS (v text);
CREATE FUNCTION lin.tell(int) RETURNS lin.told LANGUAGE sql STABLE AS 'SELECT ROW(card)::lin.told FROM lin.t ORDER BY id LIMIT 1';
CREATE CAST (int AS lin.told) WITH FUNCTION lin.tell(int);
CREATE FUNCTION lin.chosen() RETURNS text LANGUAGE plpgsql STABLE AS $f$
#variable_conflict use_variable
DECLARE k text; BEGIN SELECT card INTO k FROM lin.t ORDER BY id LIMIT 1; RETURN (SELECT k FROM lin.sib LIMIT 1); END $f$;
INSERT INTO lin.t VALUES (1, '${variant === 0 ? 'alpha' : 'omega'}', 'ann'), (2, 'mid${variant}', 'bob');
INSERT INTO lin.pair VALUES (1, 'z');
INSERT INTO lin.sib VALUES (1, 'alpha');
INSERT INTO lin.child VALUES (1, '${variant === 0 ? 'alpha' : 'omega'}');
GRANT SELECT ON ALL TABLES IN SCHEMA lin TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA lin TO PUBLIC;
`

const cases: readonly (readonly [string, string])[] = [
  ['a star in VALUES', 'SELECT v.column2 FROM lin.t, LATERAL (VALUES (t.*, 1)) v'],
  ['a star of a row in VALUES', 'SELECT v.column2 FROM lin.t, LATERAL (VALUES ((t).*, 1)) v'],
  [
    'names behind columns without number',
    'SELECT d FROM (SELECT (coalesce(NULL::lin.pair)).*, id, card, name FROM lin.t) s(a,b,c,d,e)',
  ],
  [
    'names of an expression behind columns without number',
    'WITH s(a,b,c,d,e) AS (SELECT (coalesce(NULL::lin.pair)).*, id, card, name FROM lin.t) SELECT d FROM s',
  ],
  [
    'names given to an expression behind columns without number',
    'WITH s AS (SELECT (coalesce(NULL::lin.pair)).*, id, card, name FROM lin.t) SELECT d FROM s x(a,b,c,d,e)',
  ],
  [
    'names of a join behind columns without number',
    'SELECT d FROM ((SELECT (coalesce(NULL::lin.pair)).*) s CROSS JOIN lin.t) AS j(a,b,c,d,e)',
  ],
  [
    'names of a join behind a function',
    `SELECT d FROM (unnest(array[ROW(1,'z')::lin.pair]) u CROSS JOIN lin.t) AS j(a,b,c,d,e)`,
  ],
  [
    'names of a join behind no columns',
    'SELECT b FROM ((SELECT (coalesce(NULL::lin.none)).*) s CROSS JOIN lin.t) AS j(a,b,c)',
  ],
  ['a function of a domain over a row', 'SELECT d FROM (lin.dom() u CROSS JOIN lin.t) AS j(a,b,c,d,e)'],
  ['a function with one parameter that is a row', 'SELECT d FROM (lin.one() u CROSS JOIN lin.t) AS j(a,b,c,d,e)'],
  [
    'the fields of a parameter that is a row',
    'SELECT d FROM (SELECT (lin.one()).*, id, card, name FROM lin.t) s(a,b,c,d,e)',
  ],
  ['names of a row that change places', 'SELECT (s.r).card FROM (SELECT x AS r FROM lin.t x(card, id)) s'],
  [
    'all of a row whose names change places',
    'SELECT z.card FROM (SELECT (s.r).* FROM (SELECT x AS r FROM lin.t x(card, id)) s) z',
  ],
  [
    'a condition of a join that means a query around',
    `SELECT id, (SELECT count(*) FROM lin.sib, (lin.pair p LEFT JOIN lin.none q ON card = 'alpha')) FROM lin.t ORDER BY id`,
  ],
  [
    'a condition of a join over a function that means a query around',
    `SELECT id, (SELECT count(*) FROM lin.sib, (generate_series(1,2) p LEFT JOIN generate_series(1,2) q ON card = 'alpha')) FROM lin.t ORDER BY id`,
  ],
  [
    'a condition of a join that names a table around',
    `SELECT id, (SELECT count(*) FROM lin.sib t, (generate_series(1,2) p LEFT JOIN generate_series(1,2) q ON t.card = 'alpha')) FROM lin.t ORDER BY id`,
  ],
  [
    'a position to sort by behind columns without number',
    'SELECT row_number() OVER (), id FROM (SELECT (coalesce(NULL::lin.pair)).*, id, card, name FROM lin.t ORDER BY 4) s',
  ],
  [
    'a position to sort by behind no columns',
    'SELECT id FROM (SELECT (coalesce(NULL::lin.none)).*, card, id FROM lin.t ORDER BY 1 LIMIT 1) s',
  ],
  [
    'a column around of the name that a function has',
    `SELECT (SELECT card FROM unnest(array[ROW(1,'z')::lin.pair]) AS card) FROM lin.t`,
  ],
  [
    'an output of the name that a function has',
    `SELECT count(*) FROM (SELECT card AS u, count(*) FROM lin.t, unnest(array[ROW(1,'z')::lin.pair]) AS u GROUP BY u) s`,
  ],
  ['a function of a type that is a row', 'SELECT d FROM (lin.made() u CROSS JOIN lin.t) AS j(a,b,c,d,e)'],
  ['an operator that somebody made', 'SELECT 1 OPERATOR(lin.===) 1'],
  ['a cast that somebody made', 'SELECT 1::lin.told'],
  ['a field of a cast', 'SELECT (1::lin.told).v'],
  ['a variable in front of a column', 'SELECT lin.chosen()'],
  [
    'columns of a document',
    `SELECT j.* FROM lin.t, JSON_TABLE(to_json(t.card) FORMAT JSON, '$' COLUMNS (x text PATH '$')) j`,
  ],
  [
    'columns of a bare document',
    `SELECT j.* FROM lin.t, JSON_TABLE(('"'||t.card||'"')::jsonb, '$' COLUMNS (x text PATH '$')) j`,
  ],
  [
    'what is passed to a document',
    `SELECT j.* FROM lin.t, JSON_TABLE(jsonb '1', '$' PASSING t.card AS c COLUMNS (x text PATH '$c')) j`,
  ],
  [
    'a default of a document',
    `SELECT j.* FROM lin.t, JSON_TABLE(jsonb '{}', '$' COLUMNS (x text PATH '$.a' DEFAULT t.card ON EMPTY)) j`,
  ],
  [
    'a merged column',
    'SELECT id FROM (SELECT card AS id FROM lin.t) s JOIN (SELECT card AS id FROM lin.sib) q USING (id)',
  ],
  ['the rows of RETURNING', 'WITH x AS (UPDATE lin.t SET id = id RETURNING card) SELECT card FROM x'],
  ['old rows of RETURNING', 'UPDATE lin.t SET id = id RETURNING old.card'],
  ['a merge', 'MERGE INTO lin.t USING lin.sib s ON t.id = s.k WHEN MATCHED THEN UPDATE SET id = 1 RETURNING *'],
  ['a cursor', 'BEGIN; DECLARE c CURSOR FOR SELECT card FROM lin.t; FETCH ALL c; COMMIT'],
  ['a named statement', 'PREPARE p AS SELECT card FROM lin.t; EXECUTE p'],
  ['rows as rows', 'SELECT (array_agg(t))[1] FROM lin.t'],
  ['a row of rows', 'SELECT (unnest(array_agg(t))).card FROM lin.t'],
  ['a set of other names', 'SELECT x FROM (SELECT 1, name FROM lin.t UNION ALL SELECT id, card FROM lin.t) s(y, x)'],
  [
    'rows of several functions',
    'SELECT b FROM lin.t, ROWS FROM (unnest(array[t.id]), unnest(array[t.card])) AS x(a, b)',
  ],
  [
    'a search',
    'WITH RECURSIVE r(a, b) AS (SELECT id, card FROM lin.t UNION ALL SELECT a, b FROM r WHERE false) SEARCH DEPTH FIRST BY b SET q SELECT q FROM r',
  ],
]

before(async () => {
  if (missing !== undefined) return
  twins = await startTwins([schema])
  twins.protect([
    { column: 'lin.t.card', with: 'hash' },
    { column: 'lin.child.card', with: 'hash' },
  ])
})
after(() => twins?.stop())

/** What a client may see as it is: of columns that stay where they are. */
const answered: readonly (readonly [string, string])[] = [
  ['names of a table', 'SELECT b FROM lin.t AS x(a, b)'],
  ['names of a join', 'SELECT b FROM (lin.t CROSS JOIN lin.pair) AS j(a, b, c, d, e)'],
  ['a column beside a function', 'SELECT card FROM lin.t, unnest(array[1]) AS u(x)'],
  ['an expression with names', 'WITH s(a, b) AS (SELECT id, card FROM lin.t) SELECT b FROM s'],
  ['a row behind a function', 'SELECT d FROM (lin.made() u CROSS JOIN lin.t) AS j(a, b, c, d, e)'],
]

// What the key makes of different values is different.
const shown = (seen: readonly string[]): readonly string[] =>
  seen.map((line) => line.replace(/[0-9a-f]{32}$/, 'replaced'))

for (const [name, text] of cases) {
  test(`${name} tells nothing`, { skip: missing ?? false }, async () => {
    const [one, other] = await twins.query(text)
    const last = one.at(-1) ?? ''
    if (last !== 'Z I') await (last.startsWith('Z') ? twins.query('rollback') : twins.reconnect())
    assert.deepEqual(shown(one), shown(other))
    assert.ok(!JSON.stringify(one).includes('alpha'), JSON.stringify(one))
  })
}

for (const [name, text] of answered) {
  test(`${name}: the column is replaced where it is`, { skip: missing ?? false }, async () => {
    const [one] = await twins.query(text)
    const replaced = one.filter((line) => /[0-9a-f]{32}$/.test(line))
    assert.equal(replaced.length > 0, true, JSON.stringify(one))
    assert.equal(replaced.length, one.filter((line) => line.startsWith('D ')).length)
  })
}
