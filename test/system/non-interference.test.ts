// Non-interference over random queries: `GENERATED=1000000 npm run test:system test/system/non-interference.test.ts` for a long run.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seeded } from '../support/detect-corpus.ts'
import { postgresMissing } from '../support/postgres-server.ts'
import { queryGenerator } from '../support/twin-generator.ts'
import { startTwins, type Twins } from '../support/twins.ts'

const count = Number(process.env['GENERATED'] ?? 10_000)
const seed = Number(process.env['SEED'] ?? 11)
const missing = postgresMissing()
let twins: Twins

before(async () => {
  if (missing === undefined) twins = await startTwins()
})
after(() => twins?.stop())

test(`${count} random queries do not tell the databases apart, and most of the harmless ones are answered`, {
  skip: missing ?? false,
}, async (context) => {
  const random = seeded(seed)
  const generators = [queryGenerator(random, 0.6), queryGenerator(random, 0.2), queryGenerator(random, 0)]
  const leaks: string[] = []
  const refusals = new Map<string, number>()
  let [harmless, answered, failed, telling] = [0, 0, 0, 0]
  for (let made = 0; made < count; made++) {
    const query = generators[made % generators.length]?.() ?? ''
    const [one, other] = await twins.query(query)
    if (JSON.stringify(one) !== JSON.stringify(other)) leaks.push(query)
    const [raw, rawOther] = await twins.direct(query)
    if (!raw.startsWith('[')) failed++
    if (raw !== rawOther) {
      telling++
      continue
    }
    harmless++
    const refused = one.find((line) => line.includes('refused by policy'))
    if (refused === undefined) answered++
    else {
      const why = /refused by policy: ([^\0]*)/.exec(refused)?.[1] ?? ''
      refusals.set(why, (refusals.get(why) ?? 0) + 1)
    }
  }
  const most = [...refusals].sort((a, b) => b[1] - a[1]).slice(0, 8)
  context.diagnostic(
    `${leaks.length} leaks; ${telling} tell without masks; ${harmless} harmless, ${answered} of them answered (${((100 * answered) / harmless).toFixed(1)}%); ${failed} fail on the server`,
  )
  context.diagnostic(most.map(([why, times]) => `${times} x ${why}`).join('; '))
  assert.deepEqual(leaks, [])
  assert.ok(answered / harmless >= 0.7, `${answered} of ${harmless}`)
  assert.ok(telling > count / 20, `only ${telling} queries would tell without masks`)
})
