// How each process of the gateway stands, on the admin listener: which policy is live there, how many sessions it has, and
// so when a swap has reached all.
import type { PolicyHost } from '../../../engine/evaluate/index.ts'
import type { AdminRoute } from '../../../proxy/admin/index.ts'
import type { Gate } from '../../../proxy/gate/index.ts'
import type { Peers } from './peers.ts'

/** What the route is made of. */
export interface StandingParts {
  readonly peers: Peers
  readonly gate: Pick<Gate, 'sessions'>
  readonly policy: () => Pick<PolicyHost, 'revision' | 'digest'> | undefined
  readonly isReady: () => boolean
}

/** `GET /v1/processes`: every process that answers, in order. */
export function standingRoute({ peers, gate, policy, isReady }: StandingParts): AdminRoute {
  const startedAt = new Date().toISOString()
  const own = (): object => ({
    process: peers.process,
    pid: process.pid,
    started_at: startedAt,
    ready: isReady(),
    sessions: gate.sessions().length,
    revision: policy()?.revision ?? '',
    digest: policy()?.digest ?? '',
  })
  peers.answer('standing', own)
  return (request, response, path) => {
    if (path !== '/v1/processes' || request.method !== 'GET') return false
    peers
      .ask('standing')
      .then((others) => {
        const all = [{ process: peers.process, body: own() }, ...others].toSorted((a, b) => a.process - b.process)
        const processes = all.map(({ body }) => body)
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(`${JSON.stringify({ asked: peers.processes, processes })}\n`)
      })
      .catch(() => response.destroy())
    return true
  }
}
