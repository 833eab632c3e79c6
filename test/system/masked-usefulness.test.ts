// What masks leave of the work of analysts: wherever no masked column takes part, the answer is the one without masks.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { Mask } from '../../engine/decision/index.ts'
import { postgresMissing } from '../support/postgres-server.ts'
import { tradeQueries } from '../support/trade-queries.ts'
import { startTwins, type Twins } from '../support/twins.ts'

const masks: readonly Mask[] = [
  { column: 'trade.customer.c_name', with: 'redact' },
  { column: 'trade.customer.c_address', with: 'redact' },
  { column: 'trade.customer.c_phone', with: 'last4' },
  { column: 'trade.customer.c_balance', with: 'bucket:1000' },
  { column: 'trade.supplier.s_name', with: 'redact' },
  { column: 'trade.supplier.s_address', with: 'null' },
  { column: 'trade.supplier.s_phone', with: 'last4' },
  { column: 'trade.supplier.s_balance', with: 'bucket:1000' },
  { column: 'trade.orders.o_clerk', with: 'fixed:clerk' },
]
const missing = postgresMissing()
let twins: Twins

before(async () => {
  const schema = readFileSync(new URL('../../fixtures/postgres/trade.sql', import.meta.url), 'utf8')
  if (missing === undefined) twins = await startTwins([() => schema])
})
after(() => twins?.stop())

test('questions of analysts have the same answer under masks wherever no masked column takes part', {
  skip: missing ?? false,
}, async (context) => {
  const different: string[] = []
  const refusals: string[] = []
  let [free, same, touched, answered] = [0, 0, 0, 0]
  for (const { name, sql, masked } of tradeQueries) {
    twins.protect([])
    const [plain] = await twins.query(sql)
    assert.ok(!plain.some((line) => line.includes('refused by policy')), name)
    assert.ok(plain.length > 3, `${name}: ${plain.join()}`)
    twins.protect(masks)
    const [shown] = await twins.query(sql)
    const isRefused = shown.some((line) => line.includes('refused by policy'))
    const isSame = JSON.stringify(shown) === JSON.stringify(plain)
    if (masked === true) {
      touched++
      if (!isRefused) answered++
      else refusals.push(`${name}: ${/refused by policy: ([^\0]*)/.exec(shown.join())?.[1] ?? ''}`)
      assert.ok(!isSame, `${name} shows what is masked`)
    } else {
      free++
      if (isSame) same++
      else different.push(`${name}: ${shown.find((line) => !plain.includes(line))}`)
    }
  }
  context.diagnostic(
    `${same} of ${free} questions without masked columns have the same answer; ${answered} of ${touched} with masked columns are answered, masked`,
  )
  context.diagnostic(refusals.join('; '))
  assert.deepEqual(different, [])
})
