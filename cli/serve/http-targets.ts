// The APIs of a configuration as a listener needs them: made once for each configuration, looked up for each request.
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { parse } from 'yaml'
import { type Authority, type RouteTable, routeTable } from '../../engine/action/http/index.ts'
import type { Config, HttpListener, HttpResource } from '../../proxy/config/index.ts'
import type { HttpTarget, UpstreamCredential } from '../../proxy/http/index.ts'
import { errorFields } from '../../proxy/telemetry/index.ts'
import type { Gateway } from './gateway.ts'
import { hashKeyOf, resolveSecret } from './secrets.ts'

interface Known {
  readonly hosts: readonly string[]
  /** Ports under which clients of the proxy know it: the usual ones, and its own. */
  readonly ports: readonly number[]
  readonly prefix: readonly string[]
  readonly target: HttpTarget
}

/** What clients of one listener can reach; of several APIs that fit, the longest prefix wins. */
export class HttpTargets {
  readonly #gateway: Gateway
  readonly #listener: HttpListener
  #config: Config | undefined
  #known: readonly Known[] = []

  constructor(gateway: Gateway, listener: HttpListener) {
    this.#gateway = gateway
    this.#listener = listener
  }

  /** Whether a client of the proxy may ask for a host and port: those of an API, by its name. */
  reaches({ host, port }: Authority): boolean {
    return this.#all().some(({ hosts, ports }) => hosts.includes(host) && ports.includes(port))
  }

  #all(): readonly Known[] {
    const config = this.#gateway.config()
    if (config !== this.#config) {
      this.#known = this.#made(config)
      this.#config = config
    }
    return this.#known
  }

  /** The API that a host and path mean. */
  find(host: string, path: readonly string[]): HttpTarget | undefined {
    // A prefix is of whole segments: `/api` is not `/apiary`.
    return this.#all().find(
      ({ hosts, prefix }) =>
        (hosts.length === 0 || hosts.includes(host)) && prefix.every((segment, index) => path[index] === segment),
    )?.target
  }

  #made({ resources }: Config): readonly Known[] {
    const { resources: names } = this.#listener
    return resources
      .filter((one): one is HttpResource => one.protocol === 'http' && (names.length === 0 || names.includes(one.name)))
      .flatMap((one) => {
        try {
          const prefix = one.upstream.pathPrefix.split('/').filter((segment) => segment !== '')
          const hosts = one.upstream.hosts.map((host) => host.toLowerCase())
          return [{ hosts, ports: [80, 443, portOf(new URL(one.upstream.url))], prefix, target: targetOf(one) }]
        } catch (error) {
          // An API whose files cannot be read is not reached without them.
          this.#gateway.log.error({ resource: one.name, ...errorFields(error) }, 'an API cannot be reached')
          return []
        }
      })
      .sort((a, b) => b.prefix.length - a.prefix.length)
  }
}

function targetOf({ name, labels, upstream, masking }: HttpResource): HttpTarget {
  const { tls: settings } = upstream
  const url = new URL(upstream.url)
  const isTls = url.protocol === 'https:'
  const port = portOf(url)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const tls: ConnectionOptions = {
    servername: settings.serverName ?? host,
    rejectUnauthorized: settings.mode === 'verify-full',
    ...(settings.ca === undefined ? {} : { ca: readFileSync(settings.ca, 'utf8') }),
    ...(settings.certificate === undefined ? {} : { cert: readFileSync(settings.certificate, 'utf8') }),
  }
  const routes = upstream.openapi === undefined ? undefined : routesOf(upstream.openapi)
  const plain: HttpUpstreamTarget = {
    host,
    port,
    authority: url.host,
    basePath: url.pathname.replace(/\/+$/, ''),
    tls: isTls ? tls : undefined,
    credential: undefined,
    connectMs: upstream.connectMs,
    linkLocal: upstream.linkLocal,
    http2: upstream.http2,
  }
  return {
    resource: { name, protocol: 'http', labels, target: { host, port } },
    ...(routes === undefined ? {} : { routes }),
    // Without secrets it is the same every time; a secret is looked up for each request, as it may have changed.
    upstream: () => (hasSecrets(upstream, masking) ? withSecrets(plain, upstream, masking) : plain),
  }
}

type HttpUpstreamTarget = Awaited<ReturnType<HttpTarget['upstream']>>

function hasSecrets({ tls, aws, credential }: HttpResource['upstream'], { hashKey }: HttpResource['masking']): boolean {
  return [tls.key, aws, credential, hashKey].some((one) => one !== undefined)
}

async function withSecrets(
  plain: HttpUpstreamTarget,
  upstream: HttpResource['upstream'],
  masking: HttpResource['masking'],
): Promise<HttpUpstreamTarget> {
  const { key } = upstream.tls
  return {
    ...plain,
    tls: plain.tls === undefined || key === undefined ? plain.tls : { ...plain.tls, key: await resolveSecret(key) },
    credential: await credentialOf(upstream),
    ...(await hashKeyOf(masking)),
  }
}

async function credentialOf(upstream: HttpResource['upstream']): Promise<UpstreamCredential | undefined> {
  const { aws, credential, credentialHeader, credentialPrefix, credentialQuery, credentialUser } = upstream
  if (aws !== undefined) {
    const [accessKeyId, secretAccessKey, sessionToken] = await Promise.all([
      resolveSecret(aws.accessKey),
      resolveSecret(aws.secretKey),
      aws.sessionToken === undefined ? undefined : resolveSecret(aws.sessionToken),
    ])
    const keys = {
      accessKeyId,
      secretAccessKey,
      region: aws.region,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    }
    return { kind: 'aws', service: aws.service, keys, nowMs: Date.now }
  }
  if (credential === undefined) return undefined
  const value = await resolveSecret(credential)
  if (credentialQuery !== undefined) return { kind: 'query', name: credentialQuery, value }
  const shown =
    credentialUser === undefined
      ? `${credentialPrefix}${value}`
      : `Basic ${Buffer.from(`${credentialUser}:${value}`).toString('base64')}`
  return { kind: 'header', name: credentialHeader, value: shown }
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

/** YAML holds JSON, so one parser reads both. */
function routesOf(file: string): RouteTable {
  const document: unknown = parse(readFileSync(file, 'utf8'), { maxAliasCount: 1000 })
  return routeTable(document)
}
