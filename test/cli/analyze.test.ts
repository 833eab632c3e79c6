import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { postgresMissing } from '../support/postgres-server.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const analyze = (args: readonly string[], input = '') =>
  spawnSync(process.execPath, [bin, 'analyze', ...args], { encoding: 'utf8', input })

test('prints the facts of one statement', () => {
  const { status, stdout } = analyze(['sql', 'SELECT lower(relname) FROM pg_class WHERE oid = 1'])
  assert.equal(status, 0)
  const facts: {
    complete: boolean
    statements: { kind: string; relations: { name: string }[]; predicates: { column: string }[] }[]
  } = JSON.parse(stdout)
  assert.equal(facts.complete, true)
  assert.deepEqual(
    facts.statements.map((one) => [
      one.kind,
      one.relations.map((relation) => relation.name),
      one.predicates.map((column) => column.column).sort(),
    ]),
    [['select', ['pg_class'], ['oid']]],
  )
})

test('reads JSON Lines with a schema, and carries sessions over', { skip: postgresMissing() ?? false }, () => {
  const schema = join(mkdtempSync(join(tmpdir(), 'schema-')), 'schema.sql')
  writeFileSync(schema, 'CREATE SCHEMA a; CREATE TABLE a.t (id int, x text); CREATE VIEW a.v AS SELECT x FROM a.t;')
  const lines = [
    { id: 1, text: 'DELETE FROM a.t' },
    { id: 2, session: ['SET search_path = a', 'UPDATE t SET x = 1 WHERE id = 2'] },
    { id: 3, text: 'SELECT x FROM a.v' },
    { id: 4, text: 'SELEC' },
    { id: 5, text: 'SELECT * FROM nowhere' },
    { id: 6 },
  ]
  const { status, stdout } = analyze(
    ['sql', '--lines', '--schema', schema],
    `${lines.map((line) => JSON.stringify(line)).join('\n')}\nnot json\n`,
  )
  assert.equal(status, 0)
  const answers = stdout
    .trim()
    .split('\n')
    .map(
      (
        line,
      ): {
        id: number | null
        complete: boolean
        error?: { code: string }
        statements?: { where: boolean | null; relations: { schema: string; name: string; access: string }[] }[]
      } => JSON.parse(line),
    )
  const relations = (index: number) =>
    answers[index]?.statements
      ?.at(-1)
      ?.relations.map((one) => `${one.access} ${one.schema}.${one.name}`)
      .sort()
  assert.deepEqual(
    answers.map((one) => [one.id, one.complete, one.error?.code]),
    [
      [1, true, undefined],
      [2, true, undefined],
      [3, true, undefined],
      [4, false, 'syntax_error'],
      [5, false, undefined],
      [6, false, 'bad_line'],
      [null, false, 'bad_line'],
    ],
  )
  assert.equal(answers[0]?.statements?.[0]?.where, false)
  assert.deepEqual(relations(1), ['read a.t', 'write a.t'])
  assert.deepEqual(relations(2), ['read a.t', 'read a.v'])
})

test('wrong usage is exit code 1, and a syntax error 2', () => {
  assert.equal(analyze(['nothing']).status, 1)
  assert.equal(analyze(['sql']).status, 1)
  assert.equal(analyze(['sql', '--major', '9', 'SELECT 1']).status, 1)
  assert.equal(analyze(['sql', '--schema', '/no/such/file', 'SELECT 1']).status, 1)
  assert.equal(analyze(['sql', 'SELEC 1']).status, 2)
})

test('a schema that does not run, and a catalog that is none, are told in one line', {
  skip: postgresMissing() ?? false,
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'schema-'))
  const broken = join(folder, 'broken.sql')
  writeFileSync(broken, 'CREATE TABLE t (x nowhere)')
  for (const option of ['--schema', '--catalog']) {
    const { status, stdout, stderr } = analyze(['sql', option, broken, 'SELECT 1'])
    assert.equal(status, 2, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, /^sallyport analyze: .*broken\.sql: [^\n]+\n$/)
  }
})
