// Masks by detectors in the results of a database: in text, in JSON, in other types, in copies, in both protocols.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { cstring, encodeFrame, encodeParse, encodeQuery, int16, int32 } from '../../../proxy/postgres/wire/index.ts'
import { postgresMissing } from '../../support/postgres-server.ts'
import { startTwins, type Twins } from '../../support/twins.ts'

const missing = postgresMissing()
const skip = missing ?? false
let twins: Twins

before(async () => {
  if (missing !== undefined) return
  twins = await startTwins()
})
after(() => twins?.stop())
beforeEach(async () => {
  if (missing !== undefined) return
  twins.protect([
    { detect: 'credit_card', with: 'last4' },
    { detect: 'email', with: 'redact' },
  ])
  await twins.reconnect()
})

async function rows(...messages: readonly Buffer[]): Promise<readonly string[]> {
  const [one] = await twins.send(messages)
  return one.filter((line) => /^[dDEc]/.test(line)).map((line) => line.replaceAll(/[\0-\x1f]/g, '|'))
}
const query = (sql: string): Promise<readonly string[]> => rows(encodeQuery(sql))
const card = '4111111111111111'

test('masks values in text columns, whatever they are called', { skip }, async () => {
  const [row = ''] = await query(
    `select 'paid by ${card} of bob@example.org' as note, 7 as n, null as z, '${card}' as x`,
  )
  assert.ok(row.includes('paid by ************1111 of [redacted]'), row)
  assert.ok(!row.includes(card) && row.includes('|7'), row)
})

test('keeps JSON what it is, and shows nothing where a type leaves no room', { skip }, async () => {
  const [text = ''] = await query(`select jsonb_build_object('card', '${card}') as j`)
  assert.ok(text.includes('{"card": "************1111"}'), text)
  for (const sql of [
    `select ${card}::bigint`,
    `select array['${card}']`,
    `select jsonb_build_object('card', ${card})`,
  ]) {
    const [row = ''] = await query(sql)
    assert.equal(row.includes('1111'), false, sql)
    assert.ok(row.endsWith('ÿÿÿÿ'), `${sql} is NULL: ${row}`)
  }
})

test('masks in copies, and ends a binary copy', { skip }, async () => {
  const copied = await query(`copy (select 1, '${card}', 'a@example.org') to stdout`)
  assert.deepEqual(copied[0], 'd 1|************1111|[redacted]|')
  const [one] = await twins.query(`copy (select '${card}') to stdout (format binary)`)
  assert.ok(!one.some((line) => line.startsWith('d')), one.join())
  assert.equal(one.at(-1), 'closed')
})

test('masks in the extended protocol, described or not, text or binary', { skip }, async () => {
  const sql = `select '${card}'::text, 42`
  const run = (format: number, described: boolean): readonly Buffer[] => [
    encodeParse({ name: '', sql, types: [] }),
    encodeFrame('B', cstring(''), cstring(''), int16(0), int16(0), int16(1), int16(format)),
    ...(described ? [encodeFrame('D', Buffer.from('P'), cstring(''))] : []),
    encodeFrame('E', cstring(''), int32(0)),
    encodeFrame('S'),
  ]
  for (const format of [0, 1]) {
    const [shown = ''] = await rows(...run(format, true))
    assert.ok(shown.includes('************1111'), shown)
    // Without a description the type is not known, and nothing is shown.
    const [hidden = ''] = await rows(...run(format, false))
    assert.ok(!hidden.includes('1111'), hidden)
  }
})

test('counts in the record, and refuses a detector that does not exist', { skip }, async () => {
  await query(`select '${card} ${card} a@example.org'`)
  assert.deepEqual(twins.recordedMasks().slice(-2), ['credit_card 2', 'email 1'])
  twins.protect([{ detect: 'passport', with: 'redact' }])
  const [refused = ''] = await query('select 1')
  assert.match(refused, /a detector that does not exist/)
})
