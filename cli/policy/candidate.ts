// A bundle or folder as the policy that a gateway would load, and its decisions on documents.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { BundleError, bundleLimits, readArchive, readBundle, readFolder } from '../../bundles/format/index.ts'
import { compose, loadPolicy, packageOfModule } from '../../bundles/store/index.ts'
import {
  type Decision,
  DecisionError,
  failedDecision,
  readDecision,
  resultOn,
  stageOf,
} from '../../engine/decision/index.ts'
import { EvaluateError, type PolicyHost } from '../../engine/evaluate/index.ts'
import { SourceError } from './sources.ts'

/** A loaded policy. */
export interface Candidate {
  readonly path: string
  readonly host: PolicyHost
  /** What a gateway would decide: a policy that cannot answer refuses. */
  decide(document: unknown): Decision
}

/** Loads what is at a path. Throws SourceError. */
export async function loadCandidate(path: string, nowNs: bigint): Promise<Candidate> {
  if (!existsSync(path)) throw new SourceError(`there is no \`${path}\``)
  try {
    const files = statSync(path).isDirectory()
      ? await readFolder(path)
      : await readArchive(createReadStream(path), bundleLimits)
    const bundle = readBundle(files, packageOfModule)
    const random = (length: number): Uint8Array => new Uint8Array(length)
    const host = loadPolicy(compose([{ name: 'policy', bundle }]), { nowNs: () => nowNs, random })
    return { path, host, decide: (document) => decideBy(host, document) }
  } catch (error) {
    if (error instanceof BundleError) throw new SourceError(`${path}: ${error.code}: ${error.message}`)
    throw error
  }
}

/** Asks a host, as the gate does: whatever goes wrong is a refusal. */
export function decideBy(host: PolicyHost, document: unknown): Decision {
  const envelope = {
    id: 'offline',
    bundle: { revision: host.revision, digest: host.digest },
    cost: { micros: 0, fuel: 0 },
  }
  try {
    return readDecision(resultOn(host, document), envelope, stageOf(document))
  } catch (error) {
    if (error instanceof EvaluateError || error instanceof DecisionError) return failedDecision(envelope)
    throw error
  }
}
