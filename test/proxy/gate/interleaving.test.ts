// The property the house rests on: whatever happens in whatever order, nothing is forwarded without a recorded allow.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createGate, type Gate, type GateSession, type Submission } from '../../../proxy/gate/index.ts'
import { gateParts, results, SeenEffects, sampleAction, sampleOpening, type TestParts } from '../../support/gate.ts'
import type { MemorySessionRecorder, RecorderMode } from '../../support/memory-recorder.ts'

type Step =
  | {
      readonly do: 'submit'
      readonly policy: 'allow' | 'deny' | 'hold' | 'garbage' | 'throw' | 'undefined' | 'limited'
    }
  | { readonly do: 'policy'; readonly policy: 'allow' | 'deny' | 'hold' | 'other_hold' | 'throw' }
  | { readonly do: 'recorder'; readonly mode: RecorderMode }
  | { readonly do: 'settle'; readonly fails: boolean }
  | { readonly do: 'answer'; readonly on: 'approved' | 'denied' | 'expired' | 'failed' }
  | { readonly do: 'break_holds'; readonly broken: boolean }
  | {
      readonly do: 'cancel' | 'finish'
      readonly which: number
      readonly reason: 'client_cancelled' | 'client_gone' | 'shutdown'
    }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'consume'; readonly rows: number }
  | { readonly do: 'end_session' | 'close_session' | 'rejudge' }

const limited = { ...results.allow, limit: [{ seconds: 2 }] }
const otherHold = { ...results.hold, hold: [{ ...results.hold.hold[0], quorum: 2 }] }
const answers: { readonly [name: string]: () => unknown } = {
  allow: () => results.allow,
  deny: () => results.deny,
  hold: () => results.hold,
  other_hold: () => otherHold,
  limited: () => limited,
  garbage: () => ({ effect: 'allow', allow: true }),
  undefined: () => undefined,
  throw: () => {
    throw new Error('out of fuel')
  },
}

const submit = fc
  .constantFrom('allow', 'allow', 'hold', 'hold', 'deny', 'garbage', 'throw', 'undefined', 'limited' as const)
  .map((policy): Step => ({ do: 'submit', policy: policy as 'allow' }))
const reason = fc.constantFrom('client_cancelled', 'client_gone', 'shutdown')
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: submit },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('allow', 'deny', 'hold', 'other_hold', 'throw')
      .map((policy): Step => ({ do: 'policy', policy: policy as 'allow' })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<RecorderMode>('accept', 'later', 'later', 'fail', 'throw')
      .map((mode): Step => ({ do: 'recorder', mode })),
  },
  { weight: 6, arbitrary: fc.boolean().map((fails): Step => ({ do: 'settle', fails })) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('approved', 'approved', 'denied', 'expired', 'failed')
      .map((on): Step => ({ do: 'answer', on: on as 'approved' })),
  },
  { weight: 1, arbitrary: fc.boolean().map((broken): Step => ({ do: 'break_holds', broken })) },
  {
    weight: 3,
    arbitrary: fc
      .record({ do: fc.constantFrom('cancel', 'finish'), which: fc.nat(7), reason })
      .map((step): Step => step as Step),
  },
  { weight: 2, arbitrary: fc.constantFrom(1, 999, 2000, 5001, 60_001).map((ms): Step => ({ do: 'advance', ms })) },
  { weight: 2, arbitrary: fc.nat(40).map((rows): Step => ({ do: 'consume', rows })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('end_session', 'close_session').map((what): Step => ({ do: what as 'end_session' })),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'rejudge' }) },
)

interface Tracked {
  readonly effects: SeenEffects
  readonly submission: Submission
}

/** Effects that check, at the very moment of `forward`, that an allow with this decision id has been accepted. */
class CheckedEffects extends SeenEffects {
  readonly #recorder: MemorySessionRecorder
  constructor(recorder: MemorySessionRecorder) {
    super()
    this.#recorder = recorder
  }
  override forward(terms: Parameters<SeenEffects['forward']>[0]): void {
    const recorded = this.#recorder.accepted.some(
      (entry) => entry.kind === 'action' && entry.decision.id === terms.decisionId && entry.decision.effect === 'allow',
    )
    if (!recorded) throw new Error('forwarded without a recorded allow')
    super.forward(terms)
  }
}

