// Puts a gateway together from its configuration: policy, recorder, gate, and a listener for each protocol.
import { createHmac } from 'node:crypto'
import { mayApproveEntrypoint, type PolicyStore, type StoreEvent } from '../../bundles/store/index.ts'
import { decisionEntrypoint } from '../../engine/decision/index.ts'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import {
  type AdminRoute,
  catchStrays,
  dataRoutes,
  type SupervisedListener,
  Supervisor,
} from '../../proxy/admin/index.ts'
import type { Config, ListenerConfig } from '../../proxy/config/index.ts'
import {
  createGate,
  defaultGateLimits,
  type Gate,
  idSource,
  RootLedger,
  SharedUsage,
  systemClock,
} from '../../proxy/gate/index.ts'
import { type Authenticator, type NewestGroups, Revocations } from '../../proxy/identity/index.ts'
import type { Storage } from '../../proxy/storage/index.ts'
import { errorFields, type Log, type Metrics } from '../../proxy/telemetry/index.ts'
import { productVersion } from '../version.ts'
import { startAdminListener } from './admin.ts'
import { approvalPeople, startApprovals } from './approvals.ts'
import { startHttpListener } from './http.ts'
import { type Believed, believedOf, startIdentityListener } from './identity.ts'
import { startKubernetesListener } from './kubernetes.ts'
import { storageOf, storeOf, UnsupportedError } from './parts.ts'
import { PostgresTargets, startPostgresListener } from './postgres.ts'
import { metricsOfAll } from './processes/metrics.ts'
import { alone, type Peers } from './processes/peers.ts'
import { ownRecordings, recordingsFolderOf, viewsTold } from './processes/recordings.ts'
import { changeBus, sharedGroups } from './processes/shared.ts'
import { standingRoute } from './processes/standing.ts'
import { recordingRoutes } from './recording-routes.ts'
import { resolveSecret } from './secrets.ts'
import { sessionRoutes } from './session-routes.ts'
import { startShadow } from './shadow.ts'
import { startSshListener } from './ssh.ts'
import { telemetryOf } from './telemetry.ts'
import { unmaskRoute } from './unmask.ts'

/** How often the totals of delegation roots are shared. */
const usageRoundMs = 1000

/** A listener that runs. */
export interface Running {
  readonly port: number
  /** Takes no new connections; those that are open go on. */
  stop(): void
  close(): Promise<void>
}

/** What every listener of a gateway shares. */
export interface Gateway {
  /** The configuration that counts now; resources and identity change under a running gateway. */
  readonly config: () => Config
  readonly gate: Gate
  readonly authenticator: Authenticator
  readonly believed: () => Believed
  readonly revocations: Revocations
  readonly newestGroups: NewestGroups
  /** Its other processes, where it has any. */
  readonly peers: Peers
  /** The key of a listener for masks without a key of their own: the same in all processes, another in each run. */
  readonly hashKeyOf: (listener: string) => Uint8Array
  /** Shared state: this machine's, or the one that several gateways share. */
  readonly storage: Storage
  /** What other parts answer on the admin listener; pushed before listeners start. */
  readonly adminRoutes: AdminRoute[]
  /** Those that prove who asks by themselves. */
  readonly openAdminRoutes: readonly AdminRoute[]
  readonly log: Log
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
  /** Why the gateway cannot serve now; empty when it can. */
  readonly notReady: () => readonly string[]
  readonly databases: PostgresTargets
}

/** How each protocol is served; a protocol that is not here cannot be configured. */
type Starters = {
  readonly [P in ListenerConfig['protocol']]:
    | ((gateway: Gateway, listener: Extract<ListenerConfig, { readonly protocol: P }>) => Promise<Running>)
    | undefined
}

const starters: Starters = {
  admin: startAdminListener,
  postgres: startPostgresListener,
  ssh: startSshListener,
  kubernetes: startKubernetesListener,
  http: startHttpListener,
  identity: startIdentityListener,
}

/** A gateway that runs. */
export interface RunningGateway {
  /** The port of every listener, by its name. */
  readonly ports: ReadonlyMap<string, number>
  /** Takes over resources and identity of a configuration that `verify` accepted. */
  swap(config: Config): void
  /** Builds what a candidate configuration needs and throws where it cannot; changes nothing. */
  verify(candidate: Config): Promise<void>
  close(): Promise<void>
}

