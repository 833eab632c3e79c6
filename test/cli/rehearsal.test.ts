// What a gateway runs before its first client is there: by the policy, and seen by nobody.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rehearse } from '../../cli/serve/rehearsal.ts'
import type { ActionDocument } from '../../engine/action/index.ts'
import { type GateObserver, systemClock } from '../../proxy/gate/index.ts'
import { gateParts, results } from '../support/gate.ts'

/** Parts in which whatever would be seen from outside is noted. */
function parts(answer: (document: ActionDocument) => unknown) {
  const seen: string[] = []
  const noted = (what: string) => (): never => {
    seen.push(what)
    throw new Error(what)
  }
  const observer: GateObserver = {
    decided: noted('decided'),
    answered: noted('answered'),
    held: noted('held'),
    masked: noted('masked'),
    session: noted('session'),
    failed: noted('failed'),
  }
  const made = gateParts({
    clock: systemClock,
    observer,
    recorder: { open: noted('recorded'), close: () => Promise.resolve() },
    holds: { open: noted('hold') },
    resourceLimits: () => ({ actions: 1 }),
  })
  made.live.answer = (input) => answer(input as ActionDocument)
  return { made, seen }
}

/** True from the call on whose number is given. */
function after(calls: number): () => boolean {
  let called = 0
  return () => ++called > calls
}

test('statements of both protocols are analyzed and decided on as they are', async () => {
  const judged: string[] = []
  const { made, seen } = parts(({ action }) => {
    judged.push(`${action.complete} ${action.sql?.protocol ?? action.stage} ${action.text}`)
    return results.allow
  })
  assert.equal(await rehearse(made, after(3)), 3)
  const simple = (id: number): string => `true simple SELECT value FROM rehearsal WHERE id = ${id};`
  const extended = 'true extended SELECT value FROM rehearsal WHERE id = $1;'
  const turns = [1, 2, 3].flatMap((id) => [simple(id), extended])
  assert.deepEqual(judged, ['true connect connect', extended, ...turns])
  assert.deepEqual(seen, [])
})

test('it goes on whatever the policy says, and nobody hears of it', async () => {
  const answers = [
    () => results.deny,
    () => results.hold,
    () => {
      throw new Error('no answer')
    },
  ]
  for (const answer of answers) {
    const { made, seen } = parts(answer)
    assert.equal(await rehearse(made, after(10)), 10)
    assert.deepEqual([seen, made.failures], [[], []])
  }
})

test('it ends by itself, and at once where a session is there', async () => {
  const { made } = parts(() => results.allow)
  assert.equal(await rehearse(made, () => true), 0)
  const turns = await rehearse(made, () => false)
  assert.ok(turns > 1_000 && turns < 10_000, `${turns} turns`)
})
