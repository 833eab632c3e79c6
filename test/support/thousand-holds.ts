// A thousand actions that wait for people at one gate, over the real service and store: what they cost in memory, and what
// they cost a session that does not wait.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Action, ActionDocument } from '../../engine/action/index.ts'
import { Approvals } from '../../proxy/approvals/index.ts'
import {
  createGate,
  defaultGateLimits,
  type Effects,
  type GateSession,
  idSource,
  systemClock,
} from '../../proxy/gate/index.ts'
import type { Recorder } from '../../proxy/recording/contract.ts'
import { openEmbeddedStorage } from '../../proxy/storage/index.ts'
import { gateParts, results, sampleAction, sampleOpening } from './gate.ts'

/** What was measured. */
export interface ThousandHolds {
  readonly holds: number
  /** Heap and buffers that the holds keep, after collection. */
  readonly megabytes: number
  /** Microseconds of an allowed action of another session, middle and 99th of a hundred, without holds and beside them. */
  readonly alone: { readonly middle: number; readonly p99: number }
  readonly beside: { readonly middle: number; readonly p99: number }
}

const holdsCount = 1000
const perSession = 16
const samples = 20_000
const textChars = 2000

/** Opens them all, measures, and ends them, as many times. */
export async function thousandHolds(rounds: number): Promise<ThousandHolds> {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-holds-'))
  const storage = openEmbeddedStorage(join(folder, 'state.db'))
  let stored = 0
  const service = new Approvals({
    storage,
    gateway: 'g-1',
    run: randomUUID(),
    gatewayKey: () => undefined,
    known: (approver) => approver,
    quorumMax: 10,
    approvers: () => [],
    mayApprove: () => false,
    nowMs: Date.now,
    onError: (error) => {
      throw error
    },
    onHold: (event) => {
      if (event === 'opened') stored++
    },
    onGrant: () => undefined,
  })
  await service.start()
  const parts = gateParts()
  const recorder: Recorder = {
    open: () => ({
      append: (_entry, accepted) => accepted(),
      congested: false,
      onDrain: (callback) => callback(),
      close: () => Promise.resolve(),
    }),
    close: () => Promise.resolve(),
  }
  parts.live.answer = (input) =>
    (input as ActionDocument).action.verb === 'write'
      ? { ...results.hold, hold: [{ ...results.hold.hold[0], expires: '1h' }] }
      : results.allow
  const gate = createGate({
    ...parts,
    recorder,
    holds: service,
    clock: systemClock,
    newId: idSource(),
    limits: { ...defaultGateLimits },
  })
  const token = { ...sampleOpening().identity.token, expires_at: '2999-01-01T00:00:00Z' }
  const open = async (): Promise<GateSession> => {
    const opened = await gate.open(sampleOpening({ identity: { token } }))
    if (!opened.open) throw new Error(opened.refusal.message)
    return opened.session
  }
  try {
    const other = await open()
    const sessions = await Promise.all(Array.from({ length: Math.ceil(holdsCount / perSession) }, open))
    const bytes = (): number => {
      collect()
      collect()
      const { heapUsed, external } = process.memoryUsage()
      return heapUsed + external
    }
    const kept: number[] = []
    const alone: Timed[] = []
    const beside: Timed[] = []
    // The first round is to get warm; then rounds without holds and with them take turns.
    for (let round = 0; round <= rounds; round++) {
      const before = bytes()
      const without = timed(other)
      const pending = sessions.flatMap((session, index) =>
        Array.from({ length: Math.min(perSession, holdsCount - index * perSession) }, (_, each) =>
          session.submit(held(index * perSession + each), { search_path: ['public'] }, quiet),
        ),
      )
      while (stored < holdsCount * (round + 1)) await new Promise(setImmediate)
      const megabytes = (bytes() - before) / 1e6
      const withHolds = timed(other)
      if (pending.some(({ settled }) => settled)) throw new Error('a hold ended')
      for (const submission of pending) submission.cancel('client_gone')
      while (pending.some(({ settled }) => !settled)) await new Promise(setImmediate)
      kept.push(megabytes)
      if (round === 0) continue
      alone.push(without)
      beside.push(withHolds)
    }
    return { holds: holdsCount, megabytes: Math.max(...kept), alone: medians(alone), beside: medians(beside) }
  } finally {
    await gate.drain(0)
    await service.close()
    await storage.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const quiet: Effects = {
  forward: () => undefined,
  refuse: () => undefined,
  held: () => undefined,
  stop: () => undefined,
}

/** A statement as long as people's and agents' are, each another. */
function held(index: number): Omit<Action, 'digest'> {
  const text = `INSERT INTO orders VALUES (${index}, '${String(index).padEnd(textChars, 'x')}')`
  const relation = { schema: 'public', name: 'orders', access: 'write', columns: ['*'], resolved: true } as const
  return {
    ...sampleAction(),
    verb: 'write',
    text,
    sql: {
      statements: [
        {
          kind: 'insert',
          verb: 'write',
          text,
          relations: [{ ...relation, kind: 'table', via: [] }],
          functions: [],
          outputs: [],
          predicates: [],
          assignments: [],
          objects: [],
          options: [],
          where: null,
          limit: null,
          returning: false,
          dynamic: false,
          settings: [],
          complete: true,
          reasons: [],
        },
      ],
      parameters: [`value ${index}`],
      protocol: 'extended',
    },
  }
}

interface Timed {
  readonly middle: number
  readonly p99: number
}

function median(of: readonly number[]): number {
  return of.toSorted((a, b) => a - b)[of.length >> 1] ?? Number.NaN
}

function medians(of: readonly Timed[]): Timed {
  return { middle: median(of.map(({ middle }) => middle)), p99: median(of.map(({ p99 }) => p99)) }
}

/** Times allowed actions, one by one. */
function timed(session: GateSession): Timed {
  const action = sampleAction()
  const micros = new Float64Array(samples)
  for (let index = 0; index < samples; index++) {
    const started = performance.now()
    session.submit(action, { search_path: ['public'] }, quiet).finish()
    micros[index] = (performance.now() - started) * 1000
  }
  micros.sort()
  return { middle: micros[samples >> 1] ?? 0, p99: micros[Math.floor(samples * 0.99)] ?? 0 }
}
