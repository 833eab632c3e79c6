// Non-interference of sessions: what one statement leaves behind does not change what the next one is taken for.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { postgresMissing } from '../../support/postgres-server.ts'
import {
  answered,
  answeredKeyed,
  keyedMasks,
  roadMasks,
  roads,
  roadsAround,
  roadsKeyed,
  roadsSchema,
  type Step,
} from '../../support/twin-roads.ts'
import type { Seen } from '../../support/twin-session.ts'
import { masks, startTwins, type Twins } from '../../support/twins.ts'

const missing = postgresMissing()
let twins: Twins

before(async () => {
  if (missing === undefined) twins = await startTwins([roadsSchema])
})
after(() => twins?.stop())

async function said(step: Step, twins: Twins): Promise<readonly [Seen, Seen]> {
  if (typeof step === 'string') return twins.query(step)
  if (!('type' in step)) return twins.send(step)
  const [answer] = await twins.direct(`select '${step.type}'::regtype::oid`)
  const oid = Number((JSON.parse(answer) as [[string][]])[0][0]?.[0])
  assert.ok(oid > 0, answer)
  return twins.send(step.messages(oid))
}

/** What the client of one database saw and the other did not; undefined where there is nothing. */
async function difference(steps: readonly Step[], twins: Twins): Promise<string | undefined> {
  await twins.reconnect()
  let found: string | undefined
  for (const step of steps) {
    const [one, other] = await said(step, twins)
    const at = Array.from({ length: Math.max(one.length, other.length) }).findIndex(
      (_, index) => one[index] !== other[index],
    )
    if (at >= 0) found ??= `${String(step).slice(0, 80)}: ${one[at]} or ${other[at]}`
  }
  return found
}

for (const [around, under] of [
  [roads, masks],
  [roadsAround, [...masks, ...roadMasks]],
  [roadsKeyed, keyedMasks],
] as const)
  for (const [name, steps] of Object.entries(around))
    test(`${name} does not tell the databases apart`, { skip: missing ?? false }, async () => {
      twins.protect(under)
      assert.equal(await difference(steps, twins), undefined)
      twins.protect([])
      assert.notEqual(await difference(steps, twins), undefined, 'it tells nothing where nothing is masked')
    })

for (const [texts, under] of [
  [answered, [...masks, ...roadMasks]],
  [answeredKeyed, keyedMasks],
] as const)
  for (const text of texts)
    test(`${text} is answered`, { skip: missing ?? false }, async () => {
      twins.protect(under)
      await twins.reconnect()
      const [seen, other] = await twins.query(text)
      // What stands for a value by a key is another for each value.
      if (under !== keyedMasks) assert.deepEqual(seen, other)
      assert.ok(!seen.some((line) => line.includes('-12-34')), seen.join('\n'))
      assert.ok(seen.length > 1 && !seen.some((line) => line.startsWith('E ')), seen.join('\n'))
    })

test('none of them tells the databases apart in the mode of provisioned views', {
  skip: missing ?? false,
  timeout: 200_000,
}, async () => {
  const under = [...masks, ...roadMasks]
  const provisioned = await startTwins([roadsSchema], 'views', under)
  const found: string[] = []
  try {
    provisioned.protect(under)
    for (const [name, steps] of Object.entries({ ...roads, ...roadsAround })) {
      const told = await difference(steps, provisioned)
      if (told !== undefined) found.push(`${name}: ${told}`)
    }
    assert.deepEqual(found, [])
    for (const sql of ['select id, ending from shop.made', 'select id, n from shop.parts order by id']) {
      const [seen] = await provisioned.query(sql)
      assert.ok(
        seen.some((line) => line.startsWith('D ')),
        seen.join('\n'),
      )
    }
  } finally {
    await provisioned.stop()
  }
})
