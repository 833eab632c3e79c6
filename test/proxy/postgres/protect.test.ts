// Rows that the gateway masks itself, with its key: columns keep their types.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { builtinCatalog, createSqlAnalyzer, type SqlAnalyzer, SqlSession } from '../../../engine/action/sql/index.ts'
import { maskText } from '../../../engine/masking/index.ts'
import type { Terms } from '../../../proxy/gate/index.ts'
import type { MaskPlan } from '../../../proxy/postgres/masks.ts'
import { SessionProtection } from '../../../proxy/postgres/protect.ts'
import { decodeRow, encodeRow, type Frame, FrameReader } from '../../../proxy/postgres/wire/index.ts'

const key = Buffer.from('key')
const value = '4111111111111111'
let analyzer: SqlAnalyzer

before(async () => {
  analyzer = await createSqlAnalyzer(18, builtinCatalog())
})

function shown(strategy: string, types: readonly number[] | undefined): readonly (string | null)[] {
  const plan: MaskPlan = { kind: 'columns', columns: new Map([[1, { strategy, name: 'number' }]]), width: 2 }
  const row = new SessionProtection(analyzer, key).row(
    framed(encodeRow([Buffer.from('1'), Buffer.from(value)])),
    { plan, detector: undefined },
    () => types,
  )
  assert.ok(row instanceof Uint8Array)
  return decodeRow(framed(row)).map((one) => one?.toString() ?? null)
}

function framed(bytes: Uint8Array): Frame {
  const [frame] = new FrameReader(1024).push(Buffer.from(bytes))
  assert.ok(frame !== undefined)
  return frame
}

test('hashes and tokens stand in columns of text, and nothing in columns of other types', () => {
  for (const strategy of ['hash', 'tokenize']) {
    const masked = maskText(strategy, value, key)
    assert.notEqual(masked, value)
    assert.deepEqual(shown(strategy, [23, 25]), ['1', masked])
    assert.deepEqual(shown(strategy, [23, 1043]), ['1', masked])
    assert.deepEqual(shown(strategy, [23, 20]), ['1', null], 'bigint')
    assert.deepEqual(shown(strategy, [23, 3802]), ['1', null], 'jsonb')
  }
})

test('views that count what was done to relations are not read while something is protected', () => {
  const session = SqlSession.start('agent')
  const terms = { masks: [{ column: 'public.t.a', with: 'null' }], filters: [] }
  for (const [view, kind] of [
    ['pg_stat_user_tables', 'refuse'],
    ['pg_stat_all_indexes', 'refuse'],
    ['pg_stat_xact_sys_tables', 'refuse'],
    ['pg_statio_user_sequences', 'refuse'],
    ['pg_stat_user_functions', 'refuse'],
    ['pg_tables', 'forward'],
    ['pg_stat_database', 'forward'],
  ] as const) {
    const analysis = analyzer.analyzeNow(`select * from ${view}`, session)
    assert.ok(analysis.kind === 'analysis' && analysis.complete, view)
    assert.equal(analyzer.substitute(analysis, session, terms).kind, kind, view)
  }
})

test('terms are told apart by what they mask and filter, not by who made them', () => {
  const protection = new SessionProtection(analyzer, key)
  const keyOf = (masks: Terms['masks'], filters: Terms['filters'] = []): string =>
    protection.keyOf({ decisionId: 'd', masks, filters, limits: {} })
  const kinds: readonly Terms['masks'][number][] = [
    { column: 'public.t.a', with: 'last4' },
    { column: 'public.t.a', with: 'last3' },
    { column: 'public.t.b', with: 'last4' },
    { json: 'public.t.a', with: 'last4' },
    { json: 'public.t.b', with: 'last4' },
    { detect: 'iban', with: 'last4' },
    { detect: 'email', with: 'last4' },
  ]
  const lists: readonly Terms['masks'][] = [[], ...kinds.map((one) => [one]), kinds.slice(0, 2), kinds.slice(1, 3)]
  const where = [
    [],
    [{ relation: 'public.t', where: 'a = 1' }],
    [{ relation: 'public.t', where: 'a = 2' }],
    [{ relation: 'public.u', where: 'a = 1' }],
  ]
  const all = lists.flatMap((masks) => where.map((filters) => ({ masks, filters })))
  // Each after each other, so that what was remembered is always of other terms.
  for (const one of all)
    for (const other of all) {
      const first = keyOf(one.masks, one.filters)
      const second = keyOf(structuredClone(other.masks), structuredClone(other.filters))
      assert.equal(first === second, one === other, JSON.stringify([one, other]))
    }
})
