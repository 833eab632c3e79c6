// What begins and ends transactions is read once for a session, and never taken for what it was in another state.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtinCatalog, createSqlAnalyzer, type SqlAnalysis, SqlSession } from '../../../../engine/action/sql/index.ts'

const analyzer = await createSqlAnalyzer(18, builtinCatalog())

function read(text: string, session: SqlSession): SqlAnalysis {
  const result = analyzer.analyzeNow(text, session)
  assert.equal(result.kind, 'analysis')
  return result
}

/** The session after a text of one statement. */
function after(text: string, session: SqlSession): SqlSession {
  return read(text, session).after[0] ?? session
}

test('a transaction that changed nothing ends in the session that it began in', () => {
  const idle = SqlSession.start('anna')
  for (const end of ['COMMIT', 'END;', 'ROLLBACK']) {
    const open = after('BEGIN', idle)
    assert.equal(open.inTransaction, true)
    assert.equal(after('BEGIN', idle), open)
    assert.equal(read(end, open), read(end, open))
    assert.equal(after(end, open), idle)
  }
})

test('a transaction that changed something ends in another', () => {
  const idle = SqlSession.start('anna')
  const open = after('SET search_path = private', after('BEGIN', idle))
  assert.deepEqual(after('COMMIT', open).searchPath, ['private'])
  assert.equal(after('COMMIT', open).inTransaction, false)
  assert.deepEqual(after('ROLLBACK', open).searchPath, idle.searchPath)
  const local = after('SET LOCAL search_path = private', after('BEGIN', idle))
  assert.deepEqual(local.searchPath, ['private'])
  assert.deepEqual(after('COMMIT', local).searchPath, idle.searchPath)
  const prepared = after('PREPARE one AS SELECT 1', after('BEGIN', idle))
  assert.notEqual(after('ROLLBACK', prepared).prepared('one'), undefined)
  assert.notEqual(after('COMMIT', prepared).prepared('one'), undefined)
})

test('a cursor is known after the commit of its transaction, and not after its rollback', () => {
  const idle = SqlSession.start('anna')
  const open = after('DECLARE kept CURSOR WITH HOLD FOR SELECT 1', after('BEGIN', idle))
  assert.notEqual(after('COMMIT', open).cursor('kept'), undefined)
  assert.equal(after('ROLLBACK', open).cursor('kept'), undefined)
})

test('the end of a transaction means nothing outside of one', () => {
  const idle = SqlSession.start('anna')
  assert.equal(after('COMMIT', idle), idle)
  const open = after('BEGIN', idle)
  assert.equal(after('BEGIN', open), open)
})

test('another snapshot of the catalog is read anew', () => {
  const idle = SqlSession.start('anna')
  const open = after('BEGIN', idle)
  const before = read('COMMIT', open)
  analyzer.useCatalog(builtinCatalog())
  assert.notEqual(read('COMMIT', open), before)
})

test('several statements of one text are one transaction', () => {
  const idle = SqlSession.start('anna')
  const paths = (text: string, session = idle): readonly (string | undefined)[] =>
    read(text, session).after.map((one) => one?.searchPath.join())
  assert.deepEqual(paths('SET LOCAL search_path = private; SELECT 1'), ['private', '$user,public'])
  assert.deepEqual(paths('SET search_path = private; BEGIN; ROLLBACK'), ['private', 'private', '$user,public'])
  assert.deepEqual(paths('SET search_path = private; ROLLBACK; SELECT 1'), ['private', '$user,public', undefined])
  assert.deepEqual(paths('SELECT 1; SELECT 2'), [undefined, undefined])
  assert.deepEqual(read('SELECT 1; SELECT 2', idle), read('SELECT 1; SELECT 2', idle))
  const [changed] = read('SET search_path = private; SELECT 1', idle).after
  assert.deepEqual(changed?.failed().searchPath, idle.searchPath)
  const open = after('SET search_path = private', after('BEGIN', idle))
  assert.equal(open.failed(), open)
})

test('a savepoint takes back what a session would keep, and is gone when an outer one is released', () => {
  const open = after('SAVEPOINT one', after('BEGIN', SqlSession.start('anna')))
  const back = after('ROLLBACK TO one', after('SET search_path = private', open))
  assert.deepEqual(after('COMMIT', back).searchPath, ['$user', 'public'])
  const twice = after('SAVEPOINT one', after('SET LOCAL search_path = private', open))
  assert.deepEqual(after('ROLLBACK TO one', twice).searchPath, ['private'])
  assert.deepEqual(after('ROLLBACK TO one', after('RELEASE one', twice)).searchPath, ['$user', 'public'])
})

test('a transaction in a chain begins where the one before it ended', () => {
  const idle = SqlSession.start('anna')
  const open = after('SET search_path = private', after('BEGIN', idle))
  for (const [end, path] of [
    ['COMMIT AND CHAIN', 'private'],
    ['ROLLBACK AND CHAIN', '$user,public'],
  ] as const) {
    const next = after(end, open)
    assert.equal(next.inTransaction, true)
    assert.equal(next.searchPath.join(), path)
    assert.equal(after('ROLLBACK', next).searchPath.join(), path)
  }
})
