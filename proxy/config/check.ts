// What the shape alone cannot say: names that must agree, places that must not be open, secrets that must not be readable.
import { statSync } from 'node:fs'
import { isIP } from 'node:net'
import { nearest } from './nearest.ts'
import { checkProcesses } from './processes.ts'
import type { FoundFile } from './read.ts'
import type { Address, ClientTls, Config } from './types.ts'

/** A mistake at a key path; the reader knows the line. */
export interface Finding {
  readonly at: string
  readonly message: string
  readonly help: string
}

/** Everything that does not agree in a configuration of the right shape. */
export function checkConfig(config: Config): readonly Finding[] {
  return [
    ...checkNames(config),
    ...checkListeners(config),
    ...checkIdentity(config),
    ...checkClientCertificates(config),
    ...checkBundles(config),
    ...checkApprovals(config),
    ...checkProcesses(config),
  ]
}

/** Secrets on disk that are missing, are no files, or can be read by others. */
export function checkSecretFiles(files: readonly FoundFile[]): readonly Finding[] {
  return files.flatMap((file): Finding[] => {
    if (!file.secret) return []
    try {
      const found = statSync(file.path)
      if (!found.isFile()) return [{ at: file.at, message: `\`${file.path}\` is not a file`, help: '' }]
      if ((found.mode & 0o077) === 0) return []
      const mode = (found.mode & 0o777).toString(8).padStart(4, '0')
      return [
        {
          at: file.at,
          message: `\`${file.path}\` has mode ${mode}: others can read the secret`,
          help: `chmod 600 ${file.path}`,
        },
      ]
    } catch {
      return [
        {
          at: file.at,
          message: `\`${file.path}\` cannot be read`,
          help: 'the path is relative to the configuration file',
        },
      ]
    }
  })
}

function* checkNames(config: Config): Generator<Finding> {
  const lists = {
    listeners: config.listeners,
    resources: config.resources,
    'identity.issuers': config.identity.issuers,
    'identity.certificates': config.identity.certificates,
    'identity.saml': config.identity.saml,
    'bundles.sources': config.bundles.sources,
    'approvals.webhooks': config.approvals.webhooks,
  }
  for (const [where, list] of Object.entries(lists)) {
    const seen = new Set<string>()
    for (const [index, { name }] of list.entries()) {
      if (seen.has(name))
        yield {
          at: `${where}[${index}].name`,
          message: `\`${name}\` is there twice`,
          help: 'names are unique within a list',
        }
      seen.add(name)
    }
  }
}

function* checkApprovals({ approvals, identity }: Config): Generator<Finding> {
  const names = identity.issuers.map(({ name }) => name)
  for (const [index, name] of approvals.logins.entries())
    if (!names.includes(name)) yield unknownIssuer(`approvals.logins[${index}]`, name, names)
  if (approvals.signingKey === undefined && (approvals.logins.length > 0 || approvals.chat !== undefined))
    yield {
      at: 'approvals',
      message: 'answers by login or chat are signed by the gateway, which has no key for that',
      help: 'set approvals.signing_key',
    }
  yield* checkPeople(approvals)
}

/** A person under two names, or two persons under one, would make a quorum of one. */
function* checkPeople({ approvers, chat }: Config['approvals']): Generator<Finding> {
  const named = new Set<string>()
  for (const [index, { issuer, subject }] of approvers.entries()) {
    const name = JSON.stringify([issuer, subject])
    if (named.has(name))
      yield {
        at: `approvals.approvers[${index}].subject`,
        message: `\`${subject}\` is there twice`,
        help: 'a person has one key; only the first would count',
      }
    named.add(name)
  }
  const users = new Set<string>()
  for (const [index, { user, team }] of (chat?.people ?? []).entries()) {
    // Whoever is named without a workspace is that user in each.
    if (users.has(user) || users.has(JSON.stringify([user, team])) || (team === undefined && users.has(`${user} `)))
      yield {
        at: `approvals.chat.people[${index}].user`,
        message: `\`${user}\` is there twice`,
        help: 'a user is one person; only the first would count',
      }
    users.add(team === undefined ? user : JSON.stringify([user, team])).add(`${user} `)
  }
}

