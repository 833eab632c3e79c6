// The cluster that the demo stands before, where a kubeconfig names one: read from it, and written as the gateway's
// configuration wants it. The account of the kubeconfig is what the gateway logs in with.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'

/** A kubeconfig that cannot be used, in words for the person at the terminal. */
export class KubeconfigError extends Error {}

/** Where the cluster is, and how the gateway logs in there. */
export interface DemoCluster {
  readonly server: string
  readonly namespace: string | undefined
  readonly ca: string | undefined
  readonly serverName: string | undefined
  /** False takes any certificate, as the kubeconfig says. */
  readonly verify: boolean
  readonly login:
    | { readonly kind: 'token'; readonly token: string }
    | { readonly kind: 'certificate'; readonly certificate: string; readonly key: string }
}

const fileBytesMax = 1024 * 1024

/** Reads the current context of a kubeconfig, or the one that is named. Throws KubeconfigError. */
export function readKubeconfig(path: string, contextName?: string): DemoCluster {
  const document = fieldsOf(parsed(path))
  const wanted = contextName ?? textAt(document, 'current-context')
  if (wanted === undefined || wanted === '') throw new KubeconfigError(`${path} has no current context`)
  const context = named(document, 'contexts', wanted, 'context')
  const cluster = named(document, 'clusters', textAt(context, 'cluster') ?? '', 'cluster')
  const user = named(document, 'users', textAt(context, 'user') ?? '', 'user')
  const server = textAt(cluster, 'server')
  if (server === undefined || !URL.canParse(server)) throw new KubeconfigError(`the cluster of ${wanted} has no server`)
  return {
    server,
    namespace: textAt(context, 'namespace'),
    ca: content(path, cluster, 'certificate-authority'),
    serverName: textAt(cluster, 'tls-server-name'),
    verify: cluster.get('insecure-skip-tls-verify') !== true,
    login: loginOf(path, user),
  }
}

function loginOf(path: string, user: Fields): DemoCluster['login'] {
  const file = textAt(user, 'tokenFile')
  const token = textAt(user, 'token') ?? (file === undefined ? undefined : textOf(path, file).trim())
  if (token !== undefined && token !== '') return { kind: 'token', token }
  const certificate = content(path, user, 'client-certificate')
  const key = content(path, user, 'client-key')
  if (certificate !== undefined && key !== undefined) return { kind: 'certificate', certificate, key }
  throw new KubeconfigError('the user of the kubeconfig has neither a token nor a client certificate')
}

/** The lines of the gateway's configuration for the cluster; its secrets are written into files of `keys`. */
export function clusterResource(cluster: DemoCluster, folder: string): string {
  const { server, ca, serverName, verify, login } = cluster
  const secret = (name: string, text: string): string => {
    writeFileSync(join(folder, 'keys', name), text, { mode: 0o600 })
    return `file:keys/${name}`
  }
  const file = (name: string, text: string): string => secret(name, text).slice('file:'.length)
  const clear = server.startsWith('http:')
  const tls = {
    mode: clear ? 'disable' : verify ? 'verify-full' : 'require',
    ...(ca === undefined ? {} : { ca: file('cluster-ca.pem', ca) }),
    ...(serverName === undefined ? {} : { server_name: serverName }),
    ...(login.kind === 'certificate'
      ? { certificate: file('cluster-user.pem', login.certificate), key: secret('cluster-user.key', login.key) }
      : {}),
  }
  const upstream = {
    cluster: 'demo',
    server,
    ...(login.kind === 'token' ? { credential: secret('cluster-token', login.token) } : {}),
    impersonate: { on: false },
    tls,
  }
  // JSON is YAML too.
  return `  - name: cluster
    protocol: kubernetes
    labels: { env: demo }
    upstream: ${JSON.stringify(upstream)}
`
}

type Fields = ReadonlyMap<string, unknown>

function parsed(path: string): unknown {
  if (!existsSync(path)) throw new KubeconfigError(`there is no file ${path}`)
  try {
    return parse(textOf(path, path), { maxAliasCount: 0 })
  } catch (error) {
    if (error instanceof KubeconfigError) throw error
    throw new KubeconfigError(`${path} is no YAML`)
  }
}

function fieldsOf(value: unknown): Fields {
  return new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}))
}

function named(document: Fields, list: string, name: string, what: string): Fields {
  const all = document.get(list)
  const found = (Array.isArray(all) ? all : []).map(fieldsOf).find((one) => one.get('name') === name)
  if (found === undefined) throw new KubeconfigError(`the kubeconfig has no ${what} \`${name}\``)
  return fieldsOf(found.get(what))
}

function textAt(fields: Fields, name: string): string | undefined {
  const value = fields.get(name)
  return typeof value === 'string' ? value : undefined
}

/** What a field says in base64, or the file that it names, relative to the kubeconfig. */
function content(path: string, fields: Fields, name: string): string | undefined {
  const data = textAt(fields, `${name}-data`)
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
  const file = textAt(fields, name)
  return file === undefined ? undefined : textOf(path, file)
}

function textOf(path: string, file: string): string {
  try {
    const bytes = readFileSync(resolve(dirname(path), file))
    if (bytes.length <= fileBytesMax) return bytes.toString('utf8')
  } catch {
    // Told below.
  }
  throw new KubeconfigError(`${file} cannot be read, or is too large`)
}
