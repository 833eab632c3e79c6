// Where a resource is reached: from the options of the command line, and for the rest from a gateway's configuration.
import { type Config, type ListenerConfig, loadConfig, type ResourceConfig } from '../../proxy/config/index.ts'
import { LoginError } from '../identity/oidc-client.ts'
import { loginNameForm } from '../identity/token-cache.ts'

/** A protocol that clients speak to the gateway. */
export type ClientProtocol = ResourceConfig['protocol']

/** What the command line says. */
export interface ConnectAsked {
  readonly resource: string
  readonly config?: string
  readonly protocol?: string
  readonly gateway?: string
  readonly identity?: string
  readonly ca?: string
  readonly cleartext: boolean
}

/** Everything that a client must know. */
export interface Place {
  readonly resource: string
  readonly protocol: ClientProtocol
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** PEM file of the authority of the gateway's certificate. */
  readonly ca?: string
  /** The identity listener, where SSH keys are certified. */
  readonly identity?: string
  /** References to the gateway's own SSH host keys; only on its machine. */
  readonly hostKeys: readonly string[]
  /** The issuer that psql gets its token from itself, where the listener takes tokens by OAUTHBEARER. */
  readonly oauthIssuer?: string
  /** Files of certificates of the gateway's SSH host keys. */
  readonly hostCertificates: readonly string[]
  /** What stands before the path of an API, and the name it is asked for by. */
  readonly pathPrefix: string
  readonly apiHost?: string
  readonly tokenHeader: string
}

const protocols: readonly ClientProtocol[] = ['postgres', 'ssh', 'kubernetes', 'http']
const everywhere: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** The place of a resource. Throws LoginError that says which option is missing. */
export function placeOf(asked: ConnectAsked): Place {
  const { resource, gateway, ca, cleartext } = asked
  if (!loginNameForm.test(resource)) throw new LoginError('a resource is named by letters, digits, `.`, `_` and `-`')
  const known = asked.config === undefined ? undefined : found(asked.config, resource)
  const named = protocols.find((one) => one === asked.protocol)
  if (asked.protocol !== undefined && named === undefined)
    throw new LoginError(`\`--protocol\` is one of ${protocols.join(', ')}`)
  const protocol = known?.resource.protocol ?? named
  if (protocol === undefined) throw new LoginError("give `--protocol` and `--gateway`, or the gateway's `--config`")
  const address = gateway === undefined ? known?.listener?.address : addressOf(gateway)
  if (address === undefined) throw new LoginError('give `--gateway` as HOST:PORT')
  if (everywhere.has(address.host))
    throw new LoginError(`the gateway listens on ${address.host}; give \`--gateway\` as HOST:PORT`)
  if (address.port === 0) throw new LoginError('the gateway listens on any free port; give `--gateway` as HOST:PORT')
  const { listener, config } = known ?? {}
  const api = known?.resource.protocol === 'http' ? known.resource.upstream : undefined
  const [apiHost] = api?.hosts ?? []
  const identity = asked.identity ?? config?.identity.exchange?.issuer
  return {
    resource,
    protocol,
    ...address,
    tls: listener === undefined ? !cleartext : 'tls' in listener && listener.tls !== undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(identity === undefined || (config !== undefined && config.identity.userAuthority === undefined)
      ? {}
      : { identity }),
    ...(config === undefined ? {} : oauthOf(config, listener)),
    hostKeys: listener?.protocol === 'ssh' ? listener.hostKeys : [],
    hostCertificates: listener?.protocol === 'ssh' ? listener.hostCertificates : [],
    pathPrefix: api?.pathPrefix ?? '/',
    ...(apiHost === undefined ? {} : { apiHost }),
    tokenHeader: listener?.protocol === 'http' ? listener.tokenHeader : 'authorization',
  }
}

function oauthOf(config: Config, listener: Found['listener']): Pick<Place, 'oauthIssuer'> {
  const named = listener?.protocol === 'postgres' ? listener.oauth?.issuer : undefined
  const issuer = config.identity.issuers.find(({ name }) => name === named)
  return issuer === undefined ? {} : { oauthIssuer: issuer.issuer }
}

interface Found {
  readonly config: Config
  readonly resource: ResourceConfig
  readonly listener: Exclude<ListenerConfig, { readonly protocol: 'admin' | 'identity' }> | undefined
}

function found(file: string, name: string): Found {
  const loaded = loadConfig(file)
  if (!loaded.ok) throw new LoginError(`${file} has mistakes; \`sallyport config check\` shows them`)
  const { config } = loaded
  const resource = config.resources.find((one) => one.name === name)
  if (resource === undefined) throw new LoginError(`${file} has no resource \`${name}\``)
  for (const listener of config.listeners) {
    if (listener.protocol === 'admin' || listener.protocol === 'identity' || listener.protocol !== resource.protocol)
      continue
    if (listener.resources.length === 0 || listener.resources.includes(name)) return { config, resource, listener }
  }
  return { config, resource, listener: undefined }
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, Math.max(colon, 0)).replace('[', '').replace(']', '')
  const port = Number(text.slice(colon + 1))
  // What is printed is pasted into shells and files, so only what a host can be made of goes in.
  const isHost = host !== '' && host.length <= 253 && [...host].every((one) => /^[A-Za-z0-9.:-]$/.test(one))
  if (!isHost || host.startsWith('-') || !Number.isInteger(port) || port < 1 || port > 65535)
    throw new LoginError('`--gateway` is HOST:PORT')
  return { host, port }
}