function unknownIssuer(at: string, name: string, names: readonly string[]): Finding {
  const near = nearest(name, names)
  return {
    at,
    message: `there is no issuer \`${name}\``,
    help: near === undefined ? 'it is a name of identity.issuers' : `did you mean \`${near}\`?`,
  }
}

function* checkListeners(config: Config): Generator<Finding> {
  const taken = new Set<string>()
  for (const [index, listener] of config.listeners.entries()) {
    const at = `listeners[${index}]`
    const place = `${listener.address.host}:${listener.address.port}`
    if (listener.address.port !== 0 && taken.has(place))
      yield {
        at: `${at}.address`,
        message: `\`${place}\` is taken by another listener`,
        help: 'give each its own port',
      }
    taken.add(place)
    if (listener.protocol === 'admin') {
      if (listener.token === undefined && !isLoopback(listener.address))
        yield {
          at,
          message: 'an admin listener that others can reach has no `token`',
          help: 'set `token`, or listen on 127.0.0.1',
        }
      continue
    }
    if (
      listener.protocol !== 'ssh' &&
      listener.tls === undefined &&
      !listener.cleartext &&
      !isLoopback(listener.address)
    ) {
      yield {
        at,
        message: 'a listener that others can reach has no `tls`',
        help: 'set `tls`, listen on 127.0.0.1, or set `cleartext: true`',
      }
    }
    const issuers = config.identity.issuers.map(({ name }) => name)
    if (listener.protocol === 'postgres' && listener.oauth !== undefined && !issuers.includes(listener.oauth.issuer))
      yield unknownIssuer(`${at}.oauth.issuer`, listener.oauth.issuer, issuers)
    if (listener.protocol === 'identity') {
      if (config.identity.exchange === undefined)
        yield { at, message: 'there is nothing to exchange', help: 'set `identity.exchange`' }
      continue
    }
    for (const [which, name] of listener.resources.entries()) {
      const resource = config.resources.find((one) => one.name === name)
      const near = nearest(
        name,
        config.resources.map((one) => one.name),
      )
      const help = near === undefined ? '' : `did you mean \`${near}\`?`
      if (resource === undefined)
        yield { at: `${at}.resources[${which}]`, message: `there is no resource \`${name}\``, help }
      else if (resource.protocol !== listener.protocol)
        yield {
          at: `${at}.resources[${which}]`,
          message: `\`${name}\` speaks ${resource.protocol}, this listener ${listener.protocol}`,
          help: '',
        }
    }
  }
}

/** Issuers that anybody can have tokens of, and what tells whose they are. */
const publicPresets: ReadonlyMap<string, string> = new Map([
  ['github_actions', 'required: { repository_owner: example }'],
  ['gitlab_ci', 'required: { namespace_path: example }'],
  ['google', 'required: { email: job@project.iam.gserviceaccount.com }'],
])

