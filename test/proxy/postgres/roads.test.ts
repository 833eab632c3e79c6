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
import { masks, startTwins, type Twins } from '../../support/twins.ts'

const missing = postgresMissing()
let twins: Twins

before(async () => {
  if (missing === undefined) twins = await startTwins([roadsSchema])
})
after(() => twins?.stop())

/** What the client of one database saw and the other did not; undefined where there is nothing. */
async function difference(steps: readonly Step[]): Promise<string | undefined> {
  await twins.reconnect()
  let found: string | undefined
  for (const step of steps) {
    const [one, other] = typeof step === 'string' ? await twins.query(step) : await twins.send(step)
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
      assert.equal(await difference(steps), undefined)
      twins.protect([])
      assert.notEqual(await difference(steps), undefined, 'it tells nothing where nothing is masked')
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
