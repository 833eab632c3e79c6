import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparePolicy } from '../../fuzz/engines.fuzz.ts'

/** How many pairs of a policy and an input are compared: 5,000 in CI, 200,000 in a long run (SALLYPORT_PAIRS). */
const PAIRS = Number(process.env['SALLYPORT_PAIRS'] ?? 5_000)

/** In a long run each policy meets more inputs, and how far it came is told. */
const INPUTS = PAIRS > 5_000 ? 24 : 6
const TOLD_EACH = 10_000

test('interpreter and wasm agree on generated policies and inputs', () => {
  const seed = Number(process.env['SALLYPORT_SEED'] ?? 20261121)
  let state = seed >>> 0
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const failures: string[] = []
  let pairs = 0
  for (let told = TOLD_EACH; pairs < PAIRS && failures.length === 0; ) {
    pairs += comparePolicy(random, failures, INPUTS)
    if (pairs < told) continue
    process.stdout.write(`# ${pairs} pairs, seed ${seed}\n`)
    told += TOLD_EACH
  }
  assert.deepEqual(failures, [], `seed ${seed}`)
  process.stdout.write(`# ${pairs} pairs, seed ${seed}\n`)
})