function* checkIdentity(config: Config): Generator<Finding> {
  const { issuers, certificates, saml, exchange } = config.identity
  const clients = config.listeners.some(({ protocol }) => protocol !== 'admin')
  if (clients && issuers.length === 0 && certificates.length === 0 && saml.length === 0) {
    yield {
      at: 'identity',
      message: 'nobody can prove who they are',
      help: 'name an issuer in `identity.issuers` or an authority in `identity.certificates`',
    }
  }
  if (saml.length > 0 && exchange === undefined)
    yield { at: 'identity.saml', message: 'nothing signs the tokens for assertions', help: 'set `identity.exchange`' }
  for (const [index, issuer] of issuers.entries()) {
    if (issuer.jwks?.startsWith('http://') && !isLoopbackUrl(issuer.jwks))
      yield { at: `identity.issuers[${index}].jwks`, message: 'keys are not fetched in clear', help: 'use https' }
    const at = `identity.issuers[${index}]`
    const { preset, required } = issuer
    if (issuers.findIndex((one) => one.issuer === issuer.issuer) !== index)
      yield { at: `${at}.issuer`, message: 'the issuer is named twice', help: 'one entry an issuer' }
    if (publicPresets.has(preset) && Object.keys(required).length === 0)
      yield {
        at: `${at}.required`,
        message: 'everybody can have tokens of this issuer',
        help: `say whose count, such as \`${publicPresets.get(preset) ?? ''}\``,
      }
    if (preset === 'spiffe' && (!issuer.issuer.startsWith('spiffe://') || issuer.jwks === undefined))
      yield {
        at: `${at}.issuer`,
        message: 'a trust domain is written `spiffe://domain`, and its bundle is found by `jwks`',
        help: '',
      }
  }
}

/** A certificate without its key, and a key without its certificate, prove nothing. */
function* checkClientCertificates({ resources, storage }: Config): Generator<Finding> {
  const places: (readonly [string, ClientTls])[] = resources.flatMap(({ upstream }, index) =>
    'tls' in upstream ? [[`resources[${index}].upstream.tls`, upstream.tls] as const] : [],
  )
  if (storage.kind === 'postgres') places.push(['storage.tls', storage.tls])
  for (const [at, { certificate, key }] of places) {
    if (certificate !== undefined && key === undefined)
      yield { at: `${at}.certificate`, message: 'the certificate has no key', help: 'set `key`' }
    if (key !== undefined && certificate === undefined)
      yield { at: `${at}.key`, message: 'the key has no certificate', help: 'set `certificate`' }
  }
}

function* checkBundles(config: Config): Generator<Finding> {
  const { sources, keys, signed, shadow, minimumRevision } = config.bundles
  if (sources.length === 0) yield { at: 'bundles.sources', message: 'there is no policy', help: 'name a bundle source' }
  if (signed && keys.length === 0)
    yield {
      at: 'bundles',
      message: 'bundles must be signed and there is no key',
      help: 'name a key in `keys`, or set `signed: false` for a folder on your own machine',
    }
  if (minimumRevision !== undefined && !/^[0-9]{1,30}$/.test(minimumRevision))
    yield {
      at: 'bundles.minimum_revision',
      message: `\`${minimumRevision.slice(0, 64)}\` is no whole number, and revisions are compared as numbers`,
      help: 'number the bundles: `sallyport policy build --revision 42`',
    }
  if (!signed) {
    for (const [index, source] of sources.entries()) {
      if (source.kind !== 'folder' && source.kind !== 'file')
        yield {
          at: `bundles.sources[${index}]`,
          message: `unsigned bundles are not taken from ${source.kind}`,
          help: 'set `signed: true` and name a key',
        }
    }
  }
  for (const [index, key] of keys.entries()) {
    const at = `bundles.keys[${index}]`
    const isShared = key.algorithm.startsWith('HS')
    if (isShared && key.secret === undefined) yield { at, message: `\`${key.algorithm}\` needs \`secret\``, help: '' }
    if (!isShared && key.publicKey === undefined)
      yield { at, message: `\`${key.algorithm}\` needs \`public_key\``, help: '' }
  }
  if (shadow !== undefined && !sources.some((source) => source.name === shadow))
    yield { at: 'bundles.shadow', message: `there is no source \`${shadow}\``, help: '' }
  else if (shadow !== undefined && sources.length === 1)
    yield {
      at: 'bundles.shadow',
      message: 'the only source is in the shadow',
      help: 'name another source: what is in the shadow decides nothing',
    }
}

/** True when only this machine can reach the address. */
export function isLoopback(address: Address): boolean {
  const { host } = address
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function isLoopbackUrl(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === '[::1]' || isLoopback({ host: hostname, port: 0 })
}
