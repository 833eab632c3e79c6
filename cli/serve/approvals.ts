// Approvals in `serve`: the service of a configuration, its API on the admin listener, its webhooks, and the answers that
// the gateway signs for people whom it knows.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { mayApproveEntrypoint } from '../../bundles/store/index.ts'
import type { Identity } from '../../engine/action/index.ts'
import type { Approver } from '../../engine/approval/index.ts'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import type { AdminRoute } from '../../proxy/admin/index.ts'
import {
  Approvals,
  approvalRoutes,
  Chat,
  type ChatCallbacks,
  chatRoute,
  type EnrolledApprover,
  enrolled,
  Vouching,
  type VouchingKey,
  vouchingKey,
  type Webhook,
  Webhooks,
} from '../../proxy/approvals/index.ts'
import type { Config } from '../../proxy/config/index.ts'
import type { Authenticator } from '../../proxy/identity/index.ts'
import type { Storage } from '../../proxy/storage/index.ts'
import { errorFields, type Log } from '../../proxy/telemetry/index.ts'
import { estimateRows } from './estimates.ts'
import { UnsupportedError } from './parts.ts'
import { resolveSecret } from './secrets.ts'

/** Who answers and who is told, by one configuration; replaced whole when it changes. */
export interface ApprovalPeople {
  readonly approvers: readonly EnrolledApprover[]
  readonly webhooks: readonly Webhook[]
  readonly key: VouchingKey | undefined
  /** URLs of the issuers that people log in with. */
  readonly loginIssuers: readonly string[]
  readonly chat: ChatCallbacks | undefined
}

/** Reads them. Rejects where a key cannot be read. */
export async function approvalPeople({ approvals, identity }: Config): Promise<ApprovalPeople> {
  const { signingKey, logins, chat } = approvals
  return {
    approvers: enrolledPeople(approvals.approvers),
    webhooks: approvals.webhooks.map(({ name, url, groups, format, secret }) => ({
      name,
      url,
      groups,
      format,
      secret: () => resolveSecret(secret),
    })),
    key: signingKey === undefined ? undefined : vouchingKey(await resolveSecret(signingKey)),
    loginIssuers: identity.issuers.filter(({ name }) => logins.includes(name)).map(({ issuer }) => issuer),
    chat:
      chat === undefined ? undefined : { signingSecret: () => resolveSecret(chat.signingSecret), people: chat.people },
  }
}

/** People by their keys. Throws where a key cannot be used, or is two people's: whoever has it would be a quorum alone. */
function enrolledPeople(approvers: Config['approvals']['approvers']): readonly EnrolledApprover[] {
  const owners = new Map<string, string>()
  return approvers.map(({ issuer, subject, groups, key }) => {
    let person: EnrolledApprover
    try {
      person = enrolled({ issuer, subject, groups }, readFileSync(key, 'utf8'))
    } catch (cause) {
      const why = cause instanceof TypeError ? cause.message : 'it cannot be read'
      throw new UnsupportedError(`the key of the approver ${subject} (${key}): ${why}`, { cause })
    }
    const text = person.key.export({ type: 'spki', format: 'der' }).toString('base64')
    const owner = owners.get(text)
    if (owner !== undefined)
      throw new UnsupportedError(`the approvers ${owner} and ${subject} have one key: each has their own`)
    owners.set(text, subject)
    return person
  })
}

/** A service that runs. */
export interface RunningApprovals {
  readonly service: Approvals
  readonly route: AdminRoute
  /** Proves itself; needs no token of the listener. */
  readonly openRoute: AdminRoute
  close(): Promise<void>
}

/** How often a gateway says that it lives. */
const roundMs = 1000
/** Where chats of Slack's kind take what came of a press. */
const respondBelow = 'https://hooks.slack.com/'

/** Somebody as identities are looked up, by what they said at a time. */
function personAt({ issuer, subject, groups }: Approver, atMs: number): Identity {
  const at = new Date(atMs).toISOString()
  const token: Identity['token'] = { id: '', issued_at: at, expires_at: at, binding: 'none' }
  return { issuer, subject, groups, kind: 'human', scopes: [], claims: {}, chain: [], token }
}

/** Starts the service. */
export async function startApprovals(
  config: Config,
  parts: {
    readonly storage: Storage
    /** The configuration that counts now. */
    readonly live: () => Config
    readonly people: () => ApprovalPeople
    readonly authenticator: Authenticator
    readonly bars: (identity: Identity) => string | undefined
    /** An identity without the groups that its issuer no longer gives it. */
    readonly narrowed: (identity: Identity) => Identity
    readonly policy: () => PolicyHost
    readonly log: Log
  },
): Promise<RunningApprovals> {
  const { storage, live, people, authenticator, bars, narrowed, policy, log } = parts
  const webhooks = new Webhooks(() => people().webhooks, {
    fetch,
    nowMs: Date.now,
    delay: (ms) => delay(ms, undefined, { ref: false }),
    failed: (webhook, error) => log.warn({ webhook, ...errorFields(error) }, 'a webhook did not take a message'),
    buttons: () => people().chat !== undefined,
  })
  const onError = (error: unknown): void => log.error(errorFields(error), 'approvals')
  const service = new Approvals({
    storage,
    gateway: config.gateway.id,
    run: randomUUID(),
    approvers: () => people().approvers,
    gatewayKey: () => people().key?.publicKey,
    known: (approver, { by, atMs }) => {
      const person = personAt(approver, atMs)
      if (bars(person) !== undefined) return undefined
      // The groups of people in chats are the configuration's, and no issuer tells of them.
      return by === 'login' ? { ...approver, groups: narrowed(person).groups } : approver
    },
    quorumMax: config.approvals.quorumMax,
    estimate: async (document) => {
      const resource = live().resources.find(({ name }) => name === document.resource.name)
      if (resource?.protocol !== 'postgres' || !resource.upstream.rowEstimates) return []
      return estimateRows(document, resource.upstream).catch((error: unknown) => {
        log.warn({ resource: resource.name, ...errorFields(error) }, 'a held statement could not be planned')
        return []
      })
    },
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
  const vouching = new Vouching({
    key: () => people().key,
    authenticator,
    bars,
    loginIssuers: () => people().loginIssuers,
    holdMsMax: config.approvals.expiresMaxMs,
    nowMs: Date.now,
  })
  const chat = new Chat({
    callbacks: () => people().chat,
    nowMs: Date.now,
    useOnce: (name, untilMs) => storage.useOnce(name, untilMs),
  })
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
    route: approvalRoutes(service, vouching, onError),
    openRoute: chatRoute({ chat, approvals: service, vouching, fetch, respondBelow, onError }),
    close: async () => {
      isOver = true
      ending.abort()
      await rounds
      await service.close().catch(onError)
    },
  }
}
