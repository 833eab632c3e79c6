// Upgrades: exec, attach and port-forward.
import type { Duplex } from 'node:stream'
import type { Headers, KubeAnalysis } from '../../../engine/action/kube/index.ts'
import type { LiveSession } from '../sessions.ts'
import { plainStatus, type Status } from '../status.ts'

/** What one upgrade needs. */
export interface UpgradeParts {
  readonly live: LiveSession
  readonly headers: Headers
  readonly analysis: KubeAnalysis
  readonly socket: Duplex
  readonly head: Buffer
  readonly hashKey: Uint8Array
  readonly onError: (where: string, error: unknown) => void
  readonly refuse: (status: Status) => void
}

/** Refuses upgrades. */
export async function runUpgrade({ refuse }: UpgradeParts): Promise<void> {
  refuse(plainStatus(403, 'Forbidden', 'streams are refused by this version'))
}
