// Swaps under load: 50 sessions decide at full speed while 200 revisions go live. No session ends, every action has exactly
// one revision, and a decision takes at most twice as long at the 99th percentile as just before the swaps, where the
// processors are ours: what others take of them tells nothing of swaps.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { BundleFile } from '../../bundles/format/index.ts'
import { type DeliverySink, diskSource } from '../../bundles/source/index.ts'
import {
  CompilerThread,
  Keeper,
  loadPolicyAside,
  noFreshness,
  PolicyStore,
  packageOfModule,
} from '../../bundles/store/index.ts'
import { createGate, type GateSession, systemClock } from '../../proxy/gate/index.ts'
import type { RecordEntry, Recorder } from '../../proxy/recording/contract.ts'
import { gateParts, sampleAction, sampleOpening } from '../support/gate.ts'
import { isCalm, slowness } from '../support/pace.ts'

const sessionsCount = 50
const reloads = 200
const warmUps = 200
/** How often it is measured again where a decision took too long: something else may have begun to run meanwhile. */
const attempts = 3
const editMsMax = 250

/** A policy of about 1,000 lines whose revision is in what it answers. */
function policyText(): string {
  const rules = Array.from({ length: 240 }, (_, at) =>
    [
      `deny contains {"rule": "bulk.${at}", "message": "refused by rule ${at}"} if {`,
      `\tinput.identity.subject == "agent-${at + 1000}"`,
      `\tinput.action.verb in {"write", "define"}`,
      '}',
    ].join('\n'),
  )
  return `package policy.bulk\n\nallow if input.action.verb in {"connect", "read"}\n\n${rules.join('\n\n')}\n`
}

const bulk = policyText()
const revisionOf = (revision: number): readonly BundleFile[] => [
  { path: '.manifest', bytes: Buffer.from(`{"revision":"${revision}","roots":[""]}`) },
  { path: 'bulk.rego', bytes: Buffer.from(`# revision ${revision}\n${bulk}`) },
]

/** Durations in microseconds, the newest of many. Kept in one buffer, so that measuring makes no garbage. */
class Timings {
  readonly #micros = new Float64Array(1 << 20)
  count = 0
  add(milliseconds: number): void {
    this.#micros[this.count++ % this.#micros.length] = milliseconds * 1000
  }
  clear(): void {
    this.count = 0
  }
  p99(): number {
    const kept = this.#micros.slice(0, Math.min(this.count, this.#micros.length)).sort()
    return kept[Math.floor(kept.length * 0.99)] ?? 0
  }
}

