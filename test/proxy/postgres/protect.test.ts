// Rows that the gateway masks itself, with its key: columns keep their types.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { builtinCatalog, createSqlAnalyzer, type SqlAnalyzer } from '../../../engine/action/sql/index.ts'
import { maskText } from '../../../engine/masking/index.ts'
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