/** Starts everything; what was started is closed again when a later part fails. */
export async function startGateway(
  first: Config,
  live: () => Config,
  log: Log,
  onPolicy: (event: StoreEvent) => void = () => undefined,
  peers: Peers = alone(),
): Promise<RunningGateway> {
  refuseUnsupported(first)
  const closers: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one()
  }
  try {
    let recordLagMs = (): number => 0
    const telemetry = telemetryOf(first, productVersion(), log, () => recordLagMs())
    const { metrics } = telemetry
    closers.push(() => telemetry.close())
    let rejudge = (): void => undefined
    const onStore = (event: StoreEvent): void => {
      onPolicy(event)
      telemetry.bundle(event, () => store.status())
      if (event.on === 'swapped') rejudge()
    }
    const store: PolicyStore = await storeOf(first, onStore, (difference) => {
      metrics.witnessed.inc({ outcome: difference === undefined ? 'seen' : 'different' })
      if (difference !== undefined) log.error({ ...difference }, 'the compiled policy and the interpreter differ')
    })
    closers.push(() => store.close())
    const recordings = await ownRecordings(first, { live, peers, log })
    const { recorder } = recordings
    closers.push(() => recordings.close())
    const storage = await storageOf(first, changeBus(peers))
    closers.push(() => storage.close())
    const ledger = new RootLedger(first.limits.root, first.limits.rootWindowMs)
    let endRevoked = (): void => undefined
    const revocations = new Revocations(storage, {
      nowMs: Date.now,
      monotonicMs: () => performance.now(),
      changed: () => endRevoked(),
      failed: (error) => log.error(errorFields(error), 'revocations cannot be read'),
    })
    closers.push(async () => revocations.close())
    await revocations.read()
    const policy = (): PolicyHost => {
      const host = store.current()
      if (host === undefined) throw new Error('no policy is live')
      return host
    }
    const shadow = await startShadow(first, metrics, log)
    closers.push(() => shadow?.close())
    const useOnce = (name: string, untilMs: number): Promise<boolean> => storage.useOnce(name, untilMs)
    const newestGroups = await sharedGroups(peers, () => rejudge())
    const isUsed = (name: string): Promise<boolean> => storage.isUsed(name)
    const shared = { useOnce, isUsed, learn: newestGroups.learn.bind(newestGroups) }
    let believed = await believedOf(first, shared)
    const authenticator: Authenticator = {
      authenticate: async (credential) => {
        const answer = await believed.authenticator.authenticate(credential)
        return answer.ok ? { ok: true, identity: newestGroups.now(answer.identity) } : answer
      },
    }
    let people = await approvalPeople(first)
    const bars = revocations.bars.bind(revocations)
    const narrowed = newestGroups.now.bind(newestGroups)
    const asked = { authenticator, bars, narrowed, policy, log }
    const approvals = await startApprovals(first, { storage, live, people: () => people, ...asked })
    closers.push(() => approvals.close())
    const gate = createGate({
      policy,
      recorder,
      holds: approvals.service,
      clock: systemClock,
      newId: idSource(),
      gateway: { id: first.gateway.id, version: productVersion() },
      observer: {
        ...telemetry.observer,
        decided: (document, decision) => {
          telemetry.observer.decided(document, decision)
          shadow?.decided(document, decision)
        },
      },
      limits: { ...defaultGateLimits, ...first.limits, holdMs: first.approvals.expiresMaxMs },
      ledger,
      bars,
      renewed: narrowed,
      resourceLimits: (name) => live().resources.find((one) => one.name === name)?.limits ?? {},
      resourceRecording: (name) => live().resources.find((one) => one.name === name)?.recording,
    })
    recordLagMs = () => gate.recordLagMs()
    // What nothing bounds need not be known elsewhere, or after a restart.
    if (Object.values(first.limits.root).some((limit) => limit !== undefined))
      closers.push(shareUsage(new SharedUsage(ledger, storage, Date.now), log))
    rejudge = () => {
      gate.rejudge().catch((error: unknown) => log.error(errorFields(error), 'live sessions could not be judged again'))
    }
    await store.start()
    endRevoked = () => {
      const ended = gate.end(({ identity }) => revocations.bars(identity) !== undefined, 'revoked', 'it was revoked')
      if (ended > 0) log.warn({ sessions: ended }, 'sessions ended by revocation')
    }
    let candidate = { believed, people }
    const databases = new PostgresTargets(first, log)
    const ports = new Map<string, number>()
    let supervisor: Supervisor | undefined
    const gateway: Gateway = {
      config: live,
      gate,
      authenticator,
      believed: () => believed,
      revocations,
      newestGroups,
      peers,
      hashKeyOf: (listener) => createHmac('sha256', peers.seed).update(`mask ${listener}`).digest(),
      storage,
      openAdminRoutes: [
        approvals.openRoute,
        unmaskRoute({
          resources: () => live().resources,
          gate,
          authenticator,
          resolve: resolveSecret,
          onError: (error) => log.error(errorFields(error), 'tokens could not be turned back'),
        }),
        recordingRoutes({
          ...asked,
          viewed: viewsTold(recordings, peers),
          folderOf: recordingsFolderOf(first, peers),
          labelsOf: (name) => live().resources.find((resource) => resource.name === name)?.labels,
          nowMs: Date.now,
        }),
      ],
      adminRoutes: [
        approvals.route,
        sessionRoutes({ gate, recordings, peers, log }),
        standingRoute({ peers, gate, policy: () => store.current(), isReady: () => store.ready() }),
        dataRoutes({
          policy: () => store.current(),
          entrypoints: [decisionEntrypoint, mayApproveEntrypoint],
          newId: idSource(),
          // The input is the asker's own and may hold anything; it is not logged.
          decided: ({ decisionId, path, revision, result }) => {
            const effect: unknown =
              typeof result === 'object' && result !== null ? Reflect.get(result, 'effect') : result
            log.info(
              { decision: decisionId, path, revision, effect: typeof effect === 'string' ? effect : '' },
              'data api',
            )
          },
        }),
      ],
      log,
      metrics: metricsOfAll(metrics, peers),
      notReady: () => [
        ...(store.ready() ? [] : ['no policy is live']),
        ...(supervisor?.phase === 'draining' ? ['the gateway is shutting down'] : []),
      ],
      databases,
    }
    supervisor = new Supervisor({
      listeners: first.listeners.map((listener) => supervised(gateway, listener, ports)),
      gate,
      log,
      drainMs: first.limits.drainMs,
    })
    await supervisor.start()
    closers.push(
      catchStrays(log, () => metrics.failures.inc({ where: 'stray' })),
      supervisor.end.bind(supervisor),
    )
    return {
      ports,
      verify: async (next) => {
        refuseUnsupported(next)
        candidate = { believed: await believedOf(next, shared), people: await approvalPeople(next) }
      },
      swap: (config) => {
        believed = candidate.believed
        people = candidate.people
        databases.use(config)
        rejudge()
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function supervised(gateway: Gateway, listener: ListenerConfig, ports: Map<string, number>): SupervisedListener {
  let running: Running | undefined
  return {
    name: listener.name,
    start: async () => {
      running = await startListener(gateway, listener)
      ports.set(listener.name, running.port)
    },
    stop: () => running?.stop(),
    close: async () => running?.close(),
  }
}

function startListener(gateway: Gateway, listener: ListenerConfig): Promise<Running> {
  switch (listener.protocol) {
    case 'admin':
      return started(starters.admin, gateway, listener)
    case 'postgres':
      return started(starters.postgres, gateway, listener)
    case 'ssh':
      return started(starters.ssh, gateway, listener)
    case 'kubernetes':
      return started(starters.kubernetes, gateway, listener)
    case 'http':
      return started(starters.http, gateway, listener)
    case 'identity':
      return started(starters.identity, gateway, listener)
  }
}

function started<L extends ListenerConfig>(
  start: ((gateway: Gateway, listener: L) => Promise<Running>) | undefined,
  gateway: Gateway,
  listener: L,
): Promise<Running> {
  if (start === undefined) throw unsupportedProtocol(`the listener ${listener.name}`, listener.protocol)
  return start(gateway, listener)
}

/** Rounds of sharing the totals of delegation roots with the other gateways. */
function shareUsage(shared: SharedUsage, log: Log): () => Promise<void> {
  let round: Promise<void> = Promise.resolve()
  const next = (): Promise<void> => {
    round = round
      .then(() => shared.round())
      .catch((error: unknown) => log.error(errorFields(error), 'totals could not be shared'))
    return round
  }
  const timer = setInterval(next, usageRoundMs)
  return async () => {
    clearInterval(timer)
    await next()
  }
}

function refuseUnsupported(config: Config): void {
  for (const { protocol, name } of config.listeners)
    if (starters[protocol] === undefined) throw unsupportedProtocol(`the listener ${name}`, protocol)
  for (const { protocol, name } of config.resources)
    if (starters[protocol] === undefined) throw unsupportedProtocol(`the resource ${name}`, protocol)
}

function unsupportedProtocol(what: string, protocol: string): UnsupportedError {
  return new UnsupportedError(`${what} is ${protocol}, which is not supported by this version`)
}
