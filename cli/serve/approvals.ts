// Approvals in `serve`: the service of a configuration, its API on the admin listener, and its webhooks.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { mayApproveEntrypoint } from '../../bundles/store/index.ts'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import type { AdminRoute } from '../../proxy/admin/index.ts'
import { Approvals, approvalRoutes, type EnrolledApprover, enrolled, Webhooks } from '../../proxy/approvals/index.ts'
import type { Config } from '../../proxy/config/index.ts'
import type { Storage } from '../../proxy/storage/index.ts'
import { errorFields, type Log } from '../../proxy/telemetry/index.ts'
import { resolveSecret } from './secrets.ts'

/** The approvers of a configuration. Throws where a key cannot be read. */
export function approversOf({ approvals }: Config): readonly EnrolledApprover[] {
  return approvals.approvers.map(({ issuer, subject, groups, key }) =>
    enrolled({ issuer, subject, groups }, readFileSync(key, 'utf8')),
  )
}

/** A service that runs. */
export interface RunningApprovals {
  readonly service: Approvals
  readonly route: AdminRoute
  close(): Promise<void>
}

/** How often a gateway says that it lives. */
const roundMs = 1000

/** Starts the service. */
export async function startApprovals(
  config: Config,
  parts: {
    readonly storage: Storage
    readonly approvers: () => readonly EnrolledApprover[]
    readonly policy: () => PolicyHost
    readonly log: Log
  },
): Promise<RunningApprovals> {
  const { storage, approvers, policy, log } = parts
  const webhooks = new Webhooks(
    config.approvals.webhooks.map(({ name, url, groups, secret }) => ({
      name,
      url,
      groups,
      secret: () => resolveSecret(secret),
    })),
    {
      fetch,
      nowMs: Date.now,
      delay: (ms) => delay(ms, undefined, { ref: false }),
      failed: (webhook, error) => log.warn({ webhook, ...errorFields(error) }, 'a webhook did not take a message'),
    },
  )
  const onError = (error: unknown): void => log.error(errorFields(error), 'approvals')
  const service = new Approvals({
    storage,
    gateway: config.gateway.id,
    run: randomUUID(),
    approvers,
    mayApprove: (reviewer, { document }, grant) =>
      policy().evaluate(mayApproveEntrypoint, { ...document, reviewer, ...(grant === undefined ? {} : { grant }) }) ===
      true,
    nowMs: Date.now,
    onError,
    onHold: (event, hold) => {
      log.info({ hold: hold.id, event, resource: hold.statement.resource.name }, 'hold')
      webhooks.send(event, hold)
    },
    onGrant: (event, grant, { issuer, subject }) => log.info({ grant, event, issuer, subject }, 'standing grant'),
  })
  await service.start()
  let isOver = false
  const ending = new AbortController()
  const rounds = (async (): Promise<void> => {
    while (!isOver) {
      await delay(roundMs, undefined, { ref: false, signal: ending.signal }).catch(() => undefined)
      if (!isOver) await service.round().catch(onError)
    }
  })()
  return {
    service,
    route: approvalRoutes(service, onError),
    close: async () => {
      isOver = true
      ending.abort()
      await rounds
      await service.close().catch(onError)
    },
  }
}
