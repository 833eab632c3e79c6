import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparePolicy } from '../../fuzz/engines.fuzz.ts'

/** How many pairs of a policy and an input are compared in CI; `npm run fuzz engines` goes on for longer. */
const PAIRS = 5_000

test('interpreter and wasm agree on generated policies and inputs', () => {
  const seed = Number(process.env['SALLYPORT_SEED'] ?? 20261121)
  let state = seed >>> 0
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const failures: string[] = []
  let pairs = 0
  while (pairs < PAIRS && failures.length === 0) pairs += comparePolicy(random, failures)
  assert.deepEqual(failures, [], `seed ${seed}`)
  process.stdout.write(`# ${pairs} pairs, seed ${seed}\n`)
})