function perform(
  gate: Gate,
  step: Step,
  parts: TestParts,
  session: GateSession,
  recorder: MemorySessionRecorder,
  all: Tracked[],
): void {
  switch (step.do) {
    case 'submit': {
      const answer = answers[step.policy]
      assert.ok(answer)
      parts.live.answer = answer
      const effects = new CheckedEffects(recorder)
      all.push({ effects, submission: session.submit(sampleAction(), {}, effects) })
      break
    }
    case 'policy':
      parts.live.answer = answers[step.policy] ?? (() => undefined)
      break
    case 'recorder':
      recorder.mode = step.mode
      break
    case 'settle':
      recorder.settle(step.fails ? new Error('disk') : undefined)
      break
    case 'answer':
      parts.holds.answer(
        step.on === 'denied' ? { on: 'denied', detail: 'x', message: 'no' } : { on: step.on, detail: 'x' },
      )
      break
    case 'break_holds':
      parts.holds.broken = step.broken
      break
    case 'cancel':
      all[step.which]?.submission.cancel(step.reason)
      break
    case 'finish':
      all[step.which]?.submission.finish()
      break
    case 'advance':
      parts.clock.advance(step.ms)
      break
    case 'consume':
      session.consume({ rows: step.rows }, all.at(-1)?.effects.forwarded[0])
      break
    case 'end_session':
      gate.end((one) => one.id === session.id, 'revoked', 'taken back')
      break
    case 'close_session':
      session.close('client left')
      break
    case 'rejudge':
      // One session is judged before the first await.
      gate.rejudge().catch((error: unknown) => assert.fail(String(error)))
      break
  }
}

test('over any interleaving nothing is forwarded without a recorded allow, and every action is answered exactly once', async () => {
  let submitted = 0
  let forwarded = 0
  let refusedAfterHold = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 24 }), async (steps) => {
      const parts = gateParts({ limits: { ...gateParts().limits, holdsPerSessionMax: 3, session: { rows: 100 } } })
      const gate = createGate(parts)
      const opened = await gate.open(sampleOpening())
      assert.ok(opened.open)
      const recorder = parts.recorder.sessions.get(opened.session.id)
      assert.ok(recorder)
      const all: Tracked[] = []
      for (const step of steps) {
        perform(gate, step, parts, opened.session, recorder, all)
        for (const { effects, submission } of all) {
          const answered = effects.forwarded.length + effects.refused.length
          assert.ok(answered <= 1, 'answered once at most')
          assert.equal(submission.settled, answered === 1)
        }
      }
      // Time alone ends what is left: records come too late, holds expire.
      parts.clock.advance(10 * 60_000)
      for (const { effects, submission } of all) {
        assert.equal(effects.forwarded.length + effects.refused.length, 1, 'answered in the end')
        assert.ok(submission.settled)
        assert.ok(effects.stopped.length <= effects.forwarded.length)
        submitted++
        forwarded += effects.forwarded.length
        if (effects.holds.length > 0 && effects.refused.length > 0) refusedAfterHold++
      }
      assert.ok(!parts.failures.includes('protocol'), 'no effect found its allow missing from the record')
      assert.equal(parts.holds.waiting.size, 0, 'no hold outlives its action')
    }),
    { numRuns: 10_000 },
  )
  assert.ok(
    submitted > 10_000 && forwarded > 1000 && refusedAfterHold > 100,
    'the interleavings reach what they are about',
  )
})

test('the check of the property notices a gate that forwards without a record', () => {
  const parts = gateParts()
  const effects = new CheckedEffects(parts.recorder.open('s'))
  assert.throws(
    () => effects.forward({ decisionId: 'id-1', masks: [], filters: [], limits: {} }),
    /forwarded without a recorded allow/,
  )
})