test(`${reloads} swaps under ${sessionsCount} sessions`, async (t) => {
  let sink: DeliverySink | undefined
  const compiler = new CompilerThread()
  const store = new PolicyStore({
    bundles: [
      {
        name: 'main',
        source: {
          start: (given) => {
            sink = given
          },
          refresh: () => Promise.resolve(),
          close: () => Promise.resolve(),
        },
        verification: undefined,
        freshness: noFreshness,
      },
    ],
    load: (composition) =>
      loadPolicyAside(
        composition,
        { nowNs: () => BigInt(Date.now()) * 1_000_000n, random: (length) => new Uint8Array(length) },
        compiler.compile,
      ),
    packageOf: packageOfModule,
    keeper: new Keeper(mkdtempSync(join(tmpdir(), 'swap-'))),
    nowMs: Date.now,
    onEvent: () => undefined,
    closing: () => compiler.close(),
  })
  t.after(() => store.close())
  await store.start()
  const deliver = async (revision: number): Promise<void> => {
    assert.ok(sink !== undefined)
    const { live } = await sink.deliver({ files: revisionOf(revision), etag: undefined })
    assert.ok(live, `revision ${revision} did not go live`)
  }
  await deliver(0)

  const revisions = new Map<string, number[]>()
  const recorder: Recorder = {
    open: (id) => {
      const seen: number[] = []
      revisions.set(id, seen)
      return {
        append: (entry: RecordEntry, accepted) => {
          if (entry.kind === 'action') seen.push(Number(entry.decision.bundle.revision))
          accepted()
        },
        congested: false,
        onDrain: (callback) => callback(),
        close: () => Promise.resolve(),
      }
    },
    close: () => Promise.resolve(),
  }
  const policy = () => store.current() ?? assert.fail('no policy is live')
  const gate = createGate({ ...gateParts(), policy, recorder, clock: systemClock, newId: randomUUID })
  const token = { ...sampleOpening().identity.token, expires_at: '2999-01-01T00:00:00Z' }
  const sessions: GateSession[] = []
  let ended = 0
  for (let at = 0; at < sessionsCount; at++) {
    const opened = await gate.open(sampleOpening({ identity: { token } }))
    assert.ok(opened.open)
    opened.session.onEnd(() => ended++)
    sessions.push(opened.session)
  }

  const action = sampleAction()
  const decided = new Timings()
  const waited = new Timings()
  let refused = 0
  let stopped = false
  const decides = async (session: GateSession): Promise<void> => {
    while (!stopped) {
      const asked = performance.now()
      await turn()
      const started = performance.now()
      const submission = session.submit(
        action,
        {},
        {
          forward: () => undefined,
          refuse: () => refused++,
          held: () => undefined,
          stop: () => undefined,
        },
      )
      submission.finish()
      decided.add(performance.now() - started)
      waited.add(performance.now() - asked)
    }
  }
  const load = Promise.all(sessions.map(decides))
  let revision = 0
  let missed = ''
  for (let attempt = 0; attempt < attempts; attempt++) {
    const isOurs = await isCalm()
    // The same load without swaps, once warm, is what swaps are measured against.
    for (let round = 0; round < warmUps; round++) await turn()
    decided.clear()
    waited.clear()
    const quietUntil = performance.now() + 3000
    while (performance.now() < quietUntil) await turn()
    const quiet = { decided: decided.p99(), waited: waited.p99() }
    decided.clear()
    waited.clear()
    for (const last = revision + reloads; revision < last; ) await deliver(++revision)
    const swapping = { decided: decided.p99(), waited: waited.p99() }
    const told = (what: 'decided' | 'waited') =>
      `${swapping[what].toFixed(0)} us, ${quiet[what].toFixed(0)} us without (${(swapping[what] / quiet[what]).toFixed(2)} times)`
    t.diagnostic(
      `${decided.count} decisions during ${reloads} swaps; p99 of a decision ${told('decided')}; with its turn of the loop ${told('waited')}`,
    )
    missed = swapping.decided <= quiet.decided * 2 ? '' : `p99 of a decision was ${told('decided')}`
    if (missed === '') break
    if (!isOurs || !(await isCalm())) {
      t.diagnostic(`not held to twice, since others use the processors: ${missed}`)
      missed = ''
      break
    }
  }
  stopped = true
  await load

  assert.equal(ended, 0)
  assert.equal(refused, 0)
  for (const seen of revisions.values()) {
    assert.ok(seen.length > 0 && seen.every((one) => Number.isInteger(one)))
    assert.ok(seen.every((one, at) => at === 0 || one >= (seen[at - 1] ?? 0)))
  }
  assert.equal(Math.max(...[...revisions.values()].map((seen) => seen.at(-1) ?? 0)), revision)
  assert.equal(missed, '')
})

test(`an edit of a folder of 1,000 lines is live within ${editMsMax} ms`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edit-'))
  const write = (version: number) =>
    writeFileSync(join(folder, 'bulk.rego'), `${bulk}\nlimit contains {"rows": ${version}}\n`)
  write(1)
  const compiler = new CompilerThread()
  let swapped: (() => void) | undefined
  const store = new PolicyStore({
    bundles: [
      {
        name: 'main',
        source: diskSource({ path: folder, kind: 'folder' }),
        verification: undefined,
        freshness: noFreshness,
      },
    ],
    load: (composition) =>
      loadPolicyAside(composition, { nowNs: () => 0n, random: (length) => new Uint8Array(length) }, compiler.compile),
    packageOf: packageOfModule,
    keeper: undefined,
    nowMs: Date.now,
    onEvent: (event) => event.on === 'swapped' && swapped?.(),
    closing: () => compiler.close(),
  })
  t.after(() => store.close())
  await store.start()
  const took: number[] = []
  const policies = new Set([store.current()])
  const isOurs = await isCalm()
  const slow = [slowness()]
  for (let version = 2; version <= 12; version++) {
    const live = new Promise<void>((done) => {
      swapped = done
    })
    const savedMs = performance.now()
    write(version)
    await live
    took.push(performance.now() - savedMs)
    slow.push(slowness())
    policies.add(store.current())
  }
  assert.equal(policies.size, took.length + 1)
  const median = took.sort((a, b) => a - b)[Math.floor(took.length / 2)] ?? Number.POSITIVE_INFINITY
  const factor = slow.sort((a, b) => a - b)[Math.floor(slow.length / 2)] ?? 1
  t.diagnostic(
    `edit to live: median ${median.toFixed(0)} ms, slowest ${Math.max(...took).toFixed(0)} ms; the machine is ${factor.toFixed(1)} times as slow as the one the goal is for`,
  )
  if (!isOurs || !(await isCalm())) t.diagnostic(`not held to ${editMsMax} ms, since others use the processors`)
  else assert.ok(median <= editMsMax * factor, `the median was ${median.toFixed(0)} ms at ${factor.toFixed(1)} times`)
})
