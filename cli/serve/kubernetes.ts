// Kubernetes in `serve`: a listener of a configuration, before the clusters that it may reach.
import { readFileSync } from 'node:fs'
import { analyzeArgv } from '../../engine/action/shell/index.ts'
import { type Config, isLoopback, type KubernetesListener, type KubernetesResource } from '../../proxy/config/index.ts'
import {
  AccountTokens,
  type KubernetesTarget,
  KubernetesUpstream,
  listenKubernetes,
} from '../../proxy/kubernetes/index.ts'
import { errorFields } from '../../proxy/telemetry/index.ts'
import type { Gateway, Running } from './gateway.ts'
import { hashKeyOf, resolveSecret } from './secrets.ts'

/** The clusters of the live configuration. A cluster whose configuration did not change keeps its connections. */
export class KubernetesTargets {
  #targets = new Map<string, { readonly text: string; readonly target: KubernetesTarget }>()

  /** The clusters of a configuration, made when they are first asked for. */
  async of(config: Config): Promise<readonly KubernetesTarget[]> {
    const next = new Map<string, { readonly text: string; readonly target: KubernetesTarget }>()
    for (const resource of config.resources.filter((one): one is KubernetesResource => one.protocol === 'kubernetes')) {
      const text = JSON.stringify(resource)
      const known = this.#targets.get(resource.name)
      next.set(resource.name, known?.text === text ? known : { text, target: await clusterTarget(resource) })
    }
    for (const [name, { target }] of this.#targets) if (next.get(name)?.target !== target) target.upstream.retire()
    this.#targets = next
    return this.all()
  }

  /** The clusters as they were last asked for. */
  all(): readonly KubernetesTarget[] {
    return [...this.#targets.values()].map(({ target }) => target)
  }
}

/** A cluster as its resource describes it. */
export async function clusterTarget(resource: KubernetesResource): Promise<KubernetesTarget> {
  const { name, labels, upstream, recording, masking, shells } = resource
  const { server, cluster, credential, tls, connectMs, hosts, impersonate } = upstream
  const { hostname, port } = new URL(server)
  const key = tls.key === undefined ? undefined : await resolveSecret(tls.key)
  const reached = new KubernetesUpstream({
    server,
    connectMs,
    token: async () => (credential === undefined ? undefined : resolveSecret(credential)),
    tls:
      tls.mode === 'disable'
        ? undefined
        : {
            verify: tls.mode === 'verify-full',
            ...(tls.ca === undefined ? {} : { ca: readFileSync(tls.ca, 'utf8') }),
            ...(tls.serverName === undefined ? {} : { serverName: tls.serverName }),
            ...(tls.certificate === undefined ? {} : { certificate: readFileSync(tls.certificate, 'utf8') }),
            ...(key === undefined ? {} : { key }),
          },
  })
  const { serviceAccounts: accounts, tokenSeconds: seconds } = upstream
  const tokens =
    accounts.length === 0
      ? {}
      : {
          tokens: new AccountTokens({
            accounts,
            seconds,
            send: (request) => reached.send(request),
            nowMs: Date.now,
          }),
        }
  return {
    ...tokens,
    resource: {
      name,
      protocol: 'kubernetes',
      labels,
      target: { host: hostname, port: port === '' ? 443 : Number(port), cluster },
    },
    upstream: reached,
    impersonation: impersonate,
    hosts,
    shells,
    recordWire: recording.wire,
    recordTerminal: recording.terminal,
    ...(await hashKeyOf(masking)),
  }
}

/** Starts one listener. */
export async function startKubernetesListener(gateway: Gateway, listener: KubernetesListener): Promise<Running> {
  const { tls } = listener
  const { log, config } = gateway
  const clusters = new KubernetesTargets()
  let made = config()
  let using: Promise<readonly KubernetesTarget[]> = clusters.of(made)
  const reachable = (name: string): boolean => listener.resources.length === 0 || listener.resources.includes(name)
  /** The clusters that can be reached; undefined while they are made. */
  let reached: readonly KubernetesTarget[] | undefined
  const reach = async (): Promise<readonly KubernetesTarget[]> => {
    const waited = using
    const all = (await waited).filter(({ resource }) => reachable(resource.name))
    if (waited === using) reached = all
    return all
  }
  await reach()
  const running = await listenKubernetes({
    host: listener.address.host,
    port: listener.address.port,
    tls:
      tls === undefined
        ? undefined
        : {
            cert: readFileSync(tls.certificate),
            key: await resolveSecret(tls.key),
            minVersion: tls.minVersion,
            ...(tls.clientCa === undefined ? {} : { ca: readFileSync(tls.clientCa) }),
          },
    clientCertificates: tls?.clientCa !== undefined,
    cleartext: listener.cleartext || isLoopback(listener.address),
    gate: gateway.gate,
    authenticator: gateway.authenticator,
    targets: () => {
      const now = config()
      if (now !== made) {
        made = now
        reached = undefined
        using = clusters.of(now)
      }
      return reached ?? reach()
    },
    shell: (argv) => analyzeArgv(argv),
    hashKey: gateway.hashKeyOf(listener.name),
    connectionsMax: listener.connectionsMax,
    handshakeMs: listener.handshakeMs,
    onError: (where, error) => log.warn({ where, ...errorFields(error) }, 'a request failed'),
  })
  log.info({ listener: listener.name, port: running.port }, 'listening')
  return {
    port: running.port,
    stop: () => running.stop(),
    close: async () => {
      await running.close()
      for (const { upstream } of clusters.all()) upstream.close()
    },
  }
}
