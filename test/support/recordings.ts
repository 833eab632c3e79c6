// Recordings made for tests: a recorder in a fresh folder with keys of its own.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Decision } from '../../engine/decision/index.ts'
import {
  checkerFromPem,
  type KeyUnwrapper,
  LocalRecorder,
  type RecordEntry,
  type RecorderConfig,
  type SessionRecorder,
  type SignatureChecker,
  signerFromPem,
  unwrapperFromKey,
  wrapperFromKey,
} from '../../proxy/recording/index.ts'
import { sampleDocument } from './action-document.ts'

/** A recorder with its folder, its keys and what reads it back. */
export interface TestRecorder {
  readonly config: RecorderConfig
  readonly folder: string
  readonly faults: readonly Error[]
  readonly recorder: LocalRecorder
  readonly checker: SignatureChecker
  readonly unwrapper: KeyUnwrapper
}

/** Makes a recorder in a fresh folder. */
export function recorderForTest(changes: Partial<RecorderConfig> = {}): TestRecorder {
  const pair = generateKeyPairSync('ed25519')
  const secret = randomBytes(32).toString('hex')
  const folder = mkdtempSync(join(tmpdir(), 'recordings-'))
  const faults: Error[] = []
  let clock = 1000
  const config: RecorderConfig = {
    folder,
    gateway: 'g-1',
    sync: 'group',
    signer: signerFromPem(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    wrapper: wrapperFromKey(secret),
    anchors: [],
    nowMs: () => ++clock,
    monotonicMs: () => ++clock,
    onFault: (error) => faults.push(error),
    ...changes,
  }
  return {
    config,
    folder,
    faults,
    recorder: new LocalRecorder(config),
    checker: checkerFromPem(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    unwrapper: unwrapperFromKey(secret),
  }
}

/** An allow for a recorded action. */
export const allowed: Decision = {
  id: 'd-1',
  bundle: { revision: '1', digest: 'ab' },
  rules: ['policy.a.allow'],
  cost: { micros: 2, fuel: 5 },
  record: 'full',
  effect: 'allow',
  masks: [],
  filters: [],
  limits: {},
}

/** Appends and waits for the answer. */
export function appended(session: SessionRecorder, entry: RecordEntry): Promise<Error | undefined> {
  return new Promise((resolve) => session.append(entry, resolve))
}

/** Records one short session, from its opening to its end. */
export async function recordSession(session: SessionRecorder, actions = 2): Promise<void> {
  const document = sampleDocument()
  await appended(session, {
    kind: 'opened',
    identity: document.identity,
    resource: document.resource,
    client: '127.0.0.1',
  })
  for (let index = 0; index < actions; index++) {
    await appended(session, { kind: 'action', document, decision: allowed })
    await appended(session, { kind: 'wire', direction: 'down', bytes: Buffer.from(`row ${index}`) })
  }
  await session.close('client_closed')
}
