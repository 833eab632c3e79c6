// Long and hostile texts: parsed in threads with a deadline, and a parser that broke is replaced.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  builtinCatalog,
  createSqlAnalyzer,
  type SqlResult,
  SqlSession,
} from '../../../../../engine/action/sql/index.ts'
import { loadGrammar } from '../../../../../engine/action/sql/parser/grammar.ts'
import { ParserPool, type PoolAnswer } from '../../../../../engine/action/sql/parser/pool.ts'

const session = SqlSession.start('agent')

async function analyzed(text: string): Promise<SqlResult> {
  const analyzer = await createSqlAnalyzer(18, builtinCatalog())
  return new Promise((resolve) => {
    const now = analyzer.analyze(text, session, resolve)
    if (now !== undefined) resolve(now)
  })
}

function parsed(pool: ParserPool, text: string): Promise<PoolAnswer> {
  return new Promise((resolve) => pool.parse(text, resolve))
}

test('judges a text that is too long for the thread of the sessions', async () => {
  const long = `SELECT 1 WHERE 1 IN (${Array.from({ length: 12_000 }, (_, index) => index).join()})`
  let result = await analyzed(long)
  // The deadline is one of the clock: where the processors are busy with other things a thread may miss it.
  for (let tries = 1; tries < 5 && result.kind === 'refusal' && result.code === 'parser_timeout'; tries++)
    result = await analyzed(long)
  assert.equal(result.kind, 'analysis', JSON.stringify(result).slice(0, 200))
  if (result.kind === 'analysis') assert.equal(result.complete, true)
  const analyzer = await createSqlAnalyzer(18, builtinCatalog())
  const now = analyzer.analyzeNow(long, session)
  assert.equal(now.kind === 'refusal' && now.code, 'parser_busy')
})

test('tells a clean syntax error in a long text', async () => {
  const result = await analyzed(`SELECT ${'1, '.repeat(10_000)} FROM FROM`)
  assert.equal(result.kind === 'refusal' && result.code, 'syntax_error')
})

test('refuses what has too many operators before it is parsed at all', async () => {
  const result = await analyzed(`SELECT ${'1+'.repeat(20_000)}1`)
  assert.equal(result.kind === 'refusal' && result.code, 'too_many_tokens')
})

test('a thread that breaks is ended, and the next text is answered by another', async () => {
  const pool = new ParserPool(18)
  const deep = await parsed(pool, `SELECT ${'('.repeat(40_000)}1${')'.repeat(40_000)}`)
  assert.equal(deep.ok, false)
  const chain = await parsed(pool, `SELECT ${'1+'.repeat(60_000)}1`)
  assert.equal(chain.ok, false)
  assert.equal(chain.ok === false && ('refused' in chain || !chain.clean), true)
  for (let round = 0; round < 3; round++) assert.equal((await parsed(pool, 'SELECT 1')).ok, true)
})

test('more waiting texts than the queue holds are refused', async () => {
  const pool = new ParserPool(18)
  const answers = await Promise.all(Array.from({ length: 100 }, () => parsed(pool, 'SELECT 1')))
  const busy = answers.filter((answer) => !answer.ok && 'refused' in answer && answer.refused === 'parser_busy')
  assert.equal(busy.length, 36)
  assert.equal(answers.filter((answer) => answer.ok).length, 64)
})

test('a grammar that broke in this thread refuses until it has been loaded again', async () => {
  const grammar = await loadGrammar(18)
  assert.equal(grammar.parse('SELECT 1').ok, true)
  let broke = false
  for (let round = 0; round < 20 && !broke; round++) {
    const answer = grammar.parse(`SELECT ${'1+'.repeat(30_000 + round * 10_000)}1`)
    broke = !answer.ok && !answer.clean
  }
  assert.equal(broke, true)
  assert.equal(grammar.broken, true)
  assert.equal(grammar.parse('SELECT 1').ok, false)
  await loadGrammar(18)
  assert.equal(grammar.broken, false)
  assert.equal(grammar.parse('SELECT 1').ok, true)
})
