// What real clients sent through a real gateway, recorded: replay decodes it again and finds what was judged, all of it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { policy } from '../cli/policy/run-policy.ts'
import { postgresMissing } from '../support/postgres-server.ts'
import { RecordedGateways } from '../support/recorded-gateway.ts'

const missing = spawnSync('psql', ['--version']).status === 0 ? postgresMissing() : 'psql is not installed'
const gateways = missing === undefined ? await RecordedGateways.make() : undefined
after(() => gateways?.close())

const script = `select 1;
create temporary table t (id int, note text);
begin;
insert into t values (1, 'one'), (2, 'two');
savepoint s;
select * from no_such_table;
rollback;
\\copy (select 1) to stdout
select count(*) from t where note = 'it''s'; select 2;
do $$ begin perform 1; end $$;
delete from t;
`

test('frames of psql and of a client with prepared statements hold what was judged', {
  skip: missing ?? false,
}, async () => {
  assert.ok(gateways !== undefined)
  gateways.writePolicy(
    'allow if true\n\ndeny contains {"rule": "own.no_delete", "message": "no"} if input.action.sql.statements[_].kind == "delete"\n',
  )
  const gateway = await gateways.start('  sync: group\n  store: { kind: folder, path: kept }')
  const args = ['-h', '127.0.0.1', '-p', String(gateway.port), '-U', 'agent', '-d', 'db', '-X', '-At']
  const env = { ...process.env, PGPASSWORD: gateways.password }
  const ran = spawnSync('psql', args, { env, input: script, encoding: 'utf8', timeout: 60_000 })
  assert.match(ran.stdout, /1/, ran.stderr)
  const client = gateways.client(gateway.port)
  await client.connect()
  for (const id of [1, 2, 3])
    assert.equal((await client.query({ name: 'again', text: 'select $1::int as id', values: [id] })).rowCount, 1)
  await assert.rejects(client.query('delete from pg_class where oid = $1', [0]))
  assert.equal((await client.query('select $1::text', ['after'])).rowCount, 1)
  await client.end()
  gateway.child.kill('SIGTERM')
  await once(gateway.child, 'exit')
  const { out, err } = policy(gateways.folder, 'replay', 'policy', '--sessions', 'kept', '--open-key', 'seal.key')
  assert.match(out, /; frames of 2 sessions decoded again\n$/, err)
  assert.doesNotMatch(out, /read otherwise: [^#\s]+: /)
  assert.match(out, /0 unexplained flips/)
})
