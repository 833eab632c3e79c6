// Upstreams: reached and logged in to with the gateway's own parts and credentials. Nothing is changed in any of them.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type {
  Config,
  HttpResource,
  KubernetesResource,
  PostgresResource,
  ResourceConfig,
  SshResource,
} from '../../proxy/config/index.ts'
import { connectUpstream } from '../../proxy/postgres/index.ts'
import { connectSsh } from '../../proxy/ssh/index.ts'
import { clientTls } from '../serve/client-tls.ts'
import { databaseTarget } from '../serve/databases.ts'
import { clusterTarget } from '../serve/kubernetes.ts'
import { resolveSecret } from '../serve/secrets.ts'
import { hostTarget } from '../serve/ssh.ts'
import { explained } from './cause.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

const reachMs = 5000
const answerBytesMost = 64 * 1024

/** How each upstream stands, in the order of the configuration. */
export async function upstreamFindings(config: Config): Promise<readonly Finding[]> {
  const found: Finding[] = []
  for (const resource of config.resources) {
    const about = `resource ${resource.name}`
    try {
      found.push(await reach(about, resource))
    } catch (error) {
      const { detail, help } = explained(error, 'check its address, its credential and its TLS')
      found.push(fail(about, detail, help))
    }
  }
  return found
}

function reach(about: string, resource: ResourceConfig): Promise<Finding> {
  switch (resource.protocol) {
    case 'postgres':
      return reachDatabase(about, resource)
    case 'ssh':
      return reachHost(about, resource)
    case 'kubernetes':
      return reachCluster(about, resource)
    case 'http':
      return reachApi(about, resource)
  }
}

async function reachDatabase(about: string, resource: PostgresResource): Promise<Finding> {
  const place = await databaseTarget(resource, () => undefined).upstream()
  const { socket, parameters } = await connectUpstream(place, new Map())
  socket.destroy()
  const version = parameters.get('server_version') ?? 'unknown'
  if (parameters.get('is_superuser') === 'on')
    return warn(about, `PostgreSQL ${version}; the role is a superuser`, 'give the gateway a role that can do less')
  return ok(about, `PostgreSQL ${version}, logged in as ${place.user}`)
}

async function reachHost(about: string, resource: SshResource): Promise<Finding> {
  const { host, port, user, knownHosts } = resource.upstream
  const lines = readFileSync(knownHosts, 'utf8').split('\n')
  if (!lines.some((line) => line.trim() !== '' && !line.startsWith('#')))
    return fail(about, 'the file of known hosts holds none', `ssh-keyscan -p ${port} ${host} >> ${knownHosts}`)
  const upstream = await connectSsh(await hostTarget(resource).upstream())
  upstream.close()
  return ok(about, `${host}:${port}, logged in as ${user}`)
}

/** Asks the cluster whether the gateway may act as others, which also tells whether its credential is one. */
async function reachCluster(about: string, resource: KubernetesResource): Promise<Finding> {
  const { upstream, impersonation } = await clusterTarget(resource)
  try {
    const attributes = { verb: 'impersonate', resource: 'users' }
    const asked = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: attributes },
    }
    const answer = await upstream.send({
      method: 'POST',
      target: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      headers: [
        ['Content-Type', 'application/json'],
        ['Accept', 'application/json'],
      ],
      body: Buffer.from(JSON.stringify(asked)),
      signal: AbortSignal.timeout(reachMs),
    })
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of answer) {
      bytes += chunk.length
      if (bytes > answerBytesMost) break
      chunks.push(chunk)
    }
    const { host } = new URL(resource.upstream.server)
    if (answer.statusCode === 401)
      return fail(about, `${host} does not know the credential`, 'check it: it may have expired')
    if (answer.statusCode !== 201)
      return fail(about, `${host} answers ${answer.statusCode}`, 'check that this is the address of an API server')
    if (impersonation.on && !isAllowed(Buffer.concat(chunks).toString('utf8')))
      return fail(
        about,
        `${host} answers, and the gateway may not impersonate users there`,
        'bind a ClusterRole to its account: verb impersonate on users, groups and userextras',
      )
    return ok(about, `${host}, the credential is known there`)
  } finally {
    upstream.close()
  }
}

function isAllowed(text: string): boolean {
  try {
    const review: { status?: { allowed?: unknown } } = JSON.parse(text)
    return review.status?.allowed === true
  } catch {
    return false
  }
}

async function reachApi(about: string, resource: HttpResource): Promise<Finding> {
  const { credential, tls } = resource.upstream
  const url = new URL(resource.upstream.url)
  if (credential !== undefined) await resolveSecret(credential)
  const isTls = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port === '' ? (isTls ? 443 : 80) : url.port)
  await connected(host, port, isTls ? await clientTls(tls, host) : undefined)
  return ok(about, `${url.host} answers`)
}

function connected(host: string, port: number, tls: ConnectionOptions | undefined): Promise<void> {
  return new Promise((done, failed) => {
    const socket = tls === undefined ? connect({ host, port }) : connectTls({ ...tls, host, port })
    const timer = setTimeout(() => socket.destroy(new Error(`${host}:${port} does not answer`)), reachMs)
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer)
      socket.destroy()
      done()
    })
    socket.once('error', (cause) => {
      clearTimeout(timer)
      failed(new Error(`${host}:${port} cannot be reached`, { cause }))
    })
  })
}
